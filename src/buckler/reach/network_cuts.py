"""How to close a connection: what to remove, and what else it breaks. Every way is tried on the estate and asked again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from msgspec.structs import replace

from buckler.engines.net import TCP, UDP, Connection, Interface, World, at_port, connect
from buckler.engines.net.gates import Gate, describe_entry, describe_rule, entries_of, peer_matches, protocol_name, rules_of
from buckler.engines.net.ranges import ALL_PORTS, Ports, common
from buckler.engines.net.reachable import rule_ports
from buckler.engines.net.trace import Way
from buckler.engines.net.walk import Leg, choose
from buckler.model.estate import Estate
from buckler.model.functions import Function
from buckler.model.network import NaclEntry, NetworkAcl, Route, RouteTable, SecurityGroup, SecurityGroupRule
from buckler.model.reachability import CutReport, LostPair, NetCut, NetTarget
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.network import asked_of, heard, sources_of
from buckler.reach.network_open import lost_of, open_of
from buckler.reach.network_targets import Asked, group_names, world

_Kind: TypeAlias = Literal["egress", "ingress", "acl", "route"]
_Wanted: TypeAlias = tuple[tuple[int, Ports], ...]
"""Protocols with the ports that shall be closed."""


@dataclass(frozen=True)
class _Candidate:
    kind: _Kind
    changes: tuple[str, ...]
    change: Callable[[Estate], Estate]
    sources: Callable[[Interface], bool]
    """Whose connections may be lost."""
    targets: Callable[[Asked], bool]


def cuts_of(function: Function, target: NetTarget, protocol: int | None, port: int | None, analysis: Analysis) -> CutReport:
    """Find the ways to keep a function from a port of a target, or from all of it. Raises `Undecided`."""
    sources = sources_of(function, analysis) or ()
    there = world(analysis)
    asked = asked_of(target, sources, there, analysis)
    wanted: _Wanted = tuple(
        (one, ALL_PORTS if port is None else ((port, port),)) for one in ((TCP, UDP) if protocol is None else (protocol,))
    )
    found = [one for one in _connections(there, sources, asked, wanted) if one.kind != "no"]
    candidates = list(_candidates(there, found, wanted, is_addressed=asked.target.kind not in _STAND_INS))
    cuts: list[NetCut] = []
    for one in candidates:
        changed = Analysis(one.change(analysis.estate), today=analysis.today)
        if not _is_closed(function, asked, wanted, changed):
            continue
        cuts.append(NetCut(kind=one.kind, changes=one.changes, lost=_lost(function, asked, wanted, one, analysis, changed)))
    return CutReport(
        function=function,
        target=asked.target,
        protocol="" if protocol is None else protocol_name(protocol),
        port=port,
        is_open=bool(found),
        cuts=tuple(sorted(cuts, key=lambda one: (len(one.lost), len(one.changes), _ORDER.index(one.kind)))),
        unknown=tuple(dict.fromkeys(unknown for one in found for unknown in one.unknown)),
    )


_STAND_INS: Final = {"internet", "endpoint", "resolver"}
"""Asked about by an address that stands for all of them: one entry of a network ACL is about one range."""
_ORDER: Final[tuple[_Kind, ...]] = ("egress", "ingress", "acl", "route")


def _connections(there: World, sources: Sequence[Interface], asked: Asked, wanted: _Wanted) -> Iterator[Connection]:
    for source in sources:
        for to in asked.to:
            for protocol, ports in wanted:
                told = heard(connect(there, source, to, protocol), asked)
                yield at_port(told, ports[0][0]) if ports != ALL_PORTS else told


def _is_closed(function: Function, asked: Asked, wanted: _Wanted, changed: Analysis) -> bool:
    try:
        sources = sources_of(function, changed) or ()
    except Undecided:
        return False
    return all(one.kind == "no" for one in _connections(world(changed), sources, asked, wanted))


# --- what may be removed -------------------------------------------------------------------------------------------------


def _candidates(there: World, found: Sequence[Connection], wanted: _Wanted, *, is_addressed: bool) -> Iterator[_Candidate]:
    """Offer one cut at each place of the way: rules of either end, an entry at the border, the route."""
    ways = [(one, one.way) for one in found if one.way is not None and not one.way.is_resolver]
    if not ways:
        return
    for kind, gate_kind in (("egress", "sg-out"), ("ingress", "sg-in")):
        rules: dict[tuple[str, SecurityGroupRule], None] = {}
        for one, way in ways:
            for gate in way.gates:
                if gate.kind == gate_kind:
                    rules.update(dict.fromkeys(_matching(there, gate, one.protocol, wanted)))
        if rules:
            yield _without_rules(there, kind, tuple(rules))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of the kinds
    if is_addressed:
        yield from _denied(there, ways, wanted)
    yield from _without_routes(there, ways)


def _matching(there: World, gate: Gate, protocol: int, wanted: _Wanted) -> Iterator[tuple[str, SecurityGroupRule]]:
    asked = next(ports for number, ports in wanted if number == protocol)
    for group, rule in rules_of(there, gate):
        if isinstance(rule, Unknown) or peer_matches(there, gate, rule) is False:
            continue
        ports = rule_ports(rule, protocol)
        if isinstance(ports, Unknown) or common(ports, asked):
            yield group, rule


def _without_rules(there: World, kind: _Kind, rules: Sequence[tuple[str, SecurityGroupRule]]) -> _Candidate:
    gone: dict[str, list[SecurityGroupRule]] = {}
    for group, rule in rules:
        gone.setdefault(group, []).append(rule)

    def cut(group: SecurityGroup) -> SecurityGroup:
        taken = gone.get(shown(group.name))
        if taken is None or isinstance(group.rules, Unknown):
            return group
        return replace(group, rules=tuple(one for one in group.rules if one not in taken))

    changes = tuple(
        f"remove from {group} ({group_names((group,), there) or group}): {describe_rule(rule)}"
        for group, taken in gone.items()
        for rule in taken
    )
    concerned = frozenset(gone)
    return _Candidate(
        kind,
        changes,
        lambda estate: replace(estate, security_groups=tuple(map(cut, estate.security_groups))),
        sources=(lambda one: bool(concerned & set(one.groups))) if kind == "egress" else _everybody,
        targets=(lambda one: any(to.interface is not None and concerned & set(to.interface.groups) for to in one.to))
        if kind == "ingress"
        else _everything,
    )


def _everybody(_: Interface) -> bool:
    return True


def _everything(_: Asked) -> bool:
    return True


def _denied(there: World, ways: Sequence[tuple[Connection, Way]], wanted: _Wanted) -> Iterator[_Candidate]:
    """Deny it where it enters its last subnet: network ACLs stand at borders of subnets only."""
    added: dict[str, dict[NaclEntry, None]] = {}
    acls: dict[str, NetworkAcl] = {}
    for one, way in ways:
        gates = [gate for gate in way.gates if gate.kind == "nacl-in"] or [gate for gate in way.gates if gate.kind == "nacl-out"]
        if not gates:
            return  # neighbours in one subnet
        gate = gates[-1]
        acl = there.acl_of(gate.holder)
        entries = entries_of(acl, is_egress=gate.kind == "nacl-out")
        if isinstance(acl, Unknown) or isinstance(entries, Unknown):
            return
        number = (entries[0].rule_number if entries else 100) - 1
        if number < 1:
            return  # there is no number before the first
        peer = gate.peer
        cidrs = [text for held in there.ranges.get(one.source.subnet, ()) if held.version == peer.version for text in [str(held)]]
        cidr = cidrs[0] if gate.kind == "nacl-in" and cidrs and _lies_in(there, one) else str(peer)
        ports = next(ports for protocol, ports in wanted if protocol == one.protocol)
        everything = ports == ALL_PORTS and len(wanted) > 1
        entry = NaclEntry(
            rule_number=number,
            is_egress=gate.kind == "nacl-out",
            protocol="-1" if everything else str(one.protocol),
            is_allow=False,
            cidr=cidr,
            from_port=None if everything else ports[0][0],
            to_port=None if everything else ports[-1][1],
        )
        acls[shown(acl.name)] = acl
        added.setdefault(shown(acl.name), {})[entry] = None
    numbered = {name: _numbered(acls[name], tuple(entries)) for name, entries in added.items()}
    if any(one is None for one in numbered.values()):
        return

    def cut(acl: NetworkAcl) -> NetworkAcl:
        more = numbered.get(shown(acl.name))
        return acl if more is None or isinstance(acl.entries, Unknown) else replace(acl, entries=(*more, *acl.entries))

    changes = tuple(f"add to {name}: {describe_entry(entry)}" for name, entries in numbered.items() for entry in entries or ())
    yield _Candidate(
        "acl",
        changes,
        lambda estate: replace(estate, network_acls=tuple(map(cut, estate.network_acls))),
        sources=_everybody,
        targets=_everything,
    )


def _lies_in(there: World, one: Connection) -> bool:
    """Say whether the sender's own address is seen at the end: its whole subnet is denied then, where AWS may give it another."""
    return one.way is not None and one.way.forward.origin == one.source.address(one.way.forward.origin.version) and bool(there.subnets)


