"""The one question of all fault tests: is every difference between two estates explained by something that says it is unknown?"""

from collections.abc import Iterator
from typing import Any, get_args

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
            found += _differences(f"{collection}[{key}]", then[key], now[key], told=collection in missing)
    return found


def _by_key(entities: tuple[Any, ...]) -> dict[str, Any]:
    return {getattr(entity, "arn", None) or entity.id: entity for entity in entities}


def _differences(path: str, then: object, now: object, *, told: bool) -> list[str]:
    """Give the paths at which *now* differs; *told*: something around it says already that not all could be read."""
    if then == now or (isinstance(now, Unknown) and now.kind in GAPS):
        return []
    if isinstance(then, msgspec.Struct) and type(then) is type(now):
        told = told or has_gap(now)
        return [
            one
            for field in msgspec.structs.fields(type(then))
            # What cannot be Unknown (a digest, the place of reading) may be lost where a sibling that can is; what can may not.
            if field.name != "origin"
            and not (told and Unknown not in get_args(field.type) and not isinstance(getattr(then, field.name), tuple))
            for one in _differences(f"{path}.{field.name}", getattr(then, field.name), getattr(now, field.name), told=told)
        ]
    if isinstance(then, tuple) and isinstance(now, tuple):
        new = [one for one in now if one not in then]
        if all(has_gap(one) for one in new) and (new or told):
            return []
        if len(then) == len(now):
            return [
                one for index, pair in enumerate(zip(then, now, strict=True)) for one in _differences(f"{path}[{index}]", *pair, told=told)
            ]
    return [path]


def has_gap(value: object) -> bool:
    """Say whether anything in *value* says it could not be read."""
    return any(unknown.kind in GAPS for unknown in unknowns(value))


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
