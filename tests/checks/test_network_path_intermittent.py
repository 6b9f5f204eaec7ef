import pytest
from tests.checks.networks import answers, verdict

from buckler.checks.network_path_intermittent import network_path_intermittent
from buckler.model.finding import Finding, Gap

IN = "acl db in 100 allow -1 - 0.0.0.0/0"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(f"{IN}; acl db out 100 allow tcp 32768-60999 0.0.0.0/0", Finding, id="the-ports-of-linux"),
        pytest.param(f"{IN}; acl db out 100 deny tcp 2000-3000 0.0.0.0/0; acl db out 200 allow -1 - 0.0.0.0/0", Finding, id="a-hole"),
        pytest.param("", None, id="open"),
        pytest.param(f"{IN}; acl db out 100 allow tcp 1024-65535 0.0.0.0/0", None, id="every-client-port"),
        pytest.param(f"{IN}; acl db out 100 allow tcp 0-1023 0.0.0.0/0", None, id="closed"),
        pytest.param(f"{IN}; acl db out 100 allow tcp 32768-60999 0.0.0.0/0; sg fn closed", None, id="not-reached-anyway"),
        pytest.param("lost network_acls", Gap, id="acls-unreadable"),
    ],
)
def test_verdict(changes, expected):
    assert verdict(network_path_intermittent, changes) is expected


def test_it_names_a_packet_without_answer():
    finding = answers(network_path_intermittent, f"{IN}; acl db out 100 allow tcp 32768-60999 0.0.0.0/0").findings[0]
    assert finding.message == "of its tcp connections to database (db) only those from the ports 32768-60999 get an answer"
    assert finding.evidence[0].note == "tcp 10.0.1.0/24:1024 -> 10.0.3.10:5432 gets none"
