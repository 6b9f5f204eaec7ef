import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, allow, ask, attached, function, policy, role, verdict

from buckler.checks.role_pass_role_any import role_pass_role_any
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity
from buckler.model.text import hole


def passing(resource="*", **condition):
    return policy(allow("iam:PassRole", resource, **({"Condition": condition} if condition else {})))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="nothing-granted"),
        pytest.param({"inline": (passing(),)}, Finding, id="any-role"),
        pytest.param({"inline": (passing("arn:aws:iam::*:role/*"),)}, Finding, id="any-role-by-pattern"),
        pytest.param({"inline": (policy(allow("iam:Pass*")),)}, Finding, id="action-by-pattern"),
        pytest.param({"inline": (passing(f"arn:aws:iam::{ACCOUNT}:role/task-*"),)}, None, id="roles-with-a-name"),
        pytest.param({"inline": (passing(StringEquals={"iam:PassedToService": "lambda.amazonaws.com"}),)}, None, id="to-one-service"),
        pytest.param({"inline": (passing(StringLike={"iam:PassedToService": "*"}),)}, Finding, id="to-any-service-with-a-condition"),
        pytest.param({"inline": (policy(allow("*")),)}, None, id="administrator-is-another-question"),
        pytest.param({"inline": (passing(),), "boundary": attached("arn", policy(allow("s3:*")))}, None, id="bounded"),
        pytest.param({"inline": (passing(hole("Role", "--parameter Role=...")),)}, Gap, id="resource-a-parameter"),
        pytest.param({"inline": (passing(hole("Role.Arn")),)}, None, id="a-role-of-the-same-template"),
        pytest.param({"attached": (attached("arn", DENIED),)}, Gap, id="document-unreadable"),
        pytest.param({"inline": (passing(f"arn:aws:iam::{ACCOUNT}:role/*"),)}, Finding, id="any-role-of-the-account"),
        pytest.param({"inline": (passing(f"arn:aws:iam::{ACCOUNT}:role/service-role/*"),)}, None, id="roles-below-a-path"),
        pytest.param({"inline": (passing(f"arn:aws:iam::{OTHER}:role/*"),)}, None, id="roles-of-another-account-cannot-be-passed"),
        pytest.param(
            {"inline": (policy({"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:aws:iam::*:role/admin"}),)},
            Finding,
            id="all-roles-but-one",
        ),
        pytest.param({"inline": (passing(StringLike={"iam:PassedToService": "*.amazonaws.com"}),)}, Finding, id="to-whatever-is-of-amazon"),
        pytest.param(
            {"inline": (passing(StringEquals={"iam:PassedToService": ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]}),)},
            None,
            id="to-two-services",
        ),
        pytest.param(
            {"inline": (passing(StringEqualsIfExists={"iam:PassedToService": "lambda.amazonaws.com"}),)}, None, id="to-one-if-it-is-sent"
        ),
        pytest.param(
            {"inline": (passing(StringNotEquals={"iam:PassedToService": "ec2.amazonaws.com"}),)}, Finding, id="to-all-services-but-one"
        ),
        pytest.param({"inline": (policy(allow("iam:GetRole")),)}, None, id="looks-at-roles"),
        pytest.param({"inline": (passing(), policy({"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}))}, None, id="taken-back"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(role_pass_role_any, function(), role(**facts)) is expected


def test_who_may_also_make_a_function_is_as_strong_as_any_role():
    makes = policy(allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]))
    finding = ask(role_pass_role_any, role(inline=(makes,))).findings[0]
    assert finding.severity is Severity.HIGH
    assert finding.message == "the role may pass any role to any service, and `lambda:CreateFunction` to use it"
    assert ask(role_pass_role_any, role(inline=(passing(),))).findings[0].severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("partition", "expected"), [("aws", None), ("aws-cn", Finding), ("aws-us-gov", None)], ids=["aws", "its-own", "aws-us-gov"]
)
def test_a_role_is_asked_about_its_own_partition(partition, expected):
    arn = f"arn:aws-cn:iam::{ACCOUNT}:role/checkout-role"
    assert (
        verdict(role_pass_role_any, function(role=arn), role(arn=arn, inline=(passing(f"arn:{partition}:iam::{ACCOUNT}:role/*"),)))
        is expected
    )


def test_an_administrator_among_the_roles_makes_it_worse_and_is_named():
    ops = role("ops", inline=(policy(allow("*")),))
    finding = next(one for one in ask(role_pass_role_any, role(inline=(passing(),)), ops).findings)
    assert finding.severity is Severity.HIGH
    assert finding.message == "the role may pass any role, among them the administrator `ops`, to any service"
