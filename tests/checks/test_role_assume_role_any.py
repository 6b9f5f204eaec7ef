import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, allow, ask, attached, function, policy, role, verdict

from buckler.checks.role_assume_role_any import role_assume_role_any
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole


def assuming(resource="*", action="sts:AssumeRole"):
    return policy(allow(action, resource))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="nothing-granted"),
        pytest.param({"inline": (assuming(),)}, Finding, id="any-role"),
        pytest.param({"inline": (assuming(action="sts:*"),)}, Finding, id="all-of-sts"),
        pytest.param({"inline": (assuming(f"arn:aws:iam::{ACCOUNT}:role/*"),)}, Finding, id="any-role-of-the-account"),
        pytest.param({"inline": (assuming(f"arn:aws:iam::{OTHER}:role/reader"),)}, None, id="one-role"),
        pytest.param({"inline": (assuming("arn:aws:iam::*:role/reader"),)}, None, id="one-name-in-every-account"),
        pytest.param({"inline": (policy(allow("*")),)}, None, id="administrator-is-another-question"),
        pytest.param({"inline": (assuming(),), "boundary": attached("arn", policy(allow("s3:*")))}, None, id="bounded"),
        pytest.param({"inline": (assuming(hole("Role", "--parameter Role=...")),)}, Gap, id="resource-a-parameter"),
        pytest.param({"inline": DENIED}, Gap, id="unreadable"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(role_assume_role_any, function(), role(**facts)) is expected


def test_message_says_how_far():
    assert ask(role_assume_role_any, role(inline=(assuming(),))).findings[0].message.endswith("every role of every account that trusts it")
    here = assuming(f"arn:aws:iam::{ACCOUNT}:role/*")
    assert ask(role_assume_role_any, role(inline=(here,))).findings[0].message.endswith("every role of the account that trusts it")
