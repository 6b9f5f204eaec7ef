import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, allow, ask, attached, policy, role, verdict
from tests.reach.attack import arn, deny, group, trust, user

from buckler.checks.user_assume_role_any import user_assume_role_any
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity

ASSUME = "sts:AssumeRole"


@pytest.mark.parametrize(
    ("statements", "facts", "expected"),
    [
        pytest.param([], {}, None, id="nothing"),
        pytest.param([allow(ASSUME)], {}, Finding, id="every-role"),
        pytest.param([allow("sts:*")], {}, Finding, id="all-of-sts"),
        pytest.param([allow(ASSUME, f"arn:aws:iam::{ACCOUNT}:role/*")], {}, Finding, id="every-role-of-the-account"),
        pytest.param([allow(ASSUME, f"arn:aws:iam::{OTHER}:role/reader")], {}, None, id="one-role"),
        pytest.param([allow(ASSUME, f"arn:aws:iam::{ACCOUNT}:role/app-*")], {}, None, id="roles-by-name"),
        pytest.param([allow(ASSUME), deny("sts:*")], {}, None, id="taken-back"),
        pytest.param([allow(ASSUME)], {"boundary": attached(arn("policy", "b"), policy(allow("s3:*")))}, None, id="bounded"),
        pytest.param([allow("*")], {}, None, id="administrator"),
        pytest.param([allow("sts:GetCallerIdentity")], {}, None, id="asks-who-it-is"),
        pytest.param([], {"groups": ("switchers",)}, Finding, id="by-its-group"),
        pytest.param([], {"groups": DENIED}, Gap, id="groups-unreadable"),
        pytest.param([], {"inline": DENIED}, Gap, id="policies-unreadable"),
    ],
)
def test_verdict(statements, facts, expected):
    kim = user("kim", *statements, **facts)
    assert verdict(user_assume_role_any, users=(kim,), groups=(group("switchers", allow(ASSUME)),)) is expected


def test_an_administrator_that_lets_it_in_makes_it_worse():
    boss = role("boss", inline=(policy(allow("*")),), trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root"))
    finding = ask(user_assume_role_any, boss, users=(user("kim", allow(ASSUME)),)).findings[0]
    assert finding.message == "the user may assume every role of every account that trusts it, among them the administrator `boss`"
    assert finding.severity is Severity.HIGH
    assert [finding.severity for finding in ask(user_assume_role_any, users=(user("kim", allow(ASSUME)),)).findings] == [Severity.MEDIUM]
