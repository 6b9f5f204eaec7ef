"""Policies of roles and users, written anew in an account and put back: against moto's IAM."""

import json

import pytest
from tests import aws
from tests.fixes import leaky

from buckler.app import fixing

LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
MANY = {
    "policy-action-unknown": ("role/typo", ["PutRolePolicy"]),
    "policy-condition-unknown": ("role/condition", ["DeleteRolePolicy", "UpdateAssumeRolePolicy"]),
    "policy-grant-impossible": ("role/bucket", ["PutRolePolicy"]),
    "user-assume-role-any": ("user/kim", ["PutUserPolicy"]),
    "user-can-escalate": ("user/ali", ["PutUserPolicy"]),
}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def endpoint():
    server = aws.fresh()
    iam, lam = aws.client("iam", server.endpoint), aws.client("lambda", server.endpoint)
    wrong = {"StringEquals": {"aws:SourceAcount": aws.SHOP}}
    roles = {
        "typo": (allow(["s3:GetObject", "s3:GetObjct"], "arn:aws:s3:::uploads/*"),),
        "condition": (allow("s3:GetObject", Condition=wrong),),
        "bucket": (allow(["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::uploads/*"),),
    }
    for name, statements in roles.items():
        trust = (LAMBDA, {**LAMBDA, "Condition": wrong}) if name == "condition" else (LAMBDA,)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*trust))
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        lam.create_function(
            FunctionName=f"as-{name}", Role=f"arn:aws:iam::{aws.SHOP}:role/{name}", Runtime="python3.13", Handler="app.handler",
            Code={"ZipFile": aws.zipped()},
        )  # fmt: skip
    for name, statement in {"kim": allow("sts:AssumeRole"), "ali": allow("iam:CreateAccessKey"), "root-ish": allow("*")}.items():
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(statement))
    with aws.environment(server.endpoint):
        yield server.endpoint


def test_each_is_mended_and_undone(endpoint, tmp_path):
    before = leaky.read()
    plan = leaky.plan(before, *MANY)
    told = {(fix.check, fix.subject.rpartition(":")[2]): fix for fix in plan.fixes}
    for check, (subject, operations) in MANY.items():
        fix = told[check, subject]
        assert (fix.proof.why, [edit.do.operation for edit in fix.edits]) == ("", operations)
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert outcome.refused == ()
    left = {one.fingerprint for one in leaky.findings(leaky.read())}
    assert left < {one.fingerprint for one in leaky.findings(before)}
    assert left.isdisjoint(told[check, subject].fingerprint for check, (subject, _) in MANY.items())
    policy = aws.client("iam", endpoint).get_user_policy(UserName="ali", PolicyName="buckler-no-escalation")["PolicyDocument"]
    assert policy["Statement"] == [{"Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*"}]
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert leaky.facts(leaky.read()) == leaky.facts(before)


def test_what_somebody_wrote_meanwhile_is_left(endpoint, tmp_path):
    plan = leaky.plan(leaky.read(), *MANY)
    iam = aws.client("iam", endpoint)
    iam.put_role_policy(RoleName="typo", PolicyName="own", PolicyDocument=document(allow("s3:GetObject")))
    iam.put_user_policy(UserName="kim", PolicyName="buckler-assume-no-other", PolicyDocument=document(allow("s3:GetObject")))
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    refused = {fix.check for fix in plan.fixes if fix.id in {one for one, _ in outcome.refused}}
    assert refused == {"policy-action-unknown", "user-assume-role-any"}
    for read, name in (
        (iam.get_role_policy, {"RoleName": "typo", "PolicyName": "own"}),
        (iam.get_user_policy, {"UserName": "kim", "PolicyName": "buckler-assume-no-other"}),
    ):
        assert read(**name)["PolicyDocument"]["Statement"] == [allow("s3:GetObject")]
