"""Ways to secrets that a role may not read itself: by passing roles, or changing principals, short of administrator."""

from buckler.engines.iam import Answer, sample
from buckler.model.graph import Path, Touch
from buckler.model.iam import Role
from buckler.model.severity import Severity
from buckler.reach.analysis import Analysis
from buckler.reach.blast import touched_by
from buckler.reach.edges_actors import Actor
from buckler.reach.graph import Graph, graph_of, kind_of

_LOOKED_AT = 20


def way_to_secrets(role: Role, analysis: Analysis) -> Path | None:
    """Find a way, other than assuming roles and changing functions, to somebody who reads secrets that the role may not.

    The last step reads the secret. None when there is none, and for an administrator.
    """
    graph = graph_of(analysis)
    arn = sample(role.arn)
    actor = graph.actors.of(arn)
    moves = graph.moves(actor)
    if not any(move.sure and kind_of(move) == "escalate" and move.technique.yields in {"role", "user"} for move in moves):
        return None
    walk = graph.walk([arn])
    others = [one for one in walk.reached if one != arn and one in walk.certain and one in graph.principals]
    for one in others[:_LOOKED_AT]:
        path = graph.way(walk, one) if any(step.kind == "escalate" for step in walk.way(one)) else None
        if path is None:
            continue
        for touch, _ in touched_by(graph, graph.actors.of(one)):
            if _is_secret(touch) and touch.path.is_certain and not may_anyway(graph, actor, touch):
                return Path(edges=(*path.edges, *touch.path.edges))
    return None


def _is_secret(touch: Touch) -> bool:
    return touch.harm >= Severity.HIGH and touch.path.edges[-1].kind == "read-secret"


def may_anyway(graph: Graph, actor: Actor, touch: Touch) -> bool:
    """Say whether a principal may send all the requests by which somebody else uses a thing."""
    requests = [request for edge in touch.path.edges for witness in edge.proof for request in witness.requests]
    return all(graph.actors.answer(actor, request.action, request.resource) is Answer.ALLOW for request in requests)
