import pytest
from msgspec.structs import replace
from tests.checks.escalating import ADMIN, OPS
from tests.estates import allow, policy
from tests.fixes.remedies import planned
from tests.reach.attack import arn, group, user

from buckler.checks.user_can_escalate import user_can_escalate as check

BOSS = user("root-ish", inline=(ADMIN,))
MAKE = ["lambda:CreateFunction", "lambda:InvokeFunction"]


def fix_of(kim, *groups):
    return planned(check, *OPS, more={"users": (kim, BOSS), "groups": (*groups, group("admins", allow("*")))})


@pytest.mark.parametrize(
    ("statements", "wanted"),
    [
        pytest.param([allow(["iam:PassRole", *MAKE])], {("iam:PassRole", arn("role", "ops"))}, id="passing-only-to-that-administrator"),
        pytest.param([allow("iam:CreateAccessKey")], {("iam:CreateAccessKey", "*")}, id="keys-of-anybody"),
        pytest.param(
            [allow("iam:PutUserPolicy"), allow("iam:AddUserToGroup")], {("iam:PutUserPolicy", "*"), ("iam:AddUserToGroup", "*")}, id="both"
        ),
    ],
)
def test_the_step_is_denied_and_nothing_else(statements, wanted):
    fix = fix_of(user("kim", *statements))
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    assert (edit.before, edit.do.operation, edit.undo.operation) == (None, "PutUserPolicy", "DeleteUserPolicy")
    assert {(one["Action"], one["Resource"]) for one in edit.after["Statement"]} == wanted
    assert all(said.startswith("the user may no longer ") for said in fix.lost)


def test_what_a_group_allows_is_denied_to_the_user_alone():
    builders = group("builders", allow(["iam:PassRole", *MAKE]))
    fix = fix_of(user("kim", groups=("builders",)), builders)
    (edit,) = fix.edits
    assert (fix.proof.verdict, edit.arn) == ("proved", arn("user", "kim"))


def test_a_user_whose_own_policies_are_full_gets_advice():
    # IAM: 2,048 characters for all inline policies of a user.
    full = replace(policy(*(allow("s3:GetObject", f"arn:aws:s3:::bucket-number-{number}/*") for number in range(25))), name="full")
    fix = fix_of(user("kim", inline=(policy(allow("iam:CreateAccessKey")), full)))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "2,048 characters" in fix.proof.why
