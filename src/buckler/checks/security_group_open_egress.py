"""security-group-open-egress: a security group of functions lets everything out to everywhere."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.network import SecurityGroupRule
from buckler.model.severity import Persona, Severity
from buckler.model.text import Partial, known_text, shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.groups import group_of, members_of
from buckler.reach.placement import placement_of
from buckler.reach.signing import used_by

_ALL = {"-1", "all"}


@check(Severity.LOW, area="network", persona=Persona.AUDITOR, maps=("mitre:T1041", "nist:SC-7(5)", "nist:SC-7(10)", "pci:1.3.2"))
def security_group_open_egress(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a security group of VPC functions, or of the capacity provider they run on, with a rule for everything to the whole internet.

    Everything is all traffic, or every port of TCP.

    Asked of each function; the finding is about the group, once, and names who stands behind it. For auditors: AWS gives this rule to every
    new group, and whether a packet gets anywhere depends on routes, gateways and network ACLs too.

    Why: the security group is the only filter between a function that was taken over and where it sends what it found.

    Not flagged: rules for some ports (443 to everywhere is how most functions reach AWS), to some addresses, groups or prefix lists.

    Fix: leave the group the rules that its functions use, which `buckler net close FUNCTION` tells and `buckler fix` makes. Where they call
    services of AWS only, that is port 443 to the prefix lists or endpoints of these.

    Source: Amazon VPC User Guide, "Security group rules"; AWS Lambda Developer Guide, "Giving Lambda functions access to resources".
    """
    vpc = placement_of(fn, analysis)
    if vpc is None:
        return
    undecided: Undecided | None = None
    for one in dict.fromkeys(known(vpc.security_group_ids)):
        try:
            group = group_of(one, fn, analysis)
            members = members_of(group, analysis)
            if members[0] is not fn:
                continue
            rules = known(group.rules)
        except Undecided as stop:
            undecided = undecided or stop
            continue
        where, doubt = _open_to(rules)
        if where is None:
            undecided = undecided or doubt
        else:
            yield security_group_open_egress.finding(
                group,
                f"{used_by(members)} may send anything to any address on the internet (`{where}`)",
                seen(group.origin, f"an egress rule allows every port to {where}"),
                *(seen(user.origin, f"{shown(user.name)} has this group") for user in members[:5]),
            )
    if undecided:
        raise undecided


def _open_to(rules: tuple[SecurityGroupRule, ...]) -> tuple[str | None, Undecided | None]:
    """Give the range to which a rule lets everything out, and what keeps another rule from being judged."""
    doubt: Undecided | None = None
    for rule in rules:
        try:
            where = _range_of(rule)
        except Undecided as stop:
            doubt = doubt or stop
            continue
        if where is not None:
            return where, None
    return None, doubt


def _range_of(rule: SecurityGroupRule) -> str | None:
    """Give the range to which one rule lets everything out, None when it lets out less."""
    if not rule.is_egress:
        return None
    # Every range without a prefix is the whole internet, however it is written.
    where = next((cidr for cidr in rule.cidrs if isinstance(cidr, str) and cidr.endswith("/0")), None)
    holes = [cidr for cidr in rule.cidrs if isinstance(cidr, Partial)]
    if (where is None and not holes) or not _is_every_port(rule):
        return None
    return known_text(holes[0]) if where is None else where


def _is_every_port(rule: SecurityGroupRule) -> bool:
    protocol = known_text(rule.protocol)
    if protocol in _ALL:
        return True
    return protocol in {"tcp", "6"} and known(rule.from_port) in {None, 0, 1} and known(rule.to_port) in {None, 65535}
