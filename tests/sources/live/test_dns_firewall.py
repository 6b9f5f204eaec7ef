"""DNS Firewall, read from the embedded AWS, and what a permission that is missing leaves open."""

import pytest
from tests.aws import client
from tests.proxy import Fault, Proxy
from tests.sources.live.conftest import scan
from tests.sources.live.honest import unexplained

from buckler.engines.net.resolver import names_of
from buckler.engines.net.world import world_of
from buckler.model.unknown import Unknown

SERVICE = "route53resolver"
CALLS = {
    "ListFirewallRuleGroupAssociations": 1,
    "ListFirewallDomainLists": 1,
    "ListFirewallConfigs": 1,
    "ListFirewallRules": 1,
    # Of the two lists of one's own; nobody is told what is on AWS's.
    "ListFirewallDomains": 2,
}


def firewall_of(estate):
    (firewall,) = estate.dns_firewalls
    return firewall


def test_rules_are_read_in_few_calls(endpoint):
    with Proxy(endpoint) as proxy:
        estate = scan(proxy.endpoint).estate
    firewall = firewall_of(estate)
    assert {name.partition(":")[2]: count for name, count in proxy.calls.items() if name.startswith(SERVICE)} == CALLS
    assert (firewall.priority, firewall.fails_open) == (101, True)
    assert [(one.action, one.kind, one.name, one.wildcards) for one in firewall.rules] == [
        ("BLOCK", "managed", "AWSManagedDomainsMalwareDomainList", ()),
        ("BLOCK", "protection", "DNS_TUNNELING", ()),
        ("ALLOW", "domains", "ours", ("*.example.com",)),
        ("BLOCK", "domains", "everything", ("*",)),
    ]
    told = names_of(world_of(estate), str(firewall.vpc_id))
    assert (told.kind, told.fails_open) == ("listed", True)


@pytest.mark.parametrize("kind", ["denied", "throttled", "error", "cut", "dropped", "unsupported"])
@pytest.mark.parametrize("operation", CALLS)
def test_what_cannot_be_read_is_not_known(endpoint, plain, operation, kind):
    with Proxy(endpoint, faults=[Fault(f"{SERVICE}:{operation}", kind=kind)]) as proxy:
        estate = scan(proxy.endpoint).estate
    assert unexplained(plain, estate) == []
    told = names_of(world_of(estate), str(firewall_of(plain).vpc_id))
    if operation == "ListFirewallConfigs":
        assert isinstance(told.fails_open, Unknown)
    else:
        assert isinstance(told, Unknown)


def test_whether_a_vpc_has_a_resolver_is_read(endpoint):
    estate = scan(endpoint).estate
    assert {one.dns_support for one in estate.vpcs} == {True}
    vpc = str(firewall_of(estate).vpc_id)
    ec2 = client("ec2", endpoint)
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    try:
        assert names_of(world_of(scan(endpoint).estate), vpc).kind == "off"
    finally:
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    with Proxy(endpoint, faults=[Fault("ec2:DescribeVpcAttribute", kind="denied")]) as proxy:
        told = names_of(world_of(scan(proxy.endpoint).estate), vpc)
    assert told.need == "ec2:DescribeVpcAttribute"
