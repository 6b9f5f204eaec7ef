"""EC2 networking of a region, as far as a function's packets go."""

import json
from collections.abc import Callable
from typing import TypedDict

from buckler.model.estate import Estate
from buckler.model.functions import Function
from buckler.model.network import (
    Gateway,
    NaclEntry,
    NetworkAcl,
    NetworkInterface,
    Peering,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Vpc,
    VpcEndpoint,
)
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.sources.live.answers import Answer, each, inner, strings, tags
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Call, Collector
from buckler.sources.live.transit import collect as collect_transit

COLLECTOR = Collector("network")
_PAGE = ("NextToken", "NextToken")


def _list(operation: str, result: str, why: str) -> Call:
    return COLLECTOR.call("ec2", operation, why, result=result, page=_PAGE, rate=20.0)


VPCS = _list("DescribeVpcs", "Vpcs", "VPCs that functions are in")
SUBNETS = _list("DescribeSubnets", "Subnets", "subnets that functions are in")
GROUPS = _list("DescribeSecurityGroups", "SecurityGroups", "security groups of functions")
TABLES = _list("DescribeRouteTables", "RouteTables", "where packets of functions go")
ACLS = _list("DescribeNetworkAcls", "NetworkAcls", "network ACLs that functions pass")
ENDPOINTS = _list("DescribeVpcEndpoints", "VpcEndpoints", "VPC endpoints and their policies")
NATS = _list("DescribeNatGateways", "NatGateways", "NAT gateways")
INTERNET = _list("DescribeInternetGateways", "InternetGateways", "internet gateways")
EGRESS_ONLY = _list("DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways", "egress-only internet gateways")
PEERINGS = _list("DescribeVpcPeeringConnections", "VpcPeeringConnections", "VPC peering connections")
INTERFACES = _list("DescribeNetworkInterfaces", "NetworkInterfaces", "network interfaces that functions can reach")


class _Identity(TypedDict):
    arn: str
    name: str
    account: str
    region: str
    origin: ApiOrigin


def _id(reader: Reader, call: Call, entry: Answer, resource: str, member: str) -> _Identity:
    """Name one thing of EC2. Its account is its owner's: subnets and gateways can be shared between accounts."""
    owner = str(entry.get("OwnerId") or reader.account)
    arn = f"arn:{reader.partition}:ec2:{reader.region}:{owner}:{resource}/{entry[member]}"
    return {"arn": arn, "name": entry[member], "account": owner, "region": reader.region, "origin": reader.origin(call, arn)}


def _cidrs(entry: Answer, associations: str, member: str, state: str) -> tuple[str, ...]:
    """Give the address ranges that are associated, and not on their way in or out."""
    return tuple(one[member] for one in each(entry, associations) if inner(one, state).get("State", "associated") == "associated")


def is_needed(functions: list[Function]) -> bool:
    """Say whether any function has packets that pass through a VPC of the account."""
    return any(function.vpc is not None or function.capacity_provider is not None for function in functions)


def not_needed(reader: Reader) -> Estate:
    """Say that nobody asked, because no function of the region is in a VPC."""
    why = not_asked("no function of the region is in a VPC")
    return Estate(missing=tuple(reader.missing(collection, why) for collection in COLLECTED))


