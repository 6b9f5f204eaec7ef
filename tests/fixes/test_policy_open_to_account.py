from tests.estates import FUNCTION_ARN, OTHER, allow, function, on, policy
from tests.fixes.remedies import planned

from buckler.checks.policy_open_to_account import policy_open_to_account as check
from buckler.model.functions import LATEST


def to(principal, sid):
    return allow("lambda:InvokeFunction", FUNCTION_ARN, Principal=principal, Sid=sid)


def mended(*statements):
    return planned(check, function(policies=(on(LATEST, policy(*statements)),)))


def test_every_statement_that_lets_the_account_in_goes_and_no_other():
    root = {"AWS": f"arn:aws:iam::{OTHER}:root"}
    fix = mended(to({"Service": "s3.amazonaws.com"}, "kept"), to({"AWS": OTHER}, "one"), to(root, "two"))
    assert fix.proof.verdict == "proved"
    assert [edit.do.parameters["StatementId"] for edit in fix.edits] == ["one", "two"]


def test_a_statement_that_names_others_too_is_advice():
    fix = mended(to({"AWS": [OTHER, "arn:aws:iam::123456789012:root"]}, "both"))
    assert fix.proof.verdict == "advice"
    assert "names others too" in fix.proof.why
