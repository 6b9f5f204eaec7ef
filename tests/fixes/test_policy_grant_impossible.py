import pytest
from tests.estates import allow, function, policy, role
from tests.fixes.remedies import never_wider, planned

from buckler.checks.policy_grant_impossible import policy_grant_impossible as check

BUCKET = "arn:aws:s3:::uploads"
OBJECTS = f"{BUCKET}/*"
XRAY = allow("xray:PutTraceSegments")


@pytest.mark.parametrize(
    ("statement", "after", "is_safe"),
    [
        pytest.param(allow("s3:GetObject", BUCKET), None, True, id="all-of-it"),
        pytest.param(allow(["s3:GetObject", "s3:ListBucket"], OBJECTS), ("s3:GetObject", OBJECTS), True, id="one-of-two-actions"),
        pytest.param(allow("s3:GetObject", [OBJECTS, "arn:aws:s3:::exports"]), ("s3:GetObject", OBJECTS), True, id="one-of-two-resources"),
        pytest.param({**allow("s3:GetObject", BUCKET), "Effect": "Deny"}, ("s3:GetObject", [BUCKET, OBJECTS]), False, id="denied"),
    ],
)
def test_nothing_more_is_allowed(statement, after, is_safe):
    fix = planned(check, function(), role(inline=(policy(statement, XRAY, name="own"),)))
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe, bool(fix.lost)) == ("proved", is_safe, not is_safe)
    (*first, last) = edit.after["Statement"]
    assert [(one["Action"], one["Resource"]) for one in first] == ([] if after is None else [after])
    assert last == edit.before["Statement"][-1]
    assert never_wider(edit)


def test_what_is_granted_elsewhere_stays_where_it_is():
    read = ["s3:GetObject", "s3:ListBucket"]
    wrong = policy(allow(read, BUCKET), allow(read, OBJECTS), allow("sqs:SendMessage", BUCKET), name="own")
    (edit,) = planned(check, function(), role(inline=(wrong,))).edits
    assert [one["Action"] for one in edit.after["Statement"]] == [read, read]


def test_what_the_code_may_need_is_said():
    fix = planned(check, function(), role(inline=(policy(allow("s3:GetObject", BUCKET), name="own"),)))
    assert fix.edits[0].after is None
    assert f"grant `s3:GetObject` on `{OBJECTS}`" in fix.summary
