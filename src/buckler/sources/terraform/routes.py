"""Route tables, of VPCs and of transit gateways."""

from buckler.model.network import Route, RouteTable, TransitRouteTable
from buckler.model.text import Text, hole, join, shown
from buckler.model.unknown import Unknown
from buckler.sources.lattice import LATTICE_ROUTES
from buckler.sources.terraform.common import common, listed
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import Node, State
from buckler.sources.terraform.plan import Resource

FIREWALL = "aws_networkfirewall_firewall"
_DESTINATIONS = ("cidr_block", "destination_cidr_block", "ipv6_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id")
_TARGETS = (
    "gateway_id",
    "nat_gateway_id",
    "transit_gateway_id",
    "vpc_peering_connection_id",
    "vpc_endpoint_id",
    "egress_only_gateway_id",
    "network_interface_id",
    "carrier_gateway_id",
    "local_gateway_id",
    "core_network_arn",
    "instance_id",
)


def read_routes(draft: Draft) -> None:
    draft.each("route_tables", draft.view.plan.of("aws_route_table", "aws_default_route_table"), lambda node: _table(draft, node))
    taken = {table.vpc_id for table in draft.facts.get("route_tables", ()) if isinstance(table, RouteTable) and table.is_main}
    draft.each("route_tables", draft.view.plan.of("aws_vpc"), lambda node: _made_with(draft, node, taken))


def _made_with(draft: Draft, vpc: Node, taken: set[Text]) -> RouteTable | None:
    """Give the main table that AWS makes with a VPC, where the plan names no other: it routes within the VPC."""
    name = draft.view.attribute(vpc.resource, "id")
    if name in taken:
        return None
    names = [draft.view.attribute(vpc.resource, key) for key in ("main_route_table_id", "default_route_table_id")]
    more = [route for other in draft.beside("route_tables", "aws_route", "route_table_id", *names) for route in _route(other)]
    more += [route for one in names for route in _to_endpoints(draft, one)]
    routes = draft.stray("route_tables", ("aws_route", "route_table_id")) or (*_local(draft, name), *more)
    return RouteTable(**common(vpc, "main_route_table_id"), vpc_id=name, routes=routes, subnet_ids=(), is_main=True)


def _table(draft: Draft, node: Node) -> RouteTable:
    base = common(node)
    is_main = node.resource.type == "aws_default_route_table"
    subnets: list[Text] = []
    for other in draft.beside("route_tables", "aws_route_table_association", "route_table_id", base["name"]):
        subnet = other.text("subnet_id", to="id")
        if subnet is not None:
            subnets.append(subnet)
    is_main = is_main or bool(draft.beside("route_tables", "aws_main_route_table_association", "route_table_id", base["name"]))
    vpc = node.text("vpc_id", to="id")
    if vpc is None and is_main:
        vpc = _vpc_of_default(draft, node)
    vpc = vpc if vpc is not None else node.child("vpc_id").hole()
    return RouteTable(**base, vpc_id=vpc, routes=_routes(draft, node, base["name"], vpc), subnet_ids=tuple(subnets), is_main=is_main)


def _vpc_of_default(draft: Draft, node: Node) -> Text | None:
    """Find the VPC whose own table `aws_default_route_table` takes over."""
    targets = draft.view.references.targets(node.child("default_route_table_id")) or []
    return draft.view.attribute(targets[0].resource, "id") if len(targets) == 1 and targets[0].resource.type == "aws_vpc" else None


def _routes(draft: Draft, node: Node, name: Text, vpc: Text) -> tuple[Route, ...] | Unknown:
    blocks = node.blocks("route", computed=True)
    if isinstance(blocks, Unknown):
        return blocks
    found = [*_local(draft, vpc)]
    for block in blocks:
        found.extend(_route(block))
    for other in draft.beside("route_tables", "aws_route", "route_table_id", name):
        found.extend(_route(other))
    found.extend(_to_endpoints(draft, name))
    return draft.stray("route_tables", ("aws_route", "route_table_id")) or tuple(found)


def _local(draft: Draft, vpc: Text) -> list[Route]:
    """Every table routes within its VPC, and to the service network that the VPC joined, said or not."""
    joined = {
        draft.view.node(one).text("vpc_identifier", to="id") for one in draft.view.plan.of("aws_vpclattice_service_network_vpc_association")
    }
    lattice = LATTICE_ROUTES if vpc in joined else ()
    node = draft.view.found(("aws_vpc", "aws_default_vpc"), vpc)
    if node is None:
        return [Route(destination=join(vpc, hole(".cidr_block")), target="local"), *lattice]
    ranges = [node.text("cidr_block"), node.text("ipv6_cidr_block")]
    return [*(Route(destination=one, target="local") for one in ranges if one), *lattice]


def _to_endpoints(draft: Draft, table: Text) -> list[Route]:
    """A gateway endpoint puts the addresses of its service into the tables it is for."""
    found: list[Route] = []
    for endpoint in draft.view.plan.of("aws_vpc_endpoint"):
        node, name = draft.view.node(endpoint), draft.view.attribute(endpoint, "id")
        if node.text("vpc_endpoint_type") not in {None, "Gateway"}:
            continue
        beside = draft.beside("endpoints", "aws_vpc_endpoint_route_table_association", "vpc_endpoint_id", name)
        tables = [*listed(node.texts("route_table_ids", to="id")), *(one.text("route_table_id", to="id") for one in beside)]
        if table in tables:
            found.append(Route(destination=draft.view.attribute(endpoint, "prefix_list_id"), target=name))
    return found


def _route(node: Node) -> list[Route]:
    destinations = [found for key in _DESTINATIONS if (found := node.text(key, to="id"))]
    targets = [found for key in _TARGETS if (found := _of_firewall(node) if key == "vpc_endpoint_id" else node.text(key, to="id"))]
    # A target nobody knows stays one; the route is there all the same.
    target = targets[0] if targets else node.hole()
    return [Route(destination=destination, target=target) for destination in destinations or (node.hole(),)]


def _of_firewall(node: Node) -> Text | None:
    """Give the endpoint a route leads to; of a Network Firewall, its endpoints as one: which of its zones' it is, only AWS tells."""
    field = node.child("vpc_endpoint_id")
    if field.state() is State.UNKNOWN:
        named = {one.resource.address for one in node.view.references.targets(field) or () if one.resource.type == FIREWALL}
        if len(named) == 1:
            return hole(f"{named.pop()}.firewall_status")
    return node.text("vpc_endpoint_id", to="id")


def transit_routes(draft: Draft, table: Resource) -> TransitRouteTable:
    """Read a route table of a transit gateway."""
    name = draft.view.attribute(table, "id")

    def beside(kind: str) -> list[Node]:
        return draft.beside("transit_gateways", kind, "transit_gateway_route_table_id", name)

    def attachment(node: Node) -> str:
        return shown(node.text("transit_gateway_attachment_id", to="id") or node.hole())

    routes = tuple(
        Route(
            destination=one.text("destination_cidr_block") or one.child("destination_cidr_block").hole(),
            target=attachment(one),
            state="blackhole" if one.boolean("blackhole") is True else "active",
        )
        for one in beside("aws_ec2_transit_gateway_route")
    )
    return TransitRouteTable(
        id=shown(name),
        routes=routes,
        associations=tuple(attachment(one) for one in beside("aws_ec2_transit_gateway_route_table_association")),
        propagations=tuple(attachment(one) for one in beside("aws_ec2_transit_gateway_route_table_propagation")),
    )