def _numbered(acl: NetworkAcl, entries: Sequence[NaclEntry]) -> tuple[NaclEntry, ...] | None:
    """Give each entry a number of its own before all there are; None where there is no room."""
    taken = () if isinstance(acl.entries, Unknown) else acl.entries
    first = min((one.rule_number for one in taken if one.is_egress == entries[0].is_egress), default=100)
    if first <= len(entries):
        return None
    return tuple(replace(one, rule_number=first - len(entries) + at) for at, one in enumerate(entries))


def _without_routes(there: World, ways: Sequence[tuple[Connection, Way]]) -> Iterator[_Candidate]:
    gone: dict[str, dict[Route, None]] = {}
    for one, _ in ways:
        table = there.table_of(one.source.subnet)
        origin = one.source.address(one.target.address.version)
        if isinstance(table, Unknown) or origin is None:
            return
        leg = Leg(origin=origin, groups=one.source.groups)
        route = choose(there, table, there.vpc_of(one.source.subnet), leg, one.target.address, one.target.service)
        if route is None or shown(route.target) == "local":
            return  # what connects the subnets of a VPC cannot be removed
        gone.setdefault(shown(table.name), {})[route] = None

    def cut(table: RouteTable) -> RouteTable:
        taken = gone.get(shown(table.name))
        return (
            table
            if taken is None or isinstance(table.routes, Unknown)
            else replace(table, routes=tuple(r for r in table.routes if r not in taken))
        )

    changes = tuple(
        f"remove from {name}: {shown(one.destination)} to {shown(one.target)}" for name, routes in gone.items() for one in routes
    )

    def uses(source: Interface) -> bool:
        table = there.table_of(source.subnet)
        return not isinstance(table, Unknown) and shown(table.name) in gone

    yield _Candidate(
        "route",
        changes,
        lambda estate: replace(estate, route_tables=tuple(map(cut, estate.route_tables))),
        sources=uses,
        targets=_everything,
    )


# --- what else it breaks -------------------------------------------------------------------------------------------------


def _lost(
    function: Function, asked: Asked, wanted: _Wanted, candidate: _Candidate, before: Analysis, after: Analysis
) -> tuple[LostPair, ...]:
    """Name the connections that work before and not after, but for those that were to be closed."""
    was, now = (open_of(candidate.sources, about, candidate.targets) for about in (before, after))
    return lost_of(was, now, {(shown(function.name), asked.target.name, protocol): ports for protocol, ports in wanted})
