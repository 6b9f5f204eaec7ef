import pytest
from msgspec.structs import replace
from tests.checks.test_event_source_credentials_in_clear import redacted
from tests.estates import env, event_source
from tests.fixes.remedies import planned
from tests.fixes.test_texts import OPTIONS, changes, plan_of, proved

from buckler.app import scan_targets
from buckler.app.fixing import write_plan, write_texts
from buckler.checks.event_source_credentials_in_clear import event_source_credentials_in_clear as check

PASSWORD = "kX9vQ2mLp7Rz4TnW"
TEMPLATE = f"""\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]
  Reader:
    Type: AWS::Lambda::Function
    Properties: {{Runtime: python3.14, Handler: a.b, Code: {{ZipFile: x}}, Role: !GetAtt Role.Arn}}
  FromBroker:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !GetAtt Reader.Arn
      EventSourceArn: arn:aws:mq:eu-west-1:123456789012:broker:orders:b-1
      Queues: [orders]
      SourceAccessConfigurations:
        - Type: VIRTUAL_HOST
          URI: /shop
        - Type: BASIC_AUTH
          URI: "shop:{PASSWORD}" # for now
"""
ONLY = replace(OPTIONS, only=(check.id,))


def test_in_an_account_the_commands_are_named():
    fix = planned(check, event_source(source_kind="mq", credentials=(env("BASIC_AUTH", redacted()),)))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "--source-access-configurations Type=BASIC_AUTH,URI=ARN" in fix.summary


def test_in_a_template_a_secret_is_named_that_the_role_may_read(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    plan = plan_of(path, ONLY)
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")]
    assert PASSWORD not in write_plan(plan)
    write_texts(plan)
    text = path.read_text()
    lines = changes(TEMPLATE, text)
    assert [line for line in lines if line.startswith("-")] == [f'-           URI: "shop:{PASSWORD}" # for now']
    arn = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${FromBrokerBasicAuthSecret}"
    assert text.count(f'Fn::Sub: "{arn}"') == 2
    assert "# for now" in text
    assert 'Action: "secretsmanager:GetSecretValue"' in text
    assert PASSWORD not in text
    found = scan_targets([path], replace(OPTIONS, parameters=(("FromBrokerBasicAuthSecret", "broker-AbCdEf"),)))
    assert check.id not in {one.check for one in found.findings} | {one.check for one in found.gaps}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        pytest.param("Role: !GetAtt Role.Arn", "Role: arn:aws:iam::123456789012:role/r", "", id="a-role-elsewhere"),
        pytest.param("Resources:", "Parameters: {FromBrokerBasicAuthSecret: {Type: String}}\nResources:", "already", id="a-name-taken"),
    ],
)
def test_what_cannot_be_edited_is_said(tmp_path, old, new, why):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE.replace(old, new, 1))
    plan = plan_of(path, ONLY)
    assert proved(plan) == {}
    assert why in plan.fixes[0].proof.why
