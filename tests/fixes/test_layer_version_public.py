from tests.estates import ACCOUNT, OTHER, allow, layer, policy
from tests.fixes.remedies import planned

from buckler.checks.layer_version_public import layer_version_public as check

ARN = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:common:3"


def shared(principal, sid, **more):
    return allow("lambda:GetLayerVersion", ARN, Principal=principal, Sid=sid, **more)


def test_only_the_open_statement_goes():
    fix = planned(check, layer(ARN, policy=policy(shared("*", "all"), shared({"AWS": f"arn:aws:iam::{OTHER}:root"}, "friend"))))
    assert fix.proof.verdict == "proved"
    assert [edit.do.parameters["StatementId"] for edit in fix.edits] == ["all"]
    assert fix.edits[0].undo.parameters["Principal"] == "*"


def test_what_could_not_be_put_back_is_advice():
    assert planned(check, layer(ARN, policy=policy(shared("*", "")))).proof.verdict == "advice"
