"""Where packets go: route tables and gateways, one direction at a time. What they are held against on the way is listed, not asked.

Sources: Amazon VPC User Guide, "Route priority", "Internet gateways", "NAT gateways", "Egress-only internet gateways", "Network ACLs",
"Block public access to VPCs and subnets";
VPC Peering Guide, "Unsupported VPC peering configurations"; Transit Gateway Guide, "How transit gateways work" and "Network ACLs for
transit gateways".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from buckler.engines.net.gates import Gate, Via
from buckler.engines.net.public_access import barred
from buckler.engines.net.ranges import Range, inside, is_private, range_of, ranges_of
from buckler.engines.net.world import World, attachment_of, table_of_attachment
from buckler.model.network import Gateway, Route, RouteTable, Subnet, TransitAttachment, TransitGateway, TransitRouteTable
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind

_MOST_HOPS: Final = 16
"""Packets that pass more routers go in a circle."""

End: TypeAlias = Literal["", "subnet", "internet", "endpoint", "on-premises"]


@dataclass(frozen=True, slots=True)
class Stop:
    """Why packets end where they should not."""

    kind: Literal[
        "no-route",
        "blackhole",
        "no-address",
        "no-public-address",
        "not-active",
        "not-carried",
        "no-zone",
        "circle",
        "no-subnet",
        "public-access",
    ]
    at: str
    why: str


@dataclass
class Leg:
    """One direction of a connection."""

    origin: Range
    """The sender's address, as it is seen at the end."""
    groups: tuple[str, ...] | None
    """The sender's security groups, while its own private address is seen."""
    via: Via = "local"
    passes_references: bool | Unknown = True
    """Whether every transit gateway on the way passes references of security groups on."""
    nodes: list[str] = field(default_factory=list[str])
    routes: list[str] = field(default_factory=list[str])
    """Each routing decision, in words."""
    gates: list[Gate] = field(default_factory=list[Gate])
    stops: list[Stop] = field(default_factory=list[Stop])
    unknown: list[Unknown] = field(default_factory=list[Unknown])
    perhaps: list[str] = field(default_factory=list[str])
    """What holds for a part of the possible addresses only."""
    translated: list[tuple[Gateway, Range]] = field(default_factory=list[tuple[Gateway, Range]])
    """NAT gateways passed, and the address that each hides."""
    end: End = ""
    subnet: str = ""
    """Where it ended, or stopped."""
    endpoint: str = ""
    is_split: bool = False
    """Some route has a part of the addresses that were asked about, be it the same way."""
    zone: str = ""
    """Availability Zone in which it went into a transit gateway, with the account whose name for it that is."""
    listed: str = ""
    """The prefix list by whose route it left for an endpoint: the service's addresses are those of the list."""

    def again(self, origin: Range, groups: tuple[str, ...] | None, gates: list[Gate]) -> "Leg":
        """Give the same leg for another sender in the same place. Written out: it is asked for very often."""
        return Leg(
            origin, groups, self.via, self.passes_references, self.nodes, self.routes, gates, self.stops, self.unknown, self.perhaps,
            self.translated, self.end, self.subnet, self.endpoint, self.is_split, self.zone, self.listed,
        )  # fmt: skip

    def stop(self, kind: str, at: str, why: str) -> None:
        """Note why it ends here."""
        self.stops.append(Stop(kind, at, why))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of the kinds


def one_way(world: World, subnet: str, leg: Leg, to: Range, *, public: bool = False, service: str = "") -> Leg:
    """Follow packets from a subnet to an address; *service* is the AWS service that has the address, where it is one's."""
    leg.subnet = subnet
    vpc = world.vpc_of(subnet)
    if subnet not in world.subnets:
        leg.unknown.append(world.gone("subnets", f"the subnet `{subnet}`"))
        return leg
    if any(inside(to, one) is True for one in world.ranges.get(subnet, ())) and not service:
        leg.end = "subnet"  # Neighbours: no router, and no network ACL, stands between them.
        return leg
    leg.nodes.append(subnet)
    leg.gates.append(Gate("nacl-out", subnet, peer=to))
    _leave(world, vpc, subnet, leg, to, public=public, service=service, hops=0)
    return leg


