"""Packets from outside: from the internet to what has a public address, from the customer's networks into a VPC."""

import pytest
from tests.engines.net.build import Net

from buckler.engines.net.gates import TCP
from buckler.engines.net.inbound import from_internet, from_on_premises
from buckler.engines.net.ranges import range_of
from buckler.engines.net.world import world_of

WEB = "igw igw-1 a; route pub 0.0.0.0/0 igw-1; eni web pub 10.0.9.5,2001:db8:a:9::5 web public=203.0.113.5; sg web in tcp 443 0.0.0.0/0; sg web in tcp 443 ::/0"
VPN = "eni web pub 10.0.9.5 web; sg web in tcp 443 192.168.0.0/16; route pub 192.168.0.0/16 vgw-1"
SIX = "2001:db8:a:9::5"


def caller(changes, address="203.0.113.5", port=443, origin=""):
    origin = origin or ("2a00::7" if ":" in address else "198.51.100.7")
    return from_internet(world_of(Net(changes).estate), range_of(origin), range_of(address), TCP, port)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        pytest.param(WEB, "yes", id="open"),
        pytest.param(WEB.replace("tcp 443 0.0.0.0/0", "tcp 443 203.0.113.0/24"), "no", id="its-group-keeps-them-out"),
        pytest.param(WEB.replace("tcp 443 0.0.0.0/0", "tcp 80 0.0.0.0/0"), "no", id="another-port"),
        pytest.param(WEB.replace("0.0.0.0/0 igw-1", "198.51.100.0/24 igw-1"), "yes", id="a-route-back-to-them"),
        pytest.param(WEB.replace("0.0.0.0/0 igw-1", "203.0.113.0/24 igw-1"), "no", id="no-route-back"),
        pytest.param(WEB.replace("route pub 0.0.0.0/0 igw-1", "nat nat-1 app; route app 0.0.0.0/0 igw-1; route pub 0.0.0.0/0 nat-1"), "no", id="the-answer-leaves-by-nat"),
        pytest.param(WEB.replace("igw igw-1 a", "igw igw-1 b"), "no", id="no-gateway-of-its-vpc"),
        pytest.param(WEB.replace("public=203.0.113.5", ""), "no", id="no-public-address"),
        pytest.param(f"{WEB}; acl pub in 100 deny tcp 443 0.0.0.0/0; acl pub in 200 allow -1 - 0.0.0.0/0; acl pub out 100 allow -1 - 0.0.0.0/0", "no", id="its-network-acl"),
        pytest.param(f"{WEB}; acl pub in 100 allow -1 - 0.0.0.0/0; acl pub out 100 allow tcp 0-1023 0.0.0.0/0", "no", id="its-network-acl-keeps-the-answer"),
        pytest.param(WEB.replace("web public", "- public").replace("public=203.0.113.5", "public=203.0.113.5 kind=nat_gateway"), "no", id="a-nat-gateway"),
        pytest.param(f"{WEB}; bpa block-ingress", "no", id="block-ingress"),
        pytest.param(f"{WEB}; bpa block-bidirectional", "no", id="block-both"),
        pytest.param(f"{WEB}; bpa block-bidirectional; exclude pub allow-egress", "no", id="excluded-for-egress"),
        pytest.param(f"{WEB}; bpa block-bidirectional; exclude pub allow-bidirectional", "yes", id="excluded-for-both"),
        pytest.param(f"{WEB}; bpa block-ingress; exclude a allow-bidirectional", "yes", id="the-vpc-is-excluded"),
        pytest.param(f"{WEB}; bpa -", "unknown", id="nobody-knows-whether-it-is-blocked"),
        pytest.param(f"{WEB}; lost gateways", "unknown", id="gateways-unread"),
        pytest.param(f"{WEB}; lost interfaces", "unknown", id="interfaces-unread"),
        pytest.param(f"{WEB}; lost security_groups", "unknown", id="groups-unread"),
        pytest.param(f"{WEB}; lost route_tables", "unknown", id="routes-unread"),
    ],
)  # fmt: skip
def test_from_the_internet(changes, answer):
    found = caller(changes)
    assert found.answer == answer, (found.stops, found.unknown)
    assert found.blockers if answer == "no" else not found.blockers
    assert bool(found.unknown) == (answer == "unknown")


@pytest.mark.parametrize(
    ("routes", "answer"),
    [
        pytest.param("route pub ::/0 igw-1", "yes", id="by-the-gateway"),
        pytest.param("eigw eigw-1 a; route pub ::/0 eigw-1", "no", id="by-one-for-egress-only"),
        pytest.param("", "no", id="no-route-back"),
    ],
)
def test_by_ipv6_every_address_is_public(routes, answer):
    found = caller(f"{WEB}; {routes}", SIX)
    assert (found.answer, found.nodes) == (answer, ("igw-1", "a", "pub"))


def test_its_way_there_and_back():
    found = caller(WEB)
    assert (found.nodes, found.back_nodes, found.end) == (("igw-1", "a", "pub"), ("pub", "a", "igw-1"), "subnet")
    assert caller(f"{WEB}; bpa block-ingress").blockers[0] == (
        "Block Public Access of 123456789012 in eu-west-1 (block-ingress) keeps callers from the internet out of pub"
    )


@pytest.mark.parametrize(
    ("changes", "address", "answer"),
    [
        pytest.param(VPN, "10.0.9.5", "yes", id="let-in"),
        pytest.param(VPN.replace("in tcp 443 192.168.0.0/16", "in tcp 443 10.0.0.0/8"), "10.0.9.5", "no", id="its-group-keeps-them-out"),
        pytest.param(f"{VPN}; route app 192.168.0.0/16 vgw-1", "10.0.3.10", "no", id="no-route-back-from-there"),
        pytest.param(VPN, "10.0.200.1", "no", id="no-subnet-has-it"),
        pytest.param(VPN, "10.0.9.77", "no", id="nothing-has-it"),
        pytest.param(VPN, "10.1.1.10", "no", id="another-vpc"),
        pytest.param(VPN.replace("vgw-1", "vgw-2"), "10.0.9.5", "no", id="no-route-names-it"),
        pytest.param(f"{VPN}; lost route_tables", "10.0.9.5", "unknown", id="routes-unread"),
        pytest.param(f"{VPN}; lost interfaces", "10.0.9.5", "unknown", id="interfaces-unread"),
    ],
)
def test_from_networks_of_the_customer(changes, address, answer):
    found = from_on_premises(world_of(Net(changes).estate), "vgw-1", range_of("192.168.1.1"), range_of(address), TCP, 443)
    assert found.answer == answer, (found.stops, found.unknown)
    assert found.blockers if answer == "no" else not found.blockers
