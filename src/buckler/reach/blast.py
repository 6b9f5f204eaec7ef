"""What follows when one function is owned: whom the attacker becomes, what they can touch, and who gets to it in the first place."""

from collections.abc import Iterable, Iterator

from buckler.engines.iam import sample
from buckler.model.functions import Function
from buckler.model.graph import Become, Blast, Edge, NetTouch, Node, Path, Reacher, Touch
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.blast_network import net_touches
from buckler.reach.edges_actors import Actor
from buckler.reach.edges_uses import edge_kind, harm_of, rank
from buckler.reach.graph import Graph, Step, Walk, graph_of, kind_of, proved_edge

_NAMED_AT_MOST = 12
"""So many principals reached, or reaching, in one and the same way are named; the others are counted."""
_TOUCHING_AT_MOST = 40
"""Principals whose data is looked at, the nearest first."""
_GAPS_AT_MOST = 20


def blast(function: Function, analysis: Analysis) -> Blast:
    """Work out what a function is worth to whoever owns it. Every list is ranked, the worst first, and the same each time."""
    graph = graph_of(analysis)
    arn = sample(function.arn)
    walk = graph.walk([arn])
    role, untold = _role(function, graph)
    broken: list[Unknown] = []
    becomes = tuple(_becomes(graph, walk, arn, role, broken))
    touches = tuple(_touches(graph, walk, broken))
    reaches, unseen = net_touches(function, analysis)
    gaps = [*([untold] if untold else []), *broken, *_unread(graph, walk), *graph.entries.gaps(arn), *unseen]
    node = graph.node(arn)
    return Blast(
        function=node,
        reached_by=tuple(_reachers(graph, arn)),
        runs_as=graph.node(role) if role else None,
        becomes=becomes,
        touches=touches,
        reaches=reaches,
        worst=max(_worst(becomes, touches), *(one.harm for one in reaches)) if reaches else _worst(becomes, touches),
        summary=_summary(node, becomes, touches, reaches, untold),
        gaps=tuple(dict.fromkeys(gaps))[:_GAPS_AT_MOST],
    )


def _role(function: Function, graph: Graph) -> tuple[str, Unknown | None]:
    """Give the execution role, or why nobody knows what it may do."""
    if isinstance(function.role, Unknown):
        return "", function.role
    arn = sample(function.role)
    if arn in graph.things.role:
        return arn, None
    return "", Unknown(
        kind=UnknownKind.OUTSIDE,
        why=f"the execution role `{shown(function.role)}` was not read",
        need="a scan of the account that holds it",
    )


# --- whom the attacker becomes -------------------------------------------------------------------------------------------


def _becomes(graph: Graph, walk: Walk, start: str, role: str, gaps: list[Unknown]) -> Iterator[Become]:
    """List the principals, administrators first, then certain ones, then by steps. Many reached alike are one entry with a count."""
    administrators = {step.source for one, step in walk.steps.items() if step is not None and one.startswith("administrator:")}
    leading = {step.source for step in walk.steps.values() if step is not None}
    ways: dict[tuple[str, str], list[str]] = {}
    for one, step in walk.steps.items():
        if step is None or one in {start, role} or graph.actor(one) is None:
            continue
        ways.setdefault(_way(walk, step), []).append(one)
    found: list[Become] = []
    for alike in ways.values():
        alike.sort(
            key=lambda one: (one not in administrators, not _administers(graph, one), one not in leading, one not in walk.certain, one)
        )
        named = alike if len(alike) <= _NAMED_AT_MOST + 1 else alike[:_NAMED_AT_MOST]
        for one in named:
            path = graph.told_way(walk, one, gaps)
            if path is not None:
                is_administrator = one in administrators or _administers(graph, one)
                found.append(Become(node=graph.node(one), path=path, is_administrator=is_administrator))
        if len(named) < len(alike):
            found.extend(_counted(graph, walk, alike[len(named) :], gaps))
    yield from sorted(
        found, key=lambda one: (not one.is_administrator, not one.path.is_certain, one.node.count > 1, one.path.steps, one.node.id)
    )


def _way(walk: Walk, step: Step) -> tuple[str, str]:
    """Name the way of a step, which many share: whoever it starts at, and how. To a role by way of its function is the way to that."""
    before = walk.steps[step.source] if step.kind == "runs-as" else None
    at = before or step
    return at.source, at.move.technique.id if at.move else at.kind


def _administers(graph: Graph, node_id: str) -> bool:
    actor = graph.actor(node_id)
    return actor is not None and bool(graph.administers(actor))


def _counted(graph: Graph, walk: Walk, ids: list[str], gaps: list[Unknown]) -> Iterator[Become]:
    """Give one entry for many principals that are reached alike, with the way to the first."""
    first = graph.node(ids[0])
    path = graph.told_way(walk, ids[0], gaps)
    if path is not None:
        yield Become(node=_pattern(first, len(ids)), path=path)