def _vpcs(reader: Reader) -> Estate:
    pages = reader.pages(VPCS, MaxResults=1000)
    return Estate(
        vpcs=tuple(
            Vpc(
                **_id(reader, VPCS, entry, "vpc", "VpcId"),
                cidrs=_cidrs(entry, "CidrBlockAssociationSet", "CidrBlock", "CidrBlockState") or (entry["CidrBlock"],),
                ipv6_cidrs=_cidrs(entry, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
                is_default=bool(entry.get("IsDefault")),
                tags=tags(entry),
            )
            for entry in pages
        ),
        missing=pages.missing("vpcs"),
    )


def _subnets(reader: Reader) -> Estate:
    pages = reader.pages(SUBNETS, MaxResults=1000)
    return Estate(
        subnets=tuple(
            Subnet(
                **_id(reader, SUBNETS, entry, "subnet", "SubnetId"),
                vpc_id=entry["VpcId"],
                cidr=entry.get("CidrBlock"),
                ipv6_cidrs=_cidrs(entry, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
                availability_zone=entry["AvailabilityZone"],
                map_public_ip=bool(entry.get("MapPublicIpOnLaunch")),
                tags=tags(entry),
            )
            for entry in pages
        ),
        missing=pages.missing("subnets"),
    )


def _groups(reader: Reader) -> Estate:
    pages = reader.pages(GROUPS, MaxResults=1000)
    return Estate(
        security_groups=tuple(
            SecurityGroup(
                **_id(reader, GROUPS, entry, "security-group", "GroupId"),
                group_name=entry["GroupName"],
                vpc_id=entry.get("VpcId"),
                rules=(
                    *(_rule(rule, is_egress=False) for rule in each(entry, "IpPermissions")),
                    *(_rule(rule, is_egress=True) for rule in each(entry, "IpPermissionsEgress")),
                ),
                tags=tags(entry),
            )
            for entry in pages
        ),
        missing=pages.missing("security_groups"),
    )


def _rule(rule: Answer, *, is_egress: bool) -> SecurityGroupRule:
    ranges = [entry["CidrIp"] for entry in each(rule, "IpRanges")] + [entry["CidrIpv6"] for entry in each(rule, "Ipv6Ranges")]
    return SecurityGroupRule(
        is_egress=is_egress,
        protocol=str(rule["IpProtocol"]),
        from_port=rule.get("FromPort"),
        to_port=rule.get("ToPort"),
        cidrs=tuple(ranges),
        groups=tuple(entry["GroupId"] for entry in each(rule, "UserIdGroupPairs") if entry.get("GroupId")),
        prefix_lists=tuple(entry["PrefixListId"] for entry in each(rule, "PrefixListIds")),
    )


def _tables(reader: Reader) -> Estate:
    pages = reader.pages(TABLES, MaxResults=100)
    return Estate(
        route_tables=tuple(
            RouteTable(
                **_id(reader, TABLES, entry, "route-table", "RouteTableId"),
                vpc_id=entry["VpcId"],
                routes=tuple(_route(route) for route in each(entry, "Routes")),
                subnet_ids=tuple(sorted(one["SubnetId"] for one in each(entry, "Associations") if one.get("SubnetId"))),
                is_main=any(one.get("Main") for one in each(entry, "Associations")),
            )
            for entry in pages
        ),
        missing=pages.missing("route_tables"),
    )


_TARGETS = (
    "GatewayId", "NatGatewayId", "TransitGatewayId", "VpcPeeringConnectionId", "EgressOnlyInternetGatewayId", "NetworkInterfaceId",
    "InstanceId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn", "OdbNetworkArn",
)  # fmt: skip
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")


def _route(route: Answer) -> Route:
    return Route(
        destination=next((route[name] for name in _DESTINATIONS if route.get(name)), ""),
        target=next((route[name] for name in _TARGETS if route.get(name)), ""),
        state=route.get("State", "active"),
    )


def _acls(reader: Reader) -> Estate:
    pages = reader.pages(ACLS, MaxResults=1000)
    return Estate(
        network_acls=tuple(
            NetworkAcl(
                **_id(reader, ACLS, entry, "network-acl", "NetworkAclId"),
                vpc_id=entry["VpcId"],
                entries=tuple(_acl_entry(one) for one in each(entry, "Entries")),
                subnet_ids=tuple(sorted(one["SubnetId"] for one in each(entry, "Associations") if one.get("SubnetId"))),
                is_default=bool(entry.get("IsDefault")),
            )
            for entry in pages
        ),
        missing=pages.missing("network_acls"),
    )


def _acl_entry(entry: Answer) -> NaclEntry:
    ports, icmp = inner(entry, "PortRange"), inner(entry, "IcmpTypeCode")
    return NaclEntry(
        rule_number=entry["RuleNumber"],
        is_egress=bool(entry["Egress"]),
        protocol=str(entry["Protocol"]),
        is_allow=entry["RuleAction"] == "allow",
        cidr=entry.get("CidrBlock") or entry.get("Ipv6CidrBlock") or "",
        from_port=ports.get("From"),
        to_port=ports.get("To"),
        icmp_type=icmp.get("Type"),
        icmp_code=icmp.get("Code"),
    )


def _endpoints(reader: Reader) -> Estate:
    pages = reader.pages(ENDPOINTS, MaxResults=1000)
    return Estate(
        endpoints=tuple(
            VpcEndpoint(
                **(named := _id(reader, ENDPOINTS, entry, "vpc-endpoint", "VpcEndpointId")),
                vpc_id=entry["VpcId"],
                service=entry.get("ServiceName") or entry.get("ServiceNetworkArn") or entry.get("ResourceConfigurationArn") or "",
                endpoint_type=entry.get("VpcEndpointType", "Interface"),
                policy=_endpoint_policy(entry.get("PolicyDocument"), named["origin"]),
                route_table_ids=tuple(sorted(strings(entry, "RouteTableIds"))),
                subnet_ids=tuple(sorted(strings(entry, "SubnetIds"))),
                security_group_ids=tuple(sorted(group["GroupId"] for group in each(entry, "Groups"))),
                private_dns=bool(entry.get("PrivateDnsEnabled")),
                state=str(entry.get("State", "available")).lower(),
            )
            for entry in pages
        ),
        missing=pages.missing("endpoints"),
    )


def _endpoint_policy(text: str | None, origin: ApiOrigin) -> Policy | None:
    if not text:
        return None
    try:
        return parse_policy(json.loads(text), origin)
    except ValueError:
        return parse_policy(None, origin)  # listed as malformed


def _nats(reader: Reader) -> Estate:
    pages = reader.pages(NATS, MaxResults=1000)
    return Estate(
        gateways=tuple(
            Gateway(
                **_id(reader, NATS, entry, "natgateway", "NatGatewayId"),
                kind="nat",
                vpc_ids=(entry["VpcId"],),
                subnet_id=entry.get("SubnetId"),
                is_public=entry.get("ConnectivityType", "public") == "public",
            )
            for entry in pages
            if entry.get("State") not in {"deleted", "failed"}  # AWS lists them for an hour
        ),
        missing=pages.missing("gateways"),
    )


def _internet(reader: Reader) -> Estate:
    return _attached_gateways(reader, INTERNET, "internet", "internet-gateway", "InternetGatewayId")


def _egress_only(reader: Reader) -> Estate:
    return _attached_gateways(reader, EGRESS_ONLY, "egress-only", "egress-only-internet-gateway", "EgressOnlyInternetGatewayId")


def _attached_gateways(reader: Reader, call: Call, kind: str, resource: str, member: str) -> Estate:
    pages = reader.pages(call, MaxResults=200)
    return Estate(
        gateways=tuple(
            Gateway(
                **_id(reader, call, entry, resource, member),
                kind=kind,
                vpc_ids=tuple(sorted(one["VpcId"] for one in each(entry, "Attachments") if one.get("VpcId"))),
            )
            for entry in pages
        ),
        missing=pages.missing("gateways"),
    )


def _peerings(reader: Reader) -> Estate:
    pages = reader.pages(PEERINGS, MaxResults=1000)
    return Estate(
        peerings=tuple(
            Peering(
                **_id(reader, PEERINGS, entry, "vpc-peering-connection", "VpcPeeringConnectionId"),
                requester_vpc=inner(entry, "RequesterVpcInfo").get("VpcId", ""),
                accepter_vpc=inner(entry, "AccepterVpcInfo").get("VpcId", ""),
                requester_account=inner(entry, "RequesterVpcInfo").get("OwnerId", ""),
                accepter_account=inner(entry, "AccepterVpcInfo").get("OwnerId", ""),
                status=inner(entry, "Status").get("Code", ""),
            )
            for entry in pages
        ),
        missing=pages.missing("peerings"),
    )


def _interfaces(reader: Reader) -> Estate:
    pages = reader.pages(INTERFACES, MaxResults=1000)
    return Estate(
        interfaces=tuple(
            NetworkInterface(
                **_id(reader, INTERFACES, entry, "network-interface", "NetworkInterfaceId"),
                vpc_id=entry.get("VpcId", ""),
                subnet_id=entry.get("SubnetId", ""),
                security_group_ids=tuple(sorted(group["GroupId"] for group in each(entry, "Groups"))),
                interface_type=entry.get("InterfaceType", "interface"),
                description=entry.get("Description", ""),
                private_ips=tuple(one["PrivateIpAddress"] for one in each(entry, "PrivateIpAddresses") if one.get("PrivateIpAddress")),
                public_ips=tuple(
                    dict.fromkeys(
                        ip for one in (entry, *each(entry, "PrivateIpAddresses")) if (ip := inner(one, "Association").get("PublicIp"))
                    )
                ),
                is_attached=entry.get("Status") == "in-use",
            )
            for entry in pages
        ),
        missing=pages.missing("interfaces"),
    )


PIECES: dict[str, Callable[[Reader], Estate]] = {
    "vpcs": _vpcs,
    "subnets": _subnets,
    "security_groups": _groups,
    "route_tables": _tables,
    "network_acls": _acls,
    "endpoints": _endpoints,
    "nat_gateways": _nats,
    "internet_gateways": _internet,
    "egress_only_gateways": _egress_only,
    "peerings": _peerings,
    "transit_gateways": collect_transit,
    "interfaces": _interfaces,
}
"""Name of a piece of work -> what does it."""

COLLECTED = (
    "vpcs", "subnets", "security_groups", "route_tables", "network_acls", "endpoints", "gateways", "peerings", "transit_gateways",
    "interfaces",
)  # fmt: skip
"""Collections of the estate that the pieces fill together."""
