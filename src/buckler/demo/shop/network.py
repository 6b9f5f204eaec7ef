"""The shop's network: one VPC with two private subnets, a security group that lets everything out and one that does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from buckler.demo.shop.hands import Hands
from buckler.demo.shop.names import EU


@dataclass(frozen=True)
class Network:
    """Ids of what was made."""

    vpc: str
    subnets: tuple[str, str]
    """In two zones."""
    groups: Mapping[str, str]
    """Security groups by name."""


def deploy(hands: Hands) -> Network:
    """Make the network."""
    ec2 = hands.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{number}.0/24", AvailabilityZone=f"{EU}{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab", 1)
    ]
    routes = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=routes, SubnetId=subnet)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{EU}.s3", VpcEndpointType="Gateway", RouteTableIds=[routes])
    # AWS gives every new group a rule that lets all traffic out.
    opened = ec2.create_security_group(GroupName="session-store", Description="sessions", VpcId=vpc)["GroupId"]
    closed = ec2.create_security_group(GroupName="payments", Description="database only", VpcId=vpc)["GroupId"]
    ec2.revoke_security_group_egress(GroupId=closed, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    ec2.authorize_security_group_egress(
        GroupId=closed, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.20.0.0/16"}]}]
    )
    _cache(ec2, vpc, subnets[1], opened)
    _payroll(ec2, vpc, routes)
    return Network(vpc=vpc, subnets=(subnets[0], subnets[1]), groups={"session-store": opened, "payments": closed})


def _cache(ec2: Any, vpc: str, subnet: str, sessions: str) -> None:  # noqa: ANN401 - boto3's clients have no type
    """Where the sessions are kept: the one thing that their function needs."""
    group = ec2.create_security_group(GroupName="sessions-cache", Description="cache of sessions", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "UserIdGroupPairs": [{"GroupId": sessions}]}]
    )
    # A cache opens no connections of its own.
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    # As ElastiCache describes the interfaces it makes, which the embedded AWS does not.
    ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.20.2.30", Groups=[group], Description="ElastiCache sessions-001")


def _payroll(ec2: Any, vpc: str, routes: str) -> None:  # noqa: ANN401 - boto3's clients have no type
    """The VPC next door, peered for one report years ago: its database takes whatever comes from the shop's addresses."""
    other = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=other, CidrBlock="10.30.1.0/24", AvailabilityZone=f"{EU}a")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=other)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.create_route(RouteTableId=routes, DestinationCidrBlock="10.30.0.0/16", VpcPeeringConnectionId=peering)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.20.0.0/16", VpcPeeringConnectionId=peering)
    group = ec2.create_security_group(GroupName="payroll", Description="payroll database", VpcId=other)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.20.0.0/16"}]}]
    )
    # As RDS describes the interfaces it makes, which the embedded AWS does not.
    ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.30.1.25", Groups=[group], Description="RDSNetworkInterface")
