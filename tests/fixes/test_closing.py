"""Outbound rules are closed on an AWS: added first, put back exactly, wherever it is cut off."""

import pytest
from msgspec.structs import replace
from tests import aws
from tests.fixes import leaky
from tests.fixes.killed import killed

from buckler import app
from buckler.app import fixing

CHECK = "security-group-open-egress"
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


@pytest.fixture
def endpoint():
    """A function that talks to a database and to S3, in a group that lets everything out, with words beside the rules."""
    server = aws.fresh()
    ec2 = aws.client("ec2", server.endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone=f"{aws.REGION}a")["Subnet"]["SubnetId"]
    routes = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=routes, SubnetId=subnet)
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{aws.REGION}.s3", VpcEndpointType="Gateway", RouteTableIds=[routes])
    group, database, cache = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("export", "database", "cache")
    )
    for to, port in ((database, 5432), (cache, 6379)):
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": group}]}
        ec2.authorize_security_group_ingress(GroupId=to, IpPermissions=[rule])
    ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.0.1.25", Groups=[database], Description="RDSNetworkInterface")
    ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.0.1.26", Groups=[cache], Description="ElastiCache sessions-001")
    more = [
        {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "UserIdGroupPairs": [{"GroupId": cache, "Description": "the old cache"}]},
        {**HTTPS, "IpRanges": [{"CidrIp": "192.0.2.0/24", "Description": "a partner (gone?)"}, {"CidrIp": "192.0.3.0/24"}]},
        {**HTTPS, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32", "Description": "v6"}]},
    ]
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=more)
    iam = aws.client("iam", server.endpoint)
    role = iam.create_role(RoleName="export", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.put_role_policy(RoleName="export", PolicyName="reads", PolicyDocument=READS)
    aws.client("lambda", server.endpoint).create_function(
        FunctionName="export",
        Role=role,
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": aws.zipped()},
        Environment={"Variables": {"DB_HOST": "shop.abc.eu-west-1.rds.amazonaws.com", "DB_PORT": "5432"}},
        VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]},
    )
    with aws.environment(server.endpoint):
        yield server.endpoint


TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
READS = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "logs:PutLogEvents"], "Resource": "*"}]}'


def rules(endpoint):
    """Each rule of the group, as EC2 lists it."""
    groups = aws.client("ec2", endpoint).describe_security_groups(Filters=[{"Name": "group-name", "Values": ["export"]}])["SecurityGroups"]
    return sorted(
        f"{each['IpProtocol']} {each.get('FromPort', '')} {member} {sorted(one.items())}"
        for each in groups[0]["IpPermissionsEgress"]
        for member in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds")
        for one in each[member]
    )


def plan(estate=None):
    return leaky.plan(leaky.read() if estate is None else estate, CHECK)


def test_what_is_used_stays_the_rest_goes_and_comes_back_word_for_word(endpoint, tmp_path):
    before, written = leaky.read(), rules(endpoint)
    made = plan(before)
    (fix,) = made.fixes
    assert (fix.proof.verdict, fix.proof.why, fix.is_safe) == ("proved", "", False)
    assert [edit.do.operation for edit in fix.edits] == ["AuthorizeSecurityGroupEgress"] * 2 + ["RevokeSecurityGroupEgress"] * 6
    outcome = fixing.apply_plan(made, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert outcome.refused == ()
    left = rules(endpoint)
    assert len(left) == 2
    assert any(one.startswith("tcp 5432 UserIdGroupPairs [('Description', 'environment DB_HOST')") for one in left)
    assert any(one.startswith("tcp 443 PrefixListIds") for one in left)
    assert not app.judge_estates((leaky.read(),), replace(leaky.OPTIONS, only=(CHECK,))).findings
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert rules(endpoint) == written
    assert leaky.facts(leaky.read()).functions == leaky.facts(before).functions


def test_it_is_said_what_is_lost(endpoint):
    (fix,) = plan().fixes
    assert "`export` to ElastiCache sessions-001 on tcp 6379" in fix.lost
    assert any("flow logs" in one for one in fix.lost)
    assert fix.summary.endswith("(export) the outbound rules that are used: " + fix.summary.rpartition(": ")[2])


@pytest.mark.parametrize("rescue", ["undo", "continue"])
def test_a_kill_at_any_point_leaves_a_journal_that_helps(endpoint, tmp_path, rescue):
    written, made = rules(endpoint), plan()
    file = tmp_path / "plan.json"
    file.write_text(fixing.write_plan(made))
    # Eight edits, each with three points: a few of each kind are enough, and the last of all.
    for point in (0, 1, 2, 4, 7, 10, 20):
        journal = tmp_path / f"j{point}"
        assert killed("apply", file, journal, point)
        if rescue == "continue":
            assert fixing.go_on(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
            assert len(rules(endpoint)) == 2
        assert fixing.undo_journal(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert rules(endpoint) == written


def test_a_rule_that_somebody_changed_meanwhile_is_refused_and_nothing_is_made(endpoint, tmp_path):
    made = plan()
    ec2 = aws.client("ec2", endpoint)
    group = made.fixes[0].edits[0].read.parameters["GroupIds"][0]
    old = [{**HTTPS, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=old)
    ec2.authorize_security_group_egress(
        GroupId=group, IpPermissions=[{**HTTPS, "IpRanges": [{"CidrIp": "192.0.2.0/24", "Description": "ours"}]}]
    )
    now = rules(endpoint)
    (refused,) = fixing.apply_plan(made, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK).refused
    assert "rule `out tcp 443 to 192.0.2.0/24` was changed by somebody since the plan was made" in refused[1]
    assert rules(endpoint) == now


def test_a_plan_that_is_read_again_is_the_same(endpoint, tmp_path):
    made = plan()
    file = tmp_path / "plan.json"
    file.write_text(fixing.write_plan(made))
    assert fixing.read_plan(file) == made
    assert plan().fixes == made.fixes
