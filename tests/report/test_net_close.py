"""`buckler net close`: text for people, JSON for scripts, and rules that can be pasted and are read back as they are meant."""

import json

import pytest
from tests.reach.test_network_close import NAT, PEER, closed

from buckler.cli.main import main
from buckler.engines.net.gates import describe_rule
from buckler.engines.secrets import judge
from buckler.report import Context
from buckler.report.net_close import close_json, close_text
from buckler.sources.cfn import read_template

TERRAFORM = """
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.v.id
  ingress {
    protocol        = "tcp"
    from_port       = 5432
    to_port         = 5432
    security_groups = [aws_security_group.export.id]
  }
}
resource "aws_security_group" "export" {
  name   = "export"
  vpc_id = aws_vpc.v.id
%s
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
}
resource "aws_lambda_function" "export" {
  function_name = "export"
  role          = aws_iam_role.r.arn
  runtime       = "python3.13"
  handler       = "a.b"
  filename      = "x.zip"
  environment {
    variables = { DB_HOST = "db.internal", DB_PORT = "5432" }
  }
  vpc_config {
    subnet_ids         = [aws_subnet.s.id]
    security_group_ids = [aws_security_group.export.id]
  }
}
"""
OPEN = """  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }"""
TEMPLATE = """
Resources:
  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  S: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref V, CidrBlock: 10.0.1.0/24}}
  Db:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: database
      VpcId: !Ref V
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !Ref ExportGroup}]
  ExportGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: export
      VpcId: !Ref V
%s
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Export:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: export
      Role: !GetAtt Role.Arn
      Runtime: python3.13
      Handler: a.b
      Code: {ZipFile: x}
      Environment: {Variables: {DB_HOST: db.internal%s}}
      VpcConfig: {SubnetIds: [!Ref S], SecurityGroupIds: [!Ref ExportGroup]}
"""


def told(capsys, *words):
    code = main(["net", "close", *map(str, words)])
    return code, capsys.readouterr().out


def test_what_is_printed_for_terraform_is_what_keeps_the_use(tmp_path, capsys):
    (tmp_path / "main.tf").write_text(TERRAFORM % OPEN)
    code, said = told(capsys, "export", tmp_path)
    assert code == 0
    assert "add: out tcp 5432 to ${aws_security_group.db.id}" in said
    assert "environment `DB_HOST`" in said
    assert "remove: out all traffic to 0.0.0.0/0" in said
    # Pasted beside the group, whose own block goes, there is nothing left to do.
    pasted = said[said.index('resource "aws_vpc_security_group_egress_rule"') :]
    (tmp_path / "main.tf").write_text(TERRAFORM % "" + pasted)
    code, again = told(capsys, "export", tmp_path)
    assert code == 0
    assert "keep: out tcp 5432 to ${aws_security_group.db.id}" in again
    assert "its rules are the tightest already" in again


@pytest.mark.parametrize(
    ("port", "left"), [(", DB_PORT: '5432'", "out tcp 5432 to ${Db}"), (", DB_PORT: '22'", "out all traffic to 127.0.0.1/32")]
)
def test_what_is_printed_for_a_template_is_what_keeps_the_use(tmp_path, capsys, port, left):
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE % ("", port))
    code, said = told(capsys, "export", file)
    assert code == 0
    pasted = said[said.index("SecurityGroupEgress:\n") :]
    inside, _, beside = pasted.partition("# Among the Resources:\n")
    properties, resources = ("".join(f"{gap}{line}\n" for line in text.splitlines()) for gap, text in (("      ", inside), ("  ", beside)))
    file.write_text((TEMPLATE % (properties, port)).replace("Resources:\n", f"Resources:\n{resources}", 1))
    groups = read_template(file, judge=judge).security_groups
    rules = [describe_rule(one) for group in groups if group.address == "ExportGroup" for one in group.rules if one.is_egress]
    # Where all rules stand beside the group, one to nowhere keeps EC2 from letting everything out.
    assert rules in ([left], ["out all traffic to 127.0.0.1/32", left])


def test_a_plan_is_for_what_is_live(tmp_path, capsys):
    (tmp_path / "main.tf").write_text(TERRAFORM % OPEN)
    assert main(["net", "close", "export", str(tmp_path), "--out", str(tmp_path / "plan.json")]) == 2
    assert "paste the rules into the file" in capsys.readouterr().err
    assert not (tmp_path / "plan.json").exists()
    assert main(["net", "export", str(tmp_path), "--out", str(tmp_path / "plan.json")]) == 2
    assert main(["net", "close", "export", str(tmp_path), "--format", "svg"]) == 2


def test_a_function_outside_every_vpc_has_nothing_to_close(tmp_path, capsys):
    text = TERRAFORM % OPEN
    (tmp_path / "main.tf").write_text(text[: text.index("  vpc_config")] + "}\n")
    assert main(["net", "close", "export", str(tmp_path)]) == 2
    assert "no security group filters what it sends" in capsys.readouterr().err


def test_what_could_not_be_read_is_exit_code_4(tmp_path, capsys):
    (tmp_path / "main.tf").write_text(TERRAFORM.replace("aws_iam_role.r.arn", '"arn:aws:iam::123456789012:role/elsewhere"') % OPEN)
    assert main(["net", "close", "export", str(tmp_path)]) == 4
    assert "nobody knows what it uses" in capsys.readouterr().err


def test_json_holds_all_of_it():
    document = json.loads(close_json(closed(f"{NAT}{PEER}"), ""))
    assert (document["schema"], document["is_proved"], document["refused"]) == ("buckler/net-close/1", True, "")
    (group,) = document["groups"]
    assert (group["rules"], group["add"], group["remove"]) == ([], [], ["out all traffic to 0.0.0.0/0", "out all traffic to ::/0"])
    assert {one["target"] for one in document["closed"]} == {"database (db)", "far (svc)", "the internet (IPv4)"}
    assert json.loads(close_json(closed(NAT), "because"))["is_proved"] is False


@pytest.mark.parametrize("width", [80, 120])
def test_text_fits_its_width(width):
    from tests.estates import env

    made = closed(f"{NAT}{PEER}", environment=(env("DB", "10.0.3.10:5432"), env("API", "https://api.stripe.com"), env("X", "10.9.9.9:1")))
    text = close_text(made, made.refused, Context(width=width))
    assert max(map(len, text.splitlines())) <= width
    assert "not kept: `10.9.9.9` on tcp 1, environment `X`: it is not reached today, and nothing is kept for it" in " ".join(text.split())
