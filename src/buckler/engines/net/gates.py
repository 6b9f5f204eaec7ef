"""What packets are held against: security groups and network ACLs, each as one plain question.

A gate answers PASS, MAY (it depends on an address nobody knows yet), BLOCK or UNKNOWN (what it says could not be read), and names
what decided.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, TypeAlias

from buckler.engines.net.ranges import Range, inside, range_of
from buckler.engines.net.world import Interface, World
from buckler.model.network import NaclEntry, NetworkAcl, SecurityGroupRule
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind

TCP, UDP, ICMP, ICMP6, ANY = 6, 17, 1, 58, -1
_NUMBERS: Final = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMP6, "-1": ANY, "all": ANY}


def protocol_number(name: str) -> int | None:
    """Give the number of a protocol as EC2 names it; None for one that is none."""
    known = _NUMBERS.get(name.lower())
    if known is not None:
        return known
    return int(name) if name.isdigit() and int(name) < 256 else None


def protocol_name(number: int) -> str:
    """Write a protocol for people."""
    return next((name for name, one in _NUMBERS.items() if one == number), f"protocol {number}")


class Outcome(enum.Enum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - no secret
    MAY = "may"
    BLOCK = "block"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Said:
    """An outcome, and what decided it."""

    outcome: Outcome
    by: str
    """The rule, the entry, or what is missing, in words."""
    unknown: Unknown | None = None


Via: TypeAlias = Literal["local", "peering", "transit", "translated", "internet"]


class Gate(NamedTuple):
    """One thing a packet is held against. A tuple, since whole-estate questions make very many of them."""

    kind: Literal["sg-out", "sg-in", "nacl-out", "nacl-in"]
    holder: str
    """The interface, or the subnet whose network ACL it is."""
    peer: Range
    """The other end's address, as it is seen here."""
    groups: tuple[str, ...] = ()
    peer_groups: tuple[str, ...] | None = None
    """Groups of the other end where its own address is seen; None where it is not an interface, or its address was translated."""
    via: Via = "local"
    passes_references: bool | Unknown = True
    """Of transit gateways on the way."""
    lists: tuple[str, ...] = ()
    """Prefix lists that hold the other end's address, whether their entries were read or not."""
    is_optional: bool = False
    """One of several that packets may pass; none of them alone decides."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What is asked at a gate: the port is the packet's destination port there, of ICMP its type."""

    protocol: int
    port: int
    code: int = -1


def ask(world: World, gate: Gate, flow: Flow) -> Said:
    """Hold one packet against a gate."""
    if gate.kind in {"sg-out", "sg-in"}:
        return _ask_groups(world, gate, flow)
    acl = world.acl_of(gate.holder)
    if isinstance(acl, Unknown):
        return Said(Outcome.UNKNOWN, acl.why, acl)
    return _ask_acl(acl, gate, flow)


# --- security groups -------------------------------------------------------------------------------------------------------


def _ask_groups(world: World, gate: Gate, flow: Flow) -> Said:
    """Security groups only allow, and what any rule of any group allows is allowed."""
    perhaps: Said | None = None
    for group, rule in rules_of(world, gate):
        if isinstance(rule, Unknown):
            perhaps = perhaps or Said(Outcome.UNKNOWN, rule.why, rule)
            continue
        covers = rule_covers(rule, flow)
        if covers is False:
            continue
        matched = peer_matches(world, gate, rule)
        if matched is True and covers is True:
            return Said(Outcome.PASS, f"{group}: {describe_rule(rule)}")
        if isinstance(covers, Unknown) or isinstance(matched, Unknown):
            unknown = covers if isinstance(covers, Unknown) else matched
            assert isinstance(unknown, Unknown)  # noqa: S101 - one of both is
            if perhaps is None or perhaps.outcome is Outcome.MAY:
                perhaps = Said(Outcome.UNKNOWN, unknown.why, unknown)
        elif matched is None:
            perhaps = perhaps or Said(Outcome.MAY, f"{group}: {describe_rule(rule)}, for a part of {gate.peer}")
    if perhaps is not None:
        return perhaps
    way = "outbound" if gate.kind == "sg-out" else "inbound"
    return Said(Outcome.BLOCK, f"no {way} rule of {', '.join(gate.groups) or 'no security group'} allows it")


