import pytest
from msgspec.structs import replace
from tests.checks.networks import answers, verdict
from tests.engines.net.build import Net
from tests.estates import TODAY, function, missing

from buckler.checks import run
from buckler.checks.function_reaches_other_network import function_reaches_other_network
from buckler.model.finding import Finding, Gap
from buckler.reach.analysis import Analysis

PEER = "peering pcx-1 a b; route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(PEER, Finding, id="over-a-peering"),
        pytest.param("", None, id="own-vpc-only"),
        pytest.param("peering pcx-1 a b; route app 10.1.0.0/16 pcx-1", None, id="no-way-back"),
        pytest.param(f"{PEER}; sg fn closed; sg fn out tcp 5432 10.0.0.0/16", None, id="its-rules-keep-it-in"),
        pytest.param(f"{PEER}; sg far closed; sg far in tcp 5432 10.0.2.0/24", None, id="the-other-side-keeps-it-out"),
        pytest.param("route app 192.168.0.0/16 vgw-1", Finding, id="on-premises"),
        pytest.param("route app 192.168.0.0/16 vgw-1; sg fn closed", None, id="on-premises-closed"),
        pytest.param(f"{PEER}; lost security_groups", Gap, id="groups-unreadable"),
        pytest.param(f"{PEER}; lost network_acls", Gap, id="acls-unreadable"),
    ],
)
def test_verdict(changes, expected):
    assert verdict(function_reaches_other_network, changes) is expected


def test_a_function_outside_every_vpc_reaches_nothing_inside_one():
    assert verdict(function_reaches_other_network, PEER, vpc=None) is None


def test_what_only_a_password_guards_weighs_more():
    plain = answers(function_reaches_other_network, PEER).findings[0]
    assert (plain.severity.value, plain.message) == ("low", "its packets reach far (svc) on tcp 5432")
    database = answers(function_reaches_other_network, f"{PEER}; eni svc far 10.1.1.10 far says=RDSNetworkInterface").findings[0]
    assert (database.severity.value, database.message) == ("medium", "its packets reach RDS database in far on tcp 5432")


def test_vpcs_that_could_not_be_listed_here_are_a_gap_though_others_were():
    """Those of another region were read: what is missing here is no matter of elsewhere."""
    net = Net(PEER)
    fn = function("f", vpc=net.vpc_config)
    far = tuple(replace(one, region="eu-north-1", name="vpc-far", arn=f"{one.arn}-far") for one in net.estate.vpcs[:1])
    estate = replace(net.estate, vpcs=far, functions=(fn,), missing=(missing("vpcs", region=fn.region),))
    told = run([function_reaches_other_network], Analysis(estate, today=TODAY))
    assert (len(told.findings), len(told.gaps)) == (0, 1)
