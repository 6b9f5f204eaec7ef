"""What functions reach over the network, asked of the engine target by target; and why, hop by hop."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, TypeAlias

from msgspec.structs import replace

from buckler.engines.net import TCP, UDP, Connection, Interface, Packet, Target, World, at_port, connect, overall, trace
from buckler.engines.net.column import Column
from buckler.engines.net.gates import protocol_name
from buckler.engines.net.matrix import Matrix
from buckler.engines.net.ranges import CLIENT_PORTS, NO_PORTS, common, has, is_private, range_of, union
from buckler.engines.net.reachable import PROTOCOLS
from buckler.engines.net.resolver import names_of
from buckler.engines.net.trace import Trace
from buckler.model.functions import Function
from buckler.model.reachability import NetPort, NetReach, NetReport, NetStep, NetTarget, Verdict
from buckler.model.text import Text, shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.balancers import listens, said_behind
from buckler.reach.network_targets import Asked, group_names, standing, ways_out, world
from buckler.reach.once import once
from buckler.reach.placement import placement_of


def sources_of(function: Function, analysis: Analysis) -> tuple[Interface, ...] | None:
    """Give the interfaces a function sends from; None: it is in no VPC of the account. Raises `Undecided`."""
    kept = _sources(analysis)
    held = kept.get(function.arn)
    if held is not None and held[0] is function:
        return held[1]
    placement = placement_of(function, analysis)
    made: tuple[Interface, ...] | Unknown | None = None
    if placement is not None and (isinstance(placement.subnet_ids, Unknown) or placement.subnet_ids):
        made = world(analysis).of_placement(shown(function.name), placement)
    if isinstance(made, Unknown):
        raise Undecided(made)
    kept[function.arn] = function, made
    return made


@once
def _sources(_: Analysis) -> dict[Text, tuple[Function, tuple[Interface, ...] | None]]:
    """What functions send from, once found: every question about networks asks for it."""
    return {}


def reach_of(function: Function, analysis: Analysis) -> NetReport:
    """Work out all that a function reaches. Raises `Undecided` when nobody knows where it is."""
    sources = sources_of(function, analysis)
    there = world(analysis)
    if sources is None:
        return NetReport(function=function, placement="in no VPC of the account", reached=(_from_nowhere(function, _OUTSIDE),), closed=0)
    reached, closed = _reached(function, sources, analysis)
    unknown = dict.fromkeys(one for told in reached for one in told.unknown)
    # Where one of these could not be listed, there may be more to reach.
    unknown.update(dict.fromkeys(there.unread[name] for name in _HOLD_TARGETS if name in there.unread))
    groups = group_names(sources[0].groups, there) or ", ".join(sources[0].groups)
    placement = f"in {', '.join(dict.fromkeys(one.subnet for one in sources))} with {groups}"
    return NetReport(
        function=function,
        placement=placement,
        reached=reached,
        closed=closed,
        unknown=tuple(unknown),
        problems=tuple(there.problems),
    )


@once
def _by_placement(_: Analysis) -> dict[tuple[object, ...], tuple[tuple[NetReach, ...], int]]:
    """What is reached from the same subnets with the same groups, whoever's function it is."""
    return {}


def _reached(function: Function, sources: Sequence[Interface], analysis: Analysis) -> tuple[tuple[NetReach, ...], int]:
    """Ask about every target, once for all functions that share their interfaces; with how many are out of reach."""
    kept = _by_placement(analysis)
    key = tuple((one.subnet, one.groups, one.addresses) for one in sources)
    found = kept.get(key)
    if found is None:
        there = world(analysis)
        asked = [
            one
            for one in (*standing(analysis), *ways_out(sources, there))
            if one.target.kind != "group" or set(one.target.groups) != set(sources[0].groups)
        ]
        rows = _rows(analysis).of(sources)
        told = [_told(function, sources, one, rows, analysis) for one in asked]
        reached = tuple(sorted((one for one in told if one.verdict != "no"), key=_order))
        found = kept[key] = (reached, len(told) - len(reached))
    reached, closed = found
    return tuple(replace(one, function=function) for one in reached), closed


