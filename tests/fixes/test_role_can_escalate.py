import pytest
from tests.checks.escalating import OPS
from tests.estates import ACCOUNT, allow, function
from tests.fixes.remedies import planned
from tests.reach.attack import arn, can, deny, trust

from buckler.checks.role_can_escalate import role_can_escalate as check

ROOT = trust(aws=f"arn:aws:iam::{ACCOUNT}:root")
MAKE = ["lambda:CreateFunction", "lambda:InvokeFunction"]


def denied(fix):
    (edit,) = fix.edits
    assert (edit.before, edit.do.operation, edit.undo.operation) == (None, "PutRolePolicy", "DeleteRolePolicy")
    return {(one["Action"], one["Resource"]) for one in edit.after["Statement"]}


@pytest.mark.parametrize(
    ("statements", "wanted"),
    [
        pytest.param([allow(["iam:PassRole", *MAKE])], {("iam:PassRole", arn("role", "ops"))}, id="passing-only-to-that-administrator"),
        pytest.param([allow("iam:PutRolePolicy", arn("role", "worker"))], {("iam:PutRolePolicy", "*")}, id="rights-of-anybody"),
        pytest.param(
            [allow("iam:PutRolePolicy"), allow(["iam:PassRole", *MAKE])],
            {("iam:PutRolePolicy", "*"), ("iam:PassRole", arn("role", "ops"))},
            id="every-way-and-not-only-the-shortest",
        ),
        pytest.param([allow("iam:AttachRolePolicy", arn("role", "w*r"))], {("iam:AttachRolePolicy", "*")}, id="by-pattern"),
        pytest.param([allow("lambda:UpdateFunctionCode")], {("lambda:UpdateFunctionCode", function("operations").arn)}, id="that-function"),
    ],
)
def test_the_step_is_denied_and_nothing_else(statements, wanted):
    fix = planned(check, *OPS, can("worker", *statements, trust=ROOT))
    assert (fix.proof.verdict, fix.is_safe, denied(fix)) == ("proved", False, wanted)
    assert len(fix.lost) == len(wanted)


def test_a_policy_that_buckler_wrote_before_is_kept():
    from msgspec.structs import replace

    from buckler.model.policy import parse_policy

    worker = can("worker", allow(["iam:PassRole", *MAKE]), trust=ROOT)
    old = parse_policy({"Version": "2012-10-17", "Statement": [deny("s3:*")]}, worker.origin, name="buckler-no-escalation")
    fix = planned(check, *OPS, replace(worker, inline=(*worker.inline, old)))
    (edit,) = fix.edits
    assert edit.before["Statement"] == [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]
    assert len(edit.after["Statement"]) == 2
    assert edit.after["Statement"][0] == edit.before["Statement"][0]
    assert edit.undo.operation == "PutRolePolicy"
