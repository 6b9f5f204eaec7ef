"""VPCs, subnets, gateways, endpoints and what joins VPCs."""

from buckler.model.network import Gateway, Peering, Subnet, TransitAttachment, TransitGateway, TransitRouteTable, Vpc, VpcEndpoint
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Text, hole, shown
from buckler.model.unknown import Unknown
from buckler.sources.terraform.common import common, default_bool, listed, tags
from buckler.sources.terraform.documents import policy_of
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import MalformedError, Node, State
from buckler.sources.terraform.routes import FIREWALL, transit_routes


def read_network(draft: Draft) -> None:
    plan = draft.view.plan
    draft.each("vpcs", plan.of("aws_vpc", "aws_default_vpc"), lambda node: _vpc(draft, node))
    draft.each("subnets", plan.of("aws_subnet", "aws_default_subnet"), _subnet)
    draft.each("endpoints", plan.of("aws_vpc_endpoint"), lambda node: _endpoint(draft, node))
    draft.each("endpoints", plan.of(FIREWALL), _firewall_endpoint)
    draft.each(
        "gateways", plan.of("aws_internet_gateway", "aws_egress_only_internet_gateway", "aws_nat_gateway"), lambda n: _gateway(draft, n)
    )
    draft.each("peerings", plan.of("aws_vpc_peering_connection"), lambda node: _peering(draft, node))
    draft.each("transit_gateways", plan.of("aws_ec2_transit_gateway"), lambda node: _transit_gateway(draft, node))


def vpc_id(node: Node) -> Text:
    """Give the VPC a resource lies in."""
    found = node.text("vpc_id", to="id")
    return found if found is not None else node.child("vpc_id").hole()


def _vpc(draft: Draft, node: Node) -> Vpc:
    base = common(node)
    cidrs, ipv6 = [node.text("cidr_block")], [node.text("ipv6_cidr_block")]
    for kind, key, into in (
        ("aws_vpc_ipv4_cidr_block_association", "cidr_block", cidrs),
        ("aws_vpc_ipv6_cidr_block_association", "ipv6_cidr_block", ipv6),
    ):
        into.extend(other.text(key) for other in draft.beside("vpcs", kind, "vpc_id", base["name"]))
    if node.boolean("assign_generated_ipv6_cidr_block") is True and ipv6 == [None]:
        ipv6 = [node.child("ipv6_cidr_block").hole()]
    return Vpc(
        **base,
        cidrs=tuple(one for one in cidrs if one) or node.child("cidr_block").why(),
        ipv6_cidrs=tuple(one for one in ipv6 if one),
        is_default=node.resource.type == "aws_default_vpc",
        dns_support=default_bool(node.boolean("enable_dns_support"), default=True),
        tags=tags(node),
    )


def _subnet(node: Node) -> Subnet:
    zone, ipv6 = node.text("availability_zone"), node.text("ipv6_cidr_block")
    public = node.boolean("map_public_ip_on_launch")
    if public is None:
        # A default subnet gives public addresses, any other does not, unless it is told to.
        public = node.resource.type == "aws_default_subnet"
    return Subnet(
        **common(node),
        vpc_id=vpc_id(node),
        cidr=node.text("cidr_block"),
        ipv6_cidrs=(ipv6,) if ipv6 else (),
        # Without one AWS picks a zone; two such subnets may share it.
        availability_zone=zone or node.text("availability_zone_id") or node.child("availability_zone").why(),
        map_public_ip=public,
        tags=tags(node),
    )


def _endpoint(draft: Draft, node: Node) -> VpcEndpoint:
    base = common(node)
    tables = [*listed(node.texts("route_table_ids", to="id"))]
    subnets, groups = [*listed(node.texts("subnet_ids", to="id"))], [*listed(node.texts("security_group_ids", to="id"))]
    for kind, key, into in (
        ("aws_vpc_endpoint_route_table_association", "route_table_id", tables),
        ("aws_vpc_endpoint_subnet_association", "subnet_id", subnets),
        ("aws_vpc_endpoint_security_group_association", "security_group_id", groups),
    ):
        named = (other.text(key, to="id") for other in draft.beside("endpoints", kind, "vpc_endpoint_id", base["name"]))
        into.extend(one for one in named if one is not None)
    service = node.text("service_name")
    private_dns = node.boolean("private_dns_enabled")
    return VpcEndpoint(
        **base,
        vpc_id=vpc_id(node),
        service=service if service is not None else node.child("service_name").hole(),
        endpoint_type=node.text("vpc_endpoint_type") or "Gateway",
        policy=_endpoint_policy(draft, node, base["name"]),
        route_table_ids=tuple(dict.fromkeys(tables)),
        subnet_ids=tuple(dict.fromkeys(subnets)),
        security_group_ids=tuple(dict.fromkeys(groups)),
        private_dns=private_dns is True,
    )


