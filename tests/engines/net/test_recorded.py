"""Traces that Batfish's authors asserted by hand, over answers AWS gave: those of what functions can meet must come out the same."""

import json

import pytest
from tests.engines.net.recorded import estate_of, instances_of
from tests.shared import DATA, shared

from buckler.engines.net.ranges import range_of
from buckler.engines.net.trace import Packet, Target, trace
from buckler.engines.net.world import world_of

FROM_OUTSIDE = "packets come from outside: nothing connects to a function's interface"
BALANCER = "which ports a load balancer forwards is not read: the way ends at its interface"
LEFT_OUT = {
    ("test-load-balancer", "testClientToLb_nonListenedPort"): BALANCER,
    ("test-load-balancer", "testClientToLbTrace"): BALANCER,
    ("test-public-private-subnet", "testFromInternet"): FROM_OUTSIDE,
    ("test-public-private-subnet", "testFromVgw"): FROM_OUTSIDE,
    ("test-public-subnet", "testFromInternetToValidPublicIp"): FROM_OUTSIDE,
    ("test-public-subnet", "testToInternetInvalidPrivateIp"): "it has no interface as its source",
    ("test-vpn-gateway", "testFromOnPrem"): FROM_OUTSIDE,
    ("test-vpn-gateway", "testInternetToUnderlayInterfaceIp"): FROM_OUTSIDE,
}
OTHERS = {
    # The recorded flow names a bastion; the asserted path is this one.
    ("test-nat-gateway", "testInstanceToInternet_bidirectional"): ("i-0a128d26e59be60f3", "198.51.100.7", 80),
}
NO_ACLS = {"test-vpc-peering-multi-account"}
"""Recorded without network ACLs. Batfish takes that for no ACL; we say that nobody looked."""
ON_PREMISES = {"testToOnPrem", "testToInternet"}
"""Where no router of the customer's was recorded Batfish says NO_ROUTE at the VPN gateway; we say that packets leave there."""
OUTSIDE = {"aws-backbone", "internet", "aws-services-gateway"}


def traces():
    file = DATA / "vpc/batfish_traces.json"
    return json.loads(file.read_text()) if file.exists() else []


def snapshot_of(one):
    return one["snapshot"].rpartition("/")[2]


CASES = [one for one in traces() if (snapshot_of(one), one["test"]) not in LEFT_OUT]


def named(nodes, instances):
    """A path as ours is: without its ends, and without what lies beyond AWS."""
    inner = [node for node in nodes[1:] if node not in OUTSIDE and not node.startswith("<")]
    return [node for node in inner if node not in instances]


@pytest.mark.skipif(not CASES, reason="../shared is not here: the recorded traces were NOT tried")
@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{snapshot_of(one)}-{one['test']}")
def test_a_recorded_trace(one):
    folder = shared("vpc/batfish/projects/batfish/src/test/resources") / one["snapshot"]
    world, instances = world_of(estate_of(folder)), instances_of(folder)
    name, address, port = (*OTHERS.get((snapshot_of(one), one["test"]), one["flow"]["args"]), 80)[:3]
    to = range_of(address)
    source = world.interfaces[instances[name]]
    found = trace(world, Packet(source, Target(to, world.by_address.get(to)), port=port))
    assert list(found.nodes) == named(one["path"][0], instances)
    if len(one["path"]) > 1 and found.end == "subnet":
        assert list(found.back_nodes) == named(one["path"][1], instances)
    if snapshot_of(one) in NO_ACLS:
        assert found.answer == "unknown"
        assert {unknown.need for unknown in found.unknown} == {"ec2:DescribeNetworkAcls"}
    elif one["test"] in ON_PREMISES:
        assert (found.answer, found.end) == ("yes", "on-premises")
    else:
        assert found.answer == ("yes" if one.get("disposition", "ACCEPTED") == "ACCEPTED" else "no")


@pytest.mark.skipif(not CASES, reason="../shared is not here: the recorded traces were NOT tried")
def test_what_is_left_out_is_there():
    told = {(snapshot_of(one), one["test"]) for one in traces()}
    assert set(LEFT_OUT) <= told
    assert len(CASES) + sum((snapshot_of(one), one["test"]) in LEFT_OUT for one in traces()) == 26
