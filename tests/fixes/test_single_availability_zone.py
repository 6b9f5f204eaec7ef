import pytest
from msgspec.structs import replace
from tests.estates import function, subnet, vpc_config
from tests.fixes.remedies import planned, setting

from buckler.checks.single_availability_zone import single_availability_zone as check
from buckler.model.network import NetworkAcl, RouteTable

A, B, A2 = subnet("subnet-a"), subnet("subnet-b", "eu-west-1b"), subnet("subnet-a2")
FN = function(vpc=vpc_config("subnet-a", groups=("sg-1", "sg-2")))


def of_vpc(name, *subnets):
    """What a route table and a network ACL have alike."""
    return {
        "arn": name,
        "name": name,
        "account": A.account,
        "region": A.region,
        "origin": A.origin,
        "vpc_id": A.vpc_id,
        "subnet_ids": subnets,
    }


def table(name, *subnets, is_main=False):
    return RouteTable(**of_vpc(name, *subnets), routes=(), is_main=is_main)


def acl(name, *subnets, is_default=False):
    return NetworkAcl(**of_vpc(name, *subnets), entries=(), is_default=is_default)


MAIN_ACL = acl("acl-main", is_default=True)


def plan(*tables, acls=(MAIN_ACL,), subnets=(A, B)):
    return planned(check, FN, *subnets, more={"route_tables": tables, "network_acls": acls})


def test_a_subnet_whose_packets_go_the_same_ways():
    fix = plan(table("rtb-main", is_main=True))
    assert (fix.proof.verdict, setting(fix)) == ("proved", (["subnet-a"], ["subnet-a", "subnet-b"]))
    (edit,) = fix.edits
    assert edit.do.parameters["VpcConfig"] == {"SubnetIds": ["subnet-a", "subnet-b"], "SecurityGroupIds": ["sg-1", "sg-2"]}
    assert edit.undo.parameters["VpcConfig"]["SubnetIds"] == ["subnet-a"]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"tables": (table("rtb-main", is_main=True), table("rtb-open", "subnet-b"))}, id="other-routes"),
        pytest.param({"tables": (table("rtb-main", is_main=True),), "subnets": (A, A2)}, id="the-same-zone"),
        pytest.param({"tables": ()}, id="routes-nobody-read"),
        pytest.param(
            {"tables": (table("rtb-main", is_main=True),), "acls": (acl("acl-main", is_default=True), acl("acl-b", "subnet-b"))},
            id="another-acl",
        ),
        pytest.param({"tables": (table("rtb-main", is_main=True),), "subnets": (A, replace(B, vpc_id="vpc-2"))}, id="another-vpc"),
    ],
)
def test_no_other_will_do(given):
    tables = given.pop("tables")
    assert plan(*tables, **given).proof.verdict == "advice"
