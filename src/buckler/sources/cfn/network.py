"""EC2 networking: VPCs, subnets, routes, gateways, endpoints, and what AWS makes along with them."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.model.network import Gateway, Peering, Route, RouteTable, Subnet, Vpc, VpcEndpoint
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Text, hole, join
from buckler.model.unknown import Unknown
from buckler.sources.cfn.functions import tags
from buckler.sources.cfn.http import known_or_hole
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map, Node, Seq
from buckler.sources.cfn.values import to_texts
from buckler.sources.lattice import LATTICE_ROUTES

_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "VpcEndpointId",
    "InstanceId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")


def vpc(resource: Resource) -> Vpc:
    blocks, blocks6 = _blocks(resource)
    return Vpc(
        **resource.common(),
        cidrs=blocks,
        ipv6_cidrs=blocks6,
        dns_support=resource.flag("EnableDnsSupport", default=True),
        tags=tags(resource.get("Tags")),
    )


def has_ipv6(resource: Resource) -> bool:
    """Say whether a VPC has IPv6."""
    return bool(_blocks(resource)[1])


def _blocks(resource: Resource) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Give the IPv4 and IPv6 ranges of a VPC; one that AWS or IPAM chooses is a hole."""
    template = resource.template
    blocks: list[Text] = [known_or_hole(resource.text("CidrBlock"), f"{resource.id}.CidrBlock")]
    blocks6: list[Text] = []
    for extra in template.of_type("AWS::EC2::VPCCidrBlock"):
        if extra.text("VpcId") != template.name(resource.id):
            continue
        if extra.has("CidrBlock") or extra.has("Ipv4IpamPoolId"):
            blocks.append(known_or_hole(extra.text("CidrBlock"), f"{extra.id}.CidrBlock"))
        else:
            blocks6.append(known_or_hole(extra.text("Ipv6CidrBlock"), f"{extra.id}.Ipv6CidrBlock"))
    return tuple(blocks), tuple(blocks6)


def subnet(resource: Resource) -> Subnet:
    template = resource.template
    ipv6 = [resource.text("Ipv6CidrBlock")]
    ipv6 += [
        extra.text("Ipv6CidrBlock")
        for extra in template.of_type("AWS::EC2::SubnetCidrBlock")
        if extra.text("SubnetId") == template.name(resource.id)
    ]
    return Subnet(
        **resource.common(),
        vpc_id=known_or_hole(resource.text("VpcId"), f"{resource.id}.VpcId"),
        cidr=resource.text("CidrBlock"),
        ipv6_cidrs=tuple(known_or_hole(one, f"{resource.id}.Ipv6CidrBlock") for one in ipv6 if one is not None),
        availability_zone=resource.text("AvailabilityZone") or hole(f"{resource.id}.AvailabilityZone"),
        map_public_ip=resource.flag("MapPublicIpOnLaunch", default=False),
        tags=tags(resource.get("Tags")),
    )


def route_tables(template: Template) -> tuple[RouteTable, ...]:
    """Give the route tables of the template, and the main one AWS makes with each VPC for subnets that have no other."""
    vpcs = {template.name(resource.id): resource for resource in template.of_type("AWS::EC2::VPC")}
    associated: dict[Text, list[Text]] = {}
    for association in template.of_type("AWS::EC2::SubnetRouteTableAssociation"):
        table, member = association.text("RouteTableId"), association.text("SubnetId")
        if table is None or member is None or isinstance(table, Unknown) or isinstance(member, Unknown):
            template.note(f"what `{association.id}` associates is not resolved", association.origin())
            continue
        associated.setdefault(table, []).append(member)
    made = [
        _table(resource, vpcs, tuple(associated.get(template.name(resource.id), ())))
        for resource in template.of_type("AWS::EC2::RouteTable")
    ]
    made.extend(
        RouteTable(
            arn=hole(f"{resource.id}.MainRouteTable.Arn"),
            name=hole(f"{resource.id}.MainRouteTable"),
            account=template.account,
            region=template.region,
            origin=resource.origin(),
            vpc_id=name,
            routes=(*_local_routes(name, vpcs), *_lattice(template, name)),
            subnet_ids=(),
            is_main=True,
        )
        for name, resource in vpcs.items()
    )
    return tuple(made)


