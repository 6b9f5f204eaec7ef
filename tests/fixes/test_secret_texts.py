"""Secrets in the text of templates: taken out, granted, and never shown beside any other edit either."""

import json
import zipfile

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from tests.fixes.test_texts import OPTIONS, changes, plan_of, proved

from buckler.app import read_targets, scan_targets
from buckler.app.fixing import write_plan, write_texts
from buckler.cli.secrets import command
from buckler.fixes.moving import resolver_layer
from buckler.model.fix import Wishes
from buckler.model.severity import Persona
from buckler.report.fix import plan_text

PASSWORD, KEY, OTHER = "kX9vQ2mLp7Rz4TnW", "AKIAIOSFODNN7EXAMPLX", "zR4nT7wQ1pLm9KvX"
HEAD = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
CHECKOUT = f"""\
  # takes money
  Checkout:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      InlineCode: x
      Environment:
        Variables:
          TABLE: orders
          DB_PASSWORD: "{PASSWORD}" # rotate me
          API_KEY: {KEY}
"""
MAIL = f"""\
  Mail:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: nodejs22.x
      Role: !GetAtt MailRole.Arn
      Code: {{ZipFile: x}}
      Layers: [arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:90]
      Environment:
        Variables: {{SMTP_PASSWORD: '{OTHER}'}}
  MailRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]}}
"""
WISHES = Wishes(secrets_to="secretsmanager", resolver_layer="buckler-resolve:3")
ONLY = replace(OPTIONS, only=("secret-in-environment",))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(HEAD + CHECKOUT + MAIL)
    return path


def test_all_secrets_become_references_that_their_roles_may_follow(file):
    before = file.read_text()
    plan = plan_of(file, ONLY, WISHES)
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")] * 3
    write_texts(plan)
    text = file.read_text()
    assert not any(one in text for one in (PASSWORD, KEY, OTHER))
    assert "# takes money" in text
    assert "# rotate me" in text
    assert {line[2:] for line in changes(before, text) if line.startswith("-")} == {
        f'          DB_PASSWORD: "{PASSWORD}" # rotate me',
        f"          API_KEY: {KEY}",
        "      Layers: [arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:90]",
        f"        Variables: {{SMTP_PASSWORD: '{OTHER}'}}",
    }
    assert not [one for one in scan_targets([file], ONLY).findings if one.check == "secret-in-environment"]


def test_with_its_parameters_the_template_says_what_the_resolver_follows(file):
    write_texts(plan_of(file, ONLY, WISHES))
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:{}-AbCdEf"
    names = ("CheckoutDbPasswordSecret", "CheckoutApiKeySecret", "MailSmtpPasswordSecret")
    options = replace(OPTIONS, parameters=tuple((name, arn.format(name)) for name in names))
    (estate,) = read_targets([file], options).estates
    told = {one.name if isinstance(one.name, str) else one.address: one for one in estate.functions}
    values = {str(one.name): one.value for function in told.values() for one in function.environment}
    assert values == {
        "TABLE": "orders",
        "DB_PASSWORD": f"buckler:secretsmanager:{arn.format(names[0])}",
        "API_KEY": f"buckler:secretsmanager:{arn.format(names[1])}",
        "SMTP_PASSWORD": f"buckler:secretsmanager:{arn.format(names[2])}",
        "AWS_LAMBDA_EXEC_WRAPPER": "/opt/buckler/wrapper",
    }
    allowed = {
        role.address: [
            (statement.actions, tuple(map(str, statement.resources))) for policy in role.inline for statement in policy.statements
        ]
        for role in estate.roles
    }
    assert allowed["MailRole"] == [(("secretsmanager:GetSecretValue",), (arn.format(names[2]),))]
    assert allowed["CheckoutRole"] == [(("secretsmanager:GetSecretValue",), (arn.format(names[0]), arn.format(names[1])))]


def test_only_what_is_asked_for_is_moved(file):
    plan = plan_of(file, ONLY, WISHES, function="Mail")
    assert [fix.proof.verdict for fix in plan.fixes] == ["proved"]
    write_texts(plan)
    assert [one in file.read_text() for one in (PASSWORD, KEY, OTHER)] == [True, True, False]


