"""Make a world smaller while something stays true of it: drop layers, policies, statements, conditions and values, one after another."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from bench.oracle.worlds import World

from buckler.model.layers import Layers
from buckler.model.policy import Policy, Statement

T = TypeVar("T")
StillSo = Callable[[Sequence[World]], Iterable[bool]]
"""Asked about several worlds at once, since an answer of a child process takes its time."""


def shrink(world: World, still_so: StillSo) -> World:
    """Give the smallest world found of which it is still so."""
    while True:
        candidates = list(_smaller(world))
        found = next((one for one, yes in zip(candidates, still_so(candidates), strict=True) if yes), None)
        if found is None:
            return world
        world = found


def _with(value: T, **changes: Any) -> T:
    return msgspec.structs.replace(value, **changes)  # type: ignore[type-var]


def _smaller(world: World) -> Iterator[World]:
    request, layers = world
    for one in _smaller_layers(layers):
        yield World(request, one)
    for index, entry in enumerate(request.context):
        if entry.values:
            # A key without values is one that AWS does not send: still told.
            emptied = _with(entry, values=entry.values[:-1])
            yield World(_with(request, context=(*request.context[:index], emptied, *request.context[index + 1 :])), layers)


def _smaller_layers(layers: Layers) -> Iterator[Layers]:
    for name in ("identity", "scp", "rcp", "grants", "unread"):
        if getattr(layers, name):
            yield _with(layers, **{name: ()})
    for name in ("resource", "boundary", "session", "endpoint"):
        if getattr(layers, name) is not None:
            yield _with(layers, **{name: None})
    if layers.blocks_public:
        yield _with(layers, blocks_public=False)
    for name in ("scp", "rcp"):
        for levels in _fewer(getattr(layers, name), lambda level: _fewer(level, _smaller_policies, least=1)):
            yield _with(layers, **{name: levels})
    for name in ("identity", "session"):
        for policies in _fewer(getattr(layers, name) or (), _smaller_policies, least=1):
            yield _with(layers, **{name: policies})
    for name in ("resource", "boundary", "endpoint"):
        policy = getattr(layers, name)
        for smaller in _smaller_policies(policy) if policy is not None else ():
            yield _with(layers, **{name: smaller})


def _fewer(values: Sequence[T], smaller: Callable[[T], Iterable[T]], *, least: int = 0) -> Iterator[tuple[T, ...]]:
    """Drop one value, or make one smaller."""
    for index, value in enumerate(values):
        before, after = tuple(values[:index]), tuple(values[index + 1 :])
        if len(values) > least:
            yield (*before, *after)
        for one in smaller(value):
            yield (*before, one, *after)


def _smaller_policies(policy: Policy) -> Iterator[Policy]:
    if policy.version != "2012-10-17":
        yield _with(policy, version="2012-10-17")
    if policy.unresolved:
        yield _with(policy, unresolved=())
    for statements in _fewer(policy.statements, _smaller_statements, least=1):
        yield _with(policy, statements=statements)


def _smaller_statements(statement: Statement) -> Iterator[Statement]:
    for index in range(len(statement.conditions)):
        yield _with(statement, conditions=(*statement.conditions[:index], *statement.conditions[index + 1 :]))
    for index, condition in enumerate(statement.conditions):
        for values in _one_less(condition.values):
            changed = _with(condition, values=values)
            yield _with(statement, conditions=(*statement.conditions[:index], changed, *statement.conditions[index + 1 :]))
    for name in ("principals", "not_principals", "actions", "not_actions", "resources", "not_resources"):
        for values in _one_less(getattr(statement, name) or ()):
            yield _with(statement, **{name: values})
    if statement.actions not in {None, ("*",)} and statement.not_principals is None and statement.effect == "Allow":
        yield _with(statement, actions=("*",))
    if statement.resources not in {None, ("*",)}:
        yield _with(statement, resources=("*",))


def _one_less(values: Sequence[T]) -> Iterator[tuple[T, ...]]:
    for index in range(len(values) if len(values) > 1 else 0):
        yield (*values[:index], *values[index + 1 :])
