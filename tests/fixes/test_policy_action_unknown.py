import pytest
from tests.estates import allow, attached, function, policy, role
from tests.fixes.remedies import never_wider, planned

from buckler.checks.policy_action_unknown import policy_action_unknown as check

MANAGED = "arn:aws:iam::123456789012:policy/shared"


def fix_of(*statements):
    return planned(check, function(), role(inline=(policy(*statements, name="own"),)))


@pytest.mark.parametrize(
    ("statement", "after", "is_safe"),
    [
        pytest.param(allow(["s3:GetObject", "s3:GetObjct"]), {"Action": "s3:GetObject"}, True, id="granted-nothing"),
        pytest.param(allow(["s3:GetObject", "s3:HeadObject"]), {"Action": "s3:GetObject"}, True, id="an-operation-is-no-action"),
        pytest.param({**allow("iam:CreateUsr"), "Effect": "Deny"}, {"Action": "iam:CreateUser"}, False, id="a-deny-of-what-is-meant"),
        pytest.param({"Effect": "Allow", "NotAction": ["iam:*", "s3:DeleteObjct"], "Resource": "*"}, {"NotAction": ["iam:*", "s3:DeleteObject"]}, False, id="left-out-of-an-allow"),
        pytest.param({"Effect": "Deny", "NotAction": ["s3:*", "s3:GetObjct"], "Resource": "*"}, {"NotAction": "s3:*"}, True, id="left-out-of-a-deny"),
        pytest.param({"Effect": "Deny", "NotAction": "s3:GetObjct", "Resource": "*"}, {"Action": "*"}, True, id="all-but-nothing"),
    ],
)  # fmt: skip
def test_nothing_more_is_allowed(statement, after, is_safe):
    fix = fix_of(statement, allow("xray:PutTraceSegments"))
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe, bool(fix.lost)) == ("proved", is_safe, not is_safe)
    kept = {"Effect": statement["Effect"], "Resource": "*"}
    assert edit.after["Statement"] == [{**kept, **after}, edit.before["Statement"][1]]
    assert never_wider(edit)


def test_a_statement_and_a_policy_of_which_nothing_is_left_go():
    fix = fix_of(allow("s3:GetObjct"), allow("xray:PutTraceSegments"))
    assert [one["Action"] for one in fix.edits[0].after["Statement"]] == ["xray:PutTraceSegments"]
    fix = fix_of(allow("s3:GetObjct"))
    (edit,) = fix.edits
    assert (edit.after, edit.do.operation, edit.undo.operation) == (None, "DeleteRolePolicy", "PutRolePolicy")
    assert "if the code calls `s3:GetObject`, grant that" in fix.summary


def test_of_a_policy_that_others_have_the_role_gets_a_copy():
    shared = attached(MANAGED, policy(allow(["s3:GetObject", "s3:GetObjct"]), name=MANAGED))
    fix = planned(check, function(), role(attached=(shared,)))
    assert [edit.do.operation for edit in fix.edits] == ["PutRolePolicy", "DetachRolePolicy"]
    fix = planned(check, function(), role(attached=(attached(MANAGED, policy(allow("s3:GetObjct"), name=MANAGED)),)))
    assert ([edit.do.operation for edit in fix.edits], fix.proof.verdict) == (["DetachRolePolicy"], "proved")