def _table(resource: Resource, vpcs: dict[Text, Resource], subnets: tuple[Text, ...]) -> RouteTable:
    template = resource.template
    vpc_id = known_or_hole(resource.text("VpcId"), f"{resource.id}.VpcId")
    name = template.name(resource.id)
    return RouteTable(
        arn=template.arn(resource.id),
        name=name,
        account=template.account,
        region=template.region,
        origin=resource.origin(),
        address=resource.id,
        vpc_id=vpc_id,
        routes=_routes(template, name, (*_local_routes(vpc_id, vpcs), *_lattice(template, vpc_id))),
        subnet_ids=subnets,
        is_main=False,
    )


def _local_routes(vpc_id: Text, vpcs: dict[Text, Resource]) -> tuple[Route, ...]:
    resource = vpcs.get(vpc_id)
    if resource is None:
        return (Route(destination=join(vpc_id, hole(".CidrBlock")), target="local"),)
    blocks, blocks6 = _blocks(resource)
    return tuple(Route(destination=block, target="local") for block in (*blocks, *blocks6))


def _lattice(template: Template, vpc_id: Text) -> tuple[Route, ...]:
    joined = {one.text("VpcIdentifier") for one in template.of_type("AWS::VpcLattice::ServiceNetworkVpcAssociation")}
    return LATTICE_ROUTES if vpc_id in joined else ()


def _routes(template: Template, table: Text, local: tuple[Route, ...]) -> tuple[Route, ...] | Unknown:
    routes = list(local)
    for route in template.of_type("AWS::EC2::Route"):
        if route.text("RouteTableId") != table:
            continue
        destination = next((route.text(key) for key in _DESTINATIONS if route.has(key)), None)
        firewall = _firewall_of(route)
        target = _of_firewall(firewall) if firewall else next((route.text(key) for key in _TARGETS if route.has(key)), None)
        if destination is None or target is None:
            continue
        if isinstance(destination, Unknown):
            return destination
        if isinstance(target, Unknown):
            return target
        routes.append(Route(destination=destination, target=target))
    for endpoint in template.of_type("AWS::EC2::VPCEndpoint"):
        tables = to_texts(endpoint.get("RouteTableIds"))
        if isinstance(tables, tuple) and table in tables:
            # A gateway endpoint puts the addresses of its service into the tables it is for.
            routes.append(Route(destination=hole(f"{endpoint.id}.PrefixListId"), target=template.name(endpoint.id)))
    return tuple(routes)


def _firewall_of(route: Resource) -> Resource | None:
    """Find the Network Firewall whose endpoint a route leads to: which of its zones' it is, only AWS tells."""
    named = set(_asked_for(route.properties.get("VpcEndpointId")))
    return next((one for one in route.template.of_type("AWS::NetworkFirewall::Firewall") if f"{one.id}.EndpointIds" in named), None)


def _asked_for(node: Node) -> Iterator[str]:
    """Give the attributes that an expression asks for, however deep: `Fw.EndpointIds`."""
    if isinstance(node, Map):
        attribute = node.get("Fn::GetAtt")
        if isinstance(attribute, Seq | str):
            yield attribute if isinstance(attribute, str) else ".".join(map(str, attribute))
        for inner in node.values():
            yield from _asked_for(inner)
    elif isinstance(node, Seq):
        for inner in node:
            yield from _asked_for(inner)


def _of_firewall(firewall: Resource) -> Text:
    return hole(f"{firewall.id}.EndpointIds")


def firewall_endpoint(resource: Resource) -> VpcEndpoint:
    """Make the endpoints of a Network Firewall, as one."""
    base = resource.common()
    base["name"] = _of_firewall(resource)
    return VpcEndpoint(
        **base,
        vpc_id=known_or_hole(resource.text("VpcId"), f"{resource.id}.VpcId"),
        service="",
        endpoint_type="GatewayLoadBalancer",
        policy=None,
        firewall=known_or_hole(resource.text("FirewallName"), resource.id),
    )


