import pytest
from msgspec.structs import replace
from tests.checks.escalating import OPS
from tests.estates import ACCOUNT, allow, attached, function, policy
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
    from buckler.model.policy import parse_policy

    worker = can("worker", allow(["iam:PassRole", *MAKE]), trust=ROOT)
    old = parse_policy({"Version": "2012-10-17", "Statement": [deny("s3:*")]}, worker.origin, name="buckler-no-escalation")
    fix = planned(check, *OPS, replace(worker, inline=(*worker.inline, old)))
    (edit,) = fix.edits
    assert edit.before["Statement"] == [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]
    assert len(edit.after["Statement"]) == 2
    assert edit.after["Statement"][0] == edit.before["Statement"][0]
    assert edit.undo.operation == "PutRolePolicy"


def test_a_boundary_where_there_is_no_room_for_another_inline_policy():
    full = [allow("s3:GetObject", f"arn:aws:s3:::{'b' * 60}-{number}/*") for number in range(78)]
    fix = planned(check, *OPS, can("worker", allow("iam:PutRolePolicy"), allow(["iam:PassRole", *MAKE]), *full, trust=ROOT))
    assert fix.proof.verdict == "proved", fix.proof.why
    assert [edit.do.operation for edit in fix.edits] == ["CreatePolicy", "PutRolePermissionsBoundary"]
    _, deny_them = fix.edits[0].after["Document"]["Statement"]
    assert deny_them == {"Effect": "Deny", "Action": ["iam:PassRole", "iam:PutRolePolicy"], "Resource": "*"}


def test_a_boundary_that_is_there_is_not_replaced():
    full = [allow("s3:GetObject", f"arn:aws:s3:::{'b' * 60}-{number}/*") for number in range(78)]
    worker = can("worker", allow("iam:PutRolePolicy"), *full, trust=ROOT)
    bound = replace(worker, boundary=attached("arn:aws:iam::123456789012:policy/all", policy(allow("*"))))
    fix = planned(check, *OPS, bound)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
