"""What a function is worth, in one word; and the severity that follows from it."""

import pytest
from tests.estates import ACCOUNT, DENIED, allow, env, function, on, policy, url
from tests.reach.attack import arn, can, deny, estate, secret, store, trust

from buckler.checks import all_checks, run
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity
from buckler.reach.worth import worth_of

ROLE = "checkout-role"
ADMIN = can("admin", allow("*"), trust=trust(service="lambda.amazonaws.com"))
PASSES = (allow("iam:PassRole"), allow(["lambda:CreateFunction", "lambda:InvokeFunction"]))
HELD = env(
    "STRIPE_KEY", Redacted(kind="stripe-secret-key", is_secret=True, confidence=Confidence.HIGH, shown="sk_live_... (32)", length=32)
)
OPEN = policy(
    {"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"},
)


def worth(*entities, fn=None):
    about = estate(fn or function(), *entities)
    return worth_of(about.estate.functions[0], about)


def test_an_administrator():
    found = worth(can(ROLE, allow("*")))
    assert (found.level, found.said) == ("administrator", f"2 steps to administrator of {ACCOUNT}")


def test_a_way_to_an_administrator_counts_its_steps():
    found = worth(can(ROLE, *PASSES), ADMIN)
    assert (found.level, found.said) == ("administrator", f"3 steps to administrator of {ACCOUNT}")


def test_another_principal():
    nobody = can("reader", allow("s3:ListAllMyBuckets"), trust=trust(aws=arn("role", ROLE)))
    assert worth(can(ROLE, allow("sts:AssumeRole")), nobody).level == "principals"


@pytest.mark.parametrize(
    ("statement", "thing", "level", "said"),
    [
        (allow("secretsmanager:GetSecretValue"), secret("orders"), "secrets", "read access to the secret `orders`"),
        (allow("s3:GetObject"), store("bucket", "orders"), "data", "read access to the bucket `orders`"),
    ],
)
def test_what_it_touches(statement, thing, level, said):
    found = worth(can(ROLE, statement), thing)
    assert (found.level, found.said) == (level, said)


def test_everything_of_a_kind_is_said_so():
    assert worth(can(ROLE, allow("s3:*"))).said == "all access to every bucket"


def test_nothing_for_sure():
    assert worth(can(ROLE, allow(["logs:CreateLogStream", "logs:PutLogEvents"]))).level == "nothing"
    assert worth(can(ROLE, allow("s3:*"), deny("s3:*"))).level == "nothing"


@pytest.mark.parametrize(
    "unread",
    [
        pytest.param(can(ROLE, allow("logs:*"), attached=DENIED), id="attached"),
        pytest.param(can(ROLE, allow("logs:*"), boundary=DENIED), id="boundary"),
    ],
)
def test_what_could_not_be_read_is_not_nothing(unread):
    assert worth(unread).level == "unknown"


def test_a_role_that_is_not_there_is_not_nothing():
    assert worth(can("another", allow("*"))).level == "unknown"
    assert worth(fn=function(role=DENIED)).level == "unknown"


def test_what_rests_on_a_condition_is_not_nothing():
    # Whether the administrator's role can be had depends on something nobody could read.
    hidden = can("admin", allow("*"), trust=DENIED)
    assert worth(can(ROLE, allow("sts:AssumeRole")), hidden).level == "unknown"


def test_a_secret_in_its_environment_is_worth_something_whatever_the_role():
    assert worth(can(ROLE, allow("logs:*")), fn=function(environment=(HELD,))).level == "secrets"
    # But not more than an administrator is.
    assert worth(can(ROLE, allow("*")), fn=function(environment=(HELD,))).level == "administrator"


# --- severity ------------------------------------------------------------------------------------------------------------


def severity(check_id, *entities, fn):
    (check,) = (one for one in all_checks() if one.id == check_id)
    (finding,) = run([check], estate(fn, *entities)).findings
    return finding.severity, finding.reach


def opened(**more):
    return function(urls=(url("NONE"),), policies=(on("$LATEST", OPEN),), **more)


def test_an_open_url_is_worth_what_is_behind_it():
    assert severity("function-url-public", can(ROLE, allow("*")), fn=opened()) == (
        Severity.CRITICAL,
        f"2 steps to administrator of {ACCOUNT}",
    )
    assert severity("function-url-public", can(ROLE, allow("s3:GetObject")), store("bucket", "orders"), fn=opened())[0] is Severity.HIGH
    assert severity("function-url-public", can(ROLE, allow("logs:PutLogEvents")), fn=opened()) == (Severity.MEDIUM, "")


def test_not_knowing_takes_nothing_away():
    assert severity("function-url-public", can(ROLE, attached=DENIED), fn=opened())[0] is Severity.HIGH


def test_what_hands_nobody_the_function_is_not_worse_on_an_administrator():
    without = severity("tracing-off", can(ROLE, allow("s3:GetObject")), store("bucket", "b"), fn=function(tracing="PassThrough"))[0]
    assert severity("tracing-off", can(ROLE, allow("*")), fn=function(tracing="PassThrough"))[0] is without


def test_what_lies_in_the_environment_is_not_weighed():
    poor = severity("secret-in-environment", can(ROLE, allow("logs:PutLogEvents")), fn=function(environment=(HELD,)))
    rich = severity("secret-in-environment", can(ROLE, allow("*")), fn=function(environment=(HELD,)))
    assert poor[0] is rich[0]
