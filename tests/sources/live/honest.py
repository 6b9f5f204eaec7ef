"""The one question of all fault tests: is every difference between two estates explained by something that says it is unknown?"""

from collections.abc import Iterator
from typing import Any

import msgspec

from buckler.model.estate import COLLECTIONS, Estate
from buckler.model.unknown import Unknown, UnknownKind

GAPS = {UnknownKind.DENIED, UnknownKind.THROTTLED, UnknownKind.FAILED, UnknownKind.UNSUPPORTED}


def unexplained(before: Estate, after: Estate) -> list[str]:
    """Give what *after* has lost, or says otherwise, without saying that it does not know."""
    missing = {one.collection for one in after.missing if one.unknown.kind in GAPS}
    found: list[str] = []
    for collection in COLLECTIONS:
        then, now = _by_key(getattr(before, collection)), _by_key(getattr(after, collection))
        if collection not in missing:
            found += [f"{collection} lost {key}" for key in then.keys() - now.keys()]
        found += [f"{collection} has {key}" for key in now.keys() - then.keys()]
        for key in then.keys() & now.keys():
            found += _differences(f"{collection}[{key}]", then[key], now[key])
    if "functions" in missing:
        # Whether a function uses a layer was read from functions.
        found = [one for one in found if not one.endswith(".is_used")]
    if "organizations" in missing:
        found = [one for one in found if not one.endswith(".parents")]
    return found


def _by_key(entities: tuple[Any, ...]) -> dict[str, Any]:
    return {getattr(entity, "arn", None) or entity.id: entity for entity in entities}


def _differences(path: str, then: object, now: object) -> list[str]:
    if then == now or (isinstance(now, Unknown) and now.kind in GAPS):
        return []
    if isinstance(then, msgspec.Struct) and type(then) is type(now):
        return [one for name in then.__struct_fields__ for one in _differences(f"{path}.{name}", getattr(then, name), getattr(now, name))]
    if isinstance(then, tuple) and isinstance(now, tuple):
        if len(then) == len(now):
            return [one for index, pair in enumerate(zip(then, now, strict=True)) for one in _differences(f"{path}[{index}]", *pair)]
        if any(unknown.kind in GAPS for unknown in unknowns(now)):
            return []
    return [path]


def unknowns(value: object) -> Iterator[Unknown]:
    """Find everything that says it is unknown."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from unknowns(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from unknowns(one)
