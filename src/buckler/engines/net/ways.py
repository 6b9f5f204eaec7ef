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


class Legs(NamedTuple):
    """Both directions between a subnet and a target, the same for each of its addresses."""

    forward: Leg
    back: Leg
    whole: Range
    """The sender's address, or all of the subnet's."""
    target: Target
    """Kept, so that nothing else gets its `id`."""


class Later(NamedTuple):
    """A way that is put together when somebody asks for it: most senders of many are asked for a word only."""

    world: World
    source: Interface
    target: Target
    legs: Legs
    origin: Range

    def made(self) -> Way:
        """Put it together."""
        return _for(self.world, self.source, self.target, self.legs, self.origin)


def legs_of_subnet(world: World, source: Interface, target: Target, version: int) -> Legs | None:
    """Give both directions between all of a subnet and a target; None where its addresses differ, or more than routers stand between."""
    key = (source.subnet, source.has_public_ip, target.address, target.service, id(target.interface))
    kept = world.ways.get(key)
    if not isinstance(kept, Legs) and kept is not False:
        if len(world.ways) >= _KEPT:
            world.ways.clear()
        kept = world.ways[key] = _of_subnet(world, source, target, version)
    return kept if isinstance(kept, Legs) else None


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
    if isinstance(kept, Legs):
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
        if isinstance(kept, Legs):
            return _for(world, source, target, kept, origin)
    made = Legs(*legs_of(world, source, target, origin), origin, target)
    world.ways[own] = made
    return between(world, source, target, made.forward, made.back)


def _for(world: World, source: Interface, target: Target, kept: Legs, origin: Range) -> Way:
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


def _of_subnet(world: World, source: Interface, target: Target, version: int) -> Legs | bool:
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
    return Legs(forward, back, whole, target) if is_plain and is_sure else False


def _from(gates: Sequence[Gate], whole: Range, origin: Range) -> list[Gate]:
    # Written out: it is asked for very often.
    return [
        Gate(one.kind, one.holder, origin, one.groups, one.peer_groups, one.via, one.passes_references, one.lists, one.is_optional)
        if one.peer is whole
        else one
        for one in gates
    ]
