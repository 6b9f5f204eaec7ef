from tests.estates import LATEST, function, on, policy, url
from tests.fixes.remedies import planned, setting

from buckler.checks.timeout_maximum_on_public_function import timeout_maximum_on_public_function as check

OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"})
SLOW = function(timeout_s=900, urls=(url("NONE"),), policies=(on(LATEST, OPEN),))


def test_requests_take_no_longer_than_the_user_says():
    fix = planned(check, SLOW, timeout_s=30)
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", False, (900, 30))


def test_only_the_user_knows_how_long():
    assert planned(check, SLOW).proof.why == "only you know how long the slowest honest request takes"
