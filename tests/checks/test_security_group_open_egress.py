import pytest
from tests.estates import DENIED, ask, at, capacity_provider, egress, function, missing, security_group, verdict, vpc_config

from buckler.checks.security_group_open_egress import security_group_open_egress
from buckler.model.finding import Finding, Gap
from buckler.model.functions import VpcConfig
from buckler.model.network import SecurityGroupRule
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked
from buckler.model.text import hole

SHOP = function(vpc=vpc_config("subnet-1"))
INGRESS = SecurityGroupRule(is_egress=False, protocol="-1", cidrs=("0.0.0.0/0",))


def to(protocol="-1", **more):
    return SecurityGroupRule(is_egress=True, protocol=protocol, **more)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        pytest.param(security_group("sg-1", egress("0.0.0.0/0")), Finding, id="everything-to-everywhere"),
        pytest.param(security_group("sg-1", egress("::/0")), Finding, id="over-ipv6-too"),
        pytest.param(security_group("sg-1", egress("0.0.0.0/0", protocol="tcp", ports=(0, 65535))), Finding, id="all-of-tcp"),
        pytest.param(security_group("sg-1", egress("0.0.0.0/0", protocol="tcp", ports=(443, 443))), None, id="https-to-everywhere"),
        pytest.param(security_group("sg-1", egress("10.0.0.0/8")), None, id="everything-to-the-inside"),
        pytest.param(security_group("sg-1"), None, id="no-rules"),
        pytest.param(security_group("sg-1", INGRESS), None, id="ingress-is-another-question"),
        pytest.param(security_group("sg-1", rules=DENIED), Gap, id="rules-unreadable"),
        pytest.param(security_group("sg-1", egress(hole("Cidr"))), Gap, id="range-is-a-hole"),
        pytest.param(security_group("sg-1", egress("0.0.0.0/0", protocol=hole("Protocol"))), Gap, id="protocol-is-a-hole"),
        pytest.param(security_group("sg-2", egress("0.0.0.0/0")), Gap, id="group-not-listed"),
        pytest.param(missing("security_groups"), Gap, id="groups-unreadable"),
        pytest.param(security_group("sg-1", egress("0:0:0:0:0:0:0:0/0")), Finding, id="everywhere-written-at-length"),
        pytest.param(security_group("sg-1", egress("0.0.0.0/1")), None, id="half-of-the-internet"),
        pytest.param(security_group("sg-1", egress("0.0.0.0/0", protocol="6", ports=(0, 65535))), Finding, id="all-of-tcp-by-its-number"),
        pytest.param(security_group("sg-1", egress("0.0.0.0/0", protocol="tcp", ports=(1024, 65535))), None, id="the-high-ports"),
        pytest.param(security_group("sg-1", egress("0.0.0.0/0", protocol="udp", ports=(0, 65535))), None, id="all-of-udp"),
        pytest.param(security_group("sg-1", to(groups=("sg-2",))), None, id="everything-to-a-group"),
        pytest.param(security_group("sg-1", to(prefix_lists=("pl-1",))), None, id="everything-to-a-prefix-list"),
        pytest.param(security_group("sg-1", egress(hole("Cidr")), egress("0.0.0.0/0")), Finding, id="open-beside-a-range-that-is-a-hole"),
        pytest.param(
            security_group("sg-1", egress(hole("Cidr"), protocol="tcp", ports=(443, 443))), None, id="https-to-a-range-that-is-a-hole"
        ),
        pytest.param(
            security_group("sg-1", to(cidrs=("0.0.0.0/0",), protocol="tcp", from_port=DENIED, to_port=DENIED)), Gap, id="ports-unreadable"
        ),
        pytest.param(
            security_group("sg-1", to(cidrs=("0.0.0.0/0",), protocol="tcp", from_port=443, to_port=DENIED)),
            None,
            id="from-https-on-to-wherever",
        ),
    ],
)
def test_verdict(group, expected):
    assert verdict(security_group_open_egress, SHOP, group) is expected


@pytest.mark.parametrize(
    ("vpc", "expected"), [pytest.param(None, None, id="outside-a-vpc"), pytest.param(DENIED, Gap, id="vpc-unreadable")]
)
def test_placement(vpc, expected):
    assert verdict(security_group_open_egress, function(vpc=vpc), security_group("sg-1", egress("0.0.0.0/0"))) is expected


def test_one_finding_per_group_whoever_stands_behind_it():
    orders = function("orders", vpc=vpc_config("subnet-1"))
    (finding,) = ask(security_group_open_egress, SHOP, orders, security_group("sg-1", egress("0.0.0.0/0"))).findings
    assert finding.subject.kind == "security-group"
    assert finding.message == "`checkout` and 1 more may send anything to any address on the internet (`0.0.0.0/0`)"


def test_a_group_of_another_stack_is_outside_a_template():
    shop = function(vpc=vpc_config("subnet-1"), origin=FileOrigin(file="template.yaml", line=3))
    assert verdict(security_group_open_egress, shop) is NotAsked


def test_the_group_of_a_capacity_provider_is_that_of_the_functions_on_it():
    fleet, steady = capacity_provider("fleet", "subnet-1"), function("steady", capacity_provider=capacity_provider().arn)
    (finding,) = ask(security_group_open_egress, SHOP, steady, fleet, security_group("sg-1", egress("0.0.0.0/0"))).findings
    assert finding.message == "`checkout` and 1 more may send anything to any address on the internet (`0.0.0.0/0`)"
    assert verdict(security_group_open_egress, steady, fleet, security_group("sg-1", egress("10.0.0.0/8"))) is None


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(missing("capacity_providers"), id="providers-unreadable"),
        pytest.param(capacity_provider(vpc=DENIED), id="vpc-unreadable"),
        pytest.param(
            capacity_provider(vpc=VpcConfig(subnet_ids=("s",), security_group_ids=DENIED, origin=at("x"))), id="groups-unreadable"
        ),
    ],
)
def test_a_provider_that_is_not_known_is_a_gap(other):
    steady = function("steady", capacity_provider=capacity_provider().arn)
    assert verdict(security_group_open_egress, steady, other, security_group("sg-1", egress("0.0.0.0/0"))) is Gap
