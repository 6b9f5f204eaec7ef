"""Ways that are asked for again and again: all addresses of a subnet go the same one, unless a route has a part of them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from buckler.engines.net.gates import Gate
from buckler.engines.net.ranges import Range, inside
from buckler.engines.net.trace import Target, Way, between, is_resolver, legs_of, way_of
from buckler.engines.net.walk import Leg
from buckler.engines.net.world import Interface, World

_KEPT: Final = 4096
"""Pairs of a subnet and a target that are remembered."""


class _Legs(NamedTuple):
    """Both directions between a subnet and a target, the same for each of its addresses."""

    forward: Leg
    back: Leg
    whole: Range
    """The sender's address, or all of the subnet's."""
    target: Target
    """Kept, so that nothing else gets its `id`."""


def known_way(world: World, source: Interface, target: Target) -> Way | None:
    """Find the way of a connection, as `way_of` does, or take it from what is kept.

    What differs between senders at one address is their groups, which no router sees. From the third sender of a subnet on, the way is that
    of the whole subnet: the first ones leave notes only, since most are the only ones to ask.
    """
    origin = source.address(target.address.version)
    if origin is None or target.interface is None or not target.address.is_one:
        return way_of(world, source, target)
    to = (target.address, target.service, id(target.interface))
    own = (source.subnet, source.has_public_ip, origin, *to)
    kept = world.ways.get(own)
    if isinstance(kept, _Legs):
        return _for(world, source, target, kept, origin)
    if is_resolver(world, source, target.address):
        return way_of(world, source, target)
    if len(world.ways) >= _KEPT:
        world.ways.clear()
    if origin.is_one:
        shared = (source.subnet, source.has_public_ip, *to)
        kept = world.ways.get(shared)
        if kept is None:
            world.ways[shared] = True
        elif kept is True:
            kept = world.ways[shared] = _of_subnet(world, source, target, origin.version)
        if isinstance(kept, _Legs):
            return _for(world, source, target, kept, origin)
    made = _Legs(*legs_of(world, source, target, origin), origin, target)
    world.ways[own] = made
    return between(world, source, target, made.forward, made.back)


def _for(world: World, source: Interface, target: Target, kept: _Legs, origin: Range) -> Way:
    forward, back, whole, _ = kept
    gates, back_gates = forward.gates, back.gates
    if whole != origin:
        gates, back_gates = _from(gates, whole, origin), _from(back_gates, whole, origin)
        origin_seen = origin
    else:
        # A NAT gateway on the way gives it another.
        origin_seen = forward.origin
    groups = source.groups if forward.groups is not None else None
    return between(world, source, target, forward.again(origin_seen, groups, gates), back.again(back.origin, None, back_gates))


def _of_subnet(world: World, source: Interface, target: Target, version: int) -> _Legs | bool:
    """Follow packets of all of a subnet; False where its addresses differ in anything, or where more than routers stand in between."""
    whole = next((one for one in world.ranges.get(source.subnet, ()) if one.version == version), None)
    if whole is None or target.interface is None or target.service or inside(target.address, whole) is not False:
        return False
    forward, back = legs_of(world, source, target, whole)
    is_plain = forward.end == back.end == "subnet" and not forward.translated and not back.translated and forward.groups is not None
    is_sure = not (
        forward.is_split
        or back.is_split
        or forward.perhaps
        or forward.unknown
        or forward.stops
        or back.perhaps
        or back.unknown
        or back.stops
    )
    return _Legs(forward, back, whole, target) if is_plain and is_sure else False


def _from(gates: Sequence[Gate], whole: Range, origin: Range) -> list[Gate]:
    return [gate._replace(peer=origin) if gate.peer is whole else gate for gate in gates]
