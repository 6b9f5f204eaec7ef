import pytest
from tests.estates import DENIED, allow, ask, role, verdict
from tests.reach.attack import arn, can, trust

from buckler.checks.role_can_reach_secrets import role_can_reach_secrets
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity

PASS = "iam:PassRole"
MAKE = ["lambda:CreateFunction", "lambda:InvokeFunction"]
VAULT = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:bank-AbCdEf"


@pytest.mark.parametrize(
    ("statements", "more", "expected"),
    [
        pytest.param([allow(PASS, arn("role", "reader")), allow(MAKE)], {}, Finding, id="passes-who-reads-secrets"),
        pytest.param([allow(PASS, arn("role", "reader"))], {}, None, id="passes-it-to-nothing"),
        pytest.param([allow(PASS, arn("role", "logger")), allow(MAKE)], {}, None, id="passes-who-writes-logs"),
        pytest.param([allow(PASS), allow(MAKE), allow("secretsmanager:GetSecretValue", VAULT)], {}, None, id="reads-them-itself"),
        pytest.param([allow(PASS), allow(MAKE)], {"trust": trust(service="ec2.amazonaws.com")}, None, id="no-function-runs-as-it"),
        pytest.param([allow("iam:PutRolePolicy"), allow([PASS, *MAKE])], {}, None, id="can-become-administrator"),
    ],
)
def test_less_than_everything(statements, more, expected):
    reader = can("reader", allow("secretsmanager:GetSecretValue", VAULT))
    logger = can("logger", allow("logs:*"))
    assert verdict(role_can_reach_secrets, reader, logger, can("worker", *statements, **more)) is expected


def test_what_it_gains_is_told():
    reader = can("reader", allow("secretsmanager:GetSecretValue", VAULT))
    finding = ask(role_can_reach_secrets, reader, can("worker", allow(PASS, reader.arn), allow(MAKE))).findings[0]
    assert finding.message == (
        "the role can act as somebody who reads `bank-AbCdEf`: it passes `reader` to a new function and invokes it (lambda-001)"
    )
    assert finding.severity is Severity.MEDIUM
    assert finding.path[-1].requests[-1].action == "secretsmanager:GetSecretValue"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"inline": DENIED}, Gap, id="policies-unreadable"),
        pytest.param({"trust": DENIED}, Gap, id="trust-unreadable"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_unread(facts, expected):
    assert verdict(role_can_reach_secrets, role("worker", **facts)) is expected