def test_parameter_store_and_a_block_of_parameters_that_is_there(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text("Parameters:\n  Stage: {Type: String, Default: prod}\n" + HEAD + CHECKOUT)
    write_texts(plan_of(path, ONLY, replace(WISHES, secrets_to="ssm")))
    text = path.read_text()
    assert 'Fn::Sub: "buckler:ssm:${CheckoutApiKeyParameter}"' in text
    assert "ssm:GetParameter" in text
    assert text.index("CheckoutDbPasswordParameter:") < text.index("Transform:")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Runtime: python3.13", "Runtime: java21", "references are resolved for Python and Node.js, not for java21"),
        ("          TABLE: orders\n", "          AWS_LAMBDA_EXEC_WRAPPER: /opt/other\n", "`AWS_LAMBDA_EXEC_WRAPPER` is in use already"),
        ("      InlineCode: x\n", "      InlineCode: x\n      Role: arn:aws:iam::123456789012:role/r\n", ""),
    ],
)
def test_what_cannot_be_moved_says_why_and_the_rest_is(file, old, new, why):
    file.write_text(file.read_text().replace(old, new, 1))
    fixes = {fix.message.split("`")[1]: fix for fix in plan_of(file, ONLY, WISHES).fixes}
    assert {name: fix.proof.verdict for name, fix in fixes.items()} == {
        "DB_PASSWORD": "advice",
        "API_KEY": "advice",
        "SMTP_PASSWORD": "proved",
    }
    assert why in fixes["API_KEY"].proof.why
    assert fixes["API_KEY"].proof.why


def test_where_secrets_go_is_the_users_to_say(file):
    for wishes in (Wishes(), Wishes(secrets_to="ssm"), Wishes(resolver_layer="a:1")):
        assert {fix.proof.verdict for fix in plan_of(file, ONLY, wishes).fixes} == {"advice"}
        assert "--resolver-layer NAME:N" in plan_of(file, ONLY, wishes).fixes[0].summary


@pytest.mark.parametrize("form", ["yaml", "json", "flow", "tf"])
def test_no_plan_holds_a_secret_that_stands_beside_what_is_edited(tmp_path, form):
    path = tmp_path / "template.yaml"
    variables = {"Variables": {"DB_PASSWORD": PASSWORD, "API_KEY": KEY, "TOKENS": OTHER}}
    properties = {"Handler": "app.handler", "Runtime": "python3.8", "InlineCode": "x", "Environment": variables}
    document = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}},
    }
    if form == "yaml":
        path.write_text(HEAD + CHECKOUT + MAIL)
    elif form == "tf":
        path = tmp_path
        (tmp_path / "main.tf").write_text(
            'resource "aws_lambda_function" "f" {\n  function_name = "f"\n  role = "arn:aws:iam::123456789012:role/r"\n  runtime = "python3.8"\n'
            f'  handler = "a.b"\n  filename = "a.zip"\n  environment {{ variables = {{ DB_PASSWORD = "{PASSWORD}", API_KEY = "{KEY}" }} }}\n}}\n'
        )
    else:
        path.write_text(json.dumps(document, indent=2 if form == "json" else None))
    wishes = replace(
        WISHES,
        kms_key="arn:aws:kms:eu-west-1:123456789012:key/1",
        extension_layer="arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:90",
    )
    plan = plan_of(path, replace(OPTIONS, persona=Persona.AUDITOR), wishes)
    assert len(proved(plan)) >= 3
    for text in (write_plan(plan), plan_text(plan)):
        assert not [one for one in (PASSWORD, KEY, OTHER) if one in text]


def test_the_same_edits_are_shown_once(file):
    plan = plan_of(file, ONLY, WISHES)
    text = plan_text(plan)
    assert text.count("CheckoutDbPasswordSecret:") == 1
    assert text.count(f"the same as fix {plan.fixes[0].id}") == 2


def test_the_resolver_is_written_as_a_layer(tmp_path):
    done = CliRunner().invoke(command, ["resolver", "-o", str(tmp_path / "r.zip")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "r.zip").read_bytes() == resolver_layer()
    assert "publish-layer-version" in done.output
    with zipfile.ZipFile(tmp_path / "r.zip") as archive:
        assert "buckler/wrapper" in archive.namelist()
