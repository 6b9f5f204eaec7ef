import pytest
from tests.estates import DENIED, OTHER, ask, detector, function, missing, scope, verdict

from buckler.checks.guardduty_lambda_off import guardduty_lambda_off
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((detector(),), None, id="on"),
        pytest.param((detector(lambda_network_logs=False),), Finding, id="lambda-protection-off"),
        pytest.param((detector(is_enabled=False),), Finding, id="suspended"),
        pytest.param((), Finding, id="no-detector"),
        pytest.param((detector(region="us-east-1"),), Finding, id="on-in-another-region-only"),
        pytest.param((missing("detectors"),), Gap, id="detectors-unreadable"),
        pytest.param((detector(lambda_network_logs=DENIED),), Gap, id="features-unreadable"),
        pytest.param((detector(is_enabled=DENIED),), Gap, id="status-unreadable"),
        pytest.param((detector(account=OTHER),), Finding, id="on-in-another-account-only"),
        pytest.param((detector(), missing("detectors", region="us-east-1")), None, id="another-region-is-unreadable"),
        pytest.param((detector(is_enabled=False, lambda_network_logs=DENIED),), Finding, id="suspended-whatever-its-features"),
    ],
)
def test_verdict(others, expected):
    assert verdict(guardduty_lambda_off, function(), *others) is expected


def test_a_region_without_functions_needs_none():
    assert verdict(guardduty_lambda_off) is None


def test_a_template_does_not_tell():
    here = function(origin=FileOrigin(file="a.yaml", line=1))
    assert verdict(guardduty_lambda_off, here, scope(kind="template", name="a.yaml", origin=FileOrigin(file="a.yaml"))) is NotAsked


def test_one_finding_however_many_functions():
    (finding,) = ask(guardduty_lambda_off, *(function(f"f{n}") for n in range(300))).findings
    assert finding.message == "GuardDuty is off, and nothing watches the 300 functions here"


@pytest.mark.parametrize(
    ("others", "words"),
    [
        pytest.param((), "create-detector --enable --region eu-west-1", id="no-detector"),
        pytest.param((detector(is_enabled=False),), "--detector-id d1 --enable", id="suspended"),
        pytest.param((detector(lambda_network_logs=False),), "--detector-id d1 --features Name=LAMBDA_NETWORK_LOGS", id="feature-off"),
    ],
)
def test_the_remedy_can_be_pasted(others, words):
    (finding,) = ask(guardduty_lambda_off, function(), *others).findings
    assert words in finding.remedy.text
