import pytest
from tests.estates import DENIED, allow, ask, attached, policy, verdict
from tests.reach.attack import arn, deny, group, user
from tests.reach.test_graph import replays

from buckler.checks.user_administrator import user_administrator
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity


@pytest.mark.parametrize(
    ("statements", "facts", "expected"),
    [
        pytest.param([], {}, None, id="nothing"),
        pytest.param([allow("*")], {}, Finding, id="everything"),
        pytest.param([allow("iam:*")], {}, Finding, id="by-effect"),
        pytest.param([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], {}, Finding, id="all-but-something"),
        pytest.param([], {"groups": ("admins",)}, Finding, id="by-its-group"),
        pytest.param([allow("*"), deny("iam:*")], {}, None, id="taken-back"),
        pytest.param([allow("*")], {"boundary": attached(arn("policy", "b"), policy(allow("s3:*")))}, None, id="bounded"),
        pytest.param([allow("iam:PutUserPolicy")], {}, None, id="escalates-is-another-question"),
        pytest.param([], {"inline": DENIED}, Gap, id="policies-unreadable"),
        pytest.param([], {"groups": DENIED}, Gap, id="groups-unreadable"),
    ],
)
def test_verdict(statements, facts, expected):
    assert verdict(user_administrator, users=(user("kim", *statements, **facts),), groups=(group("admins", allow("*")),)) is expected


def test_one_that_nobody_called_so_is_worse():
    said, meant = (ask(user_administrator, users=(user("kim", allow(what)),)).findings[0] for what in ("*", "iam:*"))
    assert (said.severity, said.message) == (Severity.LOW, "the user is an administrator")
    assert (meant.severity, meant.message) == (
        Severity.MEDIUM,
        "the user is an administrator, though no policy says so: it may grant itself everything",
    )
    assert all(replays(proof) for proof in meant.path)
