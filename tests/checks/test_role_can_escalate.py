import pytest
from msgspec.structs import replace
from tests.checks.escalating import ADMIN, OPS, scheduled
from tests.estates import ACCOUNT, DENIED, LAMBDA_TRUST, OTHER, allow, ask, attached, function, on, policy, role, url, verdict
from tests.reach.attack import arn, can, deny, managed, trust, user

from buckler.checks.role_can_escalate import role_can_escalate
from buckler.model.estate import Missing
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.iam import Organization, OrgPolicy
from buckler.model.origin import FileOrigin
from buckler.model.severity import Confidence, Severity

ROOT = trust(aws=f"arn:aws:iam::{ACCOUNT}:root")
PASS = "iam:PassRole"
MAKE = ["lambda:CreateFunction", "lambda:InvokeFunction"]


def passing(service, resource="*"):
    return allow(PASS, resource, Condition={"StringEquals": {"iam:PassedToService": service}})


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param([allow("s3:*")], None, id="data-only"),
        pytest.param([allow("*")], None, id="administrator-is-another-question"),
        pytest.param([allow([PASS, *MAKE])], Finding, id="passes-an-administrator-to-a-new-function"),
        pytest.param([allow(PASS), allow(MAKE)], Finding, id="split-over-statements"),
        pytest.param([passing("lambda.amazonaws.com"), allow(MAKE)], Finding, id="passed-to-lambda"),
        pytest.param([passing("ec2.amazonaws.com"), allow(MAKE)], None, id="passed-to-a-service-that-makes-no-functions"),
        pytest.param([passing("lambda.amazonaws.com", arn("role", "harmless")), allow(MAKE)], None, id="passes-a-harmless-role"),
        pytest.param([allow(PASS)], None, id="passes-but-makes-nothing"),
        pytest.param([allow([PASS, *MAKE]), deny(PASS)], None, id="taken-back"),
        pytest.param([allow([PASS, *MAKE], Condition={"StringEquals": {"aws:PrincipalArn": arn("role", "other")}})], None, id="for-another"),
        pytest.param([allow("iam:PutRolePolicy", arn("role", "worker"))], Finding, id="gives-itself-a-policy"),
        pytest.param([allow("iam:PutRolePolicy", arn("role", "other"))], None, id="gives-somebody-else-a-policy"),
        pytest.param([allow("iam:PutUserPolicy")], Finding, id="gives-any-user-a-policy"),
        pytest.param([allow("iam:PutUserPolicy", arn("user", "kim"))], None, id="gives-one-user-a-policy"),
        pytest.param([allow("iam:AttachRolePolicy", arn("role", "w*r"))], Finding, id="attaches-by-pattern"),
        pytest.param([allow("iam:UpdateAssumeRolePolicy")], Finding, id="opens-an-administrator"),
        pytest.param([allow("lambda:UpdateFunctionCode")], Finding, id="takes-over-a-function-of-an-administrator"),
        pytest.param([allow("lambda:UpdateFunctionCode", function("checkout").arn)], None, id="takes-over-a-function-that-leads-nowhere"),
        pytest.param([allow(["cloudformation:CreateStack", PASS])], Finding, id="stack"),
        pytest.param([allow(["glue:CreateDevEndpoint", PASS])], None, id="no-role-trusts-that-service"),
        pytest.param([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, deny("iam:CreatePolicyVersion")], Finding, id="not-action"),
    ],
)  # fmt: skip
def test_verdict(statements, expected):
    assert verdict(role_can_escalate, *OPS, can("worker", *statements, trust=ROOT)) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"boundary": attached(arn("policy", "b"), policy(allow(["s3:*", "lambda:*"])))}, None, id="bounded"),
        pytest.param({"boundary": attached(arn("policy", "b"), ADMIN)}, Finding, id="bounded-by-nothing"),
        pytest.param({"is_service_linked": True}, None, id="service-linked"),
        pytest.param({"inline": DENIED}, Gap, id="policies-unreadable"),
        pytest.param({"inline": (), "attached": (attached("arn", DENIED),)}, Gap, id="document-unreadable"),
        pytest.param({"attached": (attached("arn", DENIED),)}, Finding, id="what-could-be-read-is-enough"),
    ],
)
def test_facts(facts, expected):
    worker = can("worker", allow([PASS, *MAKE]), trust=ROOT)
    assert verdict(role_can_escalate, *OPS, replace(worker, **facts)) is expected


def test_policies_are_judged_together():
    worker = role("worker", trust=ROOT, inline=(policy(allow(PASS)),), attached=(managed("make", allow(MAKE)),))
    assert verdict(role_can_escalate, *OPS, worker) is Finding


def test_control_policies_take_back():
    organization = Organization(
        id="o-1", management_account=OTHER, accounts=(ACCOUNT, OTHER), parents=((ACCOUNT, "r-1"), (OTHER, "r-1")),
        policies=(
            OrgPolicy(id="p-1", name="all", kind="SERVICE_CONTROL_POLICY", targets=("r-1", ACCOUNT), document=ADMIN),
            OrgPolicy(id="p-2", name="no", kind="SERVICE_CONTROL_POLICY", targets=("r-1",), document=policy(deny("lambda:Create*"))),
        ),
    )  # fmt: skip
    worker = can("worker", allow([PASS, *MAKE]), trust=ROOT)
    assert verdict(role_can_escalate, *OPS, worker, organizations=(organization,)) is None


