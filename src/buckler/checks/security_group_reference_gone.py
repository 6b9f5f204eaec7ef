"""security-group-reference-gone: a rule of a function's security group names a group that does not exist."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.groups import group_of
from buckler.reach.placement import placement_of


@check(Severity.LOW, area="network", persona=Persona.AUDITOR, maps=("nist:AC-4", "nist:CM-2", "nist:SC-7(5)"))
def security_group_reference_gone(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a rule, in a security group a function stands in, that names a security group which is not there any more.

    Why: the rule matches nothing, so what it was written for does not work, or works by another rule that is wider than anybody thinks.

    Not flagged: groups of other accounts and of peered VPCs that were not read.

    Fix: take the rule out, or name the group that took the other's place.

    Source: Amazon VPC User Guide, "Security group referencing"; `DescribeStaleSecurityGroups` in the EC2 API reference.
    """
    vpc = placement_of(fn, analysis)
    if vpc is None:
        return
    for name in known(vpc.security_group_ids):
        group = group_of(name, fn, analysis)
        for rule in known(group.rules):
            for other in rule.groups:
                if not isinstance(other, str) or not other.startswith("sg-") or other in analysis.security_groups:
                    continue
                analysis.require("security_groups", fn.account, fn.region)
                # A group behind a peering is another account's, or another region's, as long as that was not read.
                analysis.require("peerings", fn.account, fn.region)
                if _may_be_elsewhere(analysis):
                    continue
                yield security_group_reference_gone.finding(
                    fn,
                    f"a rule of `{name}` names the security group `{other}`, which does not exist",
                    seen(group.origin, f"{'outbound' if rule.is_egress else 'inbound'} rule that names {other}"),
                    key=str(other),
                )


def _may_be_elsewhere(analysis: Analysis) -> bool:
    """Say whether a peering or a transit gateway leads to a VPC that was not read: the group may be there."""
    read = {str(vpc.name) for vpc in analysis.estate.vpcs}
    peers = {str(one) for peering in analysis.estate.peerings for one in (peering.requester_vpc, peering.accepter_vpc)}
    return bool(peers - read) or bool(analysis.estate.transit_gateways)
