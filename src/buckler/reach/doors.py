"""From the internet through a function to what its role leads to, hop by hop."""

from collections.abc import Iterator
from typing import Final

from buckler.engines.iam import sample
from buckler.model.finding import Evidence, Witness
from buckler.model.functions import Function
from buckler.model.graph import Edge, NodeKind, Path
from buckler.model.iam import Role
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.blast import touched_by
from buckler.reach.edges_actors import Actor
from buckler.reach.graph import Graph, Step, graph_of, proved_edge

_LOOKED_AT = 20
"""So many further principals are looked at, the nearest first."""

_EVERY: Final[tuple[tuple[NodeKind, str, str, str, Severity], ...]] = (
    ("secret", "secrets", "secretsmanager:GetSecretValue", "secretsmanager:{region}:{account}:secret:example-7q4z-AbCdEf", Severity.HIGH),
    ("parameter", "parameters", "ssm:GetParameter", "ssm:{region}:{account}:parameter/example-7q4z", Severity.HIGH),
    ("bucket", "buckets", "s3:GetObject", "s3:::example-7q4z/example-7q4z", Severity.MEDIUM),
    ("table", "tables", "dynamodb:Scan", "dynamodb:{region}:{account}:table/example-7q4z", Severity.MEDIUM),
)
"""What stands for all of a kind: (kind, said, action, resource, how bad it is to read them all)."""


class Loot(Value):
    """Data at the end of a way."""

    said: str
    """`reads every secret of the account`."""
    harm: Severity
    path: Path
    """From the function to the data."""


def door_of(function: Function, analysis: Analysis) -> tuple[Edge, ...]:
    """Give the hops from the internet into a function, () when none is proven; the ones that end soonest."""
    entries = graph_of(analysis).entries
    arn = sample(function.arn)
    into = entries.into(arn)
    direct = next((edge for edge in into if edge.source == "internet" and _is_sure(edge)), None)
    if direct is not None:
        return (direct,)
    for edge in into:
        opener = next((one for one in entries.openers(edge.source) if one.source == "internet" and _is_sure(one)), None)
        if opener is not None and _is_sure(edge):
            return (opener, edge)
    return ()


def insist(function: Function, analysis: Analysis) -> None:
    """Raise `Undecided` when a door may be hidden behind something nobody could read."""
    analysis.exposure.is_public(function)


def running(function: Function, role: Role, analysis: Analysis) -> Edge:
    """Give the hop from a function to its role."""
    return graph_of(analysis).shown_edge(Step(sample(function.arn), sample(role.arn), "runs-as"))


def hops(edges: tuple[Edge, ...]) -> str:
    """Say the hops in a sentence."""
    words = [edge.what for edge in edges]
    return ", ".join(words[:5]) + (f" and {len(words) - 5} more steps" if len(words) > 5 else "")


def proof_of(edges: tuple[Edge, ...]) -> tuple[Witness, ...]:
    """Give the proofs of all hops, in order."""
    return tuple(witness for edge in edges for witness in edge.proof)


def evidence_of(edges: tuple[Edge, ...]) -> tuple[Evidence, ...]:
    """Point at where each hop is written down."""
    return tuple(dict.fromkeys(evidence for edge in edges for evidence in edge.evidence))[:10]


def loot_of(function: Function, analysis: Analysis) -> Iterator[Loot]:
    """List the data a function leads to beyond what it is there for: all there is of a kind, and what other principals may use."""
    graph = graph_of(analysis)
    arn = sample(function.arn)
    walk = graph.walk([arn])
    role = sample(analysis.role_of(function).arn)
    looked_at = 0
    for one in walk.reached:
        actor = graph.actor(one)
        if actor is None or one not in walk.certain or graph.administers(actor) is not False:
            continue
        looked_at += 1
        if looked_at > _LOOKED_AT:
            return
        path = graph.way(walk, one)
        if path is None:
            continue
        edges = list(_everything(graph, actor, shown(function.region)))
        if one != role:
            edges += [(touch.path.edges[0], touch.harm) for touch, _ in touched_by(graph, actor) if _matters(touch.harm, touch.access)]
        for edge, harm in edges:
            if _is_sure(edge):
                yield Loot(said=edge.what, harm=harm, path=Path(edges=(*path.edges, edge)))


def _matters(harm: Severity, access: tuple[str, ...]) -> bool:
    return harm >= Severity.HIGH and bool({"read", "permissions"} & set(access))


def _everything(graph: Graph, actor: Actor, region: str) -> Iterator[tuple[Edge, Severity]]:
    for kind, said, action, tail, harm in _EVERY:
        if not actor.access.speaks_of(action.lower()):
            continue
        resource = f"arn:{actor.partition}:{tail.format(region=region, account=actor.account)}"
        outcome = graph.actors.ask(actor, action, resource)
        if outcome.verdict != "always":
            continue
        edge = proved_edge(Step(actor.id, resource, "read-secret" if kind in {"secret", "parameter"} else "read"),
                           f"reads every one of the {said} of the account", [outcome])  # fmt: skip
        if edge is not None:
            yield edge, harm


def _is_sure(edge: Edge) -> bool:
    return not edge.only_if and not edge.unread
