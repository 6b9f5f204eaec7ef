"""internet-egress-open: leave the function the ports of the internet that it is configured to use."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes.closing import offer_closing
from buckler.model.functions import Function


@remedy
def internet_egress_open(case: Case[Function]) -> Remedies:
    """Leave its security groups the outbound rules that are used, by ports; else give it a group of its own."""
    yield from offer_closing((case.subject,), case.analysis)
