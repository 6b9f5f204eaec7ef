import pytest
from tests.checks.networks import answers, verdict

from buckler.checks.internet_egress_open import internet_egress_open
from buckler.model.finding import Finding, Gap

NAT = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1"
V6 = "eigw eigw-1 a; route app ::/0 eigw-1; fn app ipv6"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(NAT, Finding, id="every-port-by-nat"),
        pytest.param(V6, Finding, id="every-port-by-ipv6"),
        pytest.param(f"{NAT}; sg fn closed; sg fn out tcp 22 0.0.0.0/0", Finding, id="one-port-that-is-not-the-webs"),
        pytest.param(f"{NAT}; sg fn closed; sg fn out udp 53 198.51.100.0/24", Finding, id="one-range"),
        pytest.param(f"{NAT}; sg fn closed; sg fn out tcp 443 0.0.0.0/0; sg fn out udp 443 0.0.0.0/0", None, id="the-web"),
        pytest.param(f"{NAT}; sg fn closed; sg fn out tcp 80 0.0.0.0/0", None, id="the-web-in-clear"),
        pytest.param(f"{NAT}; sg fn closed", None, id="its-rules-keep-it-in"),
        pytest.param("", None, id="no-route"),
        pytest.param(f"{NAT}; bpa block-bidirectional", None, id="public-access-is-blocked"),
        pytest.param(f"{NAT}; lost public_access_blocks", Gap, id="public-access-unreadable"),
        pytest.param(f"{NAT}; lost gateways", Gap, id="gateways-unreadable"),
    ],
)
def test_verdict(changes, expected):
    assert verdict(internet_egress_open, changes) is expected


def test_a_function_in_no_vpc_is_another_question():
    assert verdict(internet_egress_open, NAT, vpc=None) is None


def test_it_says_on_which_ports():
    finding = answers(internet_egress_open, f"{NAT}; sg fn closed; sg fn out tcp 22-25 0.0.0.0/0; sg fn out tcp 443 0.0.0.0/0").findings[0]
    assert finding.message == "its packets reach the internet (IPv4) on tcp 22-25, 443"
    assert finding.evidence[0].note == "by app > a > nat-1 > pub > a > igw-1"