def gateways(template: Template) -> tuple[Gateway, ...]:
    attached: dict[Text, list[Text]] = {}
    for attachment in template.of_type("AWS::EC2::VPCGatewayAttachment"):
        gateway, owner = attachment.text("InternetGatewayId"), attachment.text("VpcId")
        if gateway is not None and owner is not None and not isinstance(gateway, Unknown) and not isinstance(owner, Unknown):
            attached.setdefault(gateway, []).append(owner)
    made = [
        *(
            _gateway(resource, "internet", tuple(attached.get(template.name(resource.id), ())))
            for resource in template.of_type("AWS::EC2::InternetGateway")
        ),
        *(
            _gateway(resource, "egress-only", (known_or_hole(resource.text("VpcId"), f"{resource.id}.VpcId"),))
            for resource in template.of_type("AWS::EC2::EgressOnlyInternetGateway")
        ),
    ]
    subnets = {template.name(one.id): one for one in template.of_type("AWS::EC2::Subnet")}
    for resource in template.of_type("AWS::EC2::NatGateway"):
        place = resource.text("SubnetId")
        home = subnets.get(place) if place is not None and not isinstance(place, Unknown) else None
        owner = known_or_hole(resource.text("VpcId") or (home.text("VpcId") if home is not None else None), f"{resource.id}.VpcId")
        made.append(_gateway(resource, "nat", (owner,), place))
    return tuple(made)


def _gateway(resource: Resource, kind: str, vpc_ids: tuple[Text, ...], place: Text | Unknown | None = None) -> Gateway:
    return Gateway(
        **resource.common(),
        kind=kind,
        vpc_ids=vpc_ids,
        subnet_id=None if place is None else known_or_hole(place, f"{resource.id}.SubnetId"),
        is_public=resource.text("ConnectivityType") != "private",
    )


def endpoint(resource: Resource) -> VpcEndpoint:
    template = resource.template
    kind = resource.text("VpcEndpointType")
    lists = {key: resource.texts(key) for key in ("RouteTableIds", "SubnetIds", "SecurityGroupIds")}
    for key, value in lists.items():
        if isinstance(value, Unknown):
            template.note(f"`{key}` of `{resource.id}` is not resolved", resource.origin(key))
    known = {key: value if isinstance(value, tuple) else () for key, value in lists.items()}
    return VpcEndpoint(
        **resource.common(),
        vpc_id=known_or_hole(resource.text("VpcId"), f"{resource.id}.VpcId"),
        service=known_or_hole(resource.text("ServiceName"), f"{resource.id}.ServiceName"),
        endpoint_type="Gateway" if kind is None else known_or_hole(kind, f"{resource.id}.VpcEndpointType"),
        policy=resource.policy("PolicyDocument") or _open_policy(resource),
        route_table_ids=known["RouteTableIds"],
        subnet_ids=known["SubnetIds"],
        security_group_ids=known["SecurityGroupIds"],
        private_dns=resource.flag("PrivateDnsEnabled", default=False) is True,
    )


def _open_policy(resource: Resource) -> Policy:
    """Give the policy AWS puts on an endpoint that is made without one: everything is allowed."""
    statement = {"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}
    return parse_policy({"Statement": [statement]}, resource.origin())


def peering(resource: Resource) -> Peering:
    template = resource.template
    peer = resource.text("PeerOwnerId")
    other = template.account if peer is None else known_or_hole(peer, f"{resource.id}.PeerOwnerId")
    return Peering(
        **resource.common(),
        requester_vpc=known_or_hole(resource.text("VpcId"), f"{resource.id}.VpcId"),
        accepter_vpc=known_or_hole(resource.text("PeerVpcId"), f"{resource.id}.PeerVpcId"),
        requester_account=template.account,
        accepter_account=other,
        status="active",
    )
