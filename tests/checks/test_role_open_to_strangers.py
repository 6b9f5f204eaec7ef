import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, allow, ask, policy, role, verdict
from tests.reach.attack import trust

from buckler.checks.role_open_to_strangers import role_open_to_strangers
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity

GITHUB = "token.actions.githubusercontent.com"
EC2 = trust(service="ec2.amazonaws.com")


def github(subject=""):
    condition = {"Condition": {"StringLike": {f"{GITHUB}:sub": subject}}} if subject else {}
    principal = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"}
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRoleWithWebIdentity", **condition})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"trust": github()}, Finding, id="any-repository"),
        pytest.param({"trust": github("repo:*")}, Finding, id="by-wildcard"),
        pytest.param({"trust": github("repo:acme*")}, Finding, id="a-name-that-begins-so"),
        pytest.param({"trust": github("repo:acme/*")}, None, id="one-owner"),
        pytest.param({"trust": trust(aws="*")}, Finding, id="any-account"),
        pytest.param({"trust": trust(aws="*", Condition={"StringEquals": {"sts:ExternalId": "7"}})}, None, id="with-an-external-id"),
        pytest.param({"trust": trust(aws=f"arn:aws:iam::{OTHER}:root")}, None, id="one-account"),
        pytest.param({"trust": EC2}, None, id="a-service"),
        pytest.param({"trust": trust(service=["lambda.amazonaws.com"])}, None, id="an-execution-role"),
        pytest.param({"trust": trust(aws="*"), "is_service_linked": True}, None, id="service-linked"),
        pytest.param({"trust": DENIED}, Gap, id="unreadable"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(role_open_to_strangers, role("deploy", **facts)) is expected


def test_a_role_that_deploys_functions_is_worse():
    plain = role("plain", trust=github(), inline=(policy(allow("s3:GetObject")),))
    deploys = role("deploys", trust=github(), inline=(policy(allow("lambda:UpdateFunctionCode")),))
    found = {finding.subject.name: finding for finding in ask(role_open_to_strangers, plain, deploys).findings}
    assert (found["plain"].severity, found["deploys"].severity) == (Severity.MEDIUM, Severity.HIGH)
    assert found["deploys"].message == "anyone with a GitHub repository may become the role"
    assert found["deploys"].witness is not None