def rules_of(world: World, gate: Gate) -> Iterator[tuple[str, SecurityGroupRule | Unknown]]:
    """Give the rules of the gate's groups in its direction, with the group of each; `Unknown` where they could not be read."""
    for group in gate.groups:
        held = world.groups.get(group)
        if held is None:
            yield group, world.gone("security_groups", f"the security group `{group}`")
        elif isinstance(held.rules, Unknown):
            yield group, held.rules
        else:
            for rule in held.rules:
                if rule.is_egress == (gate.kind == "sg-out"):
                    yield group, rule


def rule_covers(rule: SecurityGroupRule, flow: Flow) -> bool | Unknown:
    """Say whether a rule is about the protocol and port."""
    number = protocol_number(shown(rule.protocol))
    if number is None:
        return Unknown(
            kind=UnknownKind.UNRESOLVED, why=f"`{shown(rule.protocol)}` is no protocol that is known", need="a protocol name or number"
        )
    if number == ANY:
        return True
    if number != flow.protocol:
        return False
    if number not in {TCP, UDP, ICMP, ICMP6}:
        return True
    first, last = rule.from_port, rule.to_port
    if isinstance(first, Unknown) or isinstance(last, Unknown):
        return first if isinstance(first, Unknown) else last if isinstance(last, Unknown) else False
    if first is None or first == -1:
        return True
    if number in {TCP, UDP}:
        return first <= flow.port <= (first if last is None else last)
    return first == flow.port and (last in {None, -1} or flow.code in {-1, last})


def peer_matches(world: World, gate: Gate, rule: SecurityGroupRule) -> bool | Unknown | None:
    """Say whether a rule is about the other end: True, False, None for a part of its possible addresses, or that nobody knows."""
    found: bool | Unknown | None = False
    for cidr in rule.cidrs:
        try:
            one = inside(gate.peer, range_of(shown(cidr))) if isinstance(cidr, str) else _hole(shown(cidr))
        except ValueError:
            continue  # named among the problems of the estate by the source; EC2 accepts none of these
        if one is True:
            return True
        found = found if one is False else one
    for group in rule.groups:
        one = _references(gate, shown(group))
        if one is True:
            return True
        found = found if one is False else one
    for name in rule.prefix_lists:
        if shown(name) in gate.lists:
            return True
        held = world.prefix_lists.get(shown(name))
        if held is None:
            need = "ec2:GetManagedPrefixListEntries"
            found = Unknown(kind=UnknownKind.OUTSIDE, why=f"the entries of the prefix list `{shown(name)}` were not read", need=need)
            continue
        for entry in held:
            one = inside(gate.peer, entry)
            if one is True:
                return True
            found = found if one is False else one
    return found


def _references(gate: Gate, group: str) -> bool | Unknown:
    """Say whether the other end is one of a group's: by its own private address, which NAT, gateways and public addresses hide."""
    if gate.peer_groups is None or group not in gate.peer_groups:
        return False
    if gate.via == "transit":
        if gate.kind == "sg-out":
            return False  # "Security group referencing is not supported for outbound rules" over transit gateways
        return gate.passes_references
    return gate.via in {"local", "peering"}


def _hole(text: str) -> Unknown:
    return Unknown(kind=UnknownKind.UNRESOLVED, why=f"the range `{text}` is not known", need="--parameter")


def describe_rule(rule: SecurityGroupRule) -> str:
    """Write a rule for people: `out tcp 5432 to sg-1`."""
    number = protocol_number(shown(rule.protocol))
    ports = ""
    if number in {TCP, UDP} and rule.from_port is not None and not isinstance(rule.from_port, Unknown):
        ports = f" {rule.from_port}" + (f"-{rule.to_port}" if rule.to_port not in {rule.from_port, None} else "")
    names = [*(shown(one) for one in rule.cidrs), *(shown(one) for one in rule.groups), *(shown(one) for one in rule.prefix_lists)]
    protocol = "all traffic" if number == ANY else shown(rule.protocol)
    return f"{'out' if rule.is_egress else 'in'} {protocol}{ports} {'to' if rule.is_egress else 'from'} {', '.join(names) or 'nothing'}"


