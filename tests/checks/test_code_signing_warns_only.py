import pytest
from tests.estates import DENIED, ask, code_signing_config, function, missing, verdict

from buckler.checks.code_signing_warns_only import code_signing_warns_only
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole

ARN = code_signing_config().arn
SIGNED = function(code_signing_config=ARN)


@pytest.mark.parametrize(
    ("policy", "others", "expected"),
    [
        pytest.param("Warn", (SIGNED,), Finding, id="warns"),
        pytest.param("Enforce", (SIGNED,), None, id="enforces"),
        pytest.param("Warn", (function(),), None, id="on-no-function"),
        pytest.param(DENIED, (SIGNED,), Gap, id="policy-unreadable"),
        pytest.param(hole("Policy"), (SIGNED,), Gap, id="policy-is-a-hole"),
        pytest.param("Warn", (function(code_signing_config=DENIED),), Gap, id="on-which-functions-unreadable"),
        pytest.param("Warn", (missing("functions"),), Gap, id="functions-unreadable"),
        pytest.param("Enforce", (function(),), None, id="enforces-for-nobody"),
        pytest.param("Warn", (function(code_signing_config=f"{ARN}0"),), None, id="functions-under-another-one"),
        pytest.param(
            "Warn", (function(region="us-east-1", code_signing_config=DENIED),), None, id="a-function-of-another-region-is-never-under-it"
        ),
        pytest.param("Warn", (SIGNED, function("orders", code_signing_config=DENIED)), Finding, id="proven-by-the-function-that-was-read"),
    ],
)
def test_verdict(policy, others, expected):
    assert verdict(code_signing_warns_only, code_signing_config(untrusted_artifact_on_deployment=policy), *others) is expected


def test_one_finding_names_the_functions():
    config = code_signing_config(untrusted_artifact_on_deployment="Warn")
    (finding,) = ask(code_signing_warns_only, config, SIGNED, function("orders", code_signing_config=ARN)).findings
    assert finding.message == "unsigned code is deployed to `checkout` and 1 more with no more than a warning"
