"""Endpoints and security groups are made on an AWS, found again by their mark, and gone after an undo, wherever it is cut off."""

import pytest
from msgspec.structs import replace
from tests import aws
from tests.fixes import leaky
from tests.fixes.killed import killed
from tests.fixes.test_closing import TRUST

from buckler import app
from buckler.app import fixing
from buckler.app.closing import ask_close, plan_close
from buckler.reach.analysis import Analysis

SENDS = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["dynamodb:PutItem", "sqs:SendMessage"], "Resource": "*"}]}'
ALL = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


@pytest.fixture
def shared():
    """A function that sends over a NAT gateway and asks a database, in a group in which a bastion stands too."""
    server = aws.fresh()
    ec2 = aws.client("ec2", server.endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    private, public = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{aws.REGION}a")["Subnet"]["SubnetId"]
        for number in (1, 2)
    )
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    for subnet, target in ((private, {"NatGatewayId": nat}), (public, {"GatewayId": gateway})):
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
    group, database = (ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("shared", "database"))
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=database, IpPermissions=[rule])
    ec2.revoke_security_group_egress(GroupId=database, IpPermissions=[ALL])
    ec2.create_network_interface(SubnetId=private, PrivateIpAddress="10.0.1.25", Groups=[database], Description="RDSNetworkInterface")
    ec2.create_network_interface(SubnetId=private, PrivateIpAddress="10.0.1.77", Groups=[group], Description="bastion")
    iam = aws.client("iam", server.endpoint)
    role = iam.create_role(RoleName="sender", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.put_role_policy(RoleName="sender", PolicyName="sends", PolicyDocument=SENDS)
    aws.client("lambda", server.endpoint).create_function(
        FunctionName="sender",
        Role=role,
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": aws.zipped()},
        Environment={"Variables": {"DB_HOST": "shop.abc.eu-west-1.rds.amazonaws.com", "DB_PORT": "5432"}},
        VpcConfig={"SubnetIds": [private], "SecurityGroupIds": [group]},
    )
    with aws.environment(server.endpoint):
        yield server.endpoint


def planned(estate, **asked):
    analysis, closing = ask_close((Analysis(estate, today=leaky.TODAY),), "sender", **asked)
    return plan_close(closing, analysis)


def stands(endpoint):
    """What there is of groups, endpoints and routes, and the function's groups."""
    ec2 = aws.client("ec2", endpoint)
    groups = {one["GroupId"]: one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]}
    function = aws.client("lambda", endpoint).get_function_configuration(FunctionName="sender")
    return {
        "groups": sorted(groups.values()),
        "rules": sorted(
            f"{one['GroupName']} {way} {each['IpProtocol']} {each.get('FromPort', '')} "
            f"{[peer.get('CidrIp') or groups.get(peer.get('GroupId')) or peer.get('PrefixListId') for m in MEMBERS for peer in each[m]]}"
            for one in ec2.describe_security_groups()["SecurityGroups"]
            for way in ("IpPermissions", "IpPermissionsEgress")
            for each in one[way]
        ),
        "endpoints": sorted(
            (one["ServiceName"], one["VpcEndpointType"])
            for one in ec2.describe_vpc_endpoints()["VpcEndpoints"]
            if one["State"] == "available"  # EC2 lists what was deleted a while longer
        ),
        "routes": sorted(
            route.get("DestinationCidrBlock") or route.get("DestinationPrefixListId")
            for one in ec2.describe_route_tables()["RouteTables"]
            for route in one["Routes"]
        ),
        "function": [groups[one] for one in function["VpcConfig"]["SecurityGroupIds"]],
    }


MEMBERS = ("IpRanges", "UserIdGroupPairs", "PrefixListIds")


def test_a_function_gets_its_own_group_and_endpoints_and_loses_them_again(shared, tmp_path):
    before, was = leaky.read(), stands(shared)
    plan = planned(before, own=True, endpoints="all")
    (fix,) = plan.fixes
    assert (fix.proof.why, fix.proof.verdict) == ("", "proved")
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert outcome.refused == ()
    now = stands(shared)
    vpc = aws.client("ec2", shared).describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])["Vpcs"][0]["VpcId"]
    assert now["function"] == ["buckler-sender"]
    assert set(now["groups"]) - set(was["groups"]) == {"buckler-sender", f"buckler-endpoint-sqs-{vpc}"}
    assert now["endpoints"] == [(f"com.amazonaws.{aws.REGION}.dynamodb", "Gateway"), (f"com.amazonaws.{aws.REGION}.sqs", "Interface")]
    assert [one for one in now["rules"] if one.startswith("buckler-sender")] == [
        f"buckler-sender IpPermissionsEgress tcp 443 ['buckler-endpoint-sqs-{vpc}', '{dynamo(shared)}']",
        "buckler-sender IpPermissionsEgress tcp 5432 ['database']",
    ]
    # What was tried on paper is what is read of the account now.
    after = leaky.read()
    again, closing = ask_close((Analysis(after, today=leaky.TODAY),), "sender")
    assert (closing.refused, [one.added + one.removed for one in closing.groups], closing.proposals) == ("", [()], ())
    assert again.estate is not before
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert stands(shared) == was
    assert leaky.facts(leaky.read()) == leaky.facts(before)


def dynamo(endpoint):
    lists = aws.client("ec2", endpoint).describe_managed_prefix_lists()["PrefixLists"]
    return next(one["PrefixListId"] for one in lists if one["PrefixListName"].endswith(".dynamodb"))


@pytest.mark.parametrize("rescue", ["undo", "continue"])
def test_a_kill_at_any_point_leaves_a_journal_that_helps(shared, tmp_path, rescue):
    was, plan = stands(shared), planned(leaky.read(), own=True, endpoints="all")
    file = tmp_path / "plan.json"
    file.write_text(fixing.write_plan(plan))
    steps = len(plan.fixes[0].edits)
    for point in range(0, 3 * steps - 1, 1 if rescue == "undo" else 4):
        journal = tmp_path / f"j{point}"
        if not killed("apply", file, journal, point):
            break  # fewer points than that: a rule that was not there needs no step
        if rescue == "continue":
            assert fixing.go_on(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
            assert stands(shared)["function"] == ["buckler-sender"]
        assert fixing.undo_journal(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert stands(shared) == was


def test_a_group_of_that_name_that_somebody_else_made_is_not_touched(shared, tmp_path):
    plan = planned(leaky.read(), own=True)
    ec2 = aws.client("ec2", shared)
    vpc = ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])["Vpcs"][0]["VpcId"]
    ec2.create_security_group(GroupName="buckler-sender", Description="ours", VpcId=vpc)
    was = stands(shared)
    (refused,) = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK).refused
    assert "security group `buckler-sender` was changed by somebody since the plan was made" in refused[1]
    assert stands(shared) == was


def test_an_open_group_that_others_stand_in_is_left_by_its_functions(shared, tmp_path):
    check = "security-group-open-egress"
    was = stands(shared)
    plan = leaky.plan(leaky.read(), check)
    (fix,) = plan.fixes
    assert (fix.proof.why, fix.proof.verdict) == ("", "proved")
    assert "a security group for `sender` alone" in fix.summary
    assert fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK).refused == ()
    assert not app.judge_estates((leaky.read(),), replace(leaky.OPTIONS, only=(check,))).findings
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert stands(shared) == was