def _leave(world: World, vpc: str, subnet: str, leg: Leg, to: Range, *, public: bool, service: str, hops: int) -> None:
    """Choose the route of a subnet, and take it."""
    if hops > _MOST_HOPS:
        leg.stop("circle", subnet, "packets go in a circle")
        return
    table = world.table_of(subnet)
    if isinstance(table, Unknown):
        leg.unknown.append(table)
        return
    if isinstance(table.routes, Unknown):
        leg.unknown.append(table.routes)
        return
    route = choose(world, table, vpc, leg, to, service)
    if route is None:
        if not leg.unknown:
            leg.stop("no-route", subnet, f"{shown(table.name)} has no route to {service or to}")
        return
    name = f"{shown(table.name)}: {shown(route.destination)} to {shown(route.target) or 'nothing'}"
    leg.routes.append(name)
    if route.state == "blackhole":
        leg.stop("blackhole", subnet, f"{name} is a blackhole")
        return
    target = shown(route.target)
    if target == "local":
        leg.nodes.append(vpc)
        _arrive(world, vpc, leg, to, frm=subnet)
    elif target.startswith("igw-") or _kind(world, target) == "internet":
        _internet(world, vpc, subnet, target, leg, to, public=public)
    elif target.startswith("nat-") or _kind(world, target) == "nat":
        _translate(world, vpc, target, subnet, leg, to, service=service, hops=hops)
    elif target.startswith("eigw-") or _kind(world, target) == "egress-only":
        _egress_only(world, vpc, subnet, target, leg, to)
    elif target.startswith("pcx-") or target in world.peerings:
        _peering(world, vpc, target, leg, to)
    elif target.startswith("tgw-") or target in world.transit:
        _transit(world, vpc, target, subnet, leg, to, service=service, hops=hops)
    elif target.startswith("vgw-"):
        leg.nodes += [vpc, target]
        leg.end = "on-premises"
    elif target.startswith("vpce-") or target in world.endpoints:
        _endpoint(world, vpc, target, leg)
        leg.listed = shown(route.destination)
    elif is_lattice(target) or is_lattice(shown(route.destination)):
        leg.nodes.append(vpc)
        why = "it leaves for a service network of VPC Lattice, of which neither the services nor whom they let in was read"
        leg.unknown.append(Unknown(kind=UnknownKind.OUTSIDE, why=why, need="a look at its services and their auth policies"))
    else:
        why = f"what `{target}` does with packets is not known"
        leg.unknown.append(Unknown(kind=UnknownKind.OUTSIDE, why=why, need="a route to a gateway, a peering or an endpoint"))


def is_lattice(name: str) -> bool:
    """Say whether the target or the destination of a route is a service network of VPC Lattice, by its name."""
    return "lattice" in name.lower()


def _kind(world: World, name: str) -> str:
    gateway = world.gateways.get(name)
    return gateway.kind if gateway is not None else ""


# --- routes ----------------------------------------------------------------------------------------------------------------


def choose(world: World, table: RouteTable | TransitRouteTable, vpc: str, leg: Leg, to: Range, service: str = "") -> Route | None:
    """Choose the most specific route that has the address, as a router does; None: there is none, or it is not known which."""
    routes = table.routes
    if isinstance(routes, Unknown):
        leg.unknown.append(routes)
        return None
    best: Route | None = None
    size = rank = -1
    partly: list[tuple[int, Route]] = []
    for route in routes:
        for one in _destinations(world, route, vpc, leg, service, to):
            lies = inside(to, one)
            width = one.last - one.first
            own = _rank(route)
            if lies is True and (
                best is None or (width, own) < (size, rank) or ((width, own) == (size, rank) and best.state == "blackhole")
            ):
                best, size, rank = route, width, own
            elif lies is None:
                partly.append((width, route))
    leg.is_split = leg.is_split or bool(partly)
    if any(best is None or (width < size and (route.target, route.state) != (best.target, best.state)) for width, route in partly):
        leg.perhaps.append(f"a part of {to} has a route of its own")
    return best


def _rank(route: Route) -> int:
    """Order routes to the same range: written ones, those of prefix lists, propagated ones (Amazon VPC User Guide, "Route priority")."""
    return 2 if route.is_propagated else 1 if isinstance(route.destination, str) and route.destination.startswith("pl-") else 0


