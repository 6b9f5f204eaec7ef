import pytest
from tests.estates import DENIED, ask, code_signing_config, function, missing, verdict

from buckler.checks.code_signing_no_publishers import code_signing_no_publishers
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole

SIGNED = function(code_signing_config=code_signing_config().arn)


@pytest.mark.parametrize(
    ("facts", "others", "expected"),
    [
        pytest.param({"publishers": ()}, (SIGNED,), Finding, id="nobody"),
        pytest.param({}, (SIGNED,), None, id="somebody"),
        pytest.param({"publishers": ()}, (function(),), None, id="on-no-function"),
        pytest.param({"publishers": DENIED}, (SIGNED,), Gap, id="unreadable"),
        pytest.param({"publishers": ()}, (function(code_signing_config=DENIED),), Gap, id="on-which-functions-unreadable"),
        pytest.param({"publishers": (hole("Profile.Arn"),)}, (SIGNED,), None, id="somebody-with-a-hole"),
        pytest.param({"publishers": (), "untrusted_artifact_on_deployment": "Warn"}, (SIGNED,), Finding, id="nobody-and-only-a-warning"),
        pytest.param(
            {"publishers": (), "untrusted_artifact_on_deployment": DENIED}, (SIGNED,), Finding, id="nobody-whatever-is-done-about-it"
        ),
        pytest.param(
            {"publishers": ()}, (function(code_signing_config=f"{code_signing_config().arn}0"),), None, id="functions-under-another-one"
        ),
        pytest.param({"publishers": ()}, (missing("functions"),), Gap, id="functions-unreadable"),
    ],
)
def test_verdict(facts, others, expected):
    assert verdict(code_signing_no_publishers, code_signing_config(**facts), *others) is expected


@pytest.mark.parametrize(("policy", "phrase"), [("Enforce", "no code can be deployed"), ("Warn", "no signature is ever good")])
def test_the_consequence_is_named(policy, phrase):
    config = code_signing_config(publishers=(), untrusted_artifact_on_deployment=policy)
    (finding,) = ask(code_signing_no_publishers, config, SIGNED).findings
    assert phrase in finding.message
