import pytest
from msgspec.structs import replace
from tests import aws
from tests.fixes import leaky
from tests.fixes.networks import fix_of
from tests.fixes.test_texts import changes, plan_of, proved

from buckler.app import fixing
from buckler.app.fixing import write_texts
from buckler.checks.network_path_intermittent import network_path_intermittent as check

IN = "acl db in 100 allow -1 - 0.0.0.0/0"
NAT = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1"


@pytest.mark.parametrize(
    ("changes_", "entries"),
    [
        pytest.param(f"{IN}; acl db out 100 allow tcp 32768-60999 0.0.0.0/0", [(110, True, "10.0.1.0/24")], id="after-all-where-none-denies"),
        pytest.param(f"{IN}; acl db out 100 deny tcp 2000-3000 0.0.0.0/0; acl db out 200 allow -1 - 0.0.0.0/0", [(99, True, "10.0.1.0/24")], id="before-the-one-that-does"),
        pytest.param(f"{IN}; acl db out 99 deny tcp 9-9 0.0.0.0/0; acl db out 100 deny tcp 2000-3000 10.0.0.0/8; acl db out 200 allow -1 - 0.0.0.0/0", [(98, True, "10.0.1.0/24")], id="past-a-number-that-is-taken"),
        pytest.param("acl app out 100 allow -1 - 0.0.0.0/0; acl app in 100 allow tcp 32768-60999 0.0.0.0/0", [(110, False, "10.0.3.10/32")], id="at-the-functions-end"),
        pytest.param(f"{IN}; acl db out 100 allow tcp 32768-60999 0.0.0.0/0; acl app out 100 allow -1 - 0.0.0.0/0; acl app in 100 allow tcp 40000-65535 0.0.0.0/0", [(110, True, "10.0.1.0/24"), (110, False, "10.0.3.10/32")], id="at-both-ends"),
        pytest.param(f"{NAT}; sg fn closed; sg fn out tcp 443 0.0.0.0/0; acl pub out 100 allow -1 - 0.0.0.0/0; acl pub in 100 allow tcp 443 0.0.0.0/0; acl pub in 110 allow tcp 32768-60999 0.0.0.0/0", [(120, False, "0.0.0.0/0")], id="behind-a-nat-gateway"),
    ],
)  # fmt: skip
def test_the_entry_comes_before_the_one_that_drops_answers(changes_, entries):
    fix = fix_of(check, changes_)
    assert (fix.proof.why, fix.proof.verdict, fix.is_safe) == ("", "proved", False)
    made = [(edit.after["RuleNumber"], edit.after["Egress"], edit.after["CidrBlock"]) for edit in fix.edits]
    assert sorted(made) == sorted(entries)
    for edit in fix.edits:
        assert (edit.before, edit.do.operation, edit.undo.operation) == (None, "CreateNetworkAclEntry", "DeleteNetworkAclEntry")
        assert edit.after["PortRange"] == {"From": 1024, "To": 65535}
    assert len(fix.lost) == len(fix.edits)


def test_a_full_list_is_left():
    many = "; ".join(f"acl db out {number} allow tcp {number} 0.0.0.0/0" for number in range(101, 120))
    fix = fix_of(check, f"{IN}; {many}; acl db out 120 allow tcp 32768-60999 0.0.0.0/0")
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "has no room" in fix.proof.why


TEMPLATE = """\
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-1a}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: eu-west-1b}}
  Acl: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref Vpc}}
  AclOfB: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {NetworkAclId: !Ref Acl, SubnetId: !Ref B}}
  In:
    Type: AWS::EC2::NetworkAclEntry
    Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: -1, RuleAction: allow, Egress: false, CidrBlock: 0.0.0.0/0}
  Out:
    Type: AWS::EC2::NetworkAclEntry
    Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: 6, RuleAction: allow, Egress: true, CidrBlock: 0.0.0.0/0, PortRange: {From: 32768, To: 60999}}
  Subnets: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: x, SubnetIds: [!Ref B]}}
  Orders:
    Type: AWS::RDS::DBInstance
    Properties: {Engine: postgres, DBSubnetGroupName: !Ref Subnets, VPCSecurityGroups: [!GetAtt Db.GroupId]}
  Db:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: db
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !GetAtt Fn.GroupId}]
  Fn: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: fn}}
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      Code: {ZipFile: x}
      Role: arn:aws:iam::123456789012:role/r
      VpcConfig: {SubnetIds: [!Ref A], SecurityGroupIds: [!GetAtt Fn.GroupId]}
"""


def test_a_template_gets_an_entry_of_its_own(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    plan = plan_of(path)
    fix = next(one for (found, _), one in proved(plan).items() if found == check.id)
    write_texts(replace(plan, fixes=(fix,)))
    lines = changes(TEMPLATE, path.read_text())
    assert all(line.startswith("+") for line in lines)
    assert lines[0] == "+   AclOut110:"
    assert "+       CidrBlock: 10.0.1.0/24" in lines
    assert check.id not in {one.check for one in plan_of(path).fixes}


@pytest.fixture
def endpoint():
    """A function in one subnet, a database in another whose network ACL forgets half of the client ports."""
    server = aws.fresh()
    ec2 = aws.client("ec2", server.endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    here, there = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{aws.REGION}a")["Subnet"]["SubnetId"]
        for number in (1, 2)
    )
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    every = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    used = next(one["NetworkAclAssociationId"] for each in every for one in each["Associations"] if one["SubnetId"] == there)
    ec2.replace_network_acl_association(AssociationId=used, NetworkAclId=acl)
    common = {"NetworkAclId": acl, "RuleNumber": 100, "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}
    ec2.create_network_acl_entry(**common, Egress=False, Protocol="-1")
    ec2.create_network_acl_entry(**common, Egress=True, Protocol="6", PortRange={"From": 32768, "To": 60999})
    group, database = (ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("fn", "database"))
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=database, IpPermissions=[rule])
    ec2.create_network_interface(SubnetId=there, PrivateIpAddress="10.0.2.25", Groups=[database], Description="RDSNetworkInterface")
    aws.client("lambda", server.endpoint).create_function(
        FunctionName="orders",
        Role=f"arn:aws:iam::{aws.SHOP}:role/r",
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": aws.zipped()},
        VpcConfig={"SubnetIds": [here], "SecurityGroupIds": [group]},
    )
    with aws.environment(server.endpoint):
        yield server.endpoint


def test_in_an_account_it_is_made_and_undone(endpoint, tmp_path):
    before = leaky.read()
    plan = leaky.plan(before, check.id)
    (fix,) = plan.fixes
    assert (fix.proof.why, [edit.do.operation for edit in fix.edits]) == ("", ["CreateNetworkAclEntry"])
    assert fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK).refused == ()
    assert check.id not in {one.check for one in leaky.findings(leaky.read())}
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert leaky.facts(leaky.read()) == leaky.facts(before)


def test_a_number_that_somebody_took_meanwhile_is_refused(endpoint, tmp_path):
    plan = leaky.plan(leaky.read(), check.id)
    edit = plan.fixes[0].edits[0]
    aws.client("ec2", endpoint).create_network_acl_entry(
        NetworkAclId=edit.do.parameters["NetworkAclId"],
        RuleNumber=edit.after["RuleNumber"],
        Egress=edit.after["Egress"],
        Protocol="-1",
        RuleAction="deny",
        CidrBlock="10.9.0.0/16",
    )
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert (outcome.done, [one for one, _ in outcome.refused]) == ((), [plan.fixes[0].id])
