"""dns-egress-unfiltered: the resolver of a function's VPC asks for any name, which carries out what packets may not."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.net.resolver import names_of
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of, sources_of
from buckler.reach.network_targets import world
from buckler.reach.once import once
from buckler.reach.signing import used_by

_MOST = 5


@check(Severity.LOW, area="network", persona=Persona.AUDITOR, maps=("mitre:T1048", "nist:SC-7(5)", "nist:SC-7(10)"))
def dns_egress_unfiltered(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a VPC of functions whose resolver asks the internet for any name, because no rule of DNS Firewall keeps unlisted names in.

    Asked of each function; the finding is about the VPC, once, and names who stands in it. For everyone where a function reaches nothing
    else on the internet: somebody closed its ways out, and left this one. Where all of them reach the internet anyway, for auditors.

    Why: security groups and network ACLs do not filter the VPC's resolver. Whoever takes over a function that may send nothing anywhere
    asks for `SECRET.their-own.example`, and the resolver carries the secret to their name server.

    Not flagged: rule groups that block `*` after what they allow (an allow-list), and those that block what AWS detects as tunnels
    (`DNS_TUNNELING`); VPCs without a resolver (`enableDnsSupport` is off). Lists of known bad names do not count: an attacker's own
    name is on none. Templates and plans tell nothing of a DNS Firewall that somebody else associates.

    Fix: associate a rule group with the VPC that allows the names its functions need, `*.amazonaws.com` among them, and blocks `*` last.
    `buckler net FUNCTION` says which rule decides.

    Source: Amazon VPC User Guide, "Security group rules" (limitations); Route 53 Developer Guide, "Using DNS Firewall to filter outbound
    DNS traffic".
    """
    for vpc in dict.fromkeys(one.vpc for one in sources_of(fn, analysis) or ()):
        members = _members(analysis).get(vpc, [])
        told = known(names_of(world(analysis), vpc))
        if told.kind != "any" or not members or members[0] is not fn:
            continue
        closed = [one for one in members if _is_closed(one, analysis)]
        held = world(analysis).vpcs[vpc]
        who = (
            f"{used_by(closed)}, which {'reaches' if len(closed) == 1 else 'reach'} nothing else on the internet,"
            if closed
            else used_by(members)
        )
        yield dns_egress_unfiltered.finding(
            held,
            f"{who} may send data out in names that the resolver of `{vpc}` asks for",
            seen(held.origin, f"`{told.by}` lets any name pass" if told.by else "no rule of DNS Firewall keeps a name in"),
            *(seen(one.origin, f"{shown(one.name)} asks its resolver") for one in (closed or members)[:_MOST]),
            persona=Persona.REGULAR if closed else Persona.AUDITOR,
        )


@once
def _members(analysis: Analysis) -> dict[str, list[Function]]:
    """Functions by VPC, in the estate's order."""
    found: dict[str, list[Function]] = {}
    for function in analysis.estate.functions:
        try:
            sources = sources_of(function, analysis) or ()
        except Undecided:
            continue  # who asks about this very function learns that it is not known
        for vpc in dict.fromkeys(one.vpc for one in sources):
            found.setdefault(vpc, []).append(function)
    return found


def _is_closed(function: Function, analysis: Analysis) -> bool:
    """Say whether a function is sure to reach nothing on the internet by packets."""
    return not any(told.target.kind == "internet" for told in reach_of(function, analysis).reached)