def _destinations(world: World, route: Route, vpc: str, leg: Leg, service: str, to: Range) -> Iterable[Range]:
    text = route.destination
    if not isinstance(text, str):
        if shown(route.target) == "local":
            return world.ranges.get(vpc, ())
        if shown(route.target) in world.endpoints:
            # Which list it is, a template does not say; whose, it does.
            return (to,) if service and shown(world.endpoints[shown(route.target)].service) == service else ()
        leg.unknown.append(
            Unknown(kind=UnknownKind.UNRESOLVED, why=f"the destination `{shown(text)}` of a route is not known", need="--parameter")
        )
        return ()
    if not text.startswith("pl-"):
        try:
            return (range_of(text),)
        except ValueError:
            return ()
    entries = world.prefix_lists.get(text)
    if entries is not None:
        return entries
    endpoint = world.endpoints.get(shown(route.target))
    if endpoint is not None:
        # The list of an AWS service: its addresses are asked about by the service's name. Longer than any route of ours.
        return (to,) if service and shown(endpoint.service) == service else ()
    is_endpoint = shown(route.target).startswith("vpce-")
    if is_endpoint and is_private(to):
        return ()  # no AWS service has an address of a private network
    unread = world.unread.get("endpoints") if is_endpoint else None
    why = f"the entries of the prefix list `{text}` were not read"
    untold = Unknown(kind=UnknownKind.OUTSIDE, why=why, need="ec2:GetManagedPrefixListEntries")
    leg.unknown.append(unread or world.unread.get("prefix_lists") or untold)
    return ()


# --- what stands behind a route --------------------------------------------------------------------------------------------


def _arrive(world: World, vpc: str, leg: Leg, to: Range, frm: str = "") -> None:
    """Deliver in a VPC."""
    subnet = world.subnet_at(vpc, to)
    if isinstance(subnet, Unknown):
        leg.unknown.append(subnet)
        return
    if subnet is None:
        leg.stop("no-subnet", vpc, f"no subnet of {vpc} has {to}")
        return
    leg.subnet, leg.end = subnet, "subnet"
    if subnet != frm:
        leg.nodes.append(subnet)
        leg.gates.append(Gate("nacl-in", subnet, peer=leg.origin))


def _internet(world: World, vpc: str, subnet: str, name: str, leg: Leg, to: Range, *, public: bool) -> None:
    leg.nodes += [vpc, name]
    gateway = world.gateways.get(name)
    if gateway is not None and vpc not in {shown(one) for one in gateway.vpc_ids}:
        leg.stop("not-active", name, f"{name} is not attached to {vpc}")
        return
    if is_private(to):
        leg.stop("not-carried", name, f"the internet carries nothing to {to}")
        return
    if to.version == 4 and not public:
        leg.stop("no-public-address", name, f"{leg.origin} has no public address, and {name} lets nothing else out")
        return
    _into_the_internet(world, subnet, name, leg, is_outbound=bool(leg.translated))


def _egress_only(world: World, vpc: str, subnet: str, name: str, leg: Leg, to: Range) -> None:
    leg.nodes += [vpc, name]
    if is_private(to):
        leg.stop("not-carried", name, f"the internet carries nothing to {to}")
        return
    _into_the_internet(world, subnet, name, leg, is_outbound=True)


def _into_the_internet(world: World, subnet: str, name: str, leg: Leg, *, is_outbound: bool) -> None:
    """Leave through a gateway, where Block Public Access lets the subnet that sends to it."""
    told = barred(world, subnet, is_outbound=is_outbound)
    if isinstance(told, Unknown):
        leg.unknown.append(told)
    elif told is not None:
        leg.stop("public-access", name, told)
        return
    leg.end, leg.via = "internet", "internet"


def _translate(world: World, vpc: str, name: str, subnet: str, leg: Leg, to: Range, *, service: str, hops: int) -> None:
    """A NAT gateway takes the packet into its own subnet, and sends it on from there under its own address."""
    leg.nodes += [vpc, name]
    gateway = world.gateways.get(name)
    if gateway is None:
        _missing(world, "gateways", name, leg)
        return
    if to.version == 6:
        leg.stop("not-carried", name, f"{name} carries no IPv6")
        return
    home = shown(gateway.subnet_id or "")
    if home not in world.subnets:
        leg.unknown.append(world.gone("subnets", f"the subnet `{home}` of `{name}`"))
        return
    if home != subnet:
        leg.gates.append(Gate("nacl-in", home, peer=leg.origin))
    leg.translated.append((gateway, leg.origin))
    address = address_of(world, gateway)
    if address is None:
        leg.unknown.append(
            Unknown(kind=UnknownKind.UNRESOLVED, why=f"the address of `{name}` is not known", need="ec2:DescribeNatGateways")
        )
        return
    leg.origin, leg.groups, leg.via = address, None, "translated"
    leg.nodes.append(home)
    leg.subnet = home
    leg.gates.append(Gate("nacl-out", home, peer=to))
    _leave(world, world.vpc_of(home), home, leg, to, public=gateway.is_public, service=service, hops=hops + 1)


