"""The exact answer for a pair: which ports of a protocol, from which client ports; every yes has a packet that `trace` replays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from buckler.engines.net.gates import (
    ANY,
    ICMP,
    ICMP6,
    TCP,
    UDP,
    Flow,
    Gate,
    Outcome,
    ask,
    entries_of,
    entry_matches,
    peer_matches,
    protocol_number,
    rules_of,
)
from buckler.engines.net.ranges import ALL_PORTS, CLIENT_PORTS, NO_PORTS, Ports, common, has, union, without
from buckler.engines.net.trace import Packet, Target, Way, answer_flow
from buckler.engines.net.ways import Later, known_way
from buckler.engines.net.world import Interface, World
from buckler.model.network import NaclEntry, SecurityGroupRule
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind

Kind: TypeAlias = Literal["always", "some-subnets", "some-client-ports", "may", "no", "unknown"]
PROTOCOLS: Final = (TCP, UDP)
_ECHO: Final = {ICMP: 8, ICMP6: 128}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Ports a gate lets pass: for sure, and at most, for addresses that nobody knows yet or rules nobody could read."""

    sure: Ports
    perhaps: Ports
    unknown: tuple[Unknown, ...] = ()


class Connection(NamedTuple):
    """What one interface can reach of a target by a protocol. A tuple, since whole-estate questions make very many of them."""

    source: Interface
    target: Target
    protocol: int
    kind: Kind
    ports: Ports
    """That connect; of `may` and `unknown`, that may."""
    clients: Ports
    """Client ports that get an answer; all of 1024-65535 where every connection works."""
    leads: Way | Later | None
    """The way there; or what it takes to put it together."""
    unknown: tuple[Unknown, ...] = ()

    @property
    def way(self) -> Way | None:
        """The way there."""
        return self.leads.made() if isinstance(self.leads, Later) else self.leads

    @property
    def packet(self) -> Packet | None:
        """Give a packet that arrives and is answered; None where none is sure to."""
        if self.kind not in {"always", "some-client-ports"}:
            return None
        # Of ICMP the port is a type, and what is asked is ping.
        port = _ECHO.get(self.protocol) or _example(self.ports)
        return Packet(self.source, self.target, self.protocol, port, self.clients[0][0])

    @property
    def failing(self) -> Packet | None:
        """Give a packet that arrives and is not answered, where connections fail now and then."""
        if self.kind != "some-client-ports":
            return None
        return Packet(self.source, self.target, self.protocol, _example(self.ports), without(CLIENT_PORTS, self.clients)[0][0])


def _example(ports: Ports) -> int:
    """Pick a port people know."""
    return next((port for port in (443, 5432, 3306) if has(ports, port)), max(ports[0][0], min(1, ports[0][1])))


def connect(world: World, source: Interface, target: Target, protocol: int) -> Connection:
    """Say what an interface can reach of a target."""
    way = known_way(world, source, target)
    if way is None or way.stops:
        return Connection(source, target, protocol, "no", NO_PORTS, NO_PORTS, way)
    there = _all(world, way.gates, protocol, is_answer=False)
    back = _all(world, way.back_gates, protocol, is_answer=True)
    if protocol in {TCP, UDP}:
        clients, clients_perhaps = common(back.sure, CLIENT_PORTS), common(back.perhaps, CLIENT_PORTS)
    else:
        clients, clients_perhaps = back.sure, back.perhaps
    unknown = (*way.unknown, *there.unknown, *back.unknown)
    if not there.perhaps or not clients_perhaps:
        return Connection(source, target, protocol, "no", NO_PORTS, NO_PORTS, way)
    if way.unknown:
        return Connection(source, target, protocol, "unknown", there.perhaps, clients_perhaps, way, unknown)
    if not there.sure or not clients or way.perhaps:
        kind: Kind = "unknown" if unknown else "may"
        return Connection(source, target, protocol, kind, there.perhaps, clients_perhaps, way, unknown)
    whole = CLIENT_PORTS if protocol in {TCP, UDP} else clients
    return Connection(source, target, protocol, "always" if clients == whole else "some-client-ports", there.sure, clients, way, unknown)


def at_port(connection: Connection, port: int) -> Connection:
    """Narrow an answer to one port."""
    if has(connection.ports, port):
        return connection._replace(ports=((port, port),))
    return connection._replace(kind="no", ports=NO_PORTS, clients=NO_PORTS)


def overall(connections: Sequence[Connection]) -> Kind:
    """Join the verdicts of a function's interfaces: Lambda picks one of them, and nobody says which."""
    kinds: set[Kind] = {one.kind for one in connections}
    if len(kinds) == 1:
        return next(iter(kinds))
    if not kinds:
        return "no"
    if "no" in kinds and kinds & {"always", "some-client-ports"}:
        return "some-subnets"
    weakest: tuple[Kind, ...] = ("some-client-ports", "unknown", "may", "always")
    return next(kind for kind in weakest if kind in kinds)


# --- gates as sets of ports ------------------------------------------------------------------------------------------------


