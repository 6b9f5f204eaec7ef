"""What the embedded AWS does not know, from recorded answers through the seam: interfaces of functions, Block Public Access, DNS Firewall."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import botocore.session
import pytest
from tests import aws
from tests.estates import TODAY
from tests.proxy import Proxy
from tests.sources.live.conftest import scan

from buckler.engines.net.resolver import names_of
from buckler.engines.net.world import world_of
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of

RECORDED = Path(__file__).parent / "recorded"
FILES = sorted(path for path in RECORDED.iterdir() if path.suffix in {".xml", ".json"})


@pytest.fixture(scope="module")
def shop():
    """A function in a subnet whose way out is a NAT gateway, and the ids of what stands there."""
    server = aws.fresh()
    ec2, lam = aws.client("ec2", server.endpoint), aws.client("lambda", server.endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnet, public = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.8.{number}.0/24", AvailabilityZone=f"{aws.REGION}a")["Subnet"]["SubnetId"]
        for number in (1, 2)
    )
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=ec2.allocate_address()["AllocationId"])["NatGateway"]["NatGatewayId"]
    for one, way in ((public, {"GatewayId": gateway}), (subnet, {"NatGatewayId": nat})):
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=one)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **way)
    group, database = (ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("fn", "database"))
    # Only this one address may in: the emulator does not know that it is the function's.
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.8.1.7/32"}]}
    ec2.authorize_security_group_ingress(GroupId=database, IpPermissions=[rule])
    lam.create_function(
        FunctionName="pay",
        Role=f"arn:aws:iam::{aws.SHOP}:role/r",
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": aws.zipped()},
        VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]},
    )
    return server.endpoint, {"vpc": vpc, "subnet": subnet, "group": group, "database": database, "excluded": public}


def player(ids, *, without=()):
    """Answer from the files, ids filled in."""

    def answer(operation, body):
        if operation in without:
            return None
        name = operation.replace(":", ".")
        for path in FILES:
            stem, _, about = path.stem.removeprefix(f"{name}.").partition(".") if path.stem != name else ("", "", "")
            if (path.stem == name or (path.stem.startswith(f"{name}.") and not about)) and stem.encode() in body:
                text = path.read_text()
                for key, value in ids.items():
                    text = text.replace(f"[{key}]", value)
                return ("text/xml" if path.suffix == ".xml" else "application/x-amz-json-1.1"), text.encode()
        return None

    return answer


def read(shop, **options):
    endpoint, ids = shop
    with Proxy(endpoint, recorded=player(ids, **options)) as proxy:
        return scan(proxy.endpoint).estate


def reached(estate):
    (function,) = (one for one in estate.functions if one.name == "pay")
    told = reach_of(function, Analysis(estate, today=TODAY)).reached
    return {one.target.name if one.target.kind != "interface" else one.target.id: one.verdict for one in told}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_answer_is_one_that_aws_may_give(path, shop):
    """Every member is one that the service's model has: a file with a misspelt one would prove nothing."""
    service, operation = path.stem.split(".")[:2]
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).output_shape
    if path.suffix == ".json":
        assert strange(json.loads(path.read_text()), shape) == set()
    else:
        assert odd(ET.fromstring(path.read_text()), shape) == {"requestId"}  # noqa: S314 - our own file


def strange(value, shape):
    if isinstance(value, dict):
        return {name for name in value if name not in shape.members} | {
            one for name, inner in value.items() if name in shape.members for one in strange(inner, shape.members[name])
        }
    return {one for each in value for one in strange(each, shape.member)} if isinstance(value, list) else set()


def odd(element, shape):
    if shape.type_name == "list":
        return {one for each in element for one in odd(each, shape.member)}
    if shape.type_name != "structure":
        return set()
    wire = {inner.serialization.get("name", name): inner for name, inner in shape.members.items()}
    tags = {each.tag.rpartition("}")[2]: each for each in element}
    return {tag for tag in tags if tag not in wire} | {one for tag, each in tags.items() if tag in wire for one in odd(each, wire[tag])}


def test_the_function_stands_where_its_interface_does(shop):
    assert reached(read(shop))["eni-0fedcba9876543210"] == "always"
    # Without the recorded interface any address of the subnet may be the function's, and the rule is for one of them.
    others = ("ec2:DescribeNetworkInterfaces",)
    assert "eni-0fedcba9876543210" not in reached(read(shop, without=others))


def test_the_nat_gateways_subnet_is_excluded_from_block_public_access(shop):
    estate = read(shop)
    (block,) = estate.public_access_blocks
    assert (block.mode, [(one.resource, one.mode) for one in block.exclusions]) == (
        "block-bidirectional",
        [(shop[1]["excluded"], "allow-egress")],
    )
    assert reached(estate)["the internet (IPv4)"] == "always"
    endpoint, ids = shop
    with Proxy(endpoint, recorded=player(ids | {"excluded": "subnet-0ff0ff0ff0ff0ff0f"})) as proxy:
        assert "the internet (IPv4)" not in reached(scan(proxy.endpoint).estate)


def test_only_names_that_are_listed_are_answered(shop):
    told = names_of(world_of(read(shop)), shop[1]["vpc"])
    assert (told.kind, told.fails_open) == ("listed", False)
