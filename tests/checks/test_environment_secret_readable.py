import pytest
from tests.checks.escalating import ADMIN
from tests.estates import ACCOUNT, DENIED, REGION, allow, ask, env, function, missing, role, verdict
from tests.reach.attack import can, deny, trust, user

from buckler.checks.environment_secret_readable import environment_secret_readable
from buckler.model.finding import Finding, Gap
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity

SECRET = Redacted(kind="password", is_secret=True, confidence=Confidence.HIGH, shown="(12)", length=12)
OPAQUE = Redacted(kind="opaque", is_secret=False, confidence=Confidence.LOW, shown="(12)", length=12)
PAY = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"
ROOT = trust(aws=f"arn:aws:iam::{ACCOUNT}:root")
READ = "lambda:GetFunctionConfiguration"
OWN = can("payer", allow("lambda:GetFunction"))


def pay(**more):
    return function("pay", **{"role": OWN.arn, "environment": (env("DB_PASSWORD", SECRET),), **more})


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(can("support", allow("lambda:InvokeFunction"), trust=ROOT), None, id="invokes"),
        pytest.param(can("support", allow(READ), trust=ROOT), Finding, id="reads-configuration"),
        pytest.param(can("support", allow("lambda:Get*"), trust=ROOT), Finding, id="by-pattern"),
        pytest.param(can("support", allow("lambda:ListFunctions"), trust=ROOT), Finding, id="lists-functions"),
        pytest.param(can("support", allow("lambda:UpdateFunctionConfiguration", PAY), trust=ROOT), Finding, id="an-update-answers-with-it"),
        pytest.param(can("support", allow(READ, PAY + "-2"), trust=ROOT), None, id="of-another-function"),
        pytest.param(can("support", allow([READ, "secretsmanager:GetSecretValue"]), trust=ROOT), None, id="reads-secrets-anyway"),
        pytest.param(can("support", allow(READ), deny("lambda:Get*"), trust=ROOT), None, id="taken-back"),
        pytest.param(can("support", allow("lambda:GetPolicy"), trust=ROOT), None, id="reads-something-else"),
        pytest.param(role("boss", inline=(ADMIN,), trust=ROOT), None, id="administrator"),
    ],
)
def test_verdict(other, expected):
    assert verdict(environment_secret_readable, pay(), OWN, other) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"environment": ()}, None, id="no-environment"),
        pytest.param({"environment": (env("STAGE", "prod"),)}, None, id="harmless"),
        pytest.param({"environment": (env("STAGE", OPAQUE),)}, None, id="opaque"),
        pytest.param({"environment": (env("API_TOKEN", OPAQUE),)}, Finding, id="named-like-a-secret"),
        pytest.param({"environment": DENIED}, Gap, id="environment-unreadable"),
        pytest.param({"kms_key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"}, None, id="encrypted-with-a-key-of-ours"),
    ],
)
def test_environment(facts, expected):
    assert verdict(environment_secret_readable, pay(**facts), OWN, can("support", allow(READ), trust=ROOT)) is expected


def test_roles_nobody_could_list():
    assert verdict(environment_secret_readable, pay(), missing("roles", region="")) is Gap


def test_what_it_says():
    many = tuple(user(f"u{number}", allow(READ)) for number in range(7))
    finding = ask(environment_secret_readable, pay(), OWN, can("support", allow(READ), trust=ROOT), users=many).findings[0]
    assert finding.message == (
        "the role `support`, the user `u0`, the user `u1`, the user `u2`, the user `u3` and 3 more may read `DB_PASSWORD`"
        " but no secret elsewhere"
    )
    assert finding.severity is Severity.MEDIUM
    assert [request.action for request in finding.witness.requests] == [READ]
    assert all(evidence.is_sensitive for evidence in finding.evidence[:1])
