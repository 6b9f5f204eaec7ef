"""The shop's network: one VPC with two private subnets, a security group that lets everything out and one that does not."""

from collections.abc import Mapping
from dataclasses import dataclass

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
    return Network(vpc=vpc, subnets=(subnets[0], subnets[1]), groups={"session-store": opened, "payments": closed})
