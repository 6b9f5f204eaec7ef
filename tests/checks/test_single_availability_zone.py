import pytest
from tests.estates import DENIED, NOT_ASKED, capacity_provider, function, missing, subnet, verdict, vpc_config

from buckler.checks.single_availability_zone import single_availability_zone
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked
from buckler.model.text import hole

A, B, A2 = subnet("subnet-a"), subnet("subnet-b", "eu-west-1b"), subnet("subnet-a2")
TEMPLATE = FileOrigin(file="template.yaml", line=3)


@pytest.mark.parametrize(
    ("subnets", "others", "expected"),
    [
        pytest.param(("subnet-a", "subnet-b"), (A, B), None, id="two-zones"),
        pytest.param(("subnet-a", "subnet-a2"), (A, A2), Finding, id="two-subnets-in-one-zone"),
        pytest.param(("subnet-a",), (A, B), Finding, id="one-subnet"),
        pytest.param(("subnet-x",), (), Finding, id="one-subnet-that-nobody-read-is-in-one-zone"),
        pytest.param(("subnet-a", "subnet-a"), (A,), Finding, id="the-same-subnet-twice"),
        pytest.param((), (), None, id="left-its-vpc"),
        pytest.param(("subnet-a", "subnet-x"), (A, missing("subnets")), Gap, id="subnets-unreadable"),
        pytest.param(("subnet-a", "subnet-x"), (A,), Gap, id="subnet-not-listed"),
        pytest.param(("subnet-a", "subnet-u"), (A, subnet("subnet-u", DENIED)), Gap, id="zone-unreadable"),
        pytest.param(("subnet-a", "subnet-h"), (A, subnet("subnet-h", hole("Zone"))), Gap, id="zone-is-a-hole"),
        pytest.param(("SUBNET_IDS",), (), Gap, id="one-stand-in-may-be-a-list"),
        pytest.param((hole("SubnetIds"),), (), Gap, id="one-hole-may-be-a-list"),
        pytest.param(("subnet-a", "subnet-b", "subnet-x"), (A, B), None, id="two-zones-whatever-the-third"),
        pytest.param(("subnet-x", "subnet-a", "subnet-b"), (A, B, missing("subnets")), None, id="two-zones-though-one-is-unreadable"),
        pytest.param(("subnet-u", "subnet-a", "subnet-b"), (A, B, subnet("subnet-u", DENIED)), None, id="two-zones-though-one-is-unknown"),
        pytest.param(("subnet-a", "subnet-a2", "subnet-x"), (A, A2), Gap, id="a-third-subnet-may-be-elsewhere"),
        pytest.param(("subnet-a", "subnet-a2"), (A, A2, B), Finding, id="another-zone-has-a-subnet-that-is-not-used"),
    ],
)
def test_verdict(subnets, others, expected):
    assert verdict(single_availability_zone, function(vpc=vpc_config(*subnets)), *others) is expected


def test_outside_a_vpc_is_not_asked_about():
    assert verdict(single_availability_zone, function(vpc=None)) is None


def test_an_unreadable_vpc_is_a_gap():
    assert verdict(single_availability_zone, function(vpc=DENIED)) is Gap


def test_zones_with_the_same_hole_are_the_same():
    zone = hole("Zone")
    found = verdict(single_availability_zone, function(vpc=vpc_config("s1", "s2")), subnet("s1", zone), subnet("s2", zone))
    assert found is Finding


def test_subnets_of_another_stack_are_outside_a_template():
    shop = function(vpc=vpc_config("subnet-a", "subnet-x"), origin=TEMPLATE, address="Checkout")
    assert verdict(single_availability_zone, shop, A) is NotAsked


FLEET = function(capacity_provider=capacity_provider().arn)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((capacity_provider("fleet", "subnet-a", "subnet-a2"), A, A2), Finding, id="its-machines-in-one-zone"),
        pytest.param((capacity_provider("fleet", "subnet-a", "subnet-b"), A, B), None, id="its-machines-in-two-zones"),
        pytest.param((capacity_provider("other", "subnet-a"), A), Gap, id="provider-not-listed"),
        pytest.param((capacity_provider(vpc=DENIED),), Gap, id="provider-without-a-known-vpc"),
        pytest.param((missing("capacity_providers"),), Gap, id="providers-unreadable"),
        pytest.param((missing("capacity_providers", NOT_ASKED),), NotAsked, id="providers-not-asked"),
    ],
)
def test_on_managed_instances_the_provider_says_where(others, expected):
    assert verdict(single_availability_zone, FLEET, *others) is expected
