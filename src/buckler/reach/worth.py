"""What a function is worth to whoever owns it, in one word: the short form of a blast radius, for every finding.

Functions of one role are worth the same but for their own environment, so each role is walked once.
"""

from typing import Literal, TypeAlias, get_args

from buckler.engines.iam import sample
from buckler.model.functions import Function
from buckler.model.graph import Access, Touch
from buckler.model.secret import Redacted
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.blast import touched_by
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


def _holds_secret(function: Function) -> bool:
    environment = () if isinstance(function.environment, Unknown) else function.environment
    return any(isinstance(one.value, Redacted) and one.value.is_secret for one in environment)


def _access(touch: Touch) -> str:
    """Say it in words: "read access to the secret `orders`", "all access to every bucket"."""
    access = "all" if len(touch.access) == len(get_args(Access)) else ", ".join(touch.access)
    what = f"every {touch.node.kind}" if touch.node.name == "*" else f"the {touch.node.kind} `{touch.node.name}`"
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
    touches = [touch for touch, _ in touched_by(graph, actor) if touch.path.is_certain and touch.harm > Severity.LOW]
    if touches:
        worst = max(touches, key=lambda touch: touch.harm.rank)
        beside = sum(touch.node.count for touch in touches) - worst.node.count
        return Worth(level=_LEVELS[worst.harm], said=f"{_access(worst)}{f' and {beside} more' if beside else ''}")
    return _UNKNOWN if actor.layers.unread or len(walk.reached) > len(certain) else _NOTHING


def _is_read(graph: Graph, walk: Walk, node_id: str) -> bool:
    """Say whether everything was read that has a say on the way to a node."""
    holders = (graph.actor(step.source) for step in walk.way(node_id))
    return not any(actor is not None and actor.layers.unread for actor in holders)