_HOLD_TARGETS: Final = ("interfaces", "endpoints", "subnets", "vpcs", "peerings", "transit_gateways")
_KINDS: Final = ("interface", "group", "on-premises", "endpoint", "internet", "resolver")


def _order(told: NetReach) -> tuple[int, str, str]:
    return _KINDS.index(told.target.kind), told.target.name, told.target.id


_OUTSIDE: Final = NetTarget(kind="internet", name="the internet (IPv4)", id="internet")


def _from_nowhere(function: Function, target: NetTarget) -> NetReach:
    """Lambda runs it in a VPC of its own, "with access to AWS services and the internet" (Lambda Developer Guide)."""
    everything = tuple(NetPort(protocol=name, verdict="always", ports=((0, 65535),)) for name in ("tcp", "udp"))
    return NetReach(function=function, target=target, verdict="always", protocols=everything, nodes=("Lambda's own VPC",))


def _is_outside(target: NetTarget) -> bool:
    """Say whether Lambda's own network leads there: it has IPv4 only."""
    return target.id == _OUTSIDE.id or (target.kind == "address" and (at := range_of(target.id)).version == 4 and not is_private(at))


class Rows:
    """What sources reach of all targets at once, so that only pairs of which something is reached are asked about one by one."""

    def __init__(self, there: World, targets: Iterable[Target]) -> None:
        every = tuple(targets)
        self._matrices = [Matrix(there, every, protocol) for protocol in (TCP, UDP)]
        self._bits = {target: bit for bit, target in enumerate(self._matrices[0].targets)}
        self._there = there

    def of(self, sources: Sequence[Interface]) -> "_Answers":
        """Work out the rows of some sources."""
        rows = {(source, matrix.protocol): (matrix, matrix.row(source)) for matrix in self._matrices for source in sources}

        def answer(source: Interface, target: Target, protocol: int) -> Connection:
            bit = self._bits.get(target)
            if bit is None:
                return connect(self._there, source, target, protocol)
            matrix, row = rows[source, protocol]
            return matrix.connection(source, row, bit)

        return answer


_Answers: TypeAlias = Callable[[Interface, Target, int], Connection]
"""The connection of a source and a target by a protocol."""


@once
def _rows(analysis: Analysis) -> Rows:
    return Rows(world(analysis), (target for asked in standing(analysis) for target in asked.to))


def _told(function: Function, sources: Sequence[Interface], asked: Asked, answers: _Answers, analysis: Analysis) -> NetReach:
    by_protocol = {protocol: [_best(source, asked, protocol, answers) for source in sources] for protocol in (TCP, UDP)}
    ports = tuple(port for protocol, found in by_protocol.items() if (port := _port(protocol, found)) is not None)
    unknown = tuple(dict.fromkeys(one for found in by_protocol.values() for each in found for one in each.unknown))
    way = next((each.way for found in by_protocol.values() for each in found if each.kind != "no" and each.way is not None), None)
    return NetReach(
        function=function,
        target=asked.target,
        verdict=_verdict([one.verdict for one in ports]),
        protocols=ports,
        nodes=tuple(way.forward.nodes) if way is not None else (),
        unknown=unknown if ports else (),
        note=_note(asked, sources, analysis) if ports else "",
    )


def _note(asked: Asked, sources: Sequence[Interface], analysis: Analysis) -> str:
    if asked.target.kind == "resolver":
        return _of_names(asked.target.vpc, analysis)
    if asked.balancer is not None:
        own = [to.interface for to in asked.to if to.interface is not None]
        return said_behind(asked.balancer, own, sources, world(analysis))
    return ""


