from msgspec.structs import replace
from tests.estates import LAMBDA_TRUST, OTHER, function, role
from tests.fixes.remedies import planned

from buckler.checks.role_trust_beyond_lambda import role_trust_beyond_lambda as check
from buckler.model.policy import Principal

LAMBDA = LAMBDA_TRUST.statements[0]
OTHERS = (Principal(kind="AWS", value=f"arn:aws:iam::{OTHER}:root"), Principal(kind="Service", value="ec2.amazonaws.com"))


def trusting(*principals):
    return replace(LAMBDA_TRUST, statements=(LAMBDA, replace(LAMBDA, principals=principals)))


def test_only_lambda_is_left():
    fix = planned(check, function(), role(trust=trusting(*OTHERS)))
    (edit,) = fix.edits
    assert fix.proof.verdict == "proved"
    assert [one["Principal"] for one in edit.after["Statement"]] == [{"Service": "lambda.amazonaws.com"}]
    assert fix.lost == (f"account `{OTHER}` may no longer assume the role", "`ec2.amazonaws.com` may no longer assume the role")
    assert (edit.do.operation, edit.undo.operation) == ("UpdateAssumeRolePolicy", "UpdateAssumeRolePolicy")


def test_of_a_statement_that_lets_in_lambda_too_lambda_stays():
    mixed = replace(LAMBDA_TRUST, statements=(replace(LAMBDA, principals=(*LAMBDA.principals, *OTHERS)),))
    (edit,) = planned(check, function(), role(trust=mixed)).edits
    assert edit.after["Statement"] == [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
