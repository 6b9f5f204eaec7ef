"""A shared role split in the texts that make it: copied as it is written, and nothing else changes."""

import json

import pytest
from tests.fixes.test_texts import changes, plan_of

from buckler.app import ScanOptions, read_targets, scan_targets
from buckler.app.fixing import write_texts

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
  Shared:  # one for all
    Type: AWS::IAM::Role
    Properties:
      RoleName: shop
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              # reads orders
              - {Effect: Allow, Action: ["dynamodb:GetItem"], Resource: !GetAtt Orders.Arn}
              - {Effect: Allow, Action: "s3:*", Resource: "*"}
  Beside:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref Shared]
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      InlineCode: "def b(e, c): return 1"
      Role: !GetAtt Shared.Arn
      FunctionUrlConfig: {AuthType: NONE}
  Pay:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      InlineCode: "def b(e, c): return 1"
      Role: !GetAtt Shared.Arn
      Environment: {Variables: {TABLE: !Ref Orders}}
"""

CONFIGURATION = """\
resource "aws_dynamodb_table" "orders" {
  name     = "orders"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_iam_role" "shared" {
  name = "shop-${terraform.workspace}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "own" {
  name = "own"
  role = aws_iam_role.shared.id
  # reads orders
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = aws_dynamodb_table.orders.arn }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.shared.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "greet" {
  function_name = "greet"
  role          = aws_iam_role.shared.arn
  runtime       = "python3.14"
  handler       = "a.b"
  filename      = "a.zip"
}

resource "aws_lambda_function_url" "greet" {
  function_name      = aws_lambda_function.greet.function_name
  authorization_type = "NONE"
}

resource "aws_lambda_function" "pay" {
  function_name = "pay"
  role          = aws_iam_role.shared.arn
  runtime       = "python3.14"
  handler       = "a.b"
  filename      = "a.zip"
  environment {
    variables = { TABLE = aws_dynamodb_table.orders.name }
  }
}

