import pytest
from tests.estates import DENIED, NOT_ASKED, allow, ask, attached, function, policy, role, verdict

from buckler.checks.role_services_unused import role_services_unused
from buckler.model.finding import Finding, Gap
from buckler.model.iam import ServiceUse
from buckler.model.result import NotAsked

OLD, NEW = "2024-01-01T00:00:00+00:00", "2026-11-01T00:00:00+00:00"
LONG_AGO, LATELY = "2025-02-03T04:05:06+00:00", "2026-11-10T04:05:06+00:00"


def use(**last):
    return tuple(ServiceUse(service=name.replace("_", "-"), last=moment) for name, moment in last.items())


def facts(*statements, created=OLD, services_used=None, **more):
    used = use(s3=None, sqs=LONG_AGO, dynamodb=LATELY) if services_used is None else services_used
    return {"inline": (policy(*statements),), "created": created, "services_used": used, **more}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(facts(allow("s3:*")), Finding, id="never-used"),
        pytest.param(facts(allow("S3:*", "arn:aws:s3:::shop-*")), Finding, id="on-some-buckets"),
        pytest.param(facts(allow("sqs:*")), Finding, id="not-for-long"),
        pytest.param(facts(allow("dynamodb:*")), None, id="used-lately"),
        pytest.param(facts(allow("s3:GetObject")), None, id="one-action"),
        pytest.param(facts(allow("s3:Get*")), None, id="some-actions"),
        pytest.param(facts(allow("s3:*"), created=NEW), None, id="a-new-role"),
        pytest.param(facts(allow("kms:*")), None, id="a-service-nobody-records"),
        pytest.param(facts(allow("*")), None, id="administrator-is-another-question"),
        pytest.param(facts(allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}), None, id="taken-back"),
        pytest.param(facts(allow("s3:*"), boundary=attached("arn", policy(allow("sqs:*")))), None, id="bounded"),
        pytest.param(facts(allow("s3:*"), boundary=DENIED), Gap, id="boundary-unreadable"),
        pytest.param(facts({**allow("s3:*"), "Effect": "Deny"}), None, id="denied"),
        pytest.param(facts(allow("s3:*"), services_used=DENIED), Gap, id="report-refused"),
        pytest.param(facts(allow("s3:*"), services_used=NOT_ASKED), NotAsked, id="report-not-asked"),
        pytest.param(facts(allow("s3:GetObject"), services_used=NOT_ASKED), None, id="nothing-to-ask"),
        pytest.param(facts(allow("s3:*"), created=None), NotAsked, id="age-not-told"),
        pytest.param({**facts(), "attached": DENIED}, Gap, id="attached-unreadable"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(role_services_unused, function(), role(**facts)) is expected


def test_a_role_nobody_runs_as_is_not_asked_about():
    other = role("other", **facts(allow("s3:*")))
    assert verdict(role_services_unused, function(), role(), other) is None


def test_it_says_since_when():
    def message(*actions):
        return ask(role_services_unused, function(), role(**facts(allow(list(actions))))).findings[0].message

    assert message("sqs:*") == "the role may use all of `sqs`, which it has not called since 2025-02-03"
    assert message("s3:*") == "the role may use all of `s3`, which it has not called since AWS began to record it"
    assert message("sqs:*", "s3:*") == "the role may use all of `s3` and `sqs`, which it has not called for 90 days"
