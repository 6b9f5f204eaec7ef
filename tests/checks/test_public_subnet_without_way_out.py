import pytest
from tests.checks.networks import answers, verdict

from buckler.checks.public_subnet_without_way_out import public_subnet_without_way_out
from buckler.model.finding import Finding, Gap

PUBLIC = "igw igw-1 a; route app 0.0.0.0/0 igw-1"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(PUBLIC, Finding, id="a-public-subnet"),
        pytest.param(f"{PUBLIC}; fn app2,app", Finding, id="one-of-two"),
        pytest.param("", None, id="no-route"),
        pytest.param("igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1", None, id="behind-nat"),
        pytest.param(f"{PUBLIC}; sg fn closed", None, id="nothing-leaves-it-anyway"),
        pytest.param("igw igw-1 b; route app 0.0.0.0/0 igw-1", None, id="a-gateway-that-is-detached"),
        pytest.param(f"{PUBLIC}; lost route_tables", Gap, id="routes-unreadable"),
    ],
)
def test_verdict(changes, expected):
    assert verdict(public_subnet_without_way_out, changes) is expected


def test_it_names_subnet_and_gateway():
    finding = answers(public_subnet_without_way_out, PUBLIC).findings[0]
    assert finding.message == "`app` leads to igw-1, which carries nothing from an interface without a public address"
