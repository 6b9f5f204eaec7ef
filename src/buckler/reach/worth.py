"""What a function is worth to whoever owns it, in one word: the short form of a blast radius, for every finding.

Functions of one role are worth the same but for their own environment, so each role is walked once.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias, get_args

from buckler.engines.iam import sample
from buckler.model.functions import Function
from buckler.model.graph import Access, Node
from buckler.model.secret import Redacted
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.edges_actors import Actor
from buckler.reach.edges_uses import harm_of
from buckler.reach.graph import Graph, Walk, graph_of
from buckler.reach.once import once

Level: TypeAlias = Literal["administrator", "principals", "secrets", "data", "nothing", "unknown"]
"""The worst that follows for sure; `nothing`: nothing does, and everything that could have a say was read."""


class Worth(Value):
    """What owning a function leads to."""

    level: Level
    said: str = ""
    """In a phrase: "2 steps to administrator of 123456789012"; empty for `nothing` and `unknown`."""


_NOTHING, _UNKNOWN = Worth(level="nothing"), Worth(level="unknown")
_LEVELS: dict[Severity, Level] = {Severity.HIGH: "secrets", Severity.MEDIUM: "data"}


@once
def _by_role(_: Analysis) -> dict[str, Worth]:
    return {}


def worth_of(function: Function, analysis: Analysis) -> Worth:
    """Say what a function is worth."""
    if isinstance(function.role, Unknown):
        worth = _UNKNOWN
    else:
        kept = _by_role(analysis)
        arn = sample(function.role)
        worth = kept[arn] if arn in kept else kept.setdefault(arn, _of_role(arn, graph_of(analysis)))
    if worth.level in {"data", "nothing", "unknown"} and _holds_secret(function):
        return Worth(level="secrets", said="secrets in its environment")
    return worth


def furthest(functions: Sequence[Function], analysis: Analysis) -> Worth:
    """Say what the one of several functions that leads furthest is worth: what whoever is in all of them holds.

    `nothing` only when each of them leads to nothing for sure.
    """
    found = [worth_of(one, analysis) for one in functions]
    return min(found, key=lambda one: _FURTHEST.index(one.level))


_FURTHEST: tuple[Level, ...] = ("administrator", "principals", "secrets", "data", "unknown", "nothing")


def _holds_secret(function: Function) -> bool:
    environment = () if isinstance(function.environment, Unknown) else function.environment
    return any(isinstance(one.value, Redacted) and one.value.is_secret for one in environment)


def _access(node: Node, accesses: tuple[Access, ...]) -> str:
    """Say it in words: "read access to the secret `orders`", "all access to every bucket"."""
    access = "all" if len(accesses) == len(get_args(Access)) else ", ".join(accesses)
    what = f"every {node.kind}" if node.name == "*" else f"the {node.kind} `{node.name}`"
    return f"{access} access to {what}"


def _of_role(arn: str, graph: Graph) -> Worth:
    actor = graph.actor(arn)
    if actor is None:
        return _UNKNOWN
    walk = graph.walk([arn])
    certain = [one for one in walk.reached if one in walk.certain and _is_read(graph, walk, one)]
    for one in certain:
        if one.startswith("administrator:"):
            # The function runs as the role: one step more than from the role.
            steps = len(walk.way(one)) + 1
            return Worth(level="administrator", said=f"{steps} steps to administrator of {one.partition(':')[2]}")
    others = [one for one in certain if one != arn and graph.actor(one) is not None]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        return Worth(level="principals", said=f"{len(walk.way(others[0])) + 1} steps to `{graph.node(others[0]).name}`{more}")
    touches = [one for one in _touches(graph, actor) if one[0] > Severity.LOW]
    if touches:
        harm, node, accesses = max(touches, key=lambda one: one[0].rank)
        beside = sum(one.count for _, one, _ in touches) - node.count
        return Worth(level=_LEVELS[harm], said=f"{_access(node, accesses)}{f' and {beside} more' if beside else ''}")
    return _UNKNOWN if actor.layers.unread or len(walk.reached) > len(certain) else _NOTHING


def _touches(graph: Graph, actor: Actor) -> Iterator[tuple[Severity, Node, tuple[Access, ...]]]:
    """List what a principal may use for sure. A thousand functions are weighed, so that nothing is proved here."""
    for used in () if actor.layers.unread else graph.data.surely_used_by(actor):
        seen: dict[Access, None] = dict.fromkeys(access for access, _, _ in used.uses)
        accesses: tuple[Access, ...] = tuple(seen)
        yield harm_of(used.node.kind, accesses, is_secret=used.is_secret), used.node, accesses


def _is_read(graph: Graph, walk: Walk, node_id: str) -> bool:
    """Say whether everything was read that has a say on the way to a node."""
    holders = (graph.actor(step.source) for step in walk.way(node_id))
    return not any(actor is not None and actor.layers.unread for actor in holders)
