import pytest
from tests.checks.networks import answers, verdict
from tests.estates import DENIED, env

from buckler.checks.internal_service_reached_undeclared import internal_service_reached_undeclared
from buckler.model.finding import Finding, Gap

RANGE = "sg database closed; sg tool in tcp 8080 10.0.0.0/16; eni tool db 10.0.3.20 tool says=worker"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(RANGE, Finding, id="a-range-lets-it-in"),
        pytest.param(f"{RANGE}; sg tool in tcp 8080 fn", None, id="its-group-is-named"),
        pytest.param(f"{RANGE}; sg fn closed; sg fn out tcp 8080 tool", None, id="its-own-rule-names-it"),
        pytest.param(f"{RANGE}; sg fn closed", None, id="not-reached"),
        pytest.param(RANGE.replace("says=worker", "says=RDSNetworkInterface"), None, id="a-database-is-another-question"),
        pytest.param(RANGE.replace("tool db 10.0.3.20", "tool far 10.1.1.20"), None, id="in-another-network"),
        pytest.param(f"{RANGE}; lost security_groups", Gap, id="groups-unreadable"),
        pytest.param(f"{RANGE}; lost interfaces", Gap, id="interfaces-unreadable"),
    ],
)
def test_verdict(changes, expected):
    assert verdict(internal_service_reached_undeclared, changes) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"environment": (env("STAGE", "prod"),)}, Finding, id="a-variable-of-something-else"),
        pytest.param({"environment": (env("REPORT_ENDPOINT", "x"),)}, None, id="a-variable-of-an-endpoint"),
        pytest.param({"environment": (env("TARGET", "http://10.0.3.20:8080/"),)}, None, id="a-variable-with-its-address"),
        pytest.param({"environment": DENIED}, Gap, id="variables-unreadable"),
    ],
)
def test_what_its_settings_speak_of(facts, expected):
    assert verdict(internal_service_reached_undeclared, RANGE, **facts) is expected


def test_it_names_what_is_reached():
    finding = answers(internal_service_reached_undeclared, f"{RANGE}; eni more db 10.0.3.21 tool says=other").findings[0]
    assert finding.message == "its packets reach other on tcp 8080, and 1 more, which no rule and no setting names"