def _pattern(first: Node, count: int) -> Node:
    """Stand for several principals like one of them."""
    head = first.id.split(":", 5)
    pattern = ":".join((*head[:5], f"{first.kind}/*"))
    return Node(id=pattern, kind=first.kind, name="*", account=first.account, count=count)


# --- what they touch -----------------------------------------------------------------------------------------------------


def _touches(graph: Graph, walk: Walk, gaps: list[Unknown]) -> Iterator[Touch]:
    """List what the attacker can use, the most harmful first; each thing once, by the nearest principal that may do the worst with it."""
    best: dict[str, tuple[tuple[object, ...], Touch]] = {}
    for touch, order in (*_accounts(graph, walk, gaps), *_data(graph, walk, gaps)):
        key = (-touch.harm.rank, not touch.path.is_certain, order, touch.path.steps, touch.node.kind, touch.node.id, touch.via)
        kept = best.get(touch.node.id)
        if kept is None or key < kept[0]:
            best[touch.node.id] = (key, touch)
    for _, touch in sorted(best.values(), key=lambda one: one[0]):
        yield touch


def _accounts(graph: Graph, walk: Walk, gaps: list[Unknown]) -> Iterator[tuple[Touch, int]]:
    """Give the accounts the attacker is administrator of."""
    for one, step in walk.steps.items():
        if step is None or not one.startswith("administrator:"):
            continue
        path = graph.told_way(walk, one, gaps)
        if path is not None:
            harm = Severity.CRITICAL if path.is_certain else Severity.HIGH
            yield Touch(node=graph.node(one), access=("permissions",), via=step.source, path=path, harm=harm), -1


def _data(graph: Graph, walk: Walk, gaps: list[Unknown]) -> Iterator[tuple[Touch, int]]:
    looked_at = 0
    ordered = sorted(walk.steps, key=lambda one: one not in walk.certain)
    for one in ordered:
        actor = graph.actor(one)
        if actor is None or graph.administers(actor):
            continue
        path = graph.told_way(walk, one, gaps)
        if path is None:
            continue
        if looked_at == _TOUCHING_AT_MOST:
            gaps.append(
                Unknown(
                    kind=UnknownKind.NOT_ASKED,
                    why=f"data was looked at for the {_TOUCHING_AT_MOST} nearest of the principals reached; the others may touch more",
                    need="buckler paths, from the function to the data in question",
                )
            )
            return
        looked_at += 1
        for touch, order in touched_by(graph, actor):
            whole = Path(edges=(*path.edges, *touch.path.edges))
            harm = touch.harm if whole.is_certain or touch.harm is Severity.LOW else min(touch.harm, Severity.MEDIUM)
            yield Touch(node=touch.node, access=touch.access, via=touch.via, path=whole, harm=harm), order


def touched_by(graph: Graph, actor: Actor) -> tuple[tuple[Touch, int], ...]:
    """List what one principal can use, each with a path of the one edge from it, and its rank among things of equal harm."""
    kept = graph.touches.get(actor.id)
    if kept is None:
        kept = graph.touches[actor.id] = tuple(_touched(graph, actor))
    return kept


def _touched(graph: Graph, actor: Actor) -> Iterator[tuple[Touch, int]]:
    for used in graph.data.used_by(actor):
        accesses, outcomes = graph.data.outcomes(actor, used)
        if not accesses:
            continue
        kind = used.node.kind
        step = Step(actor.id, used.node.id, edge_kind(kind, accesses))
        edge = proved_edge(step, _what(used.node, accesses), outcomes)
        if edge is not None:
            harm = harm_of(kind, accesses, is_secret=used.is_secret)
            touch = Touch(node=used.node, access=accesses, via=actor.id, path=Path(edges=(edge,)), harm=harm)
            yield touch, rank(kind, accesses)


def _what(node: Node, accesses: tuple[str, ...]) -> str:
    if node.kind == "function":
        return f"reads the secrets in the environment of `{node.name}`"
    verbs = {"list": "lists", "read": "reads", "write": "writes to", "delete": "deletes from", "permissions": "changes who may use"}
    if node.kind in {"secret", "parameter"}:
        verbs |= {"write": "overwrites", "delete": "deletes"}
    if node.kind == "key":
        verbs |= {"read": "decrypts with", "delete": "disables"}
    words = [verbs[access] for access in accesses]
    said = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"{said} `{node.name}`" if node.count == 1 else f"{said} {node.count} like `{node.name}`"


# --- who gets to the function --------------------------------------------------------------------------------------------


