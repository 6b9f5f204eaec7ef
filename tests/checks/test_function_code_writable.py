import pytest
from tests.checks.escalating import ADMIN, scheduled
from tests.estates import ACCOUNT, DENIED, REGION, allow, ask, function, on, policy, role, verdict
from tests.reach.attack import arn, can, trust, user

from buckler.checks.function_code_writable import function_code_writable
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.severity import Severity

PAY = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:bank-AbCdEf"
PAYER = can("payer", allow("secretsmanager:GetSecretValue", SECRET))
UPDATE = "lambda:UpdateFunctionCode"
GITHUB = policy(
    {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
)
SUPPORT = trust(aws=f"arn:aws:iam::{ACCOUNT}:root")


def pay(**more):
    return function("pay", **{"role": PAYER.arn, "policies": (on(LATEST, scheduled()),), **more})


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(can("support", allow("lambda:GetFunction")), None, id="reads"),
        pytest.param(can("support", allow(UPDATE), trust=SUPPORT), Finding, id="writes-code"),
        pytest.param(can("support", allow(UPDATE, PAY), trust=SUPPORT), Finding, id="writes-this-one"),
        pytest.param(can("support", allow(UPDATE, PAY + "-2"), trust=SUPPORT), None, id="writes-another"),
        pytest.param(can("bot", allow(UPDATE)), Finding, id="a-function-that-writes-functions"),
        pytest.param(can("support", allow([UPDATE, "lambda:CreateFunction"]), trust=SUPPORT), None, id="deploys"),
        pytest.param(can("ci", allow(UPDATE), trust=GITHUB), None, id="a-pipeline"),
        pytest.param(can("cfn", allow(UPDATE), trust=trust(service="cloudformation.amazonaws.com")), None, id="cloudformation"),
        pytest.param(can("build", allow(UPDATE), trust=trust(service="codebuild.amazonaws.com")), None, id="codebuild"),
        pytest.param(role("boss", inline=(ADMIN,), trust=SUPPORT), None, id="administrator"),
        pytest.param(can("near", allow([UPDATE, "iam:PutRolePolicy"]), trust=SUPPORT), None, id="can-become-administrator"),
        pytest.param(can("support", allow([UPDATE, "secretsmanager:GetSecretValue"]), trust=SUPPORT), None, id="gains-nothing"),
        pytest.param(
            can("support", allow("lambda:UpdateFunctionConfiguration"), allow("lambda:GetLayerVersion"), trust=SUPPORT),
            Finding,
            id="a-layer-of-its-own",
        ),
        pytest.param(can("support", allow("lambda:UpdateAlias"), trust=SUPPORT), None, id="an-alias-alone"),
    ],
)
def test_verdict(other, expected):
    assert verdict(function_code_writable, pay(), PAYER, other) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"role": DENIED}, Gap, id="role-unreadable"),
        pytest.param({"role": arn("role", "elsewhere")}, Gap, id="role-not-listed"),
        pytest.param({"role": arn("role", "logger")}, None, id="runs-as-nobody-much"),
    ],
)
def test_whose_role(facts, expected):
    others = (can("logger", allow("logs:*")), can("support", allow(UPDATE), trust=SUPPORT))
    assert verdict(function_code_writable, pay(**facts), *others) is expected


def test_what_it_says():
    kim = user("kim", allow(UPDATE))
    finding = ask(function_code_writable, pay(), PAYER, can("support", allow(UPDATE), trust=SUPPORT), users=(kim,)).findings[0]
    assert finding.severity is Severity.HIGH
    assert finding.message == (
        "each of the role `support`, the user `kim` may change what it does and gains by that: secret `bank-AbCdEf` (read)"
    )
    assert [request.action for witness in finding.path for request in witness.requests] == [UPDATE]


def test_data_is_less_than_secrets():
    writer = can("payer", allow("dynamodb:PutItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"))
    finding = ask(function_code_writable, pay(), writer, can("support", allow(UPDATE), trust=SUPPORT)).findings[0]
    assert finding.severity is Severity.MEDIUM