def _all(world: World, gates: Iterable[Gate], protocol: int, *, is_answer: bool) -> Allowed:
    sure, perhaps = ALL_PORTS, ALL_PORTS
    unknown: list[Unknown] = []
    several: list[Allowed] = []
    for gate in gates:
        said = allowed(world, gate, protocol, is_answer=is_answer)
        if said.unknown:
            unknown += said.unknown
        if gate.is_optional:
            several.append(said)
            continue
        # Nearly always nothing is in doubt: then both are one, and are worked out once.
        is_sure = sure is perhaps and said.sure is said.perhaps
        sure = common(sure, said.sure)
        perhaps = sure if is_sure else common(perhaps, said.perhaps)
    if several:
        for one in several:
            sure = common(sure, one.sure)
        perhaps = common(perhaps, union(port for one in several for port in one.perhaps))
    return Allowed(sure, perhaps, tuple(dict.fromkeys(unknown)))


def allowed(world: World, gate: Gate, protocol: int, *, is_answer: bool = False) -> Allowed:
    """Give the ports a gate lets pass. Of ICMP, what is asked is ping: all ports, or none."""
    if protocol in {TCP, UDP}:
        return _remembered(world, gate, protocol)
    # Echo requests have no other code than 0.
    asked = answer_flow(protocol, _ECHO.get(protocol, 0), 0) if is_answer else Flow(protocol, _ECHO.get(protocol, 0), 0)
    said = ask(world, gate, asked or Flow(protocol, 0))
    if said.outcome is Outcome.UNKNOWN and said.unknown is not None:
        return Allowed(NO_PORTS, ALL_PORTS, (said.unknown,))
    return Allowed(
        ALL_PORTS if said.outcome is Outcome.PASS else NO_PORTS, ALL_PORTS if said.outcome in {Outcome.PASS, Outcome.MAY} else NO_PORTS
    )


_REMEMBERED: Final = 100_000
"""Answers of gates that a world keeps: many interfaces share groups and network ACLs."""


def _remembered(world: World, gate: Gate, protocol: int) -> Allowed:
    of_groups = gate.kind in {"sg-out", "sg-in"}
    # Whose gate it is does not matter, but what stands in it.
    held = (gate.groups, gate.peer_groups, gate.via, gate.passes_references) if of_groups else gate.holder
    key = (gate.kind, held, gate.peer, protocol)
    found = world.said.get(key)
    if not isinstance(found, Allowed):
        if len(world.said) >= _REMEMBERED:
            world.said.clear()
        found = world.said[key] = _of_groups(world, gate, protocol) if of_groups else _of_acl(world, gate, protocol)
    return found


def _of_groups(world: World, gate: Gate, protocol: int) -> Allowed:
    sure: list[tuple[int, int]] = []
    perhaps: list[tuple[int, int]] = []
    unknown: list[Unknown] = []
    for _, rule in rules_of(world, gate):
        if isinstance(rule, Unknown):
            unknown.append(rule)
            perhaps += ALL_PORTS
            continue
        ports = rule_ports(rule, protocol)
        if not ports:
            continue
        matched = peer_matches(world, gate, rule)
        if isinstance(ports, Unknown) or isinstance(matched, Unknown):
            unknown += [one for one in (ports, matched) if isinstance(one, Unknown)]
            perhaps += ALL_PORTS if isinstance(ports, Unknown) else ports
        elif matched is not False:
            perhaps += ports
            sure += ports if matched else ()
    ports = union(sure)
    return Allowed(ports, ports if sure == perhaps else union(perhaps), tuple(unknown))


def rule_ports(rule: SecurityGroupRule, protocol: int) -> Ports | Unknown:
    """Give the ports of TCP or UDP a rule is about."""
    number = protocol_number(shown(rule.protocol))
    if number is None:
        return Unknown(
            kind=UnknownKind.UNRESOLVED, why=f"`{shown(rule.protocol)}` is no protocol that is known", need="a protocol name or number"
        )
    if number == ANY:
        return ALL_PORTS
    if number != protocol:
        return NO_PORTS
    first, last = rule.from_port, rule.to_port
    if isinstance(first, Unknown):
        return first
    if isinstance(last, Unknown):
        return last
    if first is None or first == -1:
        return ALL_PORTS
    return ((first, first if last is None else last),)


def entry_ports(entry: NaclEntry) -> Ports:
    """Give the ports of TCP or UDP an entry is about."""
    if protocol_number(shown(entry.protocol)) == ANY or entry.from_port is None or entry.from_port == -1:
        return ALL_PORTS
    return ((entry.from_port, entry.from_port if entry.to_port is None else entry.to_port),)


def _of_acl(world: World, gate: Gate, protocol: int) -> Allowed:
    """Walk the entries in their order: each decides about the ports that no earlier one has decided about."""
    entries = entries_of(world.acl_of(gate.holder), is_egress=gate.kind == "nacl-out")
    if isinstance(entries, Unknown):
        return Allowed(NO_PORTS, ALL_PORTS, (entries,))
    left: Ports = ALL_PORTS
    sure: list[tuple[int, int]] = []
    perhaps: list[tuple[int, int]] = []
    doubtful: list[tuple[int, int]] = []
    for entry in entries:
        ports = entry_ports(entry)
        matched = entry_matches(entry, gate.peer, Flow(protocol, ports[0][0]))
        if matched is False:
            continue
        here = common(left, ports)
        if isinstance(matched, Unknown):
            return Allowed(NO_PORTS, union([*sure, *perhaps, *left]), (matched,))
        if matched is None:
            (perhaps if entry.is_allow else doubtful).extend(here)
            continue
        if entry.is_allow:
            sure += here
        left = without(left, ports)
    whole = union(sure)
    if not perhaps and not doubtful:
        return Allowed(whole, whole)
    return Allowed(without(whole, union(doubtful)), union([*whole, *perhaps]))