def _reachers(graph: Graph, arn: str) -> Iterator[Reacher]:
    """List who reaches the function: outsiders, what starts it, then principals, those first who may change its code."""
    found: dict[str, tuple[tuple[object, ...], Reacher]] = {}

    def add(order: int, node_id: str, *edges: Edge, node: Node | None = None) -> None:
        path = Path(edges=edges)
        key = (order, not path.is_certain, path.steps, node_id)
        if node_id not in found or key < found[node_id][0]:
            found[node_id] = (key, Reacher(node=node or graph.node(node_id), path=path))

    for edge in graph.entries.into(arn):
        add(0 if edge.source == "internet" else 1 if edge.source.startswith("account:") else 2, edge.source, edge)
        for opener in graph.entries.openers(edge.source):
            add(0 if opener.source == "internet" else 1, opener.source, opener, edge)
    for order, alike in enumerate((_changers(graph, arn), _invokers(graph, arn)), start=3):
        proved = [(one, edge) for one, edge in _proved(graph, alike)]
        for one, edge in proved:
            add(order, one, edge)
        if len(alike) > len(proved) and proved:
            node = _pattern(graph.node(alike[-1].source), len(alike) - len(proved))
            add(order, f"{node.id}#{order}", proved[-1][1], node=node)
    for _, reacher in sorted(found.values(), key=lambda one: one[0]):
        yield reacher


def _proved(graph: Graph, steps: list[Step]) -> Iterator[tuple[str, Edge]]:
    for step in steps[: len(steps) if len(steps) <= _NAMED_AT_MOST + 1 else _NAMED_AT_MOST]:
        edge = graph.edge(step)
        if edge is not None:
            yield step.source, edge


def _changers(graph: Graph, arn: str) -> list[Step]:
    """Find the principals that may make the function's code theirs. Administrators of the account may anyway, and are not listed."""
    bit = graph.things.bit[arn]
    found: dict[str, Step] = {}
    for principal, move in graph.changes:
        if (move.sure | move.perhaps) >> bit & 1:
            is_sure = bool(move.sure >> bit & 1)
            if principal not in found or (is_sure and not found[principal].is_sure):
                found[principal] = Step(principal, arn, kind_of(move), move, is_sure=is_sure)
    return sorted(found.values(), key=lambda step: not step.is_sure)


def _invokers(graph: Graph, arn: str) -> list[Step]:
    """Find the principals that may invoke it, administrators left out likewise."""
    bit = graph.things.bit[arn]
    found: list[tuple[bool, int, str]] = []
    for (sure, perhaps), principals in graph.invocations_alike.items():
        if (sure | perhaps) >> bit & 1:
            found += [(not sure >> bit & 1, number, principal) for number, principal in principals]
    return [Step(principal, arn, "invoke", is_sure=not unsure) for unsure, _, principal in sorted(found)]


# --- in sum --------------------------------------------------------------------------------------------------------------


def _unread(graph: Graph, walk: Walk) -> Iterator[Unknown]:
    """Give what could not be read of the principals the attacker acts as: it may allow more."""
    for one in walk.steps:
        actor = graph.actor(one)
        if actor is not None:
            yield from (unread.unknown for unread in actor.layers.unread)
    if walk.left == 0:
        yield Unknown(
            kind=UnknownKind.NOT_ASKED,
            why="more uncertain steps lead on than were looked at",
            need="buckler paths, for the one in question",
        )


def _worst(becomes: Iterable[Become], touches: Iterable[Touch]) -> Severity:
    found = [touch.harm for touch in touches]
    found += [Severity.HIGH if become.path.is_certain else Severity.MEDIUM for become in becomes]
    return max(found, default=Severity.LOW)


def _summary(
    function: Node, becomes: tuple[Become, ...], touches: tuple[Touch, ...], reaches: tuple[NetTouch, ...], untold: Unknown | None
) -> str:
    """Say the worst in one sentence."""
    owning = f"owning `{function.name}`"
    if untold is not None and not becomes and not touches and not any(one.harm.rank > Severity.LOW.rank for one in reaches):
        return f"what {owning} gives an attacker is not known: {untold.why}"
    worst = touches[0] if touches else None
    if worst is not None and worst.node.kind == "administrator":
        makes = "makes" if worst.path.is_certain else "may make"
        return f"{owning} {makes} an attacker administrator of {worst.node.account} in {_steps(worst.path)}"
    if becomes:
        first = becomes[0]
        count = sum(one.node.count for one in becomes)
        more = f" and {count - 1} more" if count > 1 else ""
        name = f"`{first.node.name}`" if first.node.count == 1 else f"{first.node.count} {first.node.kind}s"
        lets = "lets" if first.path.is_certain else "may let"
        return f"{owning} {lets} an attacker act as {name}{more} in {_steps(first.path)}"
    if worst is not None:
        gives = "gives" if worst.path.is_certain else "may give"
        others = f" and {len(touches) - 1} more" if len(touches) > 1 else ""
        return f"{owning} {gives} an attacker the {worst.node.kind} `{worst.node.name}`{others} in {_steps(worst.path)}"
    unguarded = next((one for one in reaches if one.harm.rank > Severity.LOW.rank), None)
    if unguarded is not None:
        return f"{owning} lets an attacker knock at {unguarded.name} on {unguarded.ports}"
    return f"{owning} gives an attacker nothing beyond the function itself"


def _steps(path: Path) -> str:
    return "1 step" if path.steps == 1 else f"{path.steps} steps"
