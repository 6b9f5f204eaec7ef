"""Ways that are asked for again and again: all addresses of a subnet go the same one, unless a route has a part of them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from buckler.engines.net.gates import Gate
from buckler.engines.net.ranges import Range, inside
from buckler.engines.net.trace import Target, Way, between, legs_of, way_of
from buckler.engines.net.walk import Leg
from buckler.engines.net.world import Interface, World

_KEPT: Final = 4096
"""Pairs of a subnet and a target that are remembered."""


class _Legs(NamedTuple):
    """Both directions between a subnet and a target, the same for each of its addresses."""

    forward: Leg
    back: Leg
    whole: Range
    """The subnet."""
    target: Target
    """Kept, so that nothing else gets its `id`."""


def known_way(world: World, source: Interface, target: Target) -> Way | None:
    """Find the way of a connection, as `way_of` does; from the third time on that somebody of one subnet asks, of what is kept.

    The first asker leaves a note only: most ask once.
    """
    origin = source.address(target.address.version)
    if origin is None or not origin.is_one or not target.address.is_one:
        return way_of(world, source, target)
    key = (source.subnet, source.has_public_ip, target.address, target.service, id(target.interface))
    kept = world.ways.get(key)
    if kept is None:
        if len(world.ways) >= _KEPT:
            world.ways.clear()
        world.ways[key] = True
        return way_of(world, source, target)
    if kept is True:
        kept = world.ways[key] = _of_subnet(world, source, target, origin.version)
    if not isinstance(kept, _Legs):
        return way_of(world, source, target)
    forward = kept.forward.again(origin, source.groups, _from(kept.forward.gates, kept.whole, origin))
    return between(world, source, target, forward, kept.back.again(target.address, None, _from(kept.back.gates, kept.whole, origin)))


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
