"""A column says of every sender what `connect` says of it, word for word."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.net.build import Net
from tests.engines.net.random_nets import NETS
from tests.plane.topologies import lines

from buckler.engines.net import ICMP, TCP, UDP, Target, connect, world_of
from buckler.engines.net import column as columns
from buckler.engines.net.column import Column


def parts(told):
    return told.source, told.target, told.protocol, told.kind, told.ports, told.clients, told.way, told.unknown


def compare(world, sources, protocol):
    targets = [Target(address, one) for one in world.interfaces.values() for address in one.addresses]
    for target in targets:
        column = Column(world, target, protocol)
        for source in sources:
            assert parts(column.connection(source)) == parts(connect(world, source, target, protocol)), (source.id, target.address)


@settings(max_examples=150, deadline=None)
@given(NETS, st.sampled_from((TCP, UDP, ICMP)))
def test_of_random_networks(text, protocol):
    net = Net(text)
    world = world_of(net.estate)
    made = world.of_placement("f", net.vpc_config)
    compare(world, (*(made if isinstance(made, tuple) else ()), *world.interfaces.values()), protocol)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 10_000), st.sampled_from((TCP, UDP)))
def test_of_larger_ones(seed, protocol):
    world = world_of(Net(lines(seed, 25)).estate)
    compare(world, tuple(world.interfaces.values()), protocol)


def test_the_ordinary_is_not_asked_one_by_one(monkeypatch):
    world = world_of(Net("fn app; eni a1 app 10.0.1.40 fn; eni a2 db 10.0.3.40 database").estate)
    source, other = world.interfaces["a1"], world.interfaces["a2"]
    told = connect(world, source, Target(other.addresses[0], other), TCP)
    monkeypatch.setattr(columns, "connect", None)
    assert parts(Column(world, Target(other.addresses[0], other), TCP).connection(source)) == parts(told)
