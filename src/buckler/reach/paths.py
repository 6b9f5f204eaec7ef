"""Paths from one kind of thing to another: from the internet to secrets, from a user to administrator.

A selector is `internet`; a kind with a pattern of names or ARNs (`secret:*`, `role:deploy-*`, `administrator:*`); an ARN, which may be a
pattern; or the name of a role, user, function or store. On a path from outside, a function that can be invoked counts as owned: what
a bug in it would be worth.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, get_args

from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.graph import Edge, Node, NodeKind, Path
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.blast import touched_by
from buckler.reach.edges_uses import KINDS
from buckler.reach.graph import Graph, Walk, graph_of

_KINDS: Final[frozenset[str]] = frozenset(get_args(NodeKind))
AT_MOST = 20


class Selector:
    """What somebody wrote for one end of a path."""

    def __init__(self, written: str) -> None:
        self.written = written
        head, colon, rest = written.partition(":")
        self.kind = head if colon and head in _KINDS else written if written in {"internet", "administrator"} else ""
        pattern = rest if colon and head in _KINDS else "*" if self.kind else written
        self._pattern = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)

    def picks(self, node: Node, address: str = "") -> bool:
        """Say whether a node is meant, which its file calls *address*."""
        if self.kind and node.kind != self.kind:
            return False
        if address and self._pattern.fullmatch(address):
            return True
        return any(
            self._pattern.fullmatch(name) for name in (node.id, node.name, node.account if node.kind == "administrator" else node.name)
        )

    def wants(self, kind: NodeKind) -> bool:
        """Say whether a kind of node can be meant at all."""
        return not self.kind or self.kind == kind


def paths(analysis: Analysis, source: str, target: str, *, at_most: int = AT_MOST, gaps: list[Unknown] | None = None) -> tuple[Path, ...]:
    """Find the shortest paths, one for each way in and each thing reached; certain ones first, then by steps.

    *gaps* are added what may be missing among them. Raises `UsageError` when a selector means nothing in the estate.
    """
    graph = graph_of(analysis)
    missing: list[Unknown] = []
    to = Selector(target)
    found: dict[tuple[str, str], Path] = {}
    for start, way_in in _starts(graph, Selector(source)):
        walk = graph.walk([start], through_invocations=True)
        for end, path in _ends(graph, walk, to, missing):
            whole = Path(edges=(*way_in, *path.edges), nodes=(*(graph.node(edge.source) for edge in way_in), *path.nodes))
            key = (way_in[0].target if way_in else start, end)
            if whole.edges and (key not in found or _order(whole) < _order(found[key])):
                found[key] = whole
        if walk.left == 0:
            missing.append(
                Unknown(kind=UnknownKind.NOT_ASKED, why="more uncertain steps lead on than were looked at", need="a nearer start")
            )
    if gaps is not None:
        gaps.extend(dict.fromkeys(missing))
    if not found:
        _insist(graph, to)
    return tuple(sorted(found.values(), key=_order))[:at_most]


def _through(graph: Graph, path: Path, last: Node) -> Path:
    """Add the nodes a path goes through."""
    return Path(edges=path.edges, nodes=(*(graph.node(edge.source) for edge in path.edges), last))


def _order(path: Path) -> tuple[object, ...]:
    return (not path.is_certain, path.steps, [(edge.source, edge.target) for edge in path.edges])


# --- where they start ----------------------------------------------------------------------------------------------------


def _starts(graph: Graph, selector: Selector) -> Iterator[tuple[str, tuple[Edge, ...]]]:
    """Give the nodes to start from, with the step that leads in from outside."""
    picked = [node for node in _nodes(graph) if selector.picks(node, _address(graph, node))]
    if not picked and selector.kind not in {"internet", "account", "service"}:
        _refuse(graph, selector)
    for node in picked:
        edges = graph.entries.by_source.get(node.id, ())
        if not edges or graph.actor(node.id) is not None:
            yield node.id, ()
        for edge in edges:
            yield edge.target, (edge,)


def _address(graph: Graph, node: Node) -> str:
    """Give what a file calls a node: its logical id, its address."""
    things = graph.things
    entity = (
        things.role.get(node.id)
        or things.user.get(node.id)
        or things.function.get(node.id)
        or graph.data.things.get(node.kind, {}).get(node.id)
    )
    return entity.address if entity is not None else ""


def _nodes(graph: Graph) -> Iterator[Node]:
    things = graph.things
    ids: list[str] = [*things.role, *things.user, *things.function, *graph.entries.stores]
    ids += [one for one in graph.entries.by_source if one not in graph.entries.stores]
    return (graph.node(one) for one in dict.fromkeys(ids))


# --- where they end ------------------------------------------------------------------------------------------------------


def _ends(graph: Graph, walk: Walk, selector: Selector, gaps: list[Unknown]) -> Iterator[tuple[str, Path]]:
    touching = any(selector.wants(kind) for kind in KINDS)
    shown: set[str] = set()
    for one in walk.reached:
        node = graph.node(one)
        if selector.picks(node, _address(graph, node)) and (path := graph.told_way(walk, one, gaps)) is not None:
            shown.add(one)
            yield one, _through(graph, path, node)
        actor = graph.actor(one) if touching else None
        if actor is None:
            continue
        picked = [
            touch
            for touch, _ in touched_by(graph, actor)
            if selector.picks(touch.node, _address(graph, touch.node)) and touch.node.id not in shown
        ]
        path = graph.told_way(walk, one, gaps) if picked else None
        for touch in picked if path is not None else ():
            if _matters(touch.access) and path is not None:
                yield touch.node.id, _through(graph, Path(edges=(*path.edges, *touch.path.edges)), touch.node)


def _matters(access: Iterable[str]) -> bool:
    return any(one != "list" for one in access)


# --- when nothing is found -------------------------------------------------------------------------------------------------


def _insist(graph: Graph, selector: Selector) -> None:
    """Tell a path that is not there from a selector that means nothing."""
    if selector.kind:
        return
    known = [*_nodes(graph), *(graph.data.node(kind, arn) for kind, things in graph.data.things.items() for arn in things)]
    if not any(selector.picks(node, _address(graph, node)) for node in known):
        _refuse(graph, selector)


def _refuse(graph: Graph, selector: Selector) -> None:
    names = {node.name for node in _nodes(graph)} | {node.id for node in _nodes(graph)} | {f"{kind}:*" for kind in _KINDS}
    close = closest(selector.written, sorted(names))
    hint = (
        f"a similar one exists: `{close}`" if close else "use internet, KIND:PATTERN such as secret:* or role:deploy-*, an ARN, or a name"
    )
    raise UsageError(f"nothing in the estate is `{selector.written}`", hint=hint)
