import pytest
from msgspec.structs import replace
from tests import aws
from tests.estates import allow, egress, function, policy, role, security_group, subnet
from tests.fixes.leaky import LIVE, OPTIONS, QUICK, facts
from tests.fixes.remedies import planned
from tests.fixes.test_network_texts import INLINE, RANGE
from tests.fixes.test_single_availability_zone import of_vpc

from buckler import app
from buckler.app import fixing
from buckler.checks.vpc_missing import vpc_missing as check
from buckler.fixes._needed import NETWORK
from buckler.model.fix import Wishes
from buckler.model.network import NetworkAcl, RouteTable

A, B = subnet("subnet-a"), subnet("subnet-b", "eu-west-1b")
GROUP = security_group("sg-1", egress("0.0.0.0/0"))
NAMED = {"subnets": ("subnet-a", "subnet-b"), "security_groups": ("sg-1",)}


def test_the_role_may_make_interfaces_before_any_is_made():
    fix = planned(check, function(), role(), A, B, GROUP, **NAMED)
    grant, edit = fix.edits
    assert (fix.proof.verdict, fix.proof.why) == ("proved", "")
    assert grant.after["Statement"] == [{"Effect": "Allow", "Action": list(NETWORK), "Resource": "*"}]
    assert (edit.before, edit.after) == (None, {"SubnetIds": ["subnet-a", "subnet-b"], "SecurityGroupIds": ["sg-1"]})
    assert edit.undo.parameters["VpcConfig"] == {"SubnetIds": [], "SecurityGroupIds": []}


def test_what_the_role_may_already_is_not_granted_again():
    may = role(inline=(policy(allow(list(NETWORK)), name="network"),))
    fix = planned(check, function(), may, A, B, GROUP, **NAMED)
    assert [edit.what for edit in fix.edits] == ["network"]


def test_a_role_that_could_not_make_interfaces_is_left():
    forbidden = {"Effect": "Deny", "Action": "ec2:CreateNetworkInterface", "Resource": "*"}
    fix = planned(check, function(), role(inline=(policy(forbidden, name="no"),)), A, B, GROUP, **NAMED)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "stands in the way" in fix.proof.why


def main_table(*routes):
    return RouteTable(**of_vpc("rtb-main"), routes=routes, is_main=True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param(
            {"route_tables": (main_table(),)}, "the internet, and with it AWS services: no way leads out of these subnets", id="no-way"
        ),
    ],
)
def test_what_is_lost_is_worked_out(more, said):
    more = more | {"network_acls": (NetworkAcl(**of_vpc("acl"), entries=(), is_default=True),)}
    fix = planned(check, function(), role(), A, B, GROUP, more=more, **NAMED)
    assert said in fix.lost[0]


@pytest.mark.parametrize(
    ("named", "entities", "why"),
    [
        pytest.param({}, (A, B, GROUP), "only you know which network", id="nobody-said"),
        pytest.param(
            NAMED, (replace(A, region="eu-north-1"), replace(B, region="eu-north-1"), GROUP), "none that are named are in", id="elsewhere"
        ),
        pytest.param(NAMED, (A, replace(B, vpc_id="vpc-2"), GROUP), "several VPCs", id="two-vpcs"),
        pytest.param(NAMED, (A, B, replace(GROUP, vpc_id="vpc-2")), "several VPCs", id="a-group-of-another"),
    ],
)
def test_what_cannot_be_attached(named, entities, why):
    fix = planned(check, function(), role(), *entities, **named)
    assert fix.proof.verdict == "advice"
    assert why in fix.proof.why


def _own_list(ec2, vpc):
    """Let the subnets of a VPC have a network ACL of their own."""
    (old,) = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    for way in (True, False):
        ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=100,
            Protocol="6",
            RuleAction="allow",
            Egress=way,
            CidrBlock="10.9.0.0/16",
            PortRange={"From": 0, "To": 65535},
        )
    for one in old["Associations"]:
        ec2.replace_network_acl_association(AssociationId=one["NetworkAclAssociationId"], NetworkAclId=acl)


