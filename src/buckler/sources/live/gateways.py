"""Ways out of a VPC and what stands in it: endpoints, gateways, peerings, network interfaces."""

import json
from functools import partial

from buckler.model.estate import Estate
from buckler.model.network import Gateway, NetworkInterface, Peering, PrefixList, VpcEndpoint
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.answers import Answer, each, inner, strings
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Call, Collector
from buckler.sources.live.ec2 import identify, listed

_list = partial(listed, Collector("gateways"))

ENDPOINTS = _list("DescribeVpcEndpoints", "VpcEndpoints", "VPC endpoints and their policies")
NATS = _list("DescribeNatGateways", "NatGateways", "NAT gateways")
INTERNET = _list("DescribeInternetGateways", "InternetGateways", "internet gateways")
EGRESS_ONLY = _list("DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways", "egress-only internet gateways")
PEERINGS = _list("DescribeVpcPeeringConnections", "VpcPeeringConnections", "VPC peering connections")
LISTS = _list("DescribePrefixLists", "PrefixLists", "addresses of AWS services, in rules and routes")
OWN_LISTS = _list("DescribeManagedPrefixLists", "PrefixLists", "prefix lists in rules and routes")
ENTRIES = _list("GetManagedPrefixListEntries", "Entries", "what those prefix lists hold")
INTERFACES = _list("DescribeNetworkInterfaces", "NetworkInterfaces", "network interfaces that functions can reach")


_GONE = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})
"""States in which an endpoint carries nothing: EC2 lists it a while longer (API reference, `VpcEndpoint`)."""


def collect_endpoints(reader: Reader) -> Estate:
    pages = reader.pages(ENDPOINTS, MaxResults=1000)
    return Estate(
        endpoints=tuple(
            VpcEndpoint(
                **(named := identify(reader, ENDPOINTS, entry, "vpc-endpoint", "VpcEndpointId")),
                vpc_id=entry["VpcId"],
                service=entry.get("ServiceName") or entry.get("ServiceNetworkArn") or entry.get("ResourceConfigurationArn") or "",
                endpoint_type=entry.get("VpcEndpointType", "Interface"),
                policy=_endpoint_policy(entry.get("PolicyDocument"), named["origin"]),
                route_table_ids=tuple(sorted(strings(entry, "RouteTableIds"))),
                subnet_ids=tuple(sorted(strings(entry, "SubnetIds"))),
                security_group_ids=tuple(sorted(group["GroupId"] for group in each(entry, "Groups"))),
                private_dns=bool(entry.get("PrivateDnsEnabled")),
                state=str(entry.get("State", "available")).lower(),
                firewall=_firewall(entry),
            )
            for entry in pages
            if str(entry.get("State", "available")).lower() not in _GONE
        ),
        missing=pages.missing("endpoints"),
    )


def _firewall(entry: Answer) -> str:
    """Name the Network Firewall that made an endpoint: it writes its ARN into a tag, and may make no endpoint without."""
    told = {one.get("Key"): str(one.get("Value", "")) for one in each(entry, "Tags")}
    return told.get("Firewall", "").rpartition("/")[2] if told.get("AWSNetworkFirewallManaged") == "true" else ""


def _endpoint_policy(text: str | None, origin: ApiOrigin) -> Policy | None:
    if not text:
        return None
    try:
        return parse_policy(json.loads(text), origin)
    except ValueError:
        return parse_policy(None, origin)  # listed as malformed


def collect_nats(reader: Reader) -> Estate:
    pages = reader.pages(NATS, MaxResults=1000)
    return Estate(
        gateways=tuple(
            Gateway(
                **identify(reader, NATS, entry, "natgateway", "NatGatewayId"),
                kind="nat",
                vpc_ids=(entry["VpcId"],),
                subnet_id=entry.get("SubnetId"),
                is_public=entry.get("ConnectivityType", "public") == "public",
                private_ips=tuple(one["PrivateIp"] for one in each(entry, "NatGatewayAddresses") if one.get("PrivateIp")),
            )
            for entry in pages
            if entry.get("State") not in {"deleted", "failed"}  # AWS lists them for an hour
        ),
        missing=pages.missing("gateways"),
    )


def collect_internet(reader: Reader) -> Estate:
    return _attached_gateways(reader, INTERNET, "internet", "internet-gateway", "InternetGatewayId")


def collect_egress_only(reader: Reader) -> Estate:
    return _attached_gateways(reader, EGRESS_ONLY, "egress-only", "egress-only-internet-gateway", "EgressOnlyInternetGatewayId")


def _attached_gateways(reader: Reader, call: Call, kind: str, resource: str, member: str) -> Estate:
    pages = reader.pages(call, MaxResults=200)
    return Estate(
        gateways=tuple(
            Gateway(
                **identify(reader, call, entry, resource, member),
                kind=kind,
                vpc_ids=tuple(sorted(one["VpcId"] for one in each(entry, "Attachments") if one.get("VpcId"))),
            )
            for entry in pages
        ),
        missing=pages.missing("gateways"),
    )


def collect_peerings(reader: Reader) -> Estate:
    pages = reader.pages(PEERINGS, MaxResults=1000)
    return Estate(
        peerings=tuple(
            Peering(
                **identify(reader, PEERINGS, entry, "vpc-peering-connection", "VpcPeeringConnectionId"),
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


def collect_interfaces(reader: Reader) -> Estate:
    pages = reader.pages(INTERFACES, MaxResults=1000)
    return Estate(
        interfaces=tuple(
            NetworkInterface(
                **identify(reader, INTERFACES, entry, "network-interface", "NetworkInterfaceId"),
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
                instance_id=str(inner(entry, "Attachment").get("InstanceId") or ""),
            )
            for entry in pages
        ),
        missing=pages.missing("interfaces"),
    )


def _untold(name: str) -> Unknown:
    return Unknown(kind=UnknownKind.FAILED, why=f"AWS told no address of `{name}`", need=LISTS.action)


def collect_prefix_lists(reader: Reader) -> Estate:
    """Read the lists of AWS's services, whose entries come along, and the customer's, whose entries are asked for one by one."""
    found: list[PrefixList] = []
    services = reader.pages(LISTS, MaxResults=1000)
    for entry in services:
        name = str(entry.get("PrefixListName", ""))
        found.append(
            PrefixList(
                **identify(reader, LISTS, entry, "prefix-list", "PrefixListId"),
                list_name=name,
                # A list without addresses is one whose addresses were not told.
                entries=tuple(sorted(strings(entry, "Cidrs"))) or _untold(name),
            )
        )
    known = {one.name for one in found}
    own = reader.pages(OWN_LISTS, MaxResults=100)
    for entry in own:
        if entry["PrefixListId"] in known or entry.get("OwnerId") == "AWS":
            continue
        entries = reader.pages(ENTRIES, PrefixListId=entry["PrefixListId"], MaxResults=100)
        cidrs = tuple(sorted(one["Cidr"] for one in entries))
        found.append(
            PrefixList(
                **identify(reader, OWN_LISTS, entry, "prefix-list", "PrefixListId"),
                list_name=str(entry.get("PrefixListName", "")),
                entries=entries.unknown or cidrs,
            )
        )
    return Estate(
        prefix_lists=tuple(sorted(found, key=lambda one: str(one.name))),
        missing=(*services.missing("prefix_lists"), *own.missing("prefix_lists")),
    )
