"""Transit gateways of templates, and what functions reach by them."""

import pytest
from tests.estates import TODAY
from tests.sources.cfn.templates import read

from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of

TEMPLATE = """
Parameters: {{P: {{Type: String}}}}
Resources:
  Hub: {{Type: AWS::EC2::TransitGateway, Properties: {{{hub}}}}}
  A: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.0.0.0/16}}}}
  B: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.1.0.0/16}}}}
  App: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: !Ref A, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-1a}}}}
  Far: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: !Ref B, CidrBlock: 10.1.1.0/24, AvailabilityZone: eu-west-1a}}}}
  OfA:
    Type: AWS::EC2::TransitGatewayVpcAttachment
    Properties: {{TransitGatewayId: !Ref Hub, VpcId: !Ref A, SubnetIds: [!Ref App], Options: {{ApplianceModeSupport: {mode}}}}}
  OfB: {{Type: AWS::EC2::TransitGatewayAttachment, Properties: {{TransitGatewayId: !Ref Hub, VpcId: !Ref B, SubnetIds: [!Ref Far]}}}}
  TableA: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref A}}}}
  TableB: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref B}}}}
  InA: {{Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {{SubnetId: !Ref App, RouteTableId: !Ref TableA}}}}
  InB: {{Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {{SubnetId: !Ref Far, RouteTableId: !Ref TableB}}}}
  There:
    Type: AWS::EC2::Route
    Properties: {{RouteTableId: !Ref TableA, DestinationCidrBlock: 10.1.0.0/16, TransitGatewayId: !Ref Hub}}
  Back:
    Type: AWS::EC2::Route
    Properties: {{RouteTableId: !Ref TableB, DestinationCidrBlock: 10.0.0.0/16, TransitGatewayId: !Ref Hub}}
  Fn: {{Type: AWS::EC2::SecurityGroup, Properties: {{VpcId: !Ref A, GroupDescription: fn}}}}
  Db:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref B
      GroupDescription: db
      SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 10.0.0.0/16}}]
  Role: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{Statement: []}}}}}}
  Pay:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      Code: {{ZipFile: x}}
      Role: !GetAtt Role.Arn
      VpcConfig: {{SubnetIds: [!Ref App], SecurityGroupIds: [!GetAtt Fn.GroupId]}}
{more}"""
OWN = """
  T: {Type: AWS::EC2::TransitGatewayRouteTable, Properties: {TransitGatewayId: !Ref Hub}}
  J: {Type: AWS::EC2::TransitGatewayRouteTableAssociation, Properties: {TransitGatewayRouteTableId: !Ref T, TransitGatewayAttachmentId: !Ref OfA}}
  K: {Type: AWS::EC2::TransitGatewayRouteTableAssociation, Properties: {TransitGatewayRouteTableId: !Ref T, TransitGatewayAttachmentId: !Ref OfB}}
"""
ROUTES = """
  R: {Type: AWS::EC2::TransitGatewayRoute, Properties: {TransitGatewayRouteTableId: !Ref T, DestinationCidrBlock: 10.1.0.0/16, TransitGatewayAttachmentId: !Ref OfB}}
  S: {Type: AWS::EC2::TransitGatewayRoute, Properties: {TransitGatewayRouteTableId: !Ref T, DestinationCidrBlock: 10.0.0.0/16, TransitGatewayAttachmentId: !Ref OfA}}
"""
HOLE = "  H: {Type: AWS::EC2::TransitGatewayRoute, Properties: {TransitGatewayRouteTableId: !Ref T, DestinationCidrBlock: 10.1.1.0/24, Blackhole: true}}\n"


def estate_of(hub="", mode="disable", more=""):
    return read(TEMPLATE.format(hub=hub, mode=mode, more=more))


def reached(estate):
    (function,) = estate.functions
    return {one.target.id: one.verdict for one in reach_of(function, Analysis(estate, today=TODAY)).reached}.get("${Db}", "no")


@pytest.mark.parametrize(
    ("hub", "more", "verdict"),
    [
        pytest.param("", "", "always", id="the-default-table-of-which-all-are"),
        pytest.param("DefaultRouteTablePropagation: disable", "", "no", id="nothing-is-propagated"),
        pytest.param("", OWN + ROUTES, "always", id="a-table-of-its-own"),
        pytest.param("", OWN, "no", id="a-table-without-routes"),
        pytest.param("", OWN + ROUTES + HOLE, "no", id="a-blackhole"),
        pytest.param("DefaultRouteTableAssociation: !Ref P", "", "unknown", id="not-resolved"),
    ],
)
def test_what_is_reached_by_it(hub, more, verdict):
    assert reached(estate_of(hub, more=more)) == verdict


def test_what_is_attached():
    (gateway,) = estate_of(hub="SecurityGroupReferencingSupport: enable", mode="enable").transit_gateways
    assert [(one.resource_id, one.subnet_ids, one.appliance_mode) for one in gateway.attachments] == [
        ("${A}", ("${App}",), True),
        ("${B}", ("${Far}",), False),
    ]
    assert gateway.passes_references is True


def test_a_mode_that_is_not_resolved_is_not_known():
    (gateway,) = estate_of(mode="!Ref P").transit_gateways
    assert [one.appliance_mode for one in gateway.attachments] == [None, False]


def test_an_attachment_that_is_not_resolved_leaves_the_gateway_unknown():
    text = "  X: {Type: AWS::EC2::TransitGatewayAttachment, Properties: {TransitGatewayId: !Ref Hub, VpcId: !Ref A, SubnetIds: !Ref P}}\n"
    (gateway,) = estate_of(more=text).transit_gateways
    assert isinstance(gateway.attachments, Unknown) or all(isinstance(one, str) for each in gateway.attachments for one in each.subnet_ids)
