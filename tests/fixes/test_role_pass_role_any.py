from tests.estates import allow
from tests.fixes.remedies import planned
from tests.reach.attack import can

from buckler.checks.role_pass_role_any import role_pass_role_any as check


def test_only_lambda_gets_roles():
    fix = planned(check, can("deployer", allow(["iam:PassRole", "lambda:CreateFunction"])))
    (edit,) = fix.edits
    (statement,) = edit.after["Statement"]
    assert fix.proof.verdict == "proved"
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "iam:PassRole", "*")
    assert statement["Condition"] == {"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
