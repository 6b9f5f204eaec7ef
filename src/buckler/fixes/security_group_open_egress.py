"""security-group-open-egress: leave the group the outbound rules that its functions are configured to use."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes.closing import offer_closing
from buckler.model.network import SecurityGroup
from buckler.model.text import shown
from buckler.reach.groups import members_of


@remedy
def security_group_open_egress(case: Case[SecurityGroup]) -> Remedies:
    """Add the rules that are needed, then take away all others; where others stand in it, each function gets its own group."""
    members = members_of(case.subject, case.analysis)
    if members:
        yield from offer_closing(members, case.analysis, shown(case.subject.name))
