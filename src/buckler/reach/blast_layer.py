"""What follows when a layer is poisoned: its code runs inside every function that uses it, before the handler, as the function's role."""

from collections.abc import Iterable
from typing import TypeAlias

from buckler.model.functions import Function
from buckler.model.graph import Blast, Node
from buckler.model.layering import Held, LayerBlast
from buckler.model.secret import Redacted
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.blast import blast
from buckler.reach.graph import Graph, graph_of
from buckler.reach.who import who_can

_GAPS_AT_MOST = 20

_Worth: TypeAlias = tuple[str, tuple[str, ...]]


def users_named(layer: str, analysis: Analysis) -> dict[str, list[Function]]:
    """List the functions of each layer that *layer* may mean: an ARN with or without its version, or a name."""
    found: dict[str, list[Function]] = {}
    for function in analysis.estate.functions:
        for used in () if isinstance(function.layers, Unknown) else function.layers:
            arn = shown(used.arn)
            base = arn.rpartition(":")[0]
            if layer in {arn, base, base.partition(":layer:")[2], arn.partition(":layer:")[2]}:
                found.setdefault(arn if layer == arn or arn.endswith(f":layer:{layer}") else base, []).append(function)
    return {arn: list(dict.fromkeys(users)) for arn, users in found.items()}


def blast_of_layer(layer: str, users: Iterable[Function], analysis: Analysis) -> LayerBlast:
    """Join the blast radii of the functions that use a layer. Functions that are worth the same are worked out once."""
    graph = graph_of(analysis)
    alike: dict[_Worth, list[Function]] = {}
    for function in users:
        alike.setdefault(_worth(function), []).append(function)
    held = [_held(functions, analysis, graph) for functions in alike.values()]
    held.sort(key=lambda one: (-one.blast.worst.rank, -len(one.functions), one.functions[0].id))
    administers = tuple(sorted({account for one in held for account in _administered(one.blast)}))
    roles = len({one.role.id for one in held if one.role is not None})
    functions = sum(len(one.functions) for one in held)
    name = layer.partition(":layer:")[2] or layer
    gaps = dict.fromkeys([*_unlisted(analysis), *(gap for one in held for gap in one.blast.gaps)])
    return LayerBlast(
        arn=layer,
        name=name,
        held=tuple(held),
        functions=functions,
        roles=roles,
        administers=administers,
        worst=max((one.blast.worst for one in held), default=Severity.LOW),
        publishers=who_can(analysis, "lambda:PublishLayerVersion", _layer_of(layer)).may,
        summary=_summary(name, functions, roles, administers),
        gaps=tuple(gaps)[:_GAPS_AT_MOST],
    )


def _layer_of(arn: str) -> str:
    """Give the layer of a version."""
    head, _, last = arn.rpartition(":")
    return head if last.isdigit() else arn


def _worth(function: Function) -> _Worth:
    role = function.role if not isinstance(function.role, Unknown) else None
    environment = () if isinstance(function.environment, Unknown) else function.environment
    secrets = tuple(shown(one.name) for one in environment if isinstance(one.value, Redacted) and one.value.is_secret)
    # Of functions whose role nobody knows, each is a question of its own.
    return shown(role) if role is not None else f"unknown role of {shown(function.arn)}", secrets


def _held(functions: list[Function], analysis: Analysis, graph: Graph) -> Held:
    functions.sort(key=lambda one: shown(one.arn))
    first = blast(functions[0], analysis)
    nodes: list[Node] = [first.function, *(graph.node(shown(one.arn)) for one in functions[1:])]
    return Held(functions=tuple(nodes), role=first.runs_as, blast=first)


def _administered(found: Blast) -> list[str]:
    return [touch.node.account for touch in found.touches if touch.node.kind == "administrator" and touch.path.is_certain]


def _unlisted(analysis: Analysis) -> list[Unknown]:
    """Say why there may be more functions that use the layer."""
    gaps = [function.layers for function in analysis.estate.functions if isinstance(function.layers, Unknown)]
    for scope in analysis.estate.scopes:
        try:
            analysis.require("functions", scope.account, scope.region)
        except Undecided as stop:
            gaps.append(stop.unknown)
    return gaps


def _summary(name: str, functions: int, roles: int, administers: tuple[str, ...]) -> str:
    head = f"poisoning `{name}` holds {_count(functions, 'function')} and {_count(roles, 'role')}"
    return f"{head}, and makes an attacker administrator of {' and '.join(administers)}" if administers else head


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
