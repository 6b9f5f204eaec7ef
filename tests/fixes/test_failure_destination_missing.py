import pytest
from tests.estates import LATEST, REGION, allow, event_invoke, function, on, policy, role
from tests.fixes.remedies import planned

from buckler.checks.failure_destination_missing import failure_destination_missing as check

QUEUE = f"arn:aws:sqs:{REGION}:123456789012:failed"
BY_S3 = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction", "Resource": "*"}
FN = {"policies": (on(LATEST, policy(BY_S3)),)}


def test_the_role_may_send_before_anything_is_sent():
    fix = planned(check, function(**FN), role(), failure_destination=QUEUE)
    grant, edit = fix.edits
    assert fix.proof.verdict == "proved"
    assert grant.after["Statement"] == [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}]
    assert (edit.before, edit.after) == (None, QUEUE)
    assert (edit.do.operation, edit.undo.operation) == ("PutFunctionEventInvokeConfig", "DeleteFunctionEventInvokeConfig")


def test_what_is_configured_already_stays():
    allowed = role(inline=(policy(allow("sqs:SendMessage", QUEUE), name="send"),))
    fix = planned(check, function(**FN, event_invoke=(event_invoke(maximum_retry_attempts=0),)), allowed, failure_destination=QUEUE)
    (edit,) = fix.edits
    assert (edit.do.operation, edit.undo.operation) == ("UpdateFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig")
    assert edit.undo.parameters["DestinationConfig"] == {"OnFailure": {}}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        pytest.param("", "only you know who looks at it", id="nobody-said"),
        pytest.param(
            "arn:aws:kinesis:eu-west-1:123456789012:stream/s", "`arn:aws:kinesis:eu-west-1:123456789012:stream/s` is neither", id="stream"
        ),
        pytest.param("failed", "`failed` is neither", id="no-arn"),
        pytest.param(
            QUEUE.replace(REGION, "eu-north-1"),
            f"what you named is of eu-north-1: name one of {REGION} too (--failure-destination may be repeated)",
            id="elsewhere",
        ),
    ],
)
def test_what_cannot_be_sent_there(target, why):
    fix = planned(check, function(**FN), role(), failure_destination=target)
    assert (fix.proof.verdict, fix.proof.why) == ("advice", why)
