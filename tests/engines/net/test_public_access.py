"""The six scenarios of AWS's own example of VPC Block Public Access, with its four instances; and whose setting it is that counts.

Source: Amazon VPC User Guide, "Block public access to VPCs and subnets", "Advanced example": what each instance's ping of a public address
comes to. A and B are in public subnets with public addresses, the NAT gateway is B's neighbour, C sends through it, and D by IPv6 through an
egress-only internet gateway.
"""

import pytest
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.engines.net.test_cases import target_of
from tests.estates import at

from buckler.engines.net.gates import ICMP, ICMP6
from buckler.engines.net.reachable import connect
from buckler.engines.net.trace import Packet, trace
from buckler.engines.net.world import world_of
from buckler.model.estate import Scope
from buckler.model.unknown import Unknown

EXAMPLE = (
    "eni A app 10.0.1.5 fn public; eni B pub 10.0.9.5 fn public; eni C db 10.0.3.5 fn; eni D db 2001:db8:a:3::5 fn; "
    "igw igw-1 a; eigw eigw-1 a; nat nat-1 pub; "
    "route app 0.0.0.0/0 igw-1; route pub 0.0.0.0/0 igw-1; route db 0.0.0.0/0 nat-1; route db ::/0 eigw-1"
)
A_EXCLUDED = "exclude app allow-bidirectional"
A_EGRESS = "exclude app allow-egress"


@pytest.mark.parametrize(
    ("setting", "pings"),
    [
        pytest.param("bpa off", "ABCD", id="1-without"),
        pytest.param("bpa block-bidirectional", "", id="2-bidirectional"),
        pytest.param("bpa block-ingress", "CD", id="3-ingress-only"),
        pytest.param(f"bpa block-ingress; {A_EXCLUDED}", "ACD", id="4-exclusion"),
        pytest.param(f"bpa block-ingress; {A_EGRESS}", "CD", id="5-egress-exclusion-is-ignored"),
        pytest.param(f"bpa block-bidirectional; {A_EGRESS}", "A", id="6-egress-exclusion-counts"),
    ],
)
def test_awss_scenarios(setting, pings):
    world = world_of(Net(f"{EXAMPLE}; {setting}").estate)
    for name in "ABCD":
        target, protocol, kind = (target_of(world, "internet6"), ICMP6, 128) if name == "D" else (target_of(world, "internet"), ICMP, 8)
        source = world.interfaces[name]
        found = trace(world, Packet(source, target, protocol, kind))
        assert found.answer == ("yes" if name in pings else "no"), name
        assert connect(world, source, target, protocol).kind == ("always" if name in pings else "no"), name
        if found.answer == "no":
            assert any("Block Public Access" in one for one in found.blockers), found.blockers


def test_the_blocker_is_named_with_its_mode():
    world = world_of(Net(f"{EXAMPLE}; bpa block-ingress").estate)
    found = trace(world, Packet(world.interfaces["A"], target_of(world, "internet"), ICMP, 8))
    assert found.blockers == ("Block Public Access of 123456789012 in eu-west-1 (block-ingress) keeps app from the internet",)


def test_in_an_account_that_did_not_tell_it_is_not_known():
    """A VPC that somebody shares, or a snapshot of before it was read: its owner's setting counts, and nobody knows it."""
    estate = Net(EXAMPLE).estate
    scope = Scope(kind="live", name="x", account="123456789012", region="eu-west-1", origin=at("sts:GetCallerIdentity", "x"))
    world = world_of(replace(estate, scopes=(scope,), public_access_blocks=()))
    told = connect(world, world.interfaces["C"], target_of(world, "internet"), ICMP)
    assert told.kind == "unknown"
    assert [one.need for one in told.unknown] == ["ec2:DescribeVpcBlockPublicAccessOptions"]


def test_another_accounts_setting_does_not_count():
    net = Net(f"{EXAMPLE}; bpa block-bidirectional")
    estate = net.estate
    vpcs = tuple(replace(one, account="999999999999") for one in estate.vpcs)
    world = world_of(replace(estate, vpcs=vpcs))
    assert connect(world, world.interfaces["C"], target_of(world, "internet"), ICMP).kind == "always"
    assert not isinstance(world.public_access_of("db"), Unknown)
