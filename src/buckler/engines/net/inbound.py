"""Packets that come from outside: from the internet to a public address, and from networks of the customer by a VPN gateway.

An internet gateway gives packets for a public IPv4 address to its interface, whatever the subnet's routes say; the answer goes by them,
and arrives only where it leaves by an internet gateway as well. A NAT gateway and an egress-only internet gateway let nobody call in. Block
Public Access keeps callers out in both of its modes, but for what is excluded for both directions.

Sources: Amazon VPC User Guide, "Internet gateways", "NAT gateways", "Egress-only internet gateways", "Block public access to VPCs and
subnets".
"""

from typing import Final

from buckler.engines.net.gates import Flow, Gate, ask
from buckler.engines.net.public_access import barred
from buckler.engines.net.ranges import Range, inside
from buckler.engines.net.trace import Passed, Trace, Way, answer_flow, answer_of
from buckler.engines.net.walk import Leg, one_way
from buckler.engines.net.world import Interface, World
from buckler.model.text import shown
from buckler.model.unknown import Unknown

_NO_CALLERS: Final = {"nat_gateway": "a NAT gateway lets nobody call in"}


def from_internet(world: World, origin: Range, to: Range, protocol: int, port: int, client_port: int = 49152) -> Trace:
    """Follow a packet from the internet to a public address, or to an IPv6 address, and the answer to it."""
    leg = Leg(origin=origin, groups=None, via="internet")
    interface = world.by_public.get(to) if to.version == 4 else world.by_address.get(to)
    if interface is None:
        _nobody(world, leg, to)
        return _traced(world, leg, None, "", protocol, port, client_port)
    gateway = next(
        (name for name, one in world.gateways.items() if one.kind == "internet" and interface.vpc in map(shown, one.vpc_ids)), None
    )
    if gateway is None:
        unread = world.unread.get("gateways")
        if unread is not None:
            leg.unknown.append(unread)
        else:
            leg.stop("not-active", interface.vpc, f"{interface.vpc} has no internet gateway")
        return _traced(world, leg, None, "", protocol, port, client_port)
    leg.nodes += [gateway, interface.vpc]
    if interface.kind in _NO_CALLERS:
        leg.stop("not-carried", interface.id, f"{interface.id}: {_NO_CALLERS[interface.kind]}")
    told = barred(world, interface.subnet, is_outbound=False, is_inbound=True)
    if isinstance(told, Unknown):
        leg.unknown.append(told)
    elif told is not None:
        leg.stop("public-access", gateway, told)
    _deliver(leg, interface)
    return _traced(world, leg, interface, gateway, protocol, port, client_port)


def from_on_premises(world: World, gateway: str, origin: Range, to: Range, protocol: int, port: int, client_port: int = 49152) -> Trace:
    """Follow a packet of the customer's own networks, from a VPN gateway into the VPC whose routes name it, and the answer to it."""
    leg = Leg(origin=origin, groups=None)
    vpc = next((one for one in world.vpcs if gateway in _targets(world, one)), None)
    leg.nodes.append(gateway)
    if vpc is None:
        unread = world.unread.get("route_tables")
        if unread is not None:
            leg.unknown.append(unread)
        else:
            leg.stop("no-route", gateway, f"no route of any VPC names {gateway}")
        return _traced(world, leg, None, gateway, protocol, port, client_port)
    if not any(inside(to, one) is True for one in world.ranges.get(vpc, ())):
        leg.stop("no-route", gateway, f"{gateway} carries nothing beyond {vpc}")
        return _traced(world, leg, None, gateway, protocol, port, client_port)
    leg.nodes.append(vpc)
    subnet = world.subnet_at(vpc, to)
    interface = world.by_address.get(to)
    if isinstance(subnet, Unknown):
        leg.unknown.append(subnet)
    elif subnet is None:
        leg.stop("no-subnet", vpc, f"no subnet of {vpc} has {to}")
    elif interface is None or interface.vpc != vpc:
        interface = None
        _nobody(world, leg, to)
    else:
        _deliver(leg, interface)
    return _traced(world, leg, interface, gateway, protocol, port, client_port)


def _targets(world: World, vpc: str) -> set[str]:
    """Give what routes of a VPC lead to."""
    tables = [world.table_of(subnet) for subnet in world.vpc_subnets.get(vpc, ())]
    read = [one.routes for one in tables if not isinstance(one, Unknown)]
    return {shown(route.target) for routes in read if not isinstance(routes, Unknown) for route in routes}


def _nobody(world: World, leg: Leg, to: Range) -> None:
    unread = world.unread.get("interfaces")
    if unread is not None:
        leg.unknown.append(unread)
    else:
        leg.stop("no-address", str(to), f"no interface that is known has {to}")


def _deliver(leg: Leg, interface: Interface) -> None:
    leg.nodes.append(interface.subnet)
    leg.subnet, leg.end = interface.subnet, "subnet"
    leg.gates.append(Gate("nacl-in", interface.subnet, peer=leg.origin))
    if interface.is_filtered:
        leg.gates.append(Gate("sg-in", interface.id, leg.origin, interface.groups, None, leg.via))


def _traced(world: World, leg: Leg, interface: Interface | None, gateway: str, protocol: int, port: int, client_port: int) -> Trace:
    """Hold the packet against the gates of its way, and its answer against those of the way back."""
    back = Leg(origin=leg.origin, groups=None)
    if interface is not None and leg.end:
        own = interface.address(leg.origin.version)
        back = Leg(origin=own or leg.origin, groups=interface.groups)
        one_way(world, interface.subnet, back, leg.origin, public=interface.has_public_ip)
        if back.translated:
            nat = shown(back.translated[0][0].name)
            back.stop("not-carried", nat, f"the answer to {leg.origin} leaves by {nat}, which gives it another sender")
        elif not back.stops and not back.unknown and gateway not in back.nodes:
            back.stop("no-route", interface.subnet, f"the answer to {leg.origin} leaves by {back.nodes[-1]}, and not by {gateway}")
    way = Way(leg, back, tuple(leg.gates), tuple(back.gates))
    answer = answer_flow(protocol, port, client_port)
    passed = (
        *(Passed(gate, ask(world, gate, Flow(protocol, port)), is_return=False) for gate in way.gates),
        *(Passed(gate, ask(world, gate, answer), is_return=True) for gate in way.back_gates if answer is not None),
    )
    return Trace(
        answer=answer_of(way, passed),
        end=leg.end,
        nodes=tuple(leg.nodes),
        back_nodes=tuple(back.nodes),
        routes=tuple(back.routes),
        passed=passed,
        stops=way.stops,
        unknown=(*way.unknown, *(one.said.unknown for one in passed if one.said.unknown is not None)),
        perhaps=way.perhaps,
    )
