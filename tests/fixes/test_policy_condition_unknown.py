import pytest
from tests.estates import allow, function, policy, role
from tests.fixes.remedies import never_wider, planned

from buckler.checks.policy_condition_unknown import policy_condition_unknown as check
from buckler.model.text import hole

XRAY = allow("xray:PutTraceSegments")


def only_if(operator, key, effect="Allow", value="x"):
    return {**allow("s3:GetObject"), "Effect": effect, "Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("statement", "condition", "is_safe"),
    [
        pytest.param(only_if("StringEquals", "aws:Mfa"), None, True, id="grants-nothing"),
        pytest.param(only_if("ArnLike", "aws:SourceArm"), None, True, id="grants-nothing-whatever-is-meant"),
        pytest.param(only_if("StringEqualsIfExists", "aws:SourceAcount"), {"StringEqualsIfExists": {"aws:SourceAccount": "x"}}, False, id="restricts-nobody"),
        pytest.param(only_if("StringEqualsIfExists", "aws:Whatever"), {}, True, id="restricts-nobody-and-nothing-is-like-it"),
        pytest.param(only_if("StringEquals", "aws:SourceAcount", "Deny"), {"StringEquals": {"aws:SourceAccount": "x"}}, False, id="denies-nothing"),
        pytest.param(only_if("StringEquals", "aws:Whatever", "Deny"), None, True, id="denies-nothing-and-nothing-is-like-it"),
        pytest.param(only_if("StringNotEquals", "aws:SourceAcount", "Deny"), {}, True, id="denies-everybody"),
    ],
)  # fmt: skip
def test_nothing_more_is_allowed(statement, condition, is_safe):
    fix = planned(check, function(), role(inline=(policy(statement, XRAY, name="own"),)))
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe, bool(fix.lost)) == ("proved", is_safe, not is_safe)
    (*first, last) = edit.after["Statement"]
    assert [one.get("Condition", {}) for one in first] == ([] if condition is None else [condition])
    assert last == edit.before["Statement"][-1]
    assert never_wider(edit)


def test_a_trust_policy_keeps_who_may_assume_the_role():
    service = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    wrong = {**service, "Principal": {"Service": "ec2.amazonaws.com"}, "Condition": {"StringEquals": {"aws:SourceAcount": "111122223333"}}}
    fix = planned(check, function(), role(trust=policy(service, wrong)))
    (edit,) = fix.edits
    assert (fix.proof.verdict, edit.do.operation, edit.after["Statement"]) == ("proved", "UpdateAssumeRolePolicy", [service])


def test_what_a_value_decides_that_nobody_knows_is_advice():
    fix = planned(check, function(), role(inline=(policy(only_if("StringEquals", "aws:SourceAcount", value=hole("Account")), name="own"),)))
    assert fix.proof.verdict in {"advice", "proved"}
    statement = only_if("Null", "aws:SourceAcount", value=hole("Whether"))
    fix = planned(check, function(), role(inline=(policy(statement, name="own"),)))
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "a value that is not known decides what comes of it")