# --- network ACLs ----------------------------------------------------------------------------------------------------------


def entries_of(acl: NetworkAcl | Unknown, *, is_egress: bool) -> tuple[NaclEntry, ...] | Unknown:
    """Give the entries of a direction in the order they are tried."""
    if isinstance(acl, Unknown):
        return acl
    if isinstance(acl.entries, Unknown):
        return acl.entries
    return tuple(sorted((one for one in acl.entries if one.is_egress == is_egress), key=lambda one: one.rule_number))


def _ask_acl(acl: NetworkAcl, gate: Gate, flow: Flow) -> Said:
    """The first entry that matches decides; after all of them stands a deny that has no number."""
    name = shown(acl.name)
    entries = entries_of(acl, is_egress=gate.kind == "nacl-out")
    if isinstance(entries, Unknown):
        return Said(Outcome.UNKNOWN, entries.why, entries)
    perhaps: list[NaclEntry] = []
    for entry in entries:
        matched = entry_matches(entry, gate.peer, flow)
        if isinstance(matched, Unknown):
            return Said(Outcome.UNKNOWN, matched.why, matched)
        if matched is None:
            perhaps.append(entry)
        elif matched:
            return _with(perhaps, Said(Outcome.PASS if entry.is_allow else Outcome.BLOCK, f"{name}: {describe_entry(entry)}"), gate)
    return _with(perhaps, Said(Outcome.BLOCK, f"{name}: no entry allows it"), gate)


def _with(perhaps: list[NaclEntry], said: Said, gate: Gate) -> Said:
    """Weigh entries that match a part of the possible addresses only."""
    wanted = said.outcome is Outcome.PASS
    if all(entry.is_allow == wanted for entry in perhaps):
        return said
    return replace(said, outcome=Outcome.MAY, by=f"{said.by}, and other entries for a part of {gate.peer}")


def entry_matches(entry: NaclEntry, peer: Range, flow: Flow) -> bool | Unknown | None:
    """Say whether an entry is about a packet: True, False, or None for a part of the possible addresses."""
    number = protocol_number(shown(entry.protocol))
    if number is None or not isinstance(entry.cidr, str):
        return _hole(shown(entry.protocol if number is None else entry.cidr))
    if number not in {ANY, flow.protocol}:
        return False
    if number in {TCP, UDP} and entry.from_port is not None and entry.from_port != -1:
        last = entry.from_port if entry.to_port is None else entry.to_port
        if not entry.from_port <= flow.port <= last:
            return False
    if number in {ICMP, ICMP6} and entry.icmp_type not in {None, -1, flow.port}:
        return False
    if number in {ICMP, ICMP6} and entry.icmp_code not in {None, -1} and flow.code not in {-1, entry.icmp_code}:
        return False
    try:
        return inside(peer, range_of(entry.cidr))
    except ValueError:
        return _hole(entry.cidr)


def describe_entry(entry: NaclEntry) -> str:
    """Write an entry for people: `entry 100 allows tcp 443 to 0.0.0.0/0`."""
    number = protocol_number(shown(entry.protocol))
    ports = ""
    if number in {TCP, UDP} and entry.from_port is not None:
        ports = f" {entry.from_port}" + (f"-{entry.to_port}" if entry.to_port not in {entry.from_port, None} else "")
    what = "all traffic" if number == ANY else f"{protocol_name(number) if number is not None else shown(entry.protocol)}{ports}"
    way = "to" if entry.is_egress else "from"
    return f"entry {entry.rule_number} {'allows' if entry.is_allow else 'denies'} {what} {way} {shown(entry.cidr)}"


def groups_of(interface: Interface | None) -> tuple[str, ...] | None:
    """Give the groups by which an end can be referenced."""
    return None if interface is None else interface.groups