def test_it_is_attached_seen_and_taken_back(endpoint, tmp_path):
    ec2 = aws.client("ec2", endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = tuple(
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"{aws.REGION}{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    )
    group = ec2.create_security_group(GroupName="fn", Description="fn", VpcId=vpc)["GroupId"]
    aws.client("iam", endpoint).create_role(
        RoleName="r",
        AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
    )
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
    everything = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[rule])
    _own_list(ec2, vpc)
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    before = app.read_live(LIVE)
    options = app.ScanOptions(persona=OPTIONS.persona, today=OPTIONS.today, only=(check.id,))
    plan = fixing.plan_fixes((before,), options, Wishes(subnets=subnets, security_groups=(group,)), function="shop")
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")]
    assert fixing.apply_plan(plan, LIVE, tmp_path / "journal", patience=QUICK).refused == ()
    lam = aws.client("lambda", endpoint)
    assert sorted(lam.get_function_configuration(FunctionName="shop")["VpcConfig"]["SubnetIds"]) == sorted(subnets)
    assert check.id not in {one.check for one in app.judge_estates((app.read_live(LIVE),), options).findings if one.subject.name == "shop"}
    assert fixing.undo_journal(tmp_path / "journal", LIVE, patience=QUICK).refused == ()
    assert not lam.get_function_configuration(FunctionName="shop").get("VpcConfig", {}).get("SubnetIds")
    assert facts(app.read_live(LIVE)) == facts(before)


# --- in texts ------------------------------------------------------------------------------------------------------------

TEMPLATE = """\
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-1a}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: eu-west-1b}}
  List: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref Vpc}}
  OfA: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {SubnetId: !Ref A, NetworkAclId: !Ref List}}
  OfB: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {SubnetId: !Ref B, NetworkAclId: !Ref List}}
  Fn:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: fn
      SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/16}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Pay:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      Code: {ZipFile: x}
      Role: !GetAtt Role.Arn
"""


LIST = """
resource "aws_network_acl" "own" {
  vpc_id     = aws_vpc.v.id
  subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
}
"""


def of_text(path, **named):
    options = app.ScanOptions(persona=OPTIONS.persona, today=OPTIONS.today, only=(check.id,))
    return fixing.plan_fixes(app.read_targets([path], options).estates, options, Wishes(**named))


def test_a_template_names_what_it_makes(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    plan = of_text(path, subnets=("A", "B"), security_groups=("Fn",))
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")]
    fixing.write_texts(plan)
    assert path.read_text().startswith(TEMPLATE)
    added = path.read_text().removeprefix(TEMPLATE)
    assert "      VpcConfig:\n        SubnetIds:\n          - Ref: A\n          - Ref: B\n" in added
    assert "        SecurityGroupIds:\n          - Fn::GetAtt: [Fn, GroupId]\n" in added
    assert "  PayNetwork:\n" in added
    assert of_text(path, subnets=("A", "B"), security_groups=("Fn",)).fixes == ()


def test_a_configuration_names_what_it_makes(tmp_path):
    path = tmp_path / "main.tf"
    before, _, rest = (RANGE + INLINE).partition("  vpc_config {")
    path.write_text(before + rest.partition("  }\n")[2].replace('["0.0.0.0/0"]', '["10.0.0.0/16"]') + LIST)
    plan = of_text(tmp_path, subnets=("aws_subnet.a", "aws_subnet.b"), security_groups=("aws_security_group.fn",))
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")]
    fixing.write_texts(plan)
    assert "  vpc_config {\n    subnet_ids         = [aws_subnet.a.id, aws_subnet.b.id]\n" in path.read_text()
    assert 'resource "aws_iam_role_policy" "pay_network" {\n' in path.read_text()


ELSEWHERE = {"subnets": ("subnet-0a", "subnet-0b"), "security_groups": ("sg-01",)}


def test_what_subnets_elsewhere_let_through_only_the_account_tells(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    (fix,) = of_text(path, **ELSEWHERE).fixes
    assert (fix.proof.why, fix.proof.verdict, fix.is_safe) == ("", "proved", False)
    open_ones = next(one for one in fix.lost if one.startswith("answers that only a scan of the account gives"))
    assert "`subnet-0a`, `subnet-0b`, `sg-01`" in open_ones
    assert "database-reached-undeclared" in open_ones
    fixing.write_texts(of_text(path, **ELSEWHERE))
    gaps = {one.check for one in app.scan_targets([path], OPTIONS).gaps}
    assert {one.strip() for one in open_ones.partition(": ")[2].partition(" and ")[0].split(",")} <= gaps


def test_of_a_configuration_too(tmp_path):
    before, _, rest = (RANGE + INLINE).partition("  vpc_config {")
    (tmp_path / "main.tf").write_text(before + rest.partition("  }\n")[2])
    (fix,) = of_text(tmp_path, **ELSEWHERE).fixes
    assert (fix.proof.why, fix.proof.verdict) == ("", "proved")
    assert any(one.startswith("answers that only a scan") for one in fix.lost)


def test_what_else_cannot_be_answered_any_more_is_still_a_reason(tmp_path):
    """A name that the file has is not one for what stands elsewhere."""
    path = tmp_path / "template.yaml"
    path.write_text(
        TEMPLATE.replace(
            "  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc,",
            "  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Elsewhere,",
        )
        + "Parameters: {Elsewhere: {Type: String}}\n"
    )
    (fix,) = of_text(path, subnets=("A", "B"), security_groups=("Fn",)).fixes
    assert fix.proof.verdict == "advice"
    assert "can no longer be answered" in fix.proof.why
