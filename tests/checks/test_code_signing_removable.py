import pytest
from tests.checks.escalating import ADMIN
from tests.estates import ACCOUNT, DENIED, REGION, allow, ask, code_signing_config, function, missing, role, verdict
from tests.reach.attack import can, trust, user

from buckler.checks.code_signing_removable import code_signing_removable
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity

CONFIG = code_signing_config()
SIGNED = function("pay", code_signing_config=CONFIG.arn)
PROFILE = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/release"
DETACH, UPDATE, PUT, CODE = (
    "lambda:DeleteFunctionCodeSigningConfig",
    "lambda:UpdateCodeSigningConfig",
    "lambda:PutFunctionCodeSigningConfig",
    "lambda:UpdateFunctionCode",
)
SUPPORT = trust(aws=f"arn:aws:iam::{ACCOUNT}:root")


def deny(action, resource):
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def support(*statements, **more):
    return can("support", *statements, trust=SUPPORT, **more)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(support(allow(["lambda:GetFunction", CODE])), None, id="may-only-replace-code"),
        pytest.param(support(allow(DETACH)), Finding, id="takes-it-off"),
        pytest.param(support(allow(DETACH, SIGNED.arn)), Finding, id="takes-it-off-this-one"),
        pytest.param(support(allow(DETACH, SIGNED.arn + "-2")), None, id="takes-it-off-another-function"),
        pytest.param(support(allow(DETACH), deny(DETACH, SIGNED.arn)), None, id="is-denied"),
        pytest.param(support(allow(UPDATE)), Finding, id="loosens-it"),
        pytest.param(support(allow(UPDATE, str(CONFIG.arn) + "0")), None, id="loosens-another"),
        pytest.param(support(allow([PUT, "lambda:CreateCodeSigningConfig"])), Finding, id="puts-its-own-in-place"),
        pytest.param(support(allow(PUT)), None, id="has-none-to-put-in-place"),
        pytest.param(support(allow(PUT, SIGNED.arn), allow("lambda:CreateCodeSigningConfig")), None, id="may-put-no-other"),
        pytest.param(support(allow(["signer:StartSigningJob", CODE])), Finding, id="signs-and-deploys"),
        pytest.param(support(allow("signer:StartSigningJob", PROFILE), allow(CODE)), Finding, id="signs-with-the-trusted-profile"),
        pytest.param(support(allow("signer:StartSigningJob", PROFILE + "2"), allow(CODE)), None, id="signs-with-another-profile"),
        pytest.param(support(allow("signer:StartSigningJob")), None, id="signs-only"),
        pytest.param(support(allow(["signer:AddProfilePermission", CODE])), Finding, id="lets-others-sign"),
        pytest.param(support(allow([DETACH, "lambda:CreateFunction"])), None, id="deploys"),
        pytest.param(can("cfn", allow(DETACH), trust=trust(service="cloudformation.amazonaws.com")), None, id="cloudformation"),
        pytest.param(role("boss", inline=(ADMIN,), trust=SUPPORT), None, id="administrator"),
        pytest.param(missing("roles", region=""), Gap, id="roles-unreadable"),
    ],
)
def test_verdict(other, expected):
    assert verdict(code_signing_removable, CONFIG, SIGNED, other) is expected


@pytest.mark.parametrize(
    ("config", "on", "expected"),
    [
        pytest.param(code_signing_config(untrusted_artifact_on_deployment="Warn"), SIGNED, None, id="only-warns-is-another-finding"),
        pytest.param(CONFIG, function("pay"), None, id="on-no-function"),
        pytest.param(CONFIG, function("pay", code_signing_config=DENIED), Gap, id="on-which-functions-unreadable"),
        pytest.param(code_signing_config(untrusted_artifact_on_deployment=DENIED), SIGNED, Gap, id="policy-unreadable"),
        pytest.param(code_signing_config(publishers=DENIED), SIGNED, Finding, id="whom-it-trusts-does-not-matter"),
    ],
)
def test_which_configurations(config, on, expected):
    assert verdict(code_signing_removable, config, on, support(allow(DETACH))) is expected


def test_whose_signatures_count_must_be_known_to_say_that_nobody_makes_them():
    assert verdict(code_signing_removable, code_signing_config(publishers=DENIED), SIGNED, support(allow(CODE))) is Gap


def test_what_it_says():
    kim = user("kim", allow([PUT, "lambda:CreateCodeSigningConfig"]))
    (finding,) = ask(code_signing_removable, CONFIG, SIGNED, support(allow(DETACH)), users=(kim,)).findings
    assert finding.severity is Severity.MEDIUM
    assert finding.message == (
        "code signing of `pay` can be got around: the role `support` may take it off `pay`, and 1 other principal gets around it too"
    )
    assert [request.action for witness in finding.path for request in witness.requests] == [DETACH]
    (finding,) = ask(code_signing_removable, CONFIG, SIGNED, users=(kim,)).findings
    assert "the user `kim` may put one that only warns in its place on `pay`" in finding.message
    assert [request.action for witness in finding.path for request in witness.requests] == ["lambda:CreateCodeSigningConfig", PUT, PUT]
    (finding,) = ask(code_signing_removable, CONFIG, SIGNED, support(allow(["signer:StartSigningJob", CODE]))).findings
    assert "the role `support` may sign with the trusted profile `release` and deploy to `pay`" in finding.message
