import pytest
from tests.estates import DENIED, OTHER, ask, function, inspector, missing, scope, verdict

from buckler.checks.inspector_lambda_off import inspector_lambda_off
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((inspector(),), None, id="on"),
        pytest.param((inspector(lambda_standard=False, lambda_code=False),), Finding, id="off"),
        pytest.param((inspector(lambda_code=False),), None, id="code-scanning-is-another-question"),
        pytest.param((), Finding, id="no-status"),
        pytest.param((missing("inspectors"),), Gap, id="unreadable"),
        pytest.param((inspector(lambda_standard=DENIED),), Gap, id="status-unreadable"),
        pytest.param((inspector(region="us-east-1"),), Finding, id="on-in-another-region-only"),
        pytest.param((inspector(account=OTHER),), Finding, id="on-in-another-account-only"),
        pytest.param((inspector(lambda_code=DENIED),), None, id="whatever-is-known-of-code-scanning"),
        pytest.param((inspector(), missing("inspectors", region="us-east-1")), None, id="another-region-is-unreadable"),
    ],
)
def test_verdict(others, expected):
    assert verdict(inspector_lambda_off, function(), *others) is expected


def test_a_region_without_functions_needs_none():
    assert verdict(inspector_lambda_off) is None


def test_a_template_does_not_tell():
    here = function(origin=FileOrigin(file="a.yaml", line=1))
    assert verdict(inspector_lambda_off, here, scope(kind="template", name="a.yaml", origin=FileOrigin(file="a.yaml"))) is NotAsked


def test_one_finding_however_many_functions():
    (finding,) = ask(inspector_lambda_off, *(function(f"f{n}") for n in range(300))).findings
    assert finding.message == "Inspector does not scan the 300 functions here"
    assert finding.remedy.text == "run `aws inspector2 enable --resource-types LAMBDA --region eu-west-1`"
