"""database-reached-undeclared: leave the function the way to what it is configured to use."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes.closing import offer_closing
from buckler.model.functions import Function


@remedy
def database_reached_undeclared(case: Case[Function]) -> Remedies:
    """Leave its security groups the outbound rules that are used, none to the database among them; else give it a group of its own."""
    yield from offer_closing((case.subject,), case.analysis)