def test_one_finding_tells_the_shortest_way_and_names_the_others():
    worker = can("worker", allow([PASS, *MAKE, "lambda:UpdateFunctionCode"]), trust=ROOT)
    answers = ask(role_can_escalate, *OPS, worker)
    assert [finding.subject.name for finding in answers.findings] == ["worker"]
    finding = answers.findings[0]
    assert (
        finding.message == "the role can become administrator of its account: it passes `ops` to a new function and invokes it (lambda-001)"
    )
    assert finding.severity is Severity.HIGH
    assert finding.confidence is Confidence.HIGH
    assert finding.witness is None
    assert [request.action for witness in finding.path for request in witness.requests][:3] == [PASS, *MAKE]
    assert all(witness.layers is not None for witness in finding.path)
    assert any("lambda-003" in evidence.note for evidence in finding.evidence)


def test_a_chain_is_told_step_by_step():
    first = can("first", allow("lambda:UpdateFunctionCode", function("deploy").arn), trust=ROOT)
    second = can("second", allow([PASS, *MAKE]), trust=LAMBDA_TRUST)
    chain = [*OPS, first, second, function("deploy", role=second.arn, policies=(on(LATEST, scheduled()),))]
    found = {finding.subject.name: finding.message for finding in ask(role_can_escalate, *chain).findings}
    assert set(found) == {"first", "second"}
    assert "replaces the code of `deploy`" in found["first"]
    assert "then passes `ops`" in found["first"]


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        pytest.param({"trust": LAMBDA_TRUST}, Severity.HIGH, id="functions-run-as-it"),
        pytest.param({"trust": trust(service="ec2.amazonaws.com")}, Severity.MEDIUM, id="nothing-to-do-with-functions"),
    ],
)
def test_severity_follows_from_who_it_is(facts, severity):
    worker = can("worker", allow("iam:PutRolePolicy", arn("role", "worker")), **facts)
    assert [finding.severity for finding in ask(role_can_escalate, worker).findings] == [severity]


def test_a_public_function_makes_it_critical():
    worker = can("worker", allow([PASS, *MAKE]))
    open_to_all = policy(
        {"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"}
    )
    public = function("site", role=worker.arn, urls=(url("NONE"),), policies=(on(LATEST, open_to_all),))
    assert [finding.severity for finding in ask(role_can_escalate, *OPS, worker, public).findings] == [Severity.CRITICAL]


def test_who_only_assumes_what_lets_it_in_was_given_that():
    boss = role("boss", inline=(ADMIN,), trust=trust(aws=arn("role", "worker")))
    worker = can("worker", allow("sts:AssumeRole", boss.arn), trust=trust(service="ec2.amazonaws.com"))
    assert [finding.severity for finding in ask(role_can_escalate, boss, worker).findings] == [Severity.LOW]


def test_a_file_does_not_list_what_else_the_account_holds():
    origin = FileOrigin(file="main.tf", line=3, path="aws_iam_role.worker")
    worker = can("worker", allow("lambda:UpdateFunctionCode"), trust=ROOT, origin=origin)
    finding = ask(role_can_escalate, worker).findings[0]
    assert finding.message == (
        "the role can become administrator of its account by way of what the file does not list: it replaces the code of any function and"
        " waits until it runs (lambda-003)"
    )
    assert finding.severity is Severity.MEDIUM
    assert finding.confidence is Confidence.MEDIUM
    assert verdict(role_can_escalate, can("worker", allow("lambda:UpdateFunctionCode"), trust=ROOT)) is None
    narrow = can("worker", allow("lambda:UpdateFunctionCode", function("shop-*").arn), trust=ROOT, origin=origin)
    assert verdict(role_can_escalate, narrow) is None


def test_a_condition_that_cannot_be_settled_lowers_it():
    asking = allow("iam:CreateAccessKey", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})
    root = user("root-ish", inline=(ADMIN,))
    worker = can("worker", asking, trust=trust(service="ec2.amazonaws.com"))
    finding = ask(role_can_escalate, worker, users=(root,)).findings[0]
    assert finding.severity is Severity.LOW
    assert finding.confidence is Confidence.MEDIUM
    assert any(evidence.note.startswith("only if ") for evidence in finding.evidence)


def test_who_makes_others_administrators_is_told_so():
    worker = can("worker", allow("iam:AttachGroupPolicy"), trust=trust(service="ec2.amazonaws.com"))
    finding = ask(role_can_escalate, worker).findings[0]
    assert finding.message == (
        "the role can make others administrator of its account: it attaches AdministratorAccess to any group (iam-010)"
    )
    assert finding.severity is Severity.LOW
    only_one_policy = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
    assert verdict(role_can_escalate, can("worker", allow("iam:AttachGroupPolicy", Condition=only_one_policy))) is None


def test_a_role_of_an_account_that_could_not_be_entered_is_an_open_question():
    there = Missing(collection="roles", account=OTHER, region="", unknown=DENIED)
    may = role(inline=(policy(allow("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/deploy")),))
    assert verdict(role_can_escalate, function(), may, there) is Gap
    assert verdict(role_can_escalate, function(), may) is None, "a foreign account is nobody's to read"
