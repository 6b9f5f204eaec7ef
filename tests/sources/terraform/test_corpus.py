"""The real plans: each reads, and says what is in it."""

import pytest
from tests.sources.terraform.plans import corpus, judge, shared

from buckler.model.secret import Redacted
from buckler.model.text import shown
from buckler.sources.terraform import looks_like_plan, read_plan


@pytest.mark.parametrize("path", corpus(), ids=lambda path: path.stem if path else "absent")
def test_every_real_plan_reads_whole(path):
    estate = read_plan(path, judge=judge)
    assert looks_like_plan(path.read_bytes()[:4096])
    assert [note.message for note in estate.notes if "malformed" in note.message] == []
    roles = {role.arn for role in estate.roles}
    for function in estate.functions:
        assert function.role in roles, "a function's role is found by its ARN"
        assert shown(function.region) == "us-east-1"


def test_cloudgoat_data_secrets():
    """aws_lambda_function.sensitive_lambda hands the access keys of a user to whoever reads its configuration."""
    estate = read_plan(shared("cg-data_secrets.json"), judge=judge)
    (function,) = estate.functions
    assert function.name == "cg-lambda-function-val-cgid"
    assert shown(function.arn) == "arn:aws:lambda:us-east-1:${AWS::AccountId}:function:cg-lambda-function-val-cgid"
    found = {shown(variable.name): variable.value for variable in function.environment}
    assert set(found) == {"DB_USER_ACCESS_KEY", "DB_USER_SECRET_KEY"}
    assert isinstance(found["DB_USER_SECRET_KEY"], Redacted)
    assert found["DB_USER_SECRET_KEY"].is_secret
    assert found["DB_USER_SECRET_KEY"].kind == "aws-secret-access-key"
    (ec2,) = [role for role in estate.roles if role.name == "cg-ec2-role-val-cgid"]
    (policy,) = ec2.inline
    assert "lambda:GetFunction" in {action for statement in policy.statements for action in statement.actions}


def test_cloudgoat_lambda_privesc():
    """lambdaManager may do everything with Lambda and pass any role; debug is an administrator; chris may assume every role."""
    estate = read_plan(shared("cg-lambda_privesc.json"), judge=judge)
    roles = {shown(role.name): role for role in estate.roles}
    (admin,) = roles["cg-debug-role-val-cgid"].attached
    assert admin.arn == "arn:aws:iam::aws:policy/AdministratorAccess"
    assert [(one.actions, one.resources) for one in admin.document.statements] == [(("*",), ("*",))]
    (manager,) = roles["cg-lambdaManager-role-val-cgid"].attached
    assert {action for one in manager.document.statements for action in one.actions} == {"lambda:*", "iam:PassRole"}
    assert roles["cg-lambdaManager-role-val-cgid"].trust.unresolved, "the trust names a user whose ARN is not known yet"
    (chris,) = estate.users
    (policy,) = chris.inline or [one.document for one in chris.attached]
    assert "sts:AssumeRole" in {action for one in policy.statements for action in one.actions}


def test_cloudgoat_secrets_in_the_cloud():
    """The function holds the API key of a web application in its environment."""
    estate = read_plan(shared("cg-secrets_in_the_cloud.json"), judge=judge)
    (function,) = estate.functions
    assert [shown(variable.name) for variable in function.environment] == ["API_KEY"]
    assert isinstance(function.environment[0].value, Redacted)


def test_layers_and_permissions_of_real_plans():
    layered = read_plan(shared("sp-lambda-layer-terraform.json"), judge=judge)
    (with_layer,) = [one for one in layered.functions if one.name == "lambda_with_layer"]
    assert [shown(layer.arn) for layer in with_layer.layers] == [
        "arn:aws:lambda:us-east-1:${AWS::AccountId}:layer:mysql-connector-python:${aws_lambda_layer_version.this.version}"
    ]
    recycle = read_plan(shared("sp-ami-recycle-bin.json"), judge=judge)
    (function,) = recycle.functions
    (statement,) = function.policy_of("$LATEST").statements
    assert [(one.kind, one.value) for one in statement.principals] == [("Service", "events.amazonaws.com")]
    assert [(one.operator, one.key, one.values) for one in statement.conditions] == [
        ("ArnLike", "AWS:SourceArn", ("arn:aws:events:us-east-1:123456789012:rule/invoke-lambda-daily",))
    ]