def _of_names(vpc: str, analysis: Analysis) -> str:
    """Say which names the resolver of a VPC asks for: neither security groups nor network ACLs see them."""
    told = names_of(world(analysis), vpc)
    if isinstance(told, Unknown):
        return f"whether DNS Firewall filters names is not known: {told.why} (needs {told.need})"
    opens = "; it lets names pass while it fails" if told.fails_open is True and told.kind != "any" else ""
    return {
        "off": "",
        "any": "any name is a way out: no DNS Firewall keeps it in",
        "guarded": f"DNS Firewall blocks names that look like tunnels ({told.by}), and lets others pass{opens}",
        "listed": f"DNS Firewall answers only names that are listed, and blocks all others ({told.by}){opens}",
    }[told.kind]


SURE: Final = frozenset({"always", "some-client-ports", "some-subnets"})
"""Verdicts by which something is reached, at least now and then."""
_STRENGTH: Final[tuple[Verdict, ...]] = ("always", "some-client-ports", "some-subnets", "may", "unknown", "no")


def _best(source: Interface, asked: Asked, protocol: int, answers: _Answers) -> Connection:
    """Ask about every address of a target: what is reached of one is reached of it."""
    found = [heard(answers(source, to, protocol), asked) for to in asked.to]
    return min(found, key=lambda one: _STRENGTH.index(one.kind))


def heard(told: Connection, asked: Asked) -> Connection:
    """Keep of the ports those on which a load balancer listens."""
    heard = listens(asked.balancer) if asked.balancer is not None else None
    if heard is None or told.kind == "no":
        return told
    ports = common(told.ports, heard.get(told.protocol, ()))
    return told._replace(ports=ports) if ports else told._replace(kind="no", ports=NO_PORTS, clients=NO_PORTS)


def _port(protocol: int, found: Sequence[Connection]) -> NetPort | None:
    verdict = overall(found)
    if verdict == "no":
        return None
    open_ones = [one for one in found if one.kind != "no"]
    packet = next((one.packet for one in open_ones if one.packet is not None), None)
    failing = next((one.failing for one in open_ones if one.failing is not None), None)
    clients = next((one.clients for one in open_ones if one.kind == "some-client-ports"), CLIENT_PORTS)
    return NetPort(
        protocol=protocol_name(protocol),
        verdict=verdict,
        ports=union(port for one in open_ones for port in one.ports),
        client_ports=() if clients == CLIENT_PORTS else clients,
        subnets=tuple(one.source.subnet for one in open_ones) if verdict == "some-subnets" else (),
        witness=packet_text(packet) if packet is not None else "",
        failing=packet_text(failing) if failing is not None else "",
    )


def _verdict(verdicts: Sequence[Verdict]) -> Verdict:
    for one in _STRENGTH:
        if one in verdicts:
            return one
    return "no"


def packet_text(packet: Packet) -> str:
    """Write a packet: `tcp 10.0.1.7:49152 -> 10.0.3.10:5432`; of an address nobody knows yet, its subnet."""
    origin = packet.source.address(packet.target.address.version)
    return (
        f"{protocol_name(packet.protocol)} {origin}:{packet.client_port} -> {packet.target.service or packet.target.address}:{packet.port}"
    )


def explain(function: Function, target: NetTarget, protocol: int, port: int, analysis: Analysis) -> NetReach:
    """Follow a packet from a function to a target, and name everything that decides. Raises `Undecided`."""
    sources = sources_of(function, analysis)
    there = world(analysis)
    if sources is None:
        return _from_nowhere(function, target) if _is_outside(target) else _not_from_nowhere(function, target)
    asked = asked_of(target, sources, there, analysis)
    connections = [at_port(_best(source, asked, protocol, partial(connect, there)), port) for source in sources]
    shown_one = min(connections, key=lambda one: _STRENGTH.index(one.kind))
    client = shown_one.clients[0][0] if shown_one.clients else 49152
    found = trace(there, Packet(shown_one.source, shown_one.target, protocol, port, client))
    told = _port(protocol, connections)
    return NetReach(
        function=function,
        target=asked.target,
        verdict=overall(connections),
        protocols=(told,) if told is not None else (),
        nodes=found.nodes,
        steps=tuple(_steps(found)),
        blockers=(*found.blockers, *_silent(asked, protocol, port)),
        unknown=found.unknown,
        note=_note(asked, sources, analysis) if told is not None else "",
    )


