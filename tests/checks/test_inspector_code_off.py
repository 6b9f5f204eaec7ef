import pytest
from tests.estates import DENIED, ask, function, inspector, missing, verdict

from buckler.checks.inspector_code_off import inspector_code_off
from buckler.model.finding import Finding, Gap


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((inspector(),), None, id="on"),
        pytest.param((inspector(lambda_code=False),), Finding, id="dependencies-only"),
        pytest.param((inspector(lambda_standard=False, lambda_code=False),), None, id="off-altogether-is-asked-elsewhere"),
        pytest.param((inspector(lambda_code=DENIED),), Gap, id="status-unreadable"),
        pytest.param((missing("inspectors"),), Gap, id="unreadable"),
        pytest.param((), None, id="no-status-is-asked-elsewhere"),
        pytest.param((inspector(lambda_standard=False, lambda_code=DENIED),), None, id="off-altogether-whatever-the-code"),
        pytest.param((inspector(lambda_standard=DENIED, lambda_code=False),), Gap, id="whether-it-scans-at-all-unreadable"),
        pytest.param((inspector(), inspector(region="us-east-1", lambda_code=False)), None, id="off-where-there-are-no-functions"),
    ],
)
def test_verdict(others, expected):
    assert verdict(inspector_code_off, function(), *others) is expected


def test_a_region_without_functions_needs_none():
    assert verdict(inspector_code_off, inspector(lambda_code=False)) is None


def test_the_remedy_can_be_pasted():
    (finding,) = ask(inspector_code_off, function(), inspector(lambda_code=False)).findings
    assert finding.remedy.text == "run `aws inspector2 enable --resource-types LAMBDA LAMBDA_CODE --region eu-west-1`"
