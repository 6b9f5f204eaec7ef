from tests.estates import ACCOUNT, OTHER, allow, layer, policy
from tests.fixes.remedies import planned

from buckler.checks.layer_version_shared import layer_version_shared as check

ARN = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:common:3"


def shared(principal, sid):
    return allow("lambda:GetLayerVersion", ARN, Principal=principal, Sid=sid)


def test_only_the_statement_of_that_account_goes():
    fix = planned(
        check, layer(ARN, policy=policy(shared({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "ours"), shared({"AWS": OTHER}, "theirs")))
    )
    assert fix.proof.verdict == "proved"
    assert [edit.do.parameters["StatementId"] for edit in fix.edits] == ["theirs"]
    assert fix.edits[0].undo.parameters["Principal"] == OTHER


def test_a_statement_that_names_others_too_is_advice():
    assert planned(check, layer(ARN, policy=policy(shared({"AWS": [ACCOUNT, OTHER]}, "both")))).proof.verdict == "advice"