def _silent(asked: Asked, protocol: int, port: int) -> Iterator[str]:
    """Say that a load balancer does not listen, which nothing on the way tells."""
    heard = listens(asked.balancer) if asked.balancer is not None else None
    if heard is not None and protocol in PROTOCOLS and not has(heard[protocol], port):
        yield f"{asked.target.name}: no listener on {protocol_name(protocol)} {port}"


def asked_of(target: NetTarget, sources: Sequence[Interface], there: World, analysis: Analysis) -> Asked:
    """Give the addresses to ask about for a target; an address that nothing of the estate has is asked about as it is."""
    named = (
        one for one in (*standing(analysis), *ways_out(sources, there)) if (one.target.kind, one.target.id) == (target.kind, target.id)
    )
    return next(named, None) or Asked(target, (Target(range_of(target.id)),))


def rows_over(there: World, targets: Iterable[Target]) -> "Rows":
    """Prepare questions of many sources about many targets."""
    return Rows(there, targets)


def _not_from_nowhere(function: Function, target: NetTarget) -> NetReach:
    is_ipv6 = target.id == "internet6" or ":" in target.id
    why = "Lambda's own network has no IPv6" if is_ipv6 else "the function is in no VPC of the account: nothing inside one is reached"
    return NetReach(function=function, target=target, verdict="no", protocols=(), blockers=(why,))


def _steps(found: Trace) -> Iterator[NetStep]:
    for route in found.routes:
        yield NetStep(what=f"route {route}", said="pass")
    for one in found.passed:
        words = {"sg-out": "security group", "sg-in": "security group", "nacl-out": "network ACL", "nacl-in": "network ACL"}[one.gate.kind]
        yield NetStep(what=f"{words} {one.said.by}", said=one.said.outcome.value, is_return=one.is_return)


def targets(analysis: Analysis, function: Function | None = None) -> tuple[NetTarget, ...]:
    """List what can be asked about by name: what stands somewhere, and the ways out that the function's VPC has, open or not."""
    try:
        sources = sources_of(function, analysis) if function is not None else None
    except Undecided:
        sources = None
    outside = ways_out(sources, world(analysis)) if sources is not None else ()
    return tuple(one.target for one in (*standing(analysis), *outside))


def who_reaches(target: NetTarget, analysis: Analysis) -> tuple[tuple[NetReach, ...], tuple[tuple[Function, Unknown], ...]]:
    """List the functions that reach a target, and those of which nobody knows."""
    there = world(analysis)
    asked = next((one for one in standing(analysis) if one.target.id == target.id), None)
    found: list[NetReach] = []
    undecided: list[tuple[Function, Unknown]] = []
    answers = _Columns(there, asked.to if asked is not None else ())
    by_placement: dict[tuple[object, ...], NetReach] = {}
    for function in analysis.estate.functions:
        try:
            sources = sources_of(function, analysis)
        except Undecided as stop:
            undecided.append((function, stop.unknown))
            continue
        if sources is None or asked is None:
            continue
        key = tuple(map(_place_of, sources))
        told = by_placement.get(key)
        if told is None:
            told = by_placement[key] = _told(function, sources, asked, answers, analysis)
        if told.verdict != "no":
            found.append(told if told.function is function else replace(told, function=function))
    return tuple(found), tuple(undecided)


def _place_of(source: Interface) -> tuple[object, ...]:
    return source.subnet, source.groups, source.addresses


class _Columns:
    """Answers about a few targets, each worked out for all senders; of interfaces that functions share, once."""

    def __init__(self, there: World, targets: Iterable[Target]) -> None:
        self._columns = {(target, protocol): Column(there, target, protocol) for target in targets for protocol in (TCP, UDP)}
        self._told: dict[tuple[object, ...], Connection] = {}

    def __call__(self, source: Interface, target: Target, protocol: int) -> Connection:
        key = (_place_of(source), target.address, protocol)
        found = self._told.get(key)
        if found is None:
            found = self._told[key] = self._columns[target, protocol].connection(source)
        return found
