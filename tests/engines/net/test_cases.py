"""The written cases, by both twins."""

from dataclasses import replace

import pytest
from tests.engines.net.build import Net
from tests.engines.net.cases import TABLE

from buckler.engines.net.gates import ICMP, TCP, UDP
from buckler.engines.net.ranges import NO_PORTS, range_of, union
from buckler.engines.net.reachable import at_port, connect, overall
from buckler.engines.net.trace import Packet, Target, trace
from buckler.engines.net.world import world_of
from buckler.model.reachability import ports_text

PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "esp": 50}


def rows():
    for line in TABLE.splitlines():
        if line.strip() and not line.startswith("#"):
            yield tuple(part.strip() for part in line.split("|"))


CASES = [pytest.param(*row[1:], id=row[0]) for row in rows()]


def target_of(world, word):
    if word == "internet":
        return Target(range_of("198.51.100.7"))
    if word == "internet6":
        return Target(range_of("2001:db8:ffff::7"))
    if word.startswith("service:"):
        return Target(range_of("198.51.100.8"), service=word.removeprefix("service:"))
    interface = world.interfaces.get(word)
    address = interface.addresses[0] if interface is not None else range_of(word)
    return Target(address, interface)


def ports_of(text):
    return union(tuple((int(part.split("-")[0]), int(part.split("-")[-1])) for part in text.split(","))) if text else NO_PORTS


def ask(changes, question):
    net = Net(changes)
    world = world_of(net.estate)
    word, protocol, port = question.split()
    target = target_of(world, word)
    sources = world.of_placement("f", net.vpc_config)
    if net.has_public_ip and isinstance(sources, tuple):
        sources = tuple(replace(one, has_public_ip=True) for one in sources)
    return world, sources, target, PROTOCOLS[protocol], int(port)


def test_there_are_enough():
    assert len(CASES) >= 60


@pytest.mark.parametrize(("changes", "question", "expected"), CASES)
def test_verdict(changes, question, expected):
    world, sources, target, protocol, port = ask(changes, question)
    kind, _, rest = expected.partition(" ")
    ports, _, clients = rest.partition(" ")
    if not isinstance(sources, tuple):
        assert kind == "unknown"
        return
    told = [connect(world, source, target, protocol) for source in sources]
    assert overall([at_port(one, port) for one in told]) == kind, [(one.kind, one.unknown, one.way and one.way.stops) for one in told]
    reached = [one for one in told if one.kind != "no"]
    for one in reached:
        if ports and kind != "unknown":
            assert one.ports == ports_of(ports), ports_text(one.ports)
        if clients:
            assert one.clients == ports_of(clients), ports_text(one.clients)


@pytest.mark.parametrize(("changes", "question", "expected"), CASES)
def test_the_obvious_twin_agrees(changes, question, expected):
    """Of the port that is asked about, and of packets that are said to arrive, or to stay unanswered."""
    world, sources, target, protocol, port = ask(changes, question)
    kind = expected.partition(" ")[0]
    if not isinstance(sources, tuple):
        assert kind == "unknown"
        return
    for source in sources:
        told = connect(world, source, target, protocol)
        asked = at_port(told, port)
        found = trace(world, Packet(source, target, protocol, port, told.clients[0][0] if told.clients else 49152))
        assert found.answer == {"always": "yes", "some-client-ports": "yes", "no": "no", "may": "may", "unknown": "unknown"}[asked.kind]
        if told.packet is not None:
            assert trace(world, told.packet).answer == "yes"
        if told.failing is not None:
            assert trace(world, told.failing).answer == "no"
        if found.answer == "no":
            assert found.blockers


@pytest.mark.parametrize(
    ("appliance", "why"),
    [
        ("appliance vpce-9 app 0.0.0.0/0 border", "it passes the Network Firewall `border`, whose rules are not understood"),
        ("appliance vpce-9 app 0.0.0.0/0", "what stands behind the endpoint `vpce-9` (GatewayLoadBalancer) is not known"),
    ],
)
def test_what_is_not_understood_is_named(appliance, why):
    world, sources, target, protocol, port = ask(f"igw igw-1 a; {appliance}", "internet tcp 443")
    assert [one.why for one in connect(world, sources[0], target, protocol).unknown] == [why]
    found = trace(world, Packet(sources[0], target, protocol, port))
    assert ([one.why for one in found.unknown], found.nodes) == ([why], ("app", "a", "vpce-9"))
