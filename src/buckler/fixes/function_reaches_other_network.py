"""function-reaches-other-network: leave the function the way to what it is configured to use."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes.closing import offer_closing
from buckler.model.functions import Function


@remedy
def function_reaches_other_network(case: Case[Function]) -> Remedies:
    """Leave its security groups the outbound rules that are used: the other network is left where nothing configured is there."""
    yield from offer_closing((case.subject,), case.analysis)
