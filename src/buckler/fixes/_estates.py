"""Estates with one thing changed."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from buckler.model.entity import Entity
from buckler.model.estate import Estate
from buckler.model.functions import Function, LayerVersion
from buckler.model.text import Text

E = TypeVar("E", bound=Entity)


def _on(entities: tuple[E, ...], arn: Text, change: Callable[[E], E]) -> tuple[E, ...]:
    return tuple(change(one) if one.arn == arn else one for one in entities)


def on_function(estate: Estate, arn: Text, change: Callable[[Function], Function]) -> Estate:
    """Change one function."""
    return replace(estate, functions=_on(estate.functions, arn, change))


def on_layer(estate: Estate, arn: Text, change: Callable[[LayerVersion], LayerVersion]) -> Estate:
    """Change one layer version."""
    return replace(estate, layers=_on(estate.layers, arn, change))


def on_each(estate: Estate, collection: str, arn: Text, **fields: object) -> Estate:
    """Set fields of the entity with this ARN in one collection."""
    entities: tuple[Entity, ...] = getattr(estate, collection)
    return replace(estate, **{collection: _on(entities, arn, lambda one: replace(one, **fields))})


def all_of(*changes: Callable[[Estate], Estate]) -> Callable[[Estate], Estate]:
    """Make several changes, one after the other."""

    def change(estate: Estate) -> Estate:
        for one in changes:
            estate = one(estate)
        return estate

    return change
