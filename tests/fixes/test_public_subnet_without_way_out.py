import pytest
from msgspec.structs import replace
from tests.fixes.networks import fix_of
from tests.fixes.remedies import setting
from tests.fixes.test_texts import changes, plan_of, proved

from buckler.app.fixing import write_texts
from buckler.checks.public_subnet_without_way_out import public_subnet_without_way_out as check

PUBLIC = "igw igw-1 a; route app 0.0.0.0/0 igw-1"
NAT = "route pub 0.0.0.0/0 igw-1; nat nat-1 pub"


@pytest.mark.parametrize(
    ("network", "before", "after"),
    [
        pytest.param(f"{PUBLIC}; {NAT}; route app2 0.0.0.0/0 nat-1", ["app"], ["app2"], id="of-another-zone-where-there-is-none-of-the-same"),
        pytest.param(f"{PUBLIC}; {NAT}; route app2 0.0.0.0/0 nat-1; route db 0.0.0.0/0 nat-1", ["app"], ["db"], id="of-the-same-zone-first"),
        pytest.param(f"{PUBLIC}; {NAT}; route app2 0.0.0.0/0 nat-1; route db 0.0.0.0/0 nat-1; fn app2,app", ["app2", "app"], ["app2", "db"], id="what-leads-out-stays"),
        pytest.param(f"{PUBLIC}; {NAT}; route app2 0.0.0.0/0 nat-1; fn app2,app", ["app2", "app"], ["app2"], id="fewer-where-there-are-no-more"),
    ],
)  # fmt: skip
def test_it_goes_where_a_nat_gateway_leads_out(network, before, after):
    fix = fix_of(check, network)
    assert (fix.proof.why, fix.proof.verdict, fix.is_safe) == ("", "proved", False)
    assert setting(fix) == (before, after)
    assert fix.edits[0].do.parameters["VpcConfig"]["SecurityGroupIds"] == ["fn"]


def test_what_is_no_longer_reached_is_said():
    # The other subnet's network ACL lets nothing through to the database.
    acl = "acl app2 out 50 deny tcp 5432 0.0.0.0/0; acl app2 out 100 allow -1 - 0.0.0.0/0; acl app2 in 100 allow -1 - 0.0.0.0/0"
    fix = fix_of(check, f"{PUBLIC}; {NAT}; route app2 0.0.0.0/0 nat-1; {acl}")
    assert (fix.proof.verdict, "the way to database (db)" in fix.lost) == ("proved", True)


def test_without_a_nat_gateway_it_is_advice():
    fix = fix_of(check, PUBLIC)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "a NAT gateway costs by the hour" in fix.proof.why


TEMPLATE = """\
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}
  Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-1a}}
  Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: eu-west-1a}}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Public, AllocationId: eipalloc-1}}
  PublicTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  PrivateTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PublicTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
  ByNat: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateTable, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}}
  A: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref PublicTable, SubnetId: !Ref Public}}
  B: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref PrivateTable, SubnetId: !Ref Private}}
  Fn:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: fn
      SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      Code: {ZipFile: x}
      Role: arn:aws:iam::123456789012:role/r
      VpcConfig:
        SecurityGroupIds: [!GetAtt Fn.GroupId]
        SubnetIds:
          - !Ref Public
"""


def test_a_template_names_the_other_subnet(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    plan = plan_of(path)
    fix = next(one for (found, _), one in proved(plan).items() if found == check.id)
    write_texts(replace(plan, fixes=(fix,)))
    lines = changes(TEMPLATE, path.read_text())
    assert [line for line in lines if line.startswith("-")] == ["-           - !Ref Public"]
    assert any("Private" in line for line in lines if line.startswith("+"))
    assert check.id not in {one.check for one in plan_of(path).fixes}