def _firewall_endpoint(node: Node) -> VpcEndpoint:
    """Make the endpoints of a Network Firewall, as one."""
    base = common(node)
    base["name"] = hole(f"{node.resource.address}.firewall_status")
    return VpcEndpoint(
        **base,
        vpc_id=vpc_id(node),
        service="",
        endpoint_type="GatewayLoadBalancer",
        policy=None,
        firewall=node.text("name") or node.resource.address,
    )


def _endpoint_policy(draft: Draft, node: Node, name: Text) -> Policy:
    found = policy_of(node, "policy")
    for other in draft.beside("endpoints", "aws_vpc_endpoint_policy", "vpc_endpoint_id", name):
        try:
            found = policy_of(other, "policy") or found
        except MalformedError as error:
            found = parse_policy(draft.malformed("endpoints", other.resource, error), other.origin("policy"))
    if found is not None:
        return found
    # AWS's default endpoint policy (VPC guide, "Control access using endpoint policies"): anyone, anything.
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    return parse_policy({"Version": "2008-10-17", "Statement": [statement]}, node.origin())


def _appliance_mode(attachment: Node) -> bool | None:
    child = attachment.child("appliance_mode_support")
    # The provider's default is "disable".
    return None if child.state() in {State.UNKNOWN, State.SENSITIVE} else child.as_text() == "enable"


def _gateway(draft: Draft, node: Node) -> Gateway:
    base = common(node)
    if node.resource.type == "aws_nat_gateway":
        subnet_id = node.text("subnet_id", to="id")
        home = node.view.found(("aws_subnet", "aws_default_subnet"), subnet_id) if subnet_id is not None else None
        return Gateway(
            **base,
            kind="nat",
            vpc_ids=(vpc_id(home),) if home else (),
            subnet_id=subnet_id,
            is_public=node.text("connectivity_type") != "private",
        )
    vpcs = [found for found in (node.text("vpc_id", to="id"),) if found]
    attached = draft.beside("gateways", "aws_internet_gateway_attachment", "internet_gateway_id", base["name"])
    vpcs.extend(vpc_id(other) for other in attached)
    return Gateway(**base, kind="internet" if node.resource.type == "aws_internet_gateway" else "egress-only", vpc_ids=tuple(vpcs))


def _peering(draft: Draft, node: Node) -> Peering:
    base = common(node)
    accepters = draft.beside("peerings", "aws_vpc_peering_connection_accepter", "vpc_peering_connection_id", base["name"])
    accepts = node.boolean("auto_accept") is True or bool(accepters)
    status = node.text("accept_status")
    return Peering(
        **base,
        requester_vpc=vpc_id(node),
        accepter_vpc=node.text("peer_vpc_id", to="id") or node.child("peer_vpc_id").hole(),
        requester_account=base["account"],
        accepter_account=node.text("peer_owner_id", to="account_id") or base["account"],
        status=status if isinstance(status, str) else "active" if accepts else "pending-acceptance",
    )


def _transit_gateway(draft: Draft, node: Node) -> TransitGateway:
    base = common(node)
    view = draft.view
    attachments: list[TransitAttachment] = []
    for other in draft.beside("transit_gateways", "aws_ec2_transit_gateway_vpc_attachment", "transit_gateway_id", base["name"]):
        attachments.append(  # noqa: PERF401 - a comprehension of this reads worse
            TransitAttachment(
                id=shown(view.attribute(other.resource, "id")),
                kind="vpc",
                resource_id=shown(vpc_id(other)),
                subnet_ids=tuple(shown(one) for one in listed(other.texts("subnet_ids", to="id"))),
                appliance_mode=_appliance_mode(other),
            )
        )
    named = draft.beside("transit_gateways", "aws_ec2_transit_gateway_route_table", "transit_gateway_id", base["name"])
    tables = tuple(transit_routes(draft, other.resource) for other in named)
    return TransitGateway(
        **base,
        owner=base["account"],
        attachments=tuple(attachments),
        route_tables=tables or _default_table(node, tuple(attachments)),
    )


def _default_table(node: Node, attachments: tuple[TransitAttachment, ...]) -> tuple[TransitRouteTable, ...] | Unknown:
    """Give the table a gateway makes itself: every attachment is associated and propagates, unless it is told not to."""
    associates, propagates = node.text("default_route_table_association"), node.text("default_route_table_propagation")
    if associates == "disable" and propagates == "disable":
        return ()
    if associates not in {None, "enable", "disable"} or propagates not in {None, "enable", "disable"}:
        return node.child("default_route_table_association").why()
    ids = tuple(one.id for one in attachments)
    return (
        TransitRouteTable(
            id=shown(node.view.attribute(node.resource, "association_default_route_table_id")),
            routes=(),
            associations=ids if associates != "disable" else (),
            propagations=ids if propagates != "disable" else (),
        ),
    )
