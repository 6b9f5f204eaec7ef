from tests.estates import allow
from tests.fixes.remedies import planned
from tests.reach.attack import arn, can

from buckler.checks.role_can_reach_secrets import role_can_reach_secrets as check

MAKE = ["lambda:CreateFunction", "lambda:InvokeFunction"]
VAULT = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:bank-AbCdEf"


def test_every_way_is_denied_and_nothing_else():
    readers = [can(name, allow("secretsmanager:GetSecretValue", VAULT)) for name in ("reader", "auditor")]
    worker = can("worker", allow("iam:PassRole"), allow(MAKE))
    fix = planned(check, *readers, can("logger", allow("logs:*")), worker)
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    denied = {(one["Action"], one["Resource"]) for one in edit.after["Statement"]}
    assert denied == {("iam:PassRole", arn("role", "reader")), ("iam:PassRole", arn("role", "auditor"))}
    assert (edit.before, edit.do.operation, edit.undo.operation) == (None, "PutRolePolicy", "DeleteRolePolicy")
    assert set(fix.lost) == {f"the role may no longer `iam:PassRole` on `{arn('role', name)}`" for name in ("reader", "auditor")}
