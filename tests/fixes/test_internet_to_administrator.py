from tests.checks.escalating import OPS
from tests.estates import LATEST, allow, function, on, policy, url
from tests.fixes.remedies import mends, planned
from tests.reach.attack import arn, can

from buckler.checks.internet_to_administrator import internet_to_administrator as check

OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"})
PASSES = allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])
SITE = function("site", role=can("worker", PASSES).arn, urls=(url("NONE"),), policies=(on(LATEST, OPEN),))


def test_the_way_ends_at_the_role():
    fix = planned(check, *OPS, can("worker", PASSES), SITE)
    (edit,) = fix.edits
    assert (fix.proof.verdict, edit.arn) == ("proved", arn("role", "worker"))
    assert edit.after["Statement"] == [{"Effect": "Deny", "Action": "iam:PassRole", "Resource": arn("role", "ops")}]


def test_or_at_the_door():
    _, second = mends(check, *OPS, can("worker", PASSES), SITE)
    (edit,) = second.edits
    assert (edit.before, edit.after, edit.do.operation) == ("NONE", "AWS_IAM", "UpdateFunctionUrlConfig")
