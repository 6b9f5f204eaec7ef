"""EC2 networking of a region, as far as a function's packets go."""

from collections.abc import Callable
from functools import partial

from buckler.model.estate import Estate
from buckler.model.functions import Function
from buckler.model.network import NaclEntry, NetworkAcl, Route, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc
from buckler.model.unknown import Unknown
from buckler.sources.live import balancers, data_services, dns_firewall, gateways, public_access
from buckler.sources.live.answers import Answer, each, inner, tags
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Collector
from buckler.sources.live.ec2 import cidrs, identify, listed
from buckler.sources.live.transit import collect as collect_transit

_list = partial(listed, Collector("network"))

VPCS = _list("DescribeVpcs", "Vpcs", "VPCs that functions are in")
RESOLVER = Collector("network").call("ec2", "DescribeVpcAttribute", "whether a VPC has a resolver", result="EnableDnsSupport", rate=20.0)
SUBNETS = _list("DescribeSubnets", "Subnets", "subnets that functions are in")
GROUPS = _list("DescribeSecurityGroups", "SecurityGroups", "security groups of functions")
TABLES = _list("DescribeRouteTables", "RouteTables", "where packets of functions go")
ACLS = _list("DescribeNetworkAcls", "NetworkAcls", "network ACLs that functions pass")


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
                **identify(reader, VPCS, entry, "vpc", "VpcId"),
                cidrs=cidrs(entry, "CidrBlockAssociationSet", "CidrBlock", "CidrBlockState") or (entry["CidrBlock"],),
                ipv6_cidrs=cidrs(entry, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
                is_default=bool(entry.get("IsDefault")),
                dns_support=_has_resolver(reader, entry["VpcId"]),
                tags=tags(entry),
            )
            for entry in pages
        ),
        missing=pages.missing("vpcs"),
    )


def _has_resolver(reader: Reader, vpc: str) -> bool | Unknown:
    answer = reader.read(RESOLVER, VpcId=vpc, Attribute="enableDnsSupport")
    return answer if isinstance(answer, Unknown) else bool(inner(answer, "EnableDnsSupport").get("Value"))


def _subnets(reader: Reader) -> Estate:
    pages = reader.pages(SUBNETS, MaxResults=1000)
    return Estate(
        subnets=tuple(
            Subnet(
                **identify(reader, SUBNETS, entry, "subnet", "SubnetId"),
                vpc_id=entry["VpcId"],
                cidr=entry.get("CidrBlock"),
                ipv6_cidrs=cidrs(entry, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
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
                **identify(reader, GROUPS, entry, "security-group", "GroupId"),
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


_PEERS = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("UserIdGroupPairs", "GroupId"), ("PrefixListIds", "PrefixListId"))


def _rule(rule: Answer, *, is_egress: bool) -> SecurityGroupRule:
    ranges = [entry["CidrIp"] for entry in each(rule, "IpRanges")] + [entry["CidrIpv6"] for entry in each(rule, "Ipv6Ranges")]
    written = [(entry.get(member), entry.get("Description")) for members, member in _PEERS for entry in each(rule, members)]
    return SecurityGroupRule(
        is_egress=is_egress,
        protocol=str(rule["IpProtocol"]),
        from_port=rule.get("FromPort"),
        to_port=rule.get("ToPort"),
        cidrs=tuple(ranges),
        groups=tuple(entry["GroupId"] for entry in each(rule, "UserIdGroupPairs") if entry.get("GroupId")),
        prefix_lists=tuple(entry["PrefixListId"] for entry in each(rule, "PrefixListIds")),
        descriptions=tuple((str(peer), str(text)) for peer, text in written if peer and text),
    )


def _tables(reader: Reader) -> Estate:
    pages = reader.pages(TABLES, MaxResults=100)
    return Estate(
        route_tables=tuple(
            RouteTable(
                **identify(reader, TABLES, entry, "route-table", "RouteTableId"),
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
        is_propagated=route.get("Origin") == "EnableVgwRoutePropagation",
    )


def _acls(reader: Reader) -> Estate:
    pages = reader.pages(ACLS, MaxResults=1000)
    return Estate(
        network_acls=tuple(
            NetworkAcl(
                **identify(reader, ACLS, entry, "network-acl", "NetworkAclId"),
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


PIECES: dict[str, Callable[[Reader], Estate]] = {
    "vpcs": _vpcs,
    "subnets": _subnets,
    "security_groups": _groups,
    "route_tables": _tables,
    "network_acls": _acls,
    "endpoints": gateways.collect_endpoints,
    "nat_gateways": gateways.collect_nats,
    "internet_gateways": gateways.collect_internet,
    "egress_only_gateways": gateways.collect_egress_only,
    "peerings": gateways.collect_peerings,
    "transit_gateways": collect_transit,
    "interfaces": gateways.collect_interfaces,
    "prefix_lists": gateways.collect_prefix_lists,
    "public_access": public_access.collect,
    "dns firewall": dns_firewall.collect,
    "listeners": balancers.collect,
    "data services": data_services.collect,
}
"""Name of a piece of work -> what does it."""

COLLECTED = (
    "vpcs", "subnets", "security_groups", "route_tables", "network_acls", "endpoints", "gateways", "peerings", "transit_gateways",
    "interfaces", "prefix_lists", "public_access_blocks",
    "dns_firewalls", "load_balancers",
    "data_services",
)  # fmt: skip
"""Collections of the estate that the pieces fill together."""
