"""The twins agree on random networks, and adding a rule does to reach what it must."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.net.build import Net
from tests.engines.net.random_nets import CIDRS, NETS, PORTS, WORDS
from tests.engines.net.test_cases import target_of

from buckler.engines.net.gates import TCP, UDP
from buckler.engines.net.ranges import CLIENT_PORTS, common, has, without
from buckler.engines.net.reachable import connect
from buckler.engines.net.trace import Packet, trace
from buckler.engines.net.world import world_of

PORT = st.sampled_from((22, 53, 443, 1024, 5000, 5432, 6000, 40000, 40001, 65535))
CLIENT = st.sampled_from((1024, 5432, 40000, 40001, 65535))
EXPECTED = {"always": "yes", "some-client-ports": "yes", "may": "may", "unknown": "unknown"}


def asked(text, word):
    net = Net(text)
    world = world_of(net.estate)
    sources = world.of_placement("f", net.vpc_config)
    return world, sources if isinstance(sources, tuple) else (), target_of(world, word)


@settings(max_examples=400, deadline=None)
@given(NETS, st.sampled_from(WORDS), st.sampled_from((TCP, UDP)), PORT, CLIENT)
def test_a_packet_is_answered_as_the_sets_say(text, word, protocol, port, client):
    world, sources, target = asked(text, word)
    for source in sources:
        told = connect(world, source, target, protocol)
        answer = trace(world, Packet(source, target, protocol, port, client)).answer
        if told.kind in {"always", "some-client-ports"}:
            inner = has(told.ports, port) and has(told.clients, client)
            if answer == "yes":
                assert inner
            elif inner:
                raise AssertionError((text, answer, told.ports, told.clients))
        elif told.kind == "no":
            assert answer == "no"
        else:
            assert answer in {"no", "may", "unknown"}
            if answer != "no":
                assert has(told.ports, port)
                assert has(told.clients, client)
        if told.packet is not None:
            assert trace(world, told.packet).answer == "yes"
        if told.failing is not None:
            assert trace(world, told.failing).answer != "yes"


def sure(text, word, protocol=TCP):
    world, sources, target = asked(text, word)
    found = {}
    for source in sources:
        told = connect(world, source, target, protocol)
        if told.kind in {"always", "some-client-ports"}:
            found[source.id] = (told.ports, common(told.clients, CLIENT_PORTS))
    return found


def lies_within(less, more):
    return all(
        name in more and not without(ports, more[name][0]) and not without(clients, more[name][1])
        for name, (ports, clients) in less.items()
    )


@settings(max_examples=200, deadline=None)
@given(NETS, st.sampled_from(WORDS), st.sampled_from(("fn out", "database in", "far in")), st.sampled_from(PORTS), st.sampled_from(CIDRS))
def test_a_rule_of_a_security_group_never_takes_reach_away(text, word, where, ports, cidr):
    assert lies_within(sure(text, word), sure(f"{text}; sg {where} tcp {ports} {cidr}", word))


@settings(max_examples=200, deadline=None)
@given(NETS, st.sampled_from(WORDS), st.sampled_from(("app", "db", "pub", "far")), st.sampled_from(("in", "out")), st.sampled_from(PORTS))
def test_a_denial_never_adds_reach(text, word, subnet, way, ports):
    # An entry in front of the base's own would take these away: they are written out first.
    opened = "; ".join(f"acl {subnet} {each} 400 allow -1 - {cidr}" for each in ("in", "out") for cidr in ("0.0.0.0/0", "::/0"))
    before = f"{text}; {opened}"
    assert lies_within(sure(f"{before}; acl {subnet} {way} 0 deny tcp {ports} 0.0.0.0/0", word), sure(before, word))


@settings(max_examples=100, deadline=None)
@given(NETS, st.sampled_from(WORDS))
def test_two_halves_are_a_whole(text, word):
    doubled = "; ".join(
        part
        for line in text.split("; ")
        for part in (_halved(line) if line.startswith("sg ") and line.endswith(" 10.0.0.0/16") else [line])
    )
    assert sure(doubled, word) == sure(text, word)


def _halved(line):
    head = line.removesuffix("10.0.0.0/16")
    return [f"{head}10.0.0.0/17", f"{head}10.0.128.0/17"]
