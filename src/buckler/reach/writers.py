"""Who else may make a function's code theirs, and what they gain by it."""

from collections.abc import Iterator

from buckler.engines.iam import sample
from buckler.model.functions import Function
from buckler.model.graph import Edge, Touch
from buckler.model.iam import Role, User
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.blast import touched_by
from buckler.reach.escalations import escalation_of
from buckler.reach.graph import Graph, Step, graph_of, kind_of
from buckler.reach.once import once
from buckler.reach.secrets import may_anyway
from buckler.reach.techniques import Move

_PIPELINES = ("cloudformation", "codebuild", "codedeploy", "codepipeline", "codecatalyst", "amplify", "serverlessrepo", "pipes.codestar")
_PIPELINE_PROVIDERS = ("githubusercontent", "gitlab", "bitbucket", "circleci", "buildkite", "jenkins", "dev.azure", "vstoken", "spacelift",
                       "terraform.io", "pulumi", "semaphoreci", "travis-ci", "cirrus-ci")  # fmt: skip


class Writer(Value):
    """A principal that may make a function's code its own, and gains something by it."""

    identity: Role | User
    edge: Edge
    gains: tuple[Touch, ...]
    """What the function's role may use and the principal may not, the worst first."""


def writers_of(function: Function, analysis: Analysis) -> Iterator[Writer]:
    """List the principals that deploy nothing, may change a function, and gain by that; those who do so for sure first."""
    graph = graph_of(analysis)
    arn = sample(function.arn)
    bit = graph.things.bit.get(arn)
    if bit is None or isinstance(function.role, Unknown):
        return
    role = sample(function.role)
    runs_as = graph.actor(role)
    if runs_as is None:
        return
    best: dict[str, tuple[Move, bool]] = {}
    for principal, move in _changes(analysis):
        if principal != role and (move.sure | move.perhaps) >> bit & 1:
            is_sure = bool(move.sure >> bit & 1)
            if principal not in best or (is_sure and not best[principal][1]):
                best[principal] = (move, is_sure)
    for principal, (move, is_sure) in sorted(best.items(), key=lambda item: not item[1][1]):
        gains = tuple(_gains(graph, principal, role))
        edge = graph.edge(Step(principal, arn, kind_of(move), move, is_sure=is_sure)) if gains else None
        if edge is not None:
            yield Writer(identity=graph.actors.of(principal).identity, edge=edge, gains=gains)


@once
def _changes(analysis: Analysis) -> tuple[tuple[str, Move], ...]:
    """Moves that make functions the principal's, of those who are neither administrators nor deploy them."""
    graph = graph_of(analysis)
    found: list[tuple[str, Move]] = []
    for principal in graph.principals:
        actor = graph.actors.of(principal)
        moves = [move for move in graph.moves(actor) if move.technique.yields == "function"]
        if moves and not is_deployer(actor.identity, analysis) and escalation_of(actor.identity, analysis) is None:
            found.extend((principal, move) for move in moves)
    return tuple(found)


def is_deployer(identity: Role | User, analysis: Analysis) -> bool:
    """Say whether deploying functions is what a principal is for.

    A role is, that a service or an identity provider of pipelines may assume; and so is whoever may create functions.
    """
    if graph_of(analysis).actors.of(sample(identity.arn)).access.speaks_of("lambda:createfunction"):
        return True
    if not isinstance(identity, Role) or isinstance(identity.trust, Unknown):
        return False
    for statement in identity.trust.statements:
        for entry in (statement.principals or ()) if statement.effect == "Allow" else ():
            name = shown(entry.value).lower()
            if entry.kind == "Service" and any(name.startswith(f"{one}.") or f".{one}." in name for one in _PIPELINES):
                return True
            if entry.kind == "Federated" and any(one in name for one in _PIPELINE_PROVIDERS):
                return True
    return False


def _gains(graph: Graph, principal: str, role: str) -> Iterator[Touch]:
    """List what a role may use beyond what a principal may, the worst first."""
    actor = graph.actors.of(principal)
    gained = [
        (touch, order)
        for touch, order in touched_by(graph, graph.actors.of(role))
        if touch.harm > Severity.LOW and not may_anyway(graph, actor, touch)
    ]
    for touch, _ in sorted(gained, key=lambda one: (-one[0].harm.rank, one[1], one[0].node.id)):
        yield touch
