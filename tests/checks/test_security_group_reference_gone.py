import pytest
from tests.estates import DENIED, function, missing, security_group, verdict, vpc_config

from buckler.checks.security_group_reference_gone import security_group_reference_gone
from buckler.model.finding import Finding, Gap
from buckler.model.network import SecurityGroupRule
from buckler.model.text import hole

FN = function(vpc=vpc_config("subnet-1"))


def rule(*groups, egress=True):
    return SecurityGroupRule(is_egress=egress, protocol="tcp", from_port=5432, to_port=5432, groups=groups)


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        pytest.param((FN, security_group("sg-1", rule("sg-gone"))), Finding, id="gone"),
        pytest.param((FN, security_group("sg-1", rule("sg-gone", egress=False))), Finding, id="inbound"),
        pytest.param((FN, security_group("sg-1", rule("sg-1"))), None, id="itself"),
        pytest.param((FN, security_group("sg-1", rule("sg-2")), security_group("sg-2")), None, id="another-that-is-there"),
        pytest.param((FN, security_group("sg-1", rule(hole("Database.GroupId")))), None, id="of-the-same-template"),
        pytest.param((function(vpc=None), security_group("sg-1", rule("sg-gone"))), None, id="in-no-vpc"),
        pytest.param((FN, security_group("sg-1", rule("sg-gone")), missing("security_groups")), Gap, id="groups-not-all-read"),
        pytest.param((FN, security_group("sg-1", rules=DENIED)), Gap, id="rules-unreadable"),
    ],
)
def test_verdict(entities, expected):
    assert verdict(security_group_reference_gone, *entities) is expected
