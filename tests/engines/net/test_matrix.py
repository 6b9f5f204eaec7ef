"""The matrix says of every pair what `connect` says of it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.net.build import Net
from tests.engines.net.random_nets import NETS
from tests.plane.topologies import lines

from buckler.engines.net import TCP, UDP, Target, connect, world_of
from buckler.engines.net.matrix import Matrix


def targets_of(world):
    return tuple(Target(address, one) for one in world.interfaces.values() for address in one.addresses)


def compare(world, sources, protocol):
    matrix = Matrix(world, targets_of(world), protocol)
    one_by_one = 0
    for source in sources:
        row = matrix.row(source)
        for bit, target in enumerate(matrix.targets):
            told = connect(world, source, target, protocol)
            if bit in row.asked:
                one_by_one += 1
                assert row.asked[bit] == told
                continue
            mask = 1 << bit
            reached = bool(row.reached & mask)
            kind = "no" if not reached else "always" if row.answered & mask else "some-client-ports"
            assert (kind, matrix.ports(row, bit) if reached else ()) == (told.kind, told.ports), (source.id, target.address)
    return one_by_one


@settings(max_examples=150, deadline=None)
@given(NETS, st.sampled_from((TCP, UDP)))
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


def test_the_ordinary_is_not_asked_one_by_one():
    world = world_of(Net("fn app; eni a1 app 10.0.1.40 fn; eni a2 db 10.0.3.40 database").estate)
    (source,) = [one for one in world.interfaces.values() if one.id == "a1"]
    assert compare(world, (source,), TCP) == 0
