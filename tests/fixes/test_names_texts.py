"""Names as a way out, closed in the text that makes the VPC."""

import pytest
from tests.fixes.test_texts import changes, plan_of

from buckler.app import ScanOptions, scan_targets
from buckler.app.fixing import write_texts
from buckler.model.fix import Wishes
from buckler.model.severity import Persona

CHECK = ScanOptions(only=("dns-egress-unfiltered",), persona=Persona.AUDITOR)
TEMPLATE = """\
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
  Net:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}  # ours
  A:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Net, CidrBlock: 10.0.0.0/24}
  G:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: x, VpcId: !Ref Net}
  Bad:
    Type: AWS::Route53Resolver::FirewallDomainList
    Properties: {Domains: [evil.invalid]}
  Some:
    Type: AWS::Route53Resolver::FirewallRuleGroup
    Properties:
      FirewallRules:
        - {Priority: 5, Action: BLOCK, BlockResponse: NODATA, FirewallDomainListId: !Ref Bad}
  Guarded:
    Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
    Properties: {FirewallRuleGroupId: !Ref Some, VpcId: !Ref Net, Priority: 200}
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      Code: {ZipFile: x}
      Role: !GetAtt R.Arn
      VpcConfig: {SubnetIds: [!Ref A], SecurityGroupIds: [!Ref G]}
"""
CONFIGURATION = """\
resource "aws_vpc" "net" {
  cidr_block = "10.0.0.0/16" # ours
}

resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.net.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_security_group" "g" {
  vpc_id = aws_vpc.net.id
}

resource "aws_route53_resolver_firewall_domain_list" "bad" {
  name    = "bad"
  domains = ["evil.invalid"]
}

resource "aws_route53_resolver_firewall_rule_group" "some" {
  name = "some"
}

resource "aws_route53_resolver_firewall_rule" "bad" {
  name                    = "bad"
  action                  = "BLOCK"
  block_response          = "NODATA"
  firewall_domain_list_id = aws_route53_resolver_firewall_domain_list.bad.id
  firewall_rule_group_id  = aws_route53_resolver_firewall_rule_group.some.id
  priority                = 5
}

resource "aws_route53_resolver_firewall_rule_group_association" "some" {
  name                   = "some"
  firewall_rule_group_id = aws_route53_resolver_firewall_rule_group.some.id
  vpc_id                 = aws_vpc.net.id
  priority               = 200
}

resource "aws_iam_role" "f" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = aws_iam_role.f.arn
  runtime       = "python3.14"
  handler       = "a.b"
  filename      = "a.zip"
  vpc_config {
    subnet_ids         = [aws_subnet.a.id]
    security_group_ids = [aws_security_group.g.id]
  }
}
"""
FILES = [("template.yaml", TEMPLATE), ("main.tf", CONFIGURATION)]


def planned(folder, name, text, **wishes):
    (folder / name).write_text(text)
    target = folder / name if name.endswith("yaml") else folder
    plan = plan_of(target, CHECK, Wishes(**wishes))
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")]
    write_texts(plan)
    assert scan_targets([target], CHECK).findings == ()
    lines = changes(text, (folder / name).read_text())
    assert not [line for line in lines if line.startswith("-")]
    return plan.fixes[0], "\n".join(lines)


@pytest.mark.parametrize(("name", "text"), FILES, ids=["template", "configuration"])
def test_names_that_are_listed_are_asked_for_and_no_others(tmp_path, name, text):
    fix, lines = planned(tmp_path, name, text, allow_names=("*.amazonaws.com", "shop.invalid"))
    assert lines.index("*.amazonaws.com") < lines.index("shop.invalid")
    assert lines.upper().count("NODATA") == 1
    assert "300" in lines  # behind what blocks bad names
    assert "whoever is in the VPC" in fix.lost[0]


@pytest.mark.parametrize(("name", "text"), FILES, ids=["template", "configuration"])
def test_where_nobody_lists_names_what_looks_like_a_tunnel_is_blocked(tmp_path, name, text):
    fix, lines = planned(tmp_path, name, text)
    assert "DNS_TUNNELING" in lines
    assert fix.summary.startswith("block what AWS detects")


def test_what_lets_everything_pass_is_preceded(tmp_path):
    text = TEMPLATE.replace("evil.invalid", '"*"').replace("Action: BLOCK, BlockResponse: NODATA", "Action: ALLOW")
    _, lines = planned(tmp_path, "template.yaml", text, allow_names=("*.amazonaws.com",))
    assert "Priority: 199" in lines


def test_a_vpc_whose_names_are_guarded_by_somebody_else_is_left(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE + "  NetNames: {Type: AWS::SNS::Topic}\n")
    (fix,) = plan_of(path, CHECK).fixes
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
