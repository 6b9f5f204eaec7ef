"""Names as a way out: which of them the resolver of a VPC asks for, after DNS Firewall.

What is asked about is a name that an attacker owns: it is on nobody's list yet, and whoever asks for `SECRET.attacker.example` has told.
Security groups and network ACLs do not see it, since the resolver sends the question on from outside the VPC.

Sources: Route 53 Developer Guide, "How Route 53 Resolver DNS Firewall works", "Rule groups and rules" (groups by priority, rules by
priority, the first that matches decides, and what none matches is allowed), "Domain lists", "DNS Firewall Advanced", "DNS Firewall VPC
configuration"; Amazon VPC User Guide, "DNS attributes for your VPC" (without `enableDnsSupport` nothing answers at VPC+2).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from buckler.engines.net.world import World
from buckler.model.network import DnsFirewall, DnsRule
from buckler.model.text import Partial, shown
from buckler.model.unknown import Unknown, UnknownKind

Answers: TypeAlias = Literal["off", "any", "guarded", "listed"]


@dataclass(frozen=True, slots=True)
class Names:
    """What a VPC's resolver does with names nobody has heard of."""

    kind: Answers
    """There is no resolver; it asks for any name; for any that does not look like a tunnel; for those only that are listed."""
    by: str = ""
    """The rule that decides, and its group."""
    fails_open: bool | Unknown = False


def names_of(world: World, vpc: str) -> Names | Unknown:
    """Say what becomes of a name that an attacker owns, asked for in a VPC."""
    held = world.vpcs.get(vpc)
    if held is None:
        return world.gone("vpcs", f"the VPC `{vpc}`")
    if isinstance(held.dns_support, Unknown):
        return held.dns_support
    if not held.dns_support:
        return Names("off")
    firewalls = world.firewalls.get(vpc, ())
    unread = world.firewalls_unread.get((held.account, held.region))
    # A file that associates some is taken at its word; of an account all must have been read.
    if unread is not None and not (firewalls and unread.kind is UnknownKind.OUTSIDE):
        return unread
    return _judge(firewalls)


def _judge(firewalls: Sequence[DnsFirewall]) -> Names | Unknown:
    order = next((one.priority for one in firewalls if isinstance(one.priority, Unknown)), None)
    if order is not None:
        return order
    fails_open: bool | Unknown = next((one.fails_open for one in firewalls), False)
    # What may have let the name pass before it is blocked, and what may have blocked it before it passes.
    may_pass: Unknown | None = None
    may_block: Unknown | None = None
    guard = ""
    for firewall, rule in _in_order(firewalls):
        if isinstance(rule, Unknown):
            may_pass, may_block = may_pass or rule, may_block or rule
            continue
        by = f"{shown(rule.name)} of {shown(firewall.group)}"
        said = _decides(rule)
        if isinstance(said, Unknown):
            may_pass = may_pass or (said if shown(rule.action) != "BLOCK" else None)
            may_block = may_block or (said if shown(rule.action) not in {"ALLOW", "ALERT"} else None)
        elif said == "blocks":
            return may_pass or Names("listed", by, fails_open)
        elif said == "lets pass":
            return may_block or (Names("guarded", guard, fails_open) if guard else Names("any", by))
        elif said == "tunnels":
            guard = guard or by
    return may_block or (Names("guarded", guard, fails_open) if guard else Names("any"))


def _in_order(firewalls: Iterable[DnsFirewall]) -> Iterator[tuple[DnsFirewall, DnsRule | Unknown]]:
    for firewall in firewalls:
        if isinstance(firewall.rules, Unknown):
            yield firewall, firewall.rules
        else:
            for rule in sorted(firewall.rules, key=lambda one: one.priority):
                yield firewall, rule


def _decides(rule: DnsRule) -> Literal["", "tunnels", "lets pass", "blocks"] | Unknown:
    """Say what a rule does with a name that nobody has listed; "": it is not about it."""
    blocks = shown(rule.action) == "BLOCK"
    if rule.kind == "protection":
        return "tunnels" if blocks and shown(rule.name) == "DNS_TUNNELING" and not rule.query_type else ""
    if rule.kind == "managed":
        return ""  # lists of what is known to be bad
    if isinstance(rule.wildcards, Unknown):
        return rule.wildcards
    if isinstance(rule.action, Partial):
        why = f"the action of a rule for `{shown(rule.name)}` is not known"
        return Unknown(kind=UnknownKind.UNRESOLVED, why=why, need="--parameter")
    holes = [one for one in rule.wildcards if isinstance(one, Partial)]
    if blocks:
        # Who may not ask for addresses asks for texts: only a rule for every type keeps a name in.
        if "*" in rule.wildcards and not rule.query_type:
            return "blocks"
    elif any(isinstance(one, str) and _is_anybodys(one) for one in rule.wildcards):
        return "lets pass"
    if holes:
        return Unknown(kind=UnknownKind.UNRESOLVED, why=f"`{shown(holes[0])}` of `{shown(rule.name)}` is not known", need="--parameter")
    return ""


def _is_anybodys(wildcard: str) -> bool:
    """Say whether names that anybody may register match: `*`, `*.com`, and not `*.example.com`."""
    rest = wildcard.removeprefix("*").strip(".")
    return wildcard.startswith("*") and "." not in rest
