"""The engine against a real data plane: every packet that the kernel carries, and no other, is said to arrive and to be answered.

`make plane` sends a hundred thousand; BUCKLER_PLANE_PROBES and BUCKLER_PLANE_HOSTS say how many and between how many hosts. It needs root, nftables and
iproute2: elsewhere it is skipped, and says so.
"""

import os
import sys
from collections import Counter

import pytest
from tests.engines.net.build import Net
from tests.plane.kernel import Plane, unusable
from tests.plane.topologies import lines, probes

from buckler.engines.net import TCP, UDP, Packet, Target, trace, world_of
from buckler.engines.net.ranges import range_of

WHY_NOT = unusable()
PROBES = int(os.environ.get("BUCKLER_PLANE_PROBES", "6000"))
HOSTS = int(os.environ.get("BUCKLER_PLANE_HOSTS", "24"))
SEEDS = range(1, 7)


@pytest.mark.skipif(bool(WHY_NOT), reason=f"the data plane was NOT tried: {WHY_NOT}")
@pytest.mark.parametrize("seed", SEEDS)
def test_the_kernel_agrees(seed, capsys):
    estate = Net(lines(seed, HOSTS)).estate
    world = world_of(estate)
    asked = probes(seed, estate, PROBES // len(SEEDS))
    said = [answer(world, probe) for probe in asked]
    assert set(said) <= {"yes", "no"}, Counter(said)
    with Plane(estate) as plane:
        carried = plane.probe(asked)
        # A busy machine may be late with an answer; it never makes one up.
        for _ in range(3):
            late = [number for number, probe in enumerate(asked) if said[number] == "yes" and not carried[number]]
            if not late:
                break
            again = plane.probe([asked[number] for number in late], wait_s=1.5, at_once=300)
            for number, told in zip(late, again, strict=True):
                carried[number] = told
    wrong = [(probe, told, there) for probe, told, there in zip(asked, said, carried, strict=True) if (told == "yes") != there]
    with capsys.disabled():
        sys.stdout.write(
            f" seed {seed}: {len(asked)} packets, {sum(carried)} carried, {len(wrong)} mismatches\n" if PROBES > 10_000 else ""
        )
    assert wrong == []
    # Neither all nor nothing: else nothing was put to the test.
    assert len(asked) * 0.02 < sum(carried) < len(asked) * 0.98


def answer(world, probe):
    source, address, protocol, port, client = probe
    to = range_of(address)
    packet = Packet(world.interfaces[source], Target(to, world.by_address.get(to)), {"tcp": TCP, "udp": UDP}[protocol], port, client)
    return trace(world, packet).answer
