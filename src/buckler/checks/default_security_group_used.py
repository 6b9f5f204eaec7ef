"""default-security-group-used: the function stands in the default security group of its VPC."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.text import known_text
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.groups import group_of
from buckler.reach.placement import placement_of


@check(Severity.LOW, area="network", persona=Persona.AUDITOR, maps=("fsbp:EC2.2", "nist:AC-4", "nist:SC-7(5)", "pci:1.3.2"))
def default_security_group_used(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function, or the capacity provider it runs on, in the security group called `default`.

    Why: the default group lets its members talk to each other on every port, and whoever forgets to name a group lands in it. What the
    function reaches then depends on who else forgot.

    Not flagged: groups with a name of their own, however open they are (`security-group-open-egress` asks that).

    Fix: make a security group for the function with the rules it needs, and take every rule out of the default one.

    Source: Amazon VPC User Guide, "Default security groups for your VPCs"; AWS Security Hub, EC2.2.
    """
    vpc = placement_of(fn, analysis)
    if vpc is None:
        return
    for name in known(vpc.security_group_ids):
        group = group_of(name, fn, analysis)
        # Whatever a file that makes a group leaves open: EC2 lets nobody call one `default`.
        if (isinstance(group.group_name, str) or not group.address) and known_text(group.group_name) == "default":
            yield default_security_group_used.finding(
                fn,
                f"the function stands in the default security group of `{known_text(known(group.vpc_id) or '')}`",
                seen(vpc.origin, f"among its groups is `{known_text(group.name)}`"),
                seen(group.origin, "it is called `default`"),
            )
            return