def _missing(world: World, collection: str, name: str, leg: Leg) -> None:
    """End at a thing that a route names and that is not there: nobody knows, where not all of its kind were read."""
    unread = world.unread.get(collection)
    if unread is not None:
        leg.unknown.append(unread)
    else:
        leg.stop("not-active", name, f"{name} does not exist")


def address_of(world: World, gateway: Gateway) -> Range | None:
    """Give the private address of a NAT gateway; all of its subnet where it is not told."""
    told = next(iter(ranges_of(gateway.private_ips)), None)
    if told is not None:
        return told
    known = next((one for one in world.interfaces.values() if one.kind == "nat_gateway" and shown(gateway.name) in one.description), None)
    ranges = known.addresses if known is not None else world.ranges.get(shown(gateway.subnet_id or ""), ())
    return next((one for one in ranges if one.version == 4), None)


def _peering(world: World, vpc: str, name: str, leg: Leg, to: Range) -> None:
    leg.nodes.append(vpc)
    peering = world.peerings.get(name)
    if peering is None:
        _missing(world, "peerings", name, leg)
        return
    if peering.status != "active":
        leg.stop("not-active", name, f"{name} is {peering.status or 'not active'}")
        return
    other = shown(peering.accepter_vpc if shown(peering.requester_vpc) == vpc else peering.requester_vpc)
    if vpc not in {shown(peering.requester_vpc), shown(peering.accepter_vpc)}:
        leg.stop("not-active", name, f"{name} does not connect {vpc}")
        return
    held = world.vpcs.get(other)
    if held is None:
        account = shown(peering.accepter_account if shown(peering.accepter_vpc) == other else peering.requester_account)
        why = f"`{other}` of account {account}, behind {name}, was not read"
        leg.unknown.append(world.unread.get("vpcs") or Unknown(kind=UnknownKind.OUTSIDE, why=why, need="a scan of both accounts"))
        return
    leg.nodes.append(other)
    if not any(inside(to, one) is True for one in world.ranges.get(other, ())):
        leg.stop("not-carried", name, f"{name} carries nothing beyond {other}")
        return
    near = world.vpcs.get(vpc)
    # References cross a peering within a region only.
    if near is not None and near.region != held.region:
        leg.groups = None
    leg.via = "peering" if leg.via == "local" else leg.via
    _arrive(world, other, leg, to)


def _endpoint(world: World, vpc: str, name: str, leg: Leg) -> None:
    endpoint = world.endpoints.get(name)
    if endpoint is None:
        leg.unknown.append(world.gone("endpoints", f"the endpoint `{name}`"))
        return
    if shown(endpoint.endpoint_type) != "Gateway":
        leg.nodes += [vpc, name]
        if endpoint.firewall:
            why, need = (
                f"it passes the Network Firewall `{shown(endpoint.firewall)}`, whose rules are not understood",
                "a look at its rules",
            )
        else:
            why, need = (
                f"what stands behind the endpoint `{name}` ({shown(endpoint.endpoint_type)}) is not known",
                "a look at the appliance",
            )
        leg.unknown.append(Unknown(kind=UnknownKind.OUTSIDE, why=why, need=need))
        return
    if endpoint.state not in {"available", ""}:
        leg.stop("not-active", name, f"{name} is {endpoint.state}")
        return
    leg.nodes += [vpc, name]
    leg.end, leg.endpoint = "endpoint", name


# --- transit gateways ------------------------------------------------------------------------------------------------------


def _transit(world: World, vpc: str, name: str, subnet: str, leg: Leg, to: Range, *, service: str, hops: int) -> None:
    leg.nodes.append(vpc)
    gateway = world.transit.get(name)
    if gateway is None:
        if world.unread.get("transit_gateways") is None:
            leg.stop("not-active", name, f"{name} does not exist, or was not read")
        leg.unknown.append(world.gone("transit_gateways", f"the transit gateway `{name}`"))
        return
    attachment = attachment_of(gateway, vpc)
    if isinstance(attachment, Unknown):
        leg.unknown.append(attachment)
        return
    if attachment is None:
        leg.stop("not-active", name, f"{vpc} is not attached to {name}")
        return
    zones = {shown(world.subnets[one].availability_zone) for one in attachment.subnet_ids if one in world.subnets}  # type: ignore[arg-type]
    zone = world.subnets[subnet].availability_zone
    if zones and not isinstance(zone, Unknown) and shown(zone) not in zones:
        leg.stop("no-zone", name, f"{name} has no subnet in {shown(zone)}, where {subnet} is")
        return
    near = [one for one in attachment.subnet_ids if one in world.subnets and world.subnets[one].availability_zone == zone]
    if near and subnet not in near:
        leg.gates.append(Gate("nacl-in", near[0], peer=leg.origin))
    leg.zone = _zone(world.subnets[subnet])
    leg.via = "transit" if leg.via in {"local", "peering"} else leg.via
    if leg.passes_references is True:
        leg.passes_references = gateway.passes_references
    _through(world, gateway, attachment, leg, to, service=service, hops=hops + 1)


