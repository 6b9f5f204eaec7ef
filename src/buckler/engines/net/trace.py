"""The obvious twin: one packet, followed hop by hop, there and back, naming what decides at each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from buckler.engines.net.gates import ICMP, ICMP6, TCP, UDP, Flow, Gate, Outcome, Said, ask
from buckler.engines.net.ranges import Range, inside
from buckler.engines.net.walk import End, Leg, Stop, address_of, one_way
from buckler.engines.net.world import Interface, World
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind

Answer: TypeAlias = Literal["yes", "may", "no", "unknown"]
DNS_PORT: Final = 53


@dataclass(frozen=True, slots=True)
class Target:
    """Where packets go: an address, the interface that has it, or an AWS service behind a gateway endpoint."""

    address: Range
    interface: Interface | None = None
    service: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """The first packet of a connection. Of ICMP the port is the type."""

    source: Interface
    target: Target
    protocol: int = TCP
    port: int = 443
    client_port: int = 49152
    code: int = -1


@dataclass(frozen=True, slots=True)
class Passed:
    """A gate, and what it said."""

    gate: Gate
    said: Said
    is_return: bool


@dataclass(frozen=True)
class Trace:
    """What became of a packet and of the answer to it."""

    answer: Answer
    end: End
    nodes: tuple[str, ...]
    back_nodes: tuple[str, ...]
    routes: tuple[str, ...]
    passed: tuple[Passed, ...]
    stops: tuple[Stop, ...]
    """Of routes, in both directions."""
    unknown: tuple[Unknown, ...]
    perhaps: tuple[str, ...] = ()

    @property
    def blockers(self) -> tuple[str, ...]:
        """Name everything that is in the way, not only the first."""
        return (*(one.why for one in self.stops), *(_blocked(one) for one in self.passed if one.said.outcome is Outcome.BLOCK))


def _blocked(one: Passed) -> str:
    where = f"{one.gate.kind} of {one.gate.holder}" + (", for the answer" if one.is_return else "")
    return f"{where}: {one.said.by}"


class Way(NamedTuple):
    """Both directions of a connection, and what packets are held against: the same for every protocol and port. A tuple, like `Gate`."""

    forward: Leg
    back: Leg
    gates: tuple[Gate, ...]
    back_gates: tuple[Gate, ...]
    is_resolver: bool = False
    """It leads to the resolver of the VPC, which neither security groups nor network ACLs filter."""

    @property
    def stops(self) -> tuple[Stop, ...]:
        """Why packets cannot arrive."""
        return (*self.forward.stops, *self.back.stops)

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        """What could not be read of the way."""
        return (*self.forward.unknown, *self.back.unknown)

    @property
    def perhaps(self) -> tuple[str, ...]:
        """What holds for a part of the possible addresses only."""
        return (*self.forward.perhaps, *self.back.perhaps)


def way_of(world: World, source: Interface, target: Target) -> Way | None:
    """Find the way of a connection; None where the source has no address of the target's family."""
    origin = source.address(target.address.version)
    if origin is None:
        return None
    if is_resolver(world, source, target.address):
        leg = Leg(origin=origin, groups=source.groups, end="subnet", subnet=source.subnet)
        has_resolver = world.vpcs[source.vpc].dns_support if source.vpc in world.vpcs else world.gone("vpcs", f"`{source.vpc}`")
        if isinstance(has_resolver, Unknown):
            leg.unknown.append(has_resolver)
        elif not has_resolver:
            leg.stop("not-active", source.vpc, f"{source.vpc} has no resolver: enableDnsSupport is off")
        return Way(leg, Leg(origin=target.address, groups=None, end="subnet"), (), (), is_resolver=True)
    return between(world, source, target, *legs_of(world, source, target, origin))


def legs_of(world: World, source: Interface, target: Target, origin: Range) -> tuple[Leg, Leg]:
    """Follow the packet and its answer through route tables and gateways, from an address of the source."""
    forward = one_way(
        world, source.subnet, Leg(origin=origin, groups=source.groups), target.address, public=source.has_public_ip, service=target.service
    )
    return forward, _back(world, source, target, forward, origin)


def between(world: World, source: Interface, target: Target, forward: Leg, back: Leg) -> Way:
    """Put the security groups of both ends before and behind the legs of a way."""
    if forward.end == "subnet" and target.interface is None:
        unread = world.unread.get("interfaces")
        if unread is not None:
            forward.unknown.append(unread)
        else:
            forward.stop("no-address", forward.subnet, f"no interface that is known has {target.address}")
    elif forward.end == "on-premises" and target.interface is not None and not forward.unknown:
        why = f"packets to {target.interface.id} leave for networks of the customer, and whether these send them on is not known"
        forward.unknown.append(Unknown(kind=UnknownKind.OUTSIDE, why=why, need="the routes of the customer's own routers"))
    peer = target.interface
    gates = list(forward.gates)
    if source.is_filtered:
        # Where references of groups do not cross, neither end sees the other's.
        theirs = peer.groups if peer is not None and forward.end == "subnet" and forward.groups is not None else None
        gates.insert(0, Gate("sg-out", source.id, target.address, source.groups, theirs, _seen(forward), lists=(forward.listed,)))
    if forward.end == "subnet" and peer is not None and peer.is_filtered:
        gates.append(Gate("sg-in", peer.id, forward.origin, peer.groups, forward.groups, forward.via, forward.passes_references))
    return Way(forward, back, tuple(gates), tuple(back.gates))


