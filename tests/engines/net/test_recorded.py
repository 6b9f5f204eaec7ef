"""Traces that Batfish's authors asserted by hand, over answers AWS gave: those of what functions can meet must come out the same."""

import json

import pytest
from tests.engines.net.recorded import estate_of, instances_of
from tests.shared import DATA, shared

from buckler.engines.net.gates import TCP, Outcome
from buckler.engines.net.inbound import from_internet, from_on_premises
from buckler.engines.net.ranges import range_of
from buckler.engines.net.reachable import at_port, connect
from buckler.engines.net.trace import Packet, Target, trace
from buckler.engines.net.world import Interface, world_of
from buckler.model.reachability import NetTarget
from buckler.reach.listening import forwarded
from buckler.reach.network import heard
from buckler.reach.network_targets import Asked

LEFT_OUT = {
    (
        "test-vpn-gateway",
        "testInternetToUnderlayInterfaceIp",
    ): "the outer address of a VPN tunnel is AWS's own, and no interface of the estate",
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


def begins(one):
    """Name what sends a packet, as the recorded flow has it."""
    return one["flow"]["IngressNode"] if "IngressNode" in one["flow"] else one["flow"]["args"][0]


ALL = [one for one in traces() if (snapshot_of(one), one["test"]) not in LEFT_OUT]
OUTSIDERS = [one for one in ALL if begins(one) == "internet" or begins(one).startswith(("vgw-", "<on-prem"))]
BALANCED = [one for one in ALL if snapshot_of(one) == "test-load-balancer"]
NOBODY = [one for one in ALL if begins(one).startswith("subnet-")]
CASES = [one for one in ALL if one not in (*OUTSIDERS, *BALANCED, *NOBODY)]


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
@pytest.mark.parametrize(
    "one", OUTSIDERS, ids=lambda one: f"{snapshot_of(one)}-{one['test']}-{one['flow'].get('DstIp') or one['flow']['args'][-1]}"
)
def test_a_recorded_trace_that_starts_outside(one):
    folder = shared("vpc/batfish/projects/batfish/src/test/resources") / one["snapshot"]
    world, instances = world_of(estate_of(folder)), instances_of(folder)
    flow = one["flow"]
    if begins(one) == "internet":
        origin, address, port = (flow["SrcIp"], flow["DstIp"], 80) if "DstIp" in flow else flow["args"][1:]
        found = from_internet(world, range_of(origin), range_of(address), TCP, port)
        inner = [node for node in one["path"][0] if node not in OUTSIDE and node not in instances]
    else:
        # The customer's router has no address in what was recorded: any that is routed to it will do.
        gateway = next(node for node in one["path"][0] if node.startswith("vgw-"))
        found = from_on_premises(world, gateway, range_of("198.51.100.7"), range_of(flow["args"][1]), TCP, 80)
        inner = [node for node in one["path"][0] if not node.startswith("<") and node not in instances]
    assert list(found.nodes) == inner
    assert found.answer == "no"
    kinds = {stop.kind for stop in found.stops}
    if one["disposition"] == "DENIED_IN":
        # By the security group of the last interface, and nothing on the way there; the answer, which is not recorded, may have none back.
        assert found.end == "subnet"
        assert [passed.gate.kind for passed in found.passed if passed.said.outcome is Outcome.BLOCK] == ["sg-in"]
    else:
        assert kinds == {{"NO_ROUTE": "no-route", "NULL_ROUTED": "no-subnet"}[one["disposition"]]}


@pytest.mark.skipif(not CASES, reason="../shared is not here: the recorded traces were NOT tried")
@pytest.mark.parametrize("one", NOBODY, ids=lambda one: f"{snapshot_of(one)}-{one['test']}")
def test_a_recorded_trace_from_an_address_that_nobody_has(one):
    folder = shared("vpc/batfish/projects/batfish/src/test/resources") / one["snapshot"]
    world = world_of(estate_of(folder))
    subnet, origin, address, port = one["flow"]["args"]
    nobody = Interface("nobody", world.vpc_of(subnet), subnet, (), (range_of(origin),))
    found = trace(world, Packet(nobody, Target(range_of(address)), port=port))
    assert (found.answer, list(found.nodes)) == ("no", one["path"][0])
    assert [stop.kind for stop in found.stops] == ["no-public-address"]


@pytest.mark.skipif(not CASES, reason="../shared is not here: the recorded traces were NOT tried")
@pytest.mark.parametrize("one", BALANCED, ids=lambda one: f"{snapshot_of(one)}-{one['test']}")
def test_a_recorded_trace_to_a_load_balancer(one):
    folder = shared("vpc/batfish/projects/batfish/src/test/resources") / one["snapshot"]
    estate = estate_of(folder)
    world, instances = world_of(estate), instances_of(folder)
    (balancer,) = estate.load_balancers
    name, _, port = one["flow"]["args"]
    # Its nodes are the interfaces that say so; the trace goes to the one in the subnet that its path ends in.
    path = one["path"][0]
    place = next(index for index, node in enumerate(path) if node.startswith("<NLB"))
    node = next(
        each for each in world.interfaces.values() if each.description.startswith("ELB net/test-lb") and each.subnet == path[place - 1]
    )
    source, to = world.interfaces[instances[name]], Target(node.addresses[0], node)
    asked = Asked(NetTarget(kind="interface", name="load balancer", id=node.id), (to,), balancer)
    found = trace(world, Packet(source, to, port=port))
    assert list(found.nodes) == path[1:place]
    heard_ = heard(connect(world, source, to, TCP), asked)
    told = at_port(heard_, port)
    if one.get("disposition") == "DENIED_IN":
        assert told.kind == "no"
        return
    assert told.kind == "always"
    (listener,) = balancer.listeners
    (group,) = balancer.groups
    assert [each.group for each in forwarded(listener, source.addresses[0])] == [group.name]
    # Behind it: the machine that the trace ends at is a target, and its groups let in what comes from there.
    (target,) = [each for each in group.targets if each.id == path[-1]]
    machine = world.interfaces[instances[target.id]]
    onward = trace(world, Packet(node, Target(machine.addresses[0], machine), port=target.port))
    assert (onward.answer, list(onward.nodes)) == ("yes", [])  # the path names the subnet again: they are neighbours
    assert path[place + 1 :] == [machine.subnet, target.id]


SNAPSHOTS = sorted(path.parent for path in (DATA / "vpc/batfish").rglob("aws_configs")) if (DATA / "vpc/batfish").exists() else []


@pytest.mark.skipif(not SNAPSHOTS, reason="../shared is not here: the recorded snapshots were NOT tried")
@pytest.mark.parametrize("folder", SNAPSHOTS, ids=lambda folder: folder.name)
def test_every_snapshot_is_answered_whole(folder):
    """Every interface to every other, by both twins, to the internet, and from it."""
    world = world_of(estate_of(folder))
    everything = [one for one in world.interfaces.values() if one.addresses]
    assert len(everything) == sum(bool(one.addresses) for one in world.interfaces.values())
    outside = range_of("203.0.113.7")
    for source in everything:
        targets = [Target(one.addresses[0], one) for one in everything if one is not source]
        for target in (*targets, Target(outside)):
            told = at_port(connect(world, source, target, TCP), 443)
            found = trace(world, Packet(source, target, TCP, 443, told.clients[0][0] if told.clients else 49152))
            assert found.answer == {"always": "yes", "some-client-ports": "yes"}.get(told.kind, told.kind)
            assert found.answer != "no" or found.blockers
            assert found.answer != "unknown" or found.unknown
    for address in world.by_public:
        found = from_internet(world, outside, address, TCP, 443)
        assert found.answer in {"yes", "no", "unknown"}
        assert found.answer != "no" or found.blockers
        assert found.answer != "unknown" or found.unknown


def test_there_are_23_of_them():
    assert len(SNAPSHOTS) in {0, 23}


@pytest.mark.skipif(not CASES, reason="../shared is not here: the recorded traces were NOT tried")
def test_what_is_left_out_is_there():
    told = {(snapshot_of(one), one["test"]) for one in traces()}
    assert set(LEFT_OUT) <= told
    assert len(ALL) + sum((snapshot_of(one), one["test"]) in LEFT_OUT for one in traces()) == 26
    assert len(CASES) + len(OUTSIDERS) + len(BALANCED) + len(NOBODY) == len(ALL) == 25
