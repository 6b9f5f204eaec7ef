import pytest
from tests.checks.escalating import ADMIN, OPS
from tests.estates import ACCOUNT, DENIED, allow, ask, attached, missing, policy, role, verdict
from tests.reach.attack import arn, deny, group, trust, user

from buckler.checks.user_can_escalate import user_can_escalate
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.severity import Confidence, Severity

PASS = "iam:PassRole"
ROOT_USER = user("root-ish", inline=(ADMIN,))


def judge(*statements, **more):
    one = user("kim", *statements, **more)
    return verdict(
        user_can_escalate, *OPS, users=(one, ROOT_USER), groups=(group("admins", allow("*")), group("readers", allow("s3:Get*")))
    )


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param([allow("*")], None, id="administrator"),
        pytest.param([allow("iam:CreateAccessKey")], Finding, id="keys-for-an-administrator"),
        pytest.param([allow("iam:CreateAccessKey", arn("user", "kim"))], None, id="keys-for-itself"),
        pytest.param([allow("iam:CreateLoginProfile")], Finding, id="a-password-for-an-administrator"),
        pytest.param([allow("iam:UpdateLoginProfile")], Finding, id="another-password"),
        pytest.param([allow("iam:PutUserPolicy")], Finding, id="gives-itself-a-policy"),
        pytest.param([allow("iam:AttachUserPolicy", arn("user", "${aws:username}"))], Finding, id="attaches-to-itself-by-variable"),
        pytest.param([allow("iam:AttachRolePolicy")], Finding, id="makes-any-role-an-administrator"),
        pytest.param([allow("iam:AttachRolePolicy", arn("role", "harmless"))], None, id="makes-one-that-does-not-let-it-in"),
        pytest.param([allow("iam:AddUserToGroup")], Finding, id="joins-administrators"),
        pytest.param([allow("iam:AddUserToGroup", arn("group", "readers"))], None, id="joins-readers"),
        pytest.param([allow(["iam:*"]), deny("iam:*")], None, id="allowed-and-denied"),
        pytest.param([allow([PASS, "ec2:RunInstances"])], Finding, id="instance"),
        pytest.param([allow("iam:UpdateAssumeRolePolicy")], Finding, id="opens-a-role"),
        pytest.param([allow("cloudformation:UpdateStack")], Finding, id="somebody-s-stack"),
        pytest.param([allow("iam:Get*"), allow("iam:List*")], None, id="reads-iam"),
        pytest.param([allow("sts:AssumeRole")], None, id="no-role-lets-it-in"),
    ],
)
def test_verdict(statements, expected):
    assert judge(*statements) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"groups": ("builders",)}, Finding, id="by-its-group"),
        pytest.param({"groups": DENIED}, Gap, id="groups-unreadable"),
        pytest.param({"inline": DENIED}, Gap, id="policies-unreadable"),
        pytest.param({"groups": ("builders",), "boundary": attached(arn("policy", "b"), policy(allow("s3:*")))}, None, id="bounded"),
        pytest.param({}, None, id="in-no-group"),
    ],
)
def test_groups_and_boundaries(facts, expected):
    builders = group("builders", allow([PASS, "lambda:CreateFunction", "lambda:InvokeFunction"]))
    assert verdict(user_can_escalate, *OPS, users=(user("kim", **facts),), groups=(builders,)) is expected


def test_what_it_says():
    kim = user("kim", allow([PASS, "lambda:CreateFunction", "lambda:InvokeFunction"]))
    finding = ask(user_can_escalate, *OPS, users=(kim,)).findings[0]
    assert finding.subject.kind == "user"
    assert (
        finding.message == "the user can become administrator of its account: it passes `ops` to a new function and invokes it (lambda-001)"
    )
    assert finding.severity is Severity.HIGH
    reader = user("kim", allow("iam:PutUserPolicy"))
    assert [finding.severity for finding in ask(user_can_escalate, users=(reader,)).findings] == [Severity.MEDIUM]


def test_a_role_that_lets_it_in_and_can_more_is_a_way():
    manager = role(
        "manager",
        inline=(policy(allow(["lambda:*", PASS])),),
        trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root"),
    )
    finding = ask(user_can_escalate, *OPS, manager, users=(user("chris", allow("sts:AssumeRole")),)).findings[0]
    assert "assumes `manager` (sts-001), then passes `ops` to a new function" in finding.message
    assert finding.severity is Severity.MEDIUM


def test_in_a_file_any_user_stands_for_those_it_does_not_list():
    kim = user("kim", allow("iam:CreateAccessKey"), origin=FileOrigin(file="main.tf", line=1, path="aws_iam_user.kim"))
    finding = ask(user_can_escalate, users=(kim,)).findings[0]
    assert "any user" in finding.message
    assert "7q4z" not in finding.message + "".join(evidence.note for evidence in finding.evidence)
    assert (finding.severity, finding.confidence) == (Severity.LOW, Confidence.MEDIUM)


def test_users_nobody_could_list_are_a_gap():
    answers = ask(user_can_escalate, missing("users", region=""))
    assert answers.gaps
