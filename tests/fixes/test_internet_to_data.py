from tests.estates import LATEST, REGION, allow, at, function, on, policy, url
from tests.fixes.remedies import planned
from tests.reach.attack import can

from buckler.checks.internet_to_data import internet_to_data as check
from buckler.model.stores import Store

ANYONE = {"Effect": "Allow", "Principal": "*", "Resource": "*"}
OPEN = policy(
    {**ANYONE, "Action": "lambda:InvokeFunctionUrl", "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}},
    {**ANYONE, "Action": "lambda:InvokeFunction", "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}},
)
BUCKET = Store(
    arn="arn:aws:s3:::b",
    name="b",
    account="123456789012",
    region=REGION,
    origin=at("s3:ListBuckets"),
    kind="bucket",
    policy=None,
    kms_key=None,
)


def test_the_url_asks_for_a_signature():
    site = function("site", role=can("worker").arn, urls=(url("NONE"),), policies=(on(LATEST, OPEN),))
    fix = planned(check, can("worker", allow("s3:*")), site, more={"stores": (BUCKET,)})
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe, edit.after) == ("proved", False, "AWS_IAM")


def test_a_policy_that_lets_anybody_in_is_no_url():
    anybody = policy({"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"})
    site = function("site", role=can("worker").arn, policies=(on(LATEST, anybody),))
    fix = planned(check, can("worker", allow("s3:*")), site, more={"stores": (BUCKET,)})
    assert (fix.proof.verdict, fix.proof.why, fix.edits) == ("advice", "no single change closes the way in", ())
