"""default-security-group-used: give the function a security group of its own."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes.closing import offer_own
from buckler.model.functions import Function


@remedy
def default_security_group_used(case: Case[Function]) -> Remedies:
    """Make a group with the outbound rules that are used, let in where the default group was, and put the function into that alone."""
    yield from offer_own(case.subject, case.analysis)