def _zone(subnet: Subnet) -> str:
    """Name the zone of a subnet; accounts have names of their own for them. Empty where it is not known."""
    zone = subnet.availability_zone
    return f"{shown(subnet.account)} {zone}" if isinstance(zone, str) else ""


def _through(world: World, gateway: TransitGateway, came: TransitAttachment, leg: Leg, to: Range, *, service: str, hops: int) -> None:
    """Route within a transit gateway: the attachment packets come in by picks the table."""
    name = shown(gateway.name)
    leg.nodes.append(name)
    if hops > _MOST_HOPS:
        leg.stop("circle", name, "packets go in a circle")
        return
    table = table_of_attachment(gateway, came.id)
    if isinstance(table, Unknown):
        leg.unknown.append(table)
        return
    if table is None:
        leg.stop("no-route", name, f"{came.id} is associated with no route table of {name}")
        return
    route = choose(world, table, "", leg, to)
    if route is None:
        if not leg.unknown:
            leg.stop("no-route", name, f"{table.id} of {name} has no route to {to}")
        return
    leg.routes.append(f"{table.id}: {shown(route.destination)} to {shown(route.target) or 'nothing'}")
    if route.state == "blackhole" or not shown(route.target):
        leg.stop("blackhole", name, f"{table.id}: {shown(route.destination)} is a blackhole")
        return
    attachments = () if isinstance(gateway.attachments, Unknown) else gateway.attachments
    out = next((one for one in attachments if one.id == shown(route.target)), None)
    if out is None:
        leg.unknown.append(world.gone("transit_gateways", f"the attachment `{shown(route.target)}`"))
    elif out.kind == "vpc":
        _from_transit(world, out, leg, to, service=service, hops=hops)
    elif out.kind == "peering":
        other = next(
            (
                one
                for one in world.transit.values()
                if one is not gateway and not isinstance(one.attachments, Unknown) and any(each.id == out.id for each in one.attachments)
            ),
            None,
        )
        if other is None:
            why = f"the transit gateway behind {out.id} was not read"
            leg.unknown.append(Unknown(kind=UnknownKind.OUTSIDE, why=why, need="a scan of its account and region"))
        else:
            leg.groups = None
            _through(world, other, out, leg, to, service=service, hops=hops + 1)
    else:
        leg.end = "on-premises"


def _from_transit(world: World, attachment: TransitAttachment, leg: Leg, to: Range, *, service: str, hops: int) -> None:
    """Leave a transit gateway into a VPC: through one of the subnets it stands in there."""
    vpc = attachment.resource_id
    if vpc not in world.vpcs:
        leg.unknown.append(
            Unknown(kind=UnknownKind.OUTSIDE, why=f"`{vpc}`, behind {attachment.id}, was not read", need="a scan of its account")
        )
        return
    standing = [one for one in attachment.subnet_ids if one in world.subnets]
    if attachment.appliance_mode is False and leg.zone:
        # "When appliance mode is not enabled, traffic is kept to the originating Availability Zone" (VPC Transit Gateways guide).
        standing = [one for one in standing if _zone(world.subnets[one]) == leg.zone] or standing
    leg.nodes.append(vpc)
    if any(inside(to, one) is True for one in world.ranges.get(vpc, ())):
        home = world.subnet_at(vpc, to)
        if isinstance(home, str) and home not in standing:
            leg.gates += [Gate("nacl-out", one, peer=to, is_optional=len(standing) > 1) for one in standing]
        _arrive(world, vpc, leg, to)
        return
    if not standing:
        leg.unknown.append(world.gone("subnets", f"a subnet that {attachment.id} stands in"))
        return
    leg.nodes.append(standing[0])
    _leave(world, vpc, standing[0], leg, to, public=False, service=service, hops=hops + 1)
