import pytest
from tests.estates import ACCOUNT, FUNCTION_ARN, LATEST, REGION, allow, function, on, policy
from tests.fixes.remedies import planned

from buckler.checks.policy_confused_deputy import policy_confused_deputy as check


def called_by(service, sid="sid", **condition):
    more = {"Condition": condition} if condition else {}
    return function(
        policies=(on(LATEST, policy(allow("lambda:InvokeFunction", FUNCTION_ARN, Principal={"Service": service}, Sid=sid, **more))),)
    )


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        pytest.param(called_by("sns.amazonaws.com"), {"SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}, id="topics-of-ours"),
        pytest.param(called_by("s3.amazonaws.com"), {"SourceAccount": ACCOUNT}, id="buckets-name-no-account"),
        pytest.param(called_by("ses.amazonaws.com"), {"SourceAccount": ACCOUNT}, id="any-service"),
        pytest.param(
            called_by("events.amazonaws.com", ArnLike={"AWS:SourceArn": f"arn:aws:events:{REGION}:*:rule/nightly"}),
            {"SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly"},
            id="the-rule-stays-the-rule",
        ),
        pytest.param(
            called_by("s3.amazonaws.com", ArnLike={"AWS:SourceArn": "arn:aws:s3:::uploads"}),
            {"SourceArn": "arn:aws:s3:::uploads", "SourceAccount": ACCOUNT},
            id="the-next-owner-of-a-bucket",
        ),
    ],
)
def test_it_is_narrowed_to_us(given, wanted):
    fix = planned(check, given)
    assert fix.proof.verdict == "proved"
    added, removed = fix.edits
    assert (added.do.operation, removed.do.operation) == ("AddPermission", "RemovePermission")
    assert {name: value for name, value in added.do.parameters.items() if name.startswith("Source")} == wanted
    assert added.do.parameters["StatementId"] == "sid-narrowed"


def test_a_skill_s_id_is_the_user_s_to_say():
    assert planned(check, called_by("alexa-appkit.amazon.com")).proof.verdict == "advice"
