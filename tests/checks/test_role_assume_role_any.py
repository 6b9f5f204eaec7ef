import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, allow, ask, attached, function, policy, role, verdict

from buckler.checks.role_assume_role_any import role_assume_role_any
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity
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
        pytest.param({"inline": (assuming("arn:aws:iam::*:role/*"),)}, Finding, id="any-role-by-pattern"),
        pytest.param({"inline": (assuming(f"arn:aws:iam::{ACCOUNT}:role/shop-*"),)}, None, id="roles-with-a-name"),
        pytest.param({"inline": (assuming(f"arn:aws:iam::{OTHER}:role/*"),)}, None, id="any-role-of-one-partner"),
        pytest.param({"inline": (assuming(action="sts:AssumeRoleWithWebIdentity"),)}, None, id="with-a-token-only"),
        pytest.param({"inline": (assuming(action="STS:assumerole"),)}, Finding, id="actions-know-no-case"),
        pytest.param({"inline": (assuming(hole("Role.Arn")),)}, None, id="a-role-of-the-same-template"),
        pytest.param(
            {"inline": (policy(allow("sts:AssumeRole"), {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}),)},
            None,
            id="taken-back-by-a-deny",
        ),
        pytest.param(
            {"inline": (policy(allow("sts:AssumeRole", Condition={"StringEquals": {"aws:ResourceTag/team": "shop"}})),)},
            None,
            id="tagged-roles",
        ),
        pytest.param({"attached": (attached("arn", DENIED),)}, Gap, id="document-unreadable"),
        pytest.param({"inline": (assuming(),), "attached": (attached("arn", DENIED),)}, Finding, id="proven-by-what-could-be-read"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(role_assume_role_any, function(), role(**facts)) is expected


def test_message_says_how_far():
    assert ask(role_assume_role_any, role(inline=(assuming(),))).findings[0].message.endswith("every role of every account that trusts it")
    here = assuming(f"arn:aws:iam::{ACCOUNT}:role/*")
    assert ask(role_assume_role_any, role(inline=(here,))).findings[0].message.endswith("every role of the account that trusts it")


@pytest.mark.parametrize(
    ("partition", "expected"), [("aws", None), ("aws-cn", Finding), ("aws-us-gov", None)], ids=["aws", "its-own", "aws-us-gov"]
)
def test_a_role_is_asked_about_its_own_partition(partition, expected):
    arn = f"arn:aws-cn:iam::{ACCOUNT}:role/checkout-role"
    assert (
        verdict(role_assume_role_any, function(role=arn), role(arn=arn, inline=(assuming(f"arn:{partition}:iam::*:role/*"),))) is expected
    )


def test_an_administrator_that_lets_it_in_makes_it_worse_and_is_named():
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"})
    ops = role("ops", inline=(policy(allow("*")),), trust=trust)
    closed = role("closed", inline=(policy(allow("*")),))
    finding = next(one for one in ask(role_assume_role_any, role(inline=(policy(allow("sts:AssumeRole")),)), ops, closed).findings)
    assert finding.severity is Severity.HIGH
    assert "among them the administrator `ops`" in finding.message
    assert "closed" not in finding.message
