import pytest
from tests.checks.escalating import OPS
from tests.estates import ACCOUNT, DENIED, REGION, allow, ask, function, on, policy, role, url, verdict
from tests.reach.attack import arn, can, trust

from buckler.checks.internet_to_data import internet_to_data
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.severity import Severity

OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"})
PUBLIC = {"urls": (url("NONE"),), "policies": (on(LATEST, OPEN),)}
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop-AbCdEf"
GET = "secretsmanager:GetSecretValue"


def judge(*statements, others=(), **facts):
    worker = can("worker", *statements)
    return verdict(internet_to_data, *OPS, worker, *others, function("site", **{"role": worker.arn, **PUBLIC, **facts}))


VAULT = can("vault", allow(GET, SECRET), trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root"))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param([allow(GET, SECRET)], None, id="its-own-secret"),
        pytest.param([allow(GET)], Finding, id="every-secret"),
        pytest.param([allow("s3:*")], Finding, id="every-bucket"),
        pytest.param([allow("s3:GetObject", "arn:aws:s3:::uploads/*")], None, id="its-own-bucket"),
        pytest.param([allow("dynamodb:*", f"arn:aws:dynamodb:*:{ACCOUNT}:table/shop-*")], None, id="tables-by-name"),
        pytest.param([allow("dynamodb:*")], Finding, id="every-table"),
        pytest.param([allow("s3:ListAllMyBuckets")], None, id="lists"),
        pytest.param([allow("sts:AssumeRole", VAULT.arn)], Finding, id="another-principal-s-secret"),
        pytest.param([allow("sts:AssumeRole", arn("role", "harmless"))], None, id="another-principal-without-any"),
        pytest.param([allow("*")], None, id="administrator"),
        pytest.param([allow([GET, "iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])], None, id="can-become-one"),
    ],
)
def test_verdict(statements, expected):
    assert judge(*statements, others=(VAULT,)) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"urls": (), "policies": (on(LATEST, None),)}, None, id="closed"),
        pytest.param({"urls": DENIED}, Finding, id="the-policy-is-open-anyway"),
        pytest.param({"urls": DENIED, "policies": (on(LATEST, None),)}, Gap, id="urls-unreadable"),
        pytest.param({"role": DENIED}, Gap, id="role-unreadable"),
    ],
)
def test_doors(facts, expected):
    assert judge(allow(GET), **facts) is expected


def test_unread_policies_are_a_gap():
    assert verdict(internet_to_data, role("dark", inline=DENIED), function("site", role=arn("role", "dark"), **PUBLIC)) is Gap


def test_what_it_says():
    worker = can("worker", allow([GET, "s3:*"]))
    finding = ask(internet_to_data, worker, function("site", role=worker.arn, **PUBLIC)).findings[0]
    assert finding.severity is Severity.HIGH
    assert finding.message == (
        "from the internet to data in 3 steps: calls its URL, which is open to anyone, runs as `worker`,"
        " reads every one of the secrets of the account"
    )
    assert any("buckets" in evidence.note for evidence in finding.evidence)
    assert len([request for witness in finding.path for request in witness.requests]) == 3
