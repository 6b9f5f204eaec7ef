import pytest
from tests.estates import DENIED, function, missing, security_group, verdict, vpc_config

from buckler.checks.default_security_group_used import default_security_group_used
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole

DEFAULT = security_group("sg-1", group_name="default")


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        pytest.param((function(vpc=vpc_config("subnet-1")), DEFAULT), Finding, id="the-default-group"),
        pytest.param(
            (function(vpc=vpc_config("subnet-1", groups=("sg-2", "sg-1"))), DEFAULT, security_group("sg-2")), Finding, id="among-others"
        ),
        pytest.param((function(vpc=vpc_config("subnet-1")), security_group("sg-1")), None, id="a-group-of-its-own"),
        pytest.param(
            (function(vpc=vpc_config("subnet-1")), security_group("sg-1", group_name="default-egress")), None, id="a-name-like-it"
        ),
        pytest.param((function(vpc=None), DEFAULT), None, id="in-no-vpc"),
        pytest.param((function(vpc=DENIED), DEFAULT), Gap, id="vpc-unreadable"),
        pytest.param((function(vpc=vpc_config("subnet-1")), missing("security_groups")), Gap, id="groups-unreadable"),
        pytest.param((function(vpc=vpc_config("subnet-1")), security_group("sg-1", group_name=hole("Name"))), Gap, id="name-a-parameter"),
    ],
)
def test_verdict(entities, expected):
    assert verdict(default_security_group_used, *entities) is expected
