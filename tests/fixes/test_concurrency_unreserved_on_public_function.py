from tests.estates import FUNCTION_ARN, LATEST, allow, function, on, policy
from tests.fixes.remedies import planned, setting

from buckler.checks.concurrency_unreserved_on_public_function import concurrency_unreserved_on_public_function as check

OPEN = function(policies=(on(LATEST, policy(allow("lambda:InvokeFunction", FUNCTION_ARN, Principal="*", Sid="all"))),))


def test_how_much_is_the_user_s_to_say():
    assert (planned(check, OPEN).proof.verdict, planned(check, OPEN).edits) == ("advice", ())
    fix = planned(check, OPEN, reserved_concurrency=5)
    assert (fix.proof.verdict, setting(fix)) == ("proved", (None, 5))
