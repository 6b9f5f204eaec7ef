"""Machines that functions of different roles share, told apart in templates."""

import pytest
from tests.fixes.test_texts import changes, plan_of

from buckler.app import ScanOptions, scan_targets
from buckler.app.fixing import write_texts

CHECK = ScanOptions(only=("capacity-provider-shared",))
TRUST = "{Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]}"
HEAD = f"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  Operator: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {TRUST}}}}}
  Reader: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {TRUST}}}}}
  Writer: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {TRUST}}}}}
  Fleet:
    Type: AWS::Lambda::CapacityProvider
    Properties:
      CapacityProviderName: fleet
      VpcConfig: {{SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}}  # ours
      PermissionsConfig: {{CapacityProviderOperatorRoleArn: !GetAtt Operator.Arn}}
"""
PLAIN = """\
  {name}:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      Code: {{ZipFile: x}}
      Role: !GetAtt {role}.Arn
      CapacityProviderConfig:
        LambdaManagedInstancesCapacityProviderConfig:
          CapacityProviderArn: !GetAtt Fleet.Arn
"""
SAM = """\
  {name}:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      InlineCode: x
      Role: !GetAtt {role}.Arn
      CapacityProviderConfig:
        Arn: !GetAtt Fleet.Arn
"""


def written(tmp_path, text):
    path = tmp_path / "template.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("kind", [PLAIN, SAM], ids=["cloudformation", "sam"])
def test_each_further_role_gets_machines_of_its_own(tmp_path, kind):
    functions = [("Read", "Reader"), ("Write", "Writer"), ("WriteMore", "Writer")]
    text = HEAD + "".join(kind.format(name=name, role=role) for name, role in functions)
    path = written(tmp_path, text)
    plan = plan_of(path, CHECK)
    (fix,) = plan.fixes
    assert (fix.proof.verdict, fix.proof.why) == ("proved", "")
    write_texts(plan)
    assert scan_targets([path], CHECK).findings == ()
    after = path.read_text()
    assert (after.count("FleetWrite:"), after.count("CapacityProviderName: fleet"), after.count("# ours")) == (1, 1, 2)
    assert len([line for line in changes(text, after) if line.startswith("-")]) == 2
    assert fix.lost == ("machines of 1 more: what runs on them is billed, used or not",)


def test_a_provider_that_stands_elsewhere_is_advice(tmp_path):
    elsewhere = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:fleet"
    functions = "".join(PLAIN.format(name=role, role=f"{role}er") for role in ("Read", "Writ"))
    path = written(tmp_path, HEAD + functions.replace("!GetAtt Fleet.Arn", elsewhere))
    (fix,) = plan_of(path, CHECK).fixes
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "the capacity provider is not written in the text itself")
