"""default-network-acl-used: the subnets of a function have the network ACL that AWS makes with a VPC, which lets everything pass."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.net import World
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.network import NetworkAcl
from buckler.model.severity import Persona, Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.network import sources_of
from buckler.reach.network_targets import world
from buckler.reach.once import once
from buckler.reach.signing import used_by

_MOST = 5


@check(Severity.LOW, area="network", persona=Persona.AUDITOR, maps=("nist:AC-4", "nist:SC-7", "nist:SC-7(5)", "pci:1.3.2"))
def default_network_acl_used(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag the default network ACL of a VPC where functions stand behind it and it lets everything in and out.

    Asked of each function; the finding is about the network ACL, once, and names who stands behind it. For auditors: AWS's default is open
    on purpose, and security groups are the filter most accounts use.

    Why: the network ACL is the one filter that stays when somebody opens a security group, and the default one filters nothing.

    Not flagged: network ACLs of one's own, however open; default ones whose first entries deny something or let only something pass.

    Fix: make a network ACL for the subnets of functions that denies what none of them needs, and let the ports 1024-65535 pass for answers
    (`network-path-intermittent` finds where that was forgotten).

    Source: Amazon VPC User Guide, "Default network ACL for a VPC".
    """
    there = world(analysis)
    doubt: Unknown | None = None
    for source in sources_of(fn, analysis) or ():
        acl = there.acl_of(source.subnet)
        if isinstance(acl, Unknown):
            doubt = doubt or acl
            continue
        members = _members(analysis).get(shown(acl.name), [])
        if not acl.is_default or not _lets_everything_pass(acl) or not members or members[0] is not fn:
            continue
        yield default_network_acl_used.finding(
            acl,
            f"{used_by(members)} {_stands(members)} behind a VPC's default network ACL, which lets everything pass",
            seen(acl.origin, "its first entries allow all traffic from and to everywhere"),
            *(seen(one.origin, f"{shown(one.name)} is behind it") for one in members[:_MOST]),
        )
        return
    if doubt is not None:
        raise Undecided(doubt)


def _stands(members: list[Function]) -> str:
    return "stands" if len(members) == 1 else "stand"


def _lets_everything_pass(acl: NetworkAcl) -> bool:
    """Say whether the first entry in each direction allows everything over IPv4."""
    entries = sorted(known(acl.entries), key=lambda one: one.rule_number)
    for is_egress in (True, False):
        first = next((one for one in entries if one.is_egress == is_egress and ":" not in shown(one.cidr)), None)
        if first is None or not first.is_allow or shown(first.protocol) != "-1" or first.cidr != "0.0.0.0/0":
            return False
    return True


@once
def _members(analysis: Analysis) -> dict[str, list[Function]]:
    """Functions by the network ACL of their subnets, in the estate's order."""
    found: dict[str, list[Function]] = {}
    for function in analysis.estate.functions:
        for name in _acls(function, world(analysis), analysis):
            found.setdefault(name, []).append(function)
    return found


def _acls(function: Function, there: World, analysis: Analysis) -> list[str]:
    try:
        sources = sources_of(function, analysis) or ()
    except Undecided:
        return []  # who asks about this very function learns that it is not known
    acls = [there.acl_of(one.subnet) for one in sources]
    return list(dict.fromkeys(shown(acl.name) for acl in acls if not isinstance(acl, Unknown)))
