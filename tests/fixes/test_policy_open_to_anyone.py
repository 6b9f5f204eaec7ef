from tests.estates import ACCOUNT, FUNCTION_ARN, LATEST, allow, function, on, policy
from tests.fixes.remedies import planned

from buckler.checks.policy_open_to_anyone import policy_open_to_anyone as check


def opened(*statements):
    return function(policies=(on(LATEST, policy(*statements)),))


def invoke(sid, principal="*", **more):
    return allow("lambda:InvokeFunction", FUNCTION_ARN, Principal=principal, Sid=sid, **more)


def test_every_open_statement_goes_and_no_other():
    ours = invoke("ours", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/caller"})
    fix = planned(check, opened(invoke("a"), ours, invoke("b", {"AWS": "*"})))
    assert fix.proof.verdict == "proved"
    removed = [edit.do.parameters["StatementId"] for edit in fix.edits if edit.do.operation == "RemovePermission"]
    assert removed == ["a", "b"]
    assert any("may no longer lambda:InvokeFunction" in lost for lost in fix.lost)


def test_a_statement_lambda_could_not_write_again_is_left_alone():
    odd = invoke("odd", Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}})
    fix = planned(check, opened(odd))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
