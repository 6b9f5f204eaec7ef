import pytest
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import TODAY, function, role, scope

from buckler.checks import run
from buckler.checks.default_network_acl_used import default_network_acl_used
from buckler.model.finding import Finding, Gap
from buckler.reach.analysis import Analysis

OPEN = "acl app in 100 allow -1 - 0.0.0.0/0; acl app out 100 allow -1 - 0.0.0.0/0"


def answers(changes, *, is_default=True, names=("checkout",)):
    """Ask of functions behind a network ACL that is, or is not, the default one of their VPC."""
    net = Net(changes)
    acls = tuple(replace(one, is_default=is_default and one.name == "acl-app") for one in net.estate.network_acls)
    functions = tuple(function(name, vpc=net.vpc_config) for name in names)
    estate = replace(net.estate, network_acls=acls, functions=functions, roles=(role(),), scopes=(scope(),))
    return run([default_network_acl_used], Analysis(estate, today=TODAY))


@pytest.mark.parametrize(
    ("changes", "is_default", "expected"),
    [
        pytest.param("", True, Finding, id="as-aws-makes-it"),
        pytest.param(f"{OPEN}; acl app in 200 deny tcp 22 0.0.0.0/0", True, Finding, id="a-denial-that-comes-too-late"),
        pytest.param(OPEN, False, None, id="one-of-ones-own"),
        pytest.param(f"{OPEN}; acl app out 50 deny tcp 25 0.0.0.0/0", True, None, id="it-denies-something"),
        pytest.param(
            "acl app in 100 allow tcp 443 0.0.0.0/0; acl app out 100 allow -1 - 0.0.0.0/0", True, None, id="it-lets-something-pass"
        ),
        pytest.param("acl app out 100 allow -1 - 0.0.0.0/0", True, None, id="nothing-comes-in"),
        pytest.param("lost network_acls", True, Gap, id="acls-unreadable"),
        pytest.param("lost subnets", True, Gap, id="subnets-unreadable"),
    ],
)
def test_verdict(changes, is_default, expected):
    told = answers(changes, is_default=is_default)
    assert (Finding if told.findings else Gap if told.gaps else None) is expected


def test_it_is_said_once_of_the_acl():
    (finding,) = answers("", names=("checkout", "orders")).findings
    assert (finding.subject.kind, finding.subject.name) == ("network-acl", "acl-app")
    assert finding.message == "`checkout` and 1 more stand behind a VPC's default network ACL, which lets everything pass"
