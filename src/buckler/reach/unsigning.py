"""Ways around code signing: who may take the enforcement off functions, or have code of their own signed and deploy it.

`Enforce` stops whoever may only replace code. It stops nobody who may detach the configuration, put a lax one in its place, loosen it, or
start a signing job with a profile that it trusts.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from buckler.engines.iam import sample
from buckler.model.functions import CodeSigningConfig, Function
from buckler.model.iam import Role, User
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.edges_actors import Actor
from buckler.reach.edges_settle import Outcome
from buckler.reach.escalations import escalation_of
from buckler.reach.graph import Graph, graph_of
from buckler.reach.writers import is_deployer

Way: TypeAlias = Literal["detach", "loosen", "replace", "sign", "share"]

DOES: dict[Way, str] = {
    "detach": "may take it off `{function}`",
    "loosen": "may make it only warn",
    "replace": "may put one that only warns in its place on `{function}`",
    "sign": "may sign with the trusted profile `{profile}` and deploy to `{function}`",
    "share": "may let other accounts sign with the trusted profile `{profile}`, and deploy to `{function}`",
}
_DETACH, _PUT, _UPDATE = "lambda:DeleteFunctionCodeSigningConfig", "lambda:PutFunctionCodeSigningConfig", "lambda:UpdateFunctionCode"
_NEW = "csc-0example7q4z00000"
"""Of a configuration that the attacker makes; no policy names it."""


class Bypass(NamedTuple):
    """A principal that gets around code signing, and how."""

    identity: Role | User
    way: Way
    does: str
    outcomes: tuple[Outcome, ...]
    """The requests, in order."""

    @property
    def is_sure(self) -> bool:
        """Say whether nothing is left open."""
        return all(one.verdict == "always" and not one.unread for one in self.outcomes)


def bypasses_of(config: CodeSigningConfig, users: Sequence[Function], analysis: Analysis) -> Iterator[Bypass]:
    """List the principals that deploy nothing, are no administrators, and get around a configuration; each by its first way that is sure.

    *users* are the functions it is on.
    """
    graph = graph_of(analysis)
    for principal in graph.principals:
        actor = graph.actors.of(principal)
        ways = list(_ways(graph, actor, config, users))
        if not ways or is_deployer(actor.identity, analysis) or escalation_of(actor.identity, analysis) is not None:
            continue
        yield next((way for way in ways if way.is_sure), ways[0])


def _ways(graph: Graph, actor: Actor, config: CodeSigningConfig, users: Sequence[Function]) -> Iterator[Bypass]:
    own = sample(config.arn)

    def bypass(way: Way, requests: Sequence[tuple[str, str]], function: Function | None = None, profile: str = "") -> Iterator[Bypass]:
        outcomes = tuple(graph.actors.ask(actor, action, resource) for action, resource in requests)
        if all(one.is_possible for one in outcomes):
            name = shown(function.name) if function is not None else ""
            yield Bypass(actor.identity, way, DOES[way].format(function=name, profile=profile), outcomes)

    for function in _first(graph, actor, _DETACH, users):
        yield from bypass("detach", [(_DETACH, sample(function.arn))], function)
    if actor.access.speaks_of("lambda:updatecodesigningconfig"):
        yield from bypass("loosen", [("lambda:UpdateCodeSigningConfig", own)])
    if actor.access.speaks_of("lambda:createcodesigningconfig"):
        for function in _first(graph, actor, _PUT, users):
            made = f"{own.rpartition(':')[0]}:{_NEW}"
            requests = [("lambda:CreateCodeSigningConfig", "*"), (_PUT, sample(function.arn)), (_PUT, made)]
            yield from bypass("replace", requests, function)
    for profile in () if isinstance(config.publishers, Unknown) else config.publishers:
        arn = sample(profile).rpartition("/")[0]
        for way, action in _SIGNING:
            if arn and actor.access.speaks_of(action.lower()):
                for function in _first(graph, actor, _UPDATE, users):
                    yield from bypass(way, [(action, arn), (_UPDATE, sample(function.arn))], function, arn.rpartition("/")[2])


_SIGNING: tuple[tuple[Way, str], ...] = (("sign", "signer:StartSigningJob"), ("share", "signer:AddProfilePermission"))


def _first(graph: Graph, actor: Actor, action: str, users: Sequence[Function]) -> Iterator[Function]:
    """Give one of the functions an action is allowed on: for sure, if there is one."""
    things = graph.things
    numbers = {things.bit[arn]: function for function in users if (arn := sample(function.arn)) in things.bit}
    if not numbers:
        return
    sure, perhaps = graph.actors.over(actor, action, things.functions)
    mask = sum(1 << number for number in numbers)
    bits = sure & mask or perhaps & mask
    if bits:
        yield numbers[(bits & -bits).bit_length() - 1]
