import pytest
from tests.estates import DENIED, ask, function, log_group, missing, verdict

from buckler.checks.log_retention_missing import log_retention_missing
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LoggingConfig


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((log_group(retention_days=None),), Finding, id="for-ever"),
        pytest.param((log_group(retention_days=1),), None, id="a-day-is-a-retention"),
        pytest.param((log_group(), log_group("/aws/lambda/gone", retention_days=None)), None, id="a-group-nobody-writes-to"),
        pytest.param((), None, id="no-group-is-asked-elsewhere"),
        pytest.param((log_group(retention_days=DENIED),), Gap, id="retention-unreadable"),
        pytest.param((missing("log_groups"),), Gap, id="groups-unreadable"),
        pytest.param((log_group(retention_days=3653),), None, id="ten-years-are-not-for-ever"),
        pytest.param((log_group(retention_days=None, region="us-east-1"),), None, id="a-group-of-another-region"),
        pytest.param((log_group(retention_days=None, kms_key="k"),), Finding, id="for-ever-under-a-key-of-ours"),
    ],
)
def test_verdict(others, expected):
    assert verdict(log_retention_missing, function(), *others) is expected


def test_an_unreadable_logging_configuration_is_a_gap():
    assert verdict(log_retention_missing, function(logging=DENIED), log_group(retention_days=None)) is Gap


def test_one_finding_per_group():
    shared = LoggingConfig(log_group="/shop/all")
    (finding,) = ask(
        log_retention_missing, function(logging=shared), function("orders", logging=shared), log_group("/shop/all", retention_days=None)
    ).findings
    assert (finding.subject.kind, finding.message) == ("log-group", "what `checkout` and 1 more logs is kept for ever")
