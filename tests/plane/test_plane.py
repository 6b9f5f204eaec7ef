"""The engine against a real data plane: every packet that the kernel carries, and no other, is said to arrive and to be answered.

`make plane` sends a hundred thousand; BUCKLER_PLANE_PROBES and BUCKLER_PLANE_HOSTS say how many and between how many hosts. It needs root, nftables and
iproute2: elsewhere it is skipped, and says so.
"""

import os
import sys
from collections import Counter

import pytest
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.plane.kernel import INTERNET, OUTSIDE, Plane, unusable
from tests.plane.topologies import lines, probes

from buckler.engines.net import TCP, UDP, Packet, Target, trace, world_of
from buckler.engines.net.inbound import from_internet
from buckler.engines.net.ranges import range_of

WHY_NOT = unusable()
PROBES = int(os.environ.get("BUCKLER_PLANE_PROBES", "6000"))
HOSTS = int(os.environ.get("BUCKLER_PLANE_HOSTS", "24"))
SEEDS = range(1, 9)
MANY = PROBES > 10_000
"""So many that something of every kind is among them."""


@pytest.mark.skipif(bool(WHY_NOT), reason=f"the data plane was NOT tried: {WHY_NOT}")
@pytest.mark.parametrize("seed", SEEDS)
def test_the_kernel_agrees(seed, capsys):
    estate = Net(lines(seed, HOSTS)).estate
    world = world_of(estate)
    asked = probes(seed, estate, PROBES // len(SEEDS))
    said = [answer(world, probe) for probe in asked]
    assert set(said) <= {"yes", "no"}, Counter(said)
    unblocked = world_of(replace(estate, public_access_blocks=()))
    held = sum(answer(unblocked, probe) != told for probe, told in zip(asked, said, strict=True))
    # Block Public Access decides about some of the packets, where it is on and not all of the VPC is excluded from it wholly.
    (block,) = estate.public_access_blocks
    is_on = block.mode != "off" and not any((one.resource, one.mode) == ("a", "allow-bidirectional") for one in block.exclusions)
    assert (held > 0) == is_on if MANY else held == 0 or is_on
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
    entered = sum(there for probe, there in zip(asked, carried, strict=True) if probe[0] == OUTSIDE)
    with capsys.disabled():
        sys.stdout.write(
            f" seed {seed}: {len(asked)} packets, {sum(carried)} carried, {entered} of them from outside, {held} held by {block.mode}, {len(wrong)} mismatches\n"
            if PROBES > 10_000
            else ""
        )
    assert wrong == []
    assert entered or is_on or not MANY
    # Neither all nor nothing: else nothing was put to the test.
    assert len(asked) * 0.02 < sum(carried) < len(asked) * 0.98


def answer(world, probe):
    source, address, protocol, port, client = probe
    to, number = range_of(address), {"tcp": TCP, "udp": UDP}[protocol]
    if source == OUTSIDE:
        # The plane's internet gateway leaves addresses as they are: it is the public one that somebody outside calls.
        public = next((one for one, interface in world.by_public.items() if interface is world.by_address.get(to)), to)
        origin = range_of(INTERNET[to.version == 6])
        return from_internet(world, origin, public if to.version == 4 else to, number, port, client).answer
    packet = Packet(world.interfaces[source], Target(to, world.by_address.get(to)), number, port, client)
    return trace(world, packet).answer