def _seen(forward: Leg) -> Literal["local", "peering", "transit", "translated", "internet"]:
    # The sender's own group sees the target's address as it is, whatever translates the sender's.
    return "translated" if forward.translated else forward.via


def is_resolver(world: World, source: Interface, address: Range) -> bool:
    """Say whether an address is the VPC's resolver: the third of its first range, or 169.254.169.253."""
    if not address.is_one or address.version != 4:
        return False
    if address.first == (169 << 24) + (254 << 16) + (169 << 8) + 253:
        return True
    own = next((one for one in world.ranges.get(source.vpc, ()) if one.version == 4), None)
    return own is not None and address.first == own.first + 2


def _back(world: World, source: Interface, target: Target, forward: Leg, origin: Range) -> Leg:
    """Follow the answer: to the last NAT gateway, from each to the one before it, and from the first to the source."""
    back = Leg(origin=target.address, groups=None)
    if not forward.end or forward.end in {"endpoint", "on-premises"}:
        back.end = forward.end
        if forward.end:
            _into(back, source.subnet, target.address)
        return back
    stations = [*((shown(nat.subnet_id or ""), address_of(world, nat) or hidden) for nat, hidden in reversed(forward.translated))]
    stations.append((source.subnet, origin))
    at = forward.subnet
    from_outside = forward.end == "internet"
    for subnet, address in stations:
        if from_outside:
            _into(back, subnet, target.address)
            back.nodes.append(subnet)
            from_outside = False
        else:
            one_way(world, at, back, address)
            if back.stops or back.unknown:
                return back
            if back.end != "subnet":
                back.stop("no-route", back.subnet, f"the answer to {address} leaves for {back.end}")
                return back
            if back.translated:
                # It comes from an address that nobody called: TCP resets it, and a socket of UDP never sees it.
                nat = shown(back.translated[0][0].name)
                back.stop("not-carried", nat, f"the answer to {address} leaves by {nat}, which gives it another sender")
                return back
        at = subnet
    back.end = "subnet"
    return back


def _into(back: Leg, subnet: str, peer: Range) -> None:
    back.gates.append(Gate("nacl-in", subnet, peer=peer))


# --- packets ---------------------------------------------------------------------------------------------------------------


def trace(world: World, packet: Packet) -> Trace:
    """Follow one packet, and the answer to it."""
    way = way_of(world, packet.source, packet.target)
    if way is None:
        stop = Stop("no-address", packet.source.id, f"{packet.source.id} has no IPv{packet.target.address.version} address")
        return Trace("no", "", (), (), (), (), (stop,), ())
    passed = tuple(_ask_all(world, way, packet))
    return Trace(
        answer=answer_of(way, passed),
        end=way.forward.end,
        nodes=tuple(way.forward.nodes),
        back_nodes=tuple(way.back.nodes),
        routes=(*way.forward.routes, *way.back.routes),
        passed=passed,
        stops=way.stops,
        unknown=(*way.unknown, *(one.said.unknown for one in passed if one.said.unknown is not None)),
        perhaps=way.perhaps,
    )


def _ask_all(world: World, way: Way, packet: Packet) -> Iterator[Passed]:
    is_ping = (packet.protocol, packet.port) in {(ICMP, 8), (ICMP6, 128)}
    ahead = Flow(packet.protocol, packet.port, 0 if is_ping and packet.code == -1 else packet.code)
    for gate in way.gates:
        yield Passed(gate, ask(world, gate, ahead), is_return=False)
    answer = answer_flow(packet.protocol, packet.port, packet.client_port)
    if answer is not None:
        for gate in way.back_gates:
            yield Passed(gate, ask(world, gate, answer), is_return=True)


def answer_flow(protocol: int, port: int, client_port: int) -> Flow | None:
    """Give what the answer looks like to a network ACL, which knows nothing of connections; None for ICMP that has no answer."""
    if protocol in {TCP, UDP}:
        return Flow(protocol, client_port)
    if protocol == ICMP:
        return Flow(ICMP, 0, 0) if port == 8 else None
    if protocol == ICMP6:
        return Flow(ICMP6, 129, 0) if port == 128 else None
    return Flow(protocol, 0)


def answer_of(way: Way, passed: tuple[Passed, ...]) -> Answer:
    """Join what was said on a way."""
    said = {one.said.outcome for one in passed if not one.gate.is_optional}
    said |= _of_several(passed)
    if way.stops or Outcome.BLOCK in said:
        return "no"
    if way.unknown or Outcome.UNKNOWN in said:
        return "unknown"
    return "may" if way.perhaps or Outcome.MAY in said else "yes"


def _of_several(passed: tuple[Passed, ...]) -> set[Outcome]:
    """Packets pass one of the subnets a transit gateway stands in, and nobody knows which."""
    found: set[Outcome] = set()
    for is_return in (False, True):
        said = {one.said.outcome for one in passed if one.gate.is_optional and one.is_return == is_return}
        if len(said) == 1:
            found |= said
        elif said:
            found.add(Outcome.UNKNOWN if Outcome.UNKNOWN in said else Outcome.MAY)
    return found


def lies_in(address: Range, ranges: tuple[Range, ...]) -> bool:
    """Say whether an address lies in any of some ranges."""
    return any(inside(address, one) is True for one in ranges)