resource "aws_lambda_permission" "url" {
  function_name          = aws_lambda_function.greet.function_name
  action                 = "lambda:InvokeFunctionUrl"
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_permission" "through" {
  function_name            = aws_lambda_function.greet.function_name
  action                   = "lambda:InvokeFunction"
  principal                = "*"
  invoked_via_function_url = true
}
"""


def split(path):
    plan = plan_of(path, ScanOptions(only=frozenset({"role-shared"})))
    assert [(fix.check, fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("role-shared", "proved", "")]
    write_texts(plan)
    assert "role-shared" not in {one.check for one in scan_targets([path], ScanOptions()).findings}
    roles = {one.address: one for one in read_targets([path], ScanOptions()).estates[0].roles}
    return plan.fixes[0], roles


def policies(role):
    return sorted(one.name for one in role.inline), len(role.attached)


def test_a_template_gets_a_copy_for_each_function_of_another_purpose(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    fix, roles = split(path)
    assert policies(roles["PayRole"]) == (["own"], 1)
    assert policies(roles["Shared"]) == (["others-data", "own"], 1)
    lines = changes(TEMPLATE, path.read_text())
    assert [line for line in lines if line.startswith("-")] == ["-       Roles: [!Ref Shared]", "-       Role: !GetAtt Shared.Arn"]
    # Its comments with it, and not its name: a name can be given once.
    assert "+               # reads orders" in lines
    assert path.read_text().count("RoleName") == 1
    assert fix.lost == ("whoever names `shop` where `${Pay}` is meant: key policies, bucket policies",)


def test_the_copy_keeps_what_is_found_of_the_role(tmp_path):
    # `s3:*` is found of the role, and of its copy: nothing new was said.
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    before = {(one.check, one.subject.id) for one in scan_targets([path], ScanOptions()).findings}
    split(path)
    after = {(one.check, one.subject.id) for one in scan_targets([path], ScanOptions()).findings}
    assert ("role-service-wildcard", "Shared") in before
    assert after - before == {("role-service-wildcard", "PayRole")}


def test_what_is_denied_to_a_copy_is_denied_when_there_is_one(tmp_path):
    path = tmp_path / "template.yaml"
    # The other way round: the one that is open names the table, so the copy is denied it.
    text = TEMPLATE.replace("  Shared:  # one for all\n", "  Shared:\n    Condition: Wanted\n")
    text = text.replace("      Environment: {Variables: {TABLE: !Ref Orders}}\n", "")
    text = text.replace(
        "      FunctionUrlConfig: {AuthType: NONE}\n",
        "      FunctionUrlConfig: {AuthType: NONE}\n      Environment: {Variables: {TABLE: !Ref Orders}}\n",
    )
    path.write_text(text.replace("Resources:\n", 'Conditions: {Wanted: !Equals ["a", "a"]}\nResources:\n', 1))
    split(path)
    after = path.read_text()
    assert "PayRoleOthersData" in after
    assert after.count("Condition: Wanted") == 3


def test_json_is_copied_as_json(tmp_path):
    path = tmp_path / "template.json"
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "shop",
            "AssumeRolePolicyDocument": {
                "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
            },
            "Policies": [
                {"PolicyName": "own", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}}
            ],
        },
    }
    code = {"Runtime": "python3.14", "Handler": "a.b", "InlineCode": "x", "Role": {"Fn::GetAtt": ["Shared", "Arn"]}}
    resources = {
        "Shared": role,
        "Greet": {"Type": "AWS::Serverless::Function", "Properties": code | {"FunctionUrlConfig": {"AuthType": "NONE"}}},
        "Pay": {"Type": "AWS::Serverless::Function", "Properties": code},
    }
    path.write_text(json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}, indent=2))
    split(path)
    after = json.loads(path.read_text())["Resources"]
    assert after["PayRole"] == {**role, "Properties": {name: one for name, one in role["Properties"].items() if name != "RoleName"}}
    assert after["Pay"]["Properties"] == code | {"Role": {"Fn::GetAtt": ["PayRole", "Arn"]}}
    assert {name: after[name] for name in ("Shared", "Greet")} == {name: resources[name] for name in ("Shared", "Greet")}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "  Pay:\n    Type: AWS::Serverless",
            "  PayRole: {Type: AWS::SNS::Topic}\n  Pay:\n    Type: AWS::Serverless",
            "there is a `PayRole`",
        ),
        (
            "      Policies:\n        - PolicyName",
            "      Policies:\n        - &own\n          PolicyName",
            "shared by an anchor|an anchor shares",
        ),
    ],
    ids=["a-name-that-is-taken", "an-anchor"],
)
def test_what_cannot_be_copied_is_said(tmp_path, old, new, why):
    path = tmp_path / "template.yaml"
    assert old in TEMPLATE
    path.write_text(TEMPLATE.replace(old, new))
    (fix,) = plan_of(path, ScanOptions(only=frozenset({"role-shared"}))).fixes
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert any(one in fix.proof.why for one in why.split("|")), fix.proof.why


def test_a_configuration_gets_its_policies_and_attachments_twice(tmp_path):
    path = tmp_path / "main.tf"
    path.write_text(CONFIGURATION)
    _, roles = split(tmp_path)
    own, shared = roles["aws_iam_role.shared_pay"], roles["aws_iam_role.shared"]
    assert (policies(own), policies(shared)) == ((["own"], 1), (["others-data", "own"], 1))
    assert (own.name, shared.name) == ("shop-default-pay", "shop-default")
    gone = [line for line in changes(CONFIGURATION, path.read_text()) if line.startswith("-")]
    assert gone == ["-   role          = aws_iam_role.shared.arn"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"pay" {\n', '"pay" {\n  count = 1\n', "makes several functions"),
        ('"shared" {\n', '"shared" {\n  count = 1\n', "makes several roles"),
        (
            'resource "aws_iam_role_policy_attachment" "logs" {\n  role       = aws_iam_role.shared.name',
            'resource "aws_iam_policy_attachment" "logs" {\n  name = "x"\n  roles      = [aws_iam_role.shared.name]',
            "several roles at once",
        ),
        ("  role = aws_iam_role.shared.id", '  role = "shop-default"', "would not get all policies"),
    ],
    ids=["counted-functions", "counted-roles", "attached-to-several", "a-role-by-its-name"],
)
def test_what_cannot_be_copied_of_a_configuration_is_said(tmp_path, old, new, why):
    text = CONFIGURATION.replace(old, new)
    assert text != CONFIGURATION
    if old.startswith('"shared"'):
        text = text.replace("aws_iam_role.shared.", "aws_iam_role.shared[0].")
    (tmp_path / "main.tf").write_text(text)
    fixes = plan_of(tmp_path, ScanOptions(only=frozenset({"role-shared"}))).fixes
    assert [(one.proof.verdict, one.edits) for one in fixes] == [("advice", ())]
    assert why in fixes[0].proof.why


def test_a_copy_of_a_configuration_is_denied_what_only_the_others_name(tmp_path):
    path = tmp_path / "main.tf"
    variables = "  environment {\n    variables = { TABLE = aws_dynamodb_table.orders.name }\n  }\n"
    assert variables in CONFIGURATION
    text = CONFIGURATION.replace(variables, "")
    path.write_text(text.replace('  function_name = "greet"\n', f'  function_name = "greet"\n{variables}'))
    _, roles = split(tmp_path)
    assert policies(roles["aws_iam_role.shared_pay"]) == (["others-data", "own"], 1)
    assert policies(roles["aws_iam_role.shared"]) == (["own"], 1)
