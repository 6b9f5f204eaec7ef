"""Who can raise its privileges: for each role and user, the shortest way to administrator that it has and nobody gave it on purpose.

A file tells of a part of an account. What its principals may do to things that the file does not list is asked of an account in which there
is one more role, function, user and group of an administrator, under a name that only a wide pattern matches.
"""

from collections.abc import Iterator

import msgspec

from buckler.engines.iam import sample
from buckler.model.finding import Evidence, Witness
from buckler.model.graph import Edge, Path
from buckler.model.iam import Role, User
from buckler.model.origin import FileOrigin
from buckler.model.severity import Confidence, Severity
from buckler.model.unknown import Undecided, Unknown
from buckler.model.value import Value
from buckler.reach.administrators import administrators, leading
from buckler.reach.analysis import Analysis
from buckler.reach.edges_actors import ADMINISTRATOR_ACCESS, Actor
from buckler.reach.graph import Graph, Step, graph_of, proved_edge
from buckler.reach.once import once
from buckler.reach.resources import account_in_arn
from buckler.reach.roles import is_execution_role, is_public_role
from buckler.reach.supposing import SUPPOSED, supposing
from buckler.reach.techniques import Move

_SHOWN_AT_MOST = 8
_DEPLOYS = ("lambda:createfunction", "lambda:updatefunctioncode", "lambda:updatefunctionconfiguration", "lambda:publishlayerversion")


class Escalation(Value):
    """How a principal becomes administrator."""

    path: Path
    """Its steps; of a supposed one only those up to what the file does not list."""
    account: str
    """Of which it becomes administrator."""
    is_own: bool
    """That is its own account."""
    others: tuple[str, ...] = ()
    """Names of further techniques whose first step leads there as well."""
    is_supposed: bool = False
    """It takes a privileged role, function, user or group that the file does not list."""
    is_for_others: bool = False
    """It makes somebody else administrator: whoever has two principals, or a friend, needs no more."""
    only_assumes: bool = False
    """It does nothing but assume roles that let it: access somebody gave it, by a way round."""

    @property
    def is_own_and_whole(self) -> bool:
        """Say whether it makes the principal itself an administrator, with nothing supposed."""
        return not self.is_supposed and not self.is_for_others

    @property
    def steps(self) -> tuple[Edge, ...]:
        """Give the steps worth telling: that an administrator is one is no step."""
        return tuple(edge for edge in self.path.edges if edge.kind not in {"admin", "runs-as"} or edge.technique)

    @property
    def proof(self) -> tuple[Witness, ...]:
        """Give the proofs of the steps, in order."""
        found: list[Witness] = []
        for witness in (witness for edge in self.path.edges for witness in edge.proof):
            if found and (found[-1].layers, found[-1].policies, found[-1].expect) == (witness.layers, witness.policies, witness.expect):
                found[-1] = msgspec.structs.replace(found[-1], requests=(*found[-1].requests, *witness.requests))
            else:
                found.append(witness)
        return tuple(found)

    @property
    def said(self) -> str:
        """Say where it leads and the steps, the first three of them."""
        words = [f"{edge.what} ({edge.technique})" if edge.technique else edge.what for edge in self.steps]
        more = [f"{len(words) - 3} more steps"] if len(words) > 3 else []
        whose = "its account" if self.is_own else f"account `{self.account}`"
        if self.is_for_others:
            return f"can make others administrator of {whose}: it {words[0]}"
        by_way = " by way of what the file does not list" if self.is_supposed else ""
        return f"can become administrator of {whose}{by_way}: it {', then '.join([*words[:3], *more])}"


def escalation_of(identity: Role | User, analysis: Analysis) -> Escalation | None:
    """Find how a principal becomes administrator; None when it is one, or cannot."""
    if isinstance(identity, Role) and identity.is_service_linked:
        return None
    kept = _kept(analysis)
    arn = sample(identity.arn)
    if arn not in kept:
        found = _find(arn, graph_of(analysis)) or _for_others(arn, graph_of(analysis))
        if found is None and isinstance(identity.origin, FileOrigin):
            found = _supposed(arn, analysis)
        kept[arn] = found
    return kept[arn]


def weight(found: Escalation, identity: Role | User, analysis: Analysis) -> tuple[Severity, Confidence]:
    """Say how bad an escalation is, and how sure.

    Worst where a function that anyone may invoke runs as the role; bad where functions run as it, or it deploys functions; else it
    endangers functions only as it does everything in the account. One less where a step rests on something that is not known.
    """
    runs = isinstance(identity, Role) and _runs(identity, analysis)
    concerned = runs or deploys(identity, analysis)
    severity = Severity.HIGH if concerned else Severity.MEDIUM
    if found.only_assumes and not runs:
        severity = Severity.LOW
    elif isinstance(identity, Role) and runs and is_public_role(identity, analysis):
        severity = Severity.CRITICAL
    if found.is_for_others:
        return _LESS[severity], Confidence.HIGH
    if found.path.is_certain and not found.is_supposed:
        return severity, Confidence.HIGH
    return _LESS[severity], Confidence.MEDIUM


_LESS = {Severity.CRITICAL: Severity.HIGH, Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW, Severity.LOW: Severity.LOW}


def _runs(role: Role, analysis: Analysis) -> bool:
    try:
        return is_execution_role(role, analysis)
    except Undecided:
        return False


def evidence_for(found: Escalation, identity: Role | User) -> tuple[Evidence, ...]:
    """Point at the statements that allow each step, then at what it rests on and what leads there as well."""
    seen = [evidence for edge in found.path.edges for evidence in edge.evidence]
    notes = [f"only if {phrase}" for edge in found.path.edges for phrase in edge.only_if]
    notes += [f"as far as could be read: {unknown.why}" for edge in found.path.edges for unknown in edge.unread]
    if found.others:
        more = f" and {len(found.others) - 8} more" if len(found.others) > 8 else ""
        notes.append(f"{', '.join(found.others[:8])}{more} lead{'s' * (len(found.others) == 1)} there as well")
    seen = [*dict.fromkeys(seen)][:_SHOWN_AT_MOST]
    return (*seen, *(Evidence(origin=identity.origin, note=note) for note in dict.fromkeys(notes[:_SHOWN_AT_MOST])))


def insist(identity: Role | User, analysis: Analysis) -> None:
    """Raise `Undecided` when policies of a principal, or roles it may assume, could not be read: they may let it do more."""
    if isinstance(identity, Role) and identity.is_service_linked:
        return
    graph = graph_of(analysis)
    actor = graph.actors.of(sample(identity.arn))
    if actor.layers.unread and not graph.administers(actor):
        raise Undecided(actor.layers.unread[0].unknown)
    for account in _entered(actor):
        analysis.require("roles", account, "")
    asks = actor.access.speaks_of("sts:assumerole") and _asks_for_organization(analysis)
    # Of an organisation whose tree could not be read the id may be known all the same.
    if asks and not analysis.access.knows_organization(actor.account):
        analysis.require("organizations", actor.account, "")


@once
def _asks_for_organization(analysis: Analysis) -> bool:
    """Say whether some role lets in by organisation: without knowing it, nobody can say whom."""
    trusts = (role.trust for role in analysis.estate.roles)
    statements = (statement for trust in trusts if not isinstance(trust, Unknown) for statement in trust.statements)
    return any(condition.key.lower().startswith("aws:principalorg") for statement in statements for condition in statement.conditions)


def _entered(actor: Actor) -> Iterator[str]:
    """Give the other accounts in which the principal's own policies name roles that it may assume."""
    for line in actor.policies.on("sts:assumerole")[1]:
        for pattern in line.body.resources:
            account = account_in_arn(pattern) if isinstance(pattern, str) else ""
            if account and account != actor.account:
                yield account


def deploys(identity: Role | User, analysis: Analysis) -> bool:
    """Say whether some statement lets a principal make or change functions."""
    actor = graph_of(analysis).actors.of(sample(identity.arn))
    return any(actor.access.speaks_of(action) for action in _DEPLOYS)


@once
def _kept(_: Analysis) -> dict[str, Escalation | None]:
    return {}


def _find(arn: str, graph: Graph) -> Escalation | None:
    actor = graph.actors.of(arn)
    if graph.administers(actor) or not any(leading(graph.analysis).meets(move, move.sure | move.perhaps) for move in graph.moves(actor)):
        return None
    walk = graph.walk([arn], to_administrator=True)
    ends = [one for one in walk.reached if one.startswith("administrator:")]
    ends.sort(key=lambda one: (one not in walk.certain, len(walk.way(one))))
    for end in ends:
        first = walk.way(end)[0]
        if first.move is None:
            # An administrator under a condition raises nothing.
            continue
        path = graph.way(walk, end)
        if path is not None:
            return Escalation(
                path=path,
                account=end.partition(":")[2],
                is_own=end.partition(":")[2] == actor.account,
                others=tuple(_others(graph, actor, first.move)),
                only_assumes=all(edge.kind in {"assume", "admin"} and edge.technique in {"", "sts-001"} for edge in path.edges),
            )
    return None


def _others(graph: Graph, actor: Actor, used: Move) -> Iterator[str]:
    """Name the further techniques that make an administrator at once and for sure."""
    sure = administrators(graph.analysis)
    for move in graph.moves(actor):
        if move.technique.id == used.technique.id or not move.sure:
            continue
        match move.technique.yields:
            case "role" | "user" | "function":
                leads = sure.meets(move, move.sure)
            case "self granted":
                leads = bool(graph.administers(graph.actors.granted(actor)))
            case "self unbound":
                leads = bool(graph.administers(graph.actors.unbound(actor)))
            case "self tagged":
                leads = bool(graph.administers(graph.actors.tagged(actor)))
            case "new principal":
                leads = bool(graph.administers(graph.actors.made_by(actor)))
            case _:
                leads = False
        if leads:
            yield move.technique.id


# --- for somebody else -------------------------------------------------------------------------------------------------------

_GIVES: tuple[tuple[str, str, str, str], ...] = (
    ("iam:AttachUserPolicy", "user", "iam-008", "attaches AdministratorAccess to any user"),
    ("iam:PutUserPolicy", "user", "iam-007", "writes any user an inline policy that allows everything"),
    ("iam:AttachGroupPolicy", "group", "iam-010", "attaches AdministratorAccess to any group"),
    ("iam:PutGroupPolicy", "group", "iam-011", "writes any group an inline policy that allows everything"),
    ("iam:AttachRolePolicy", "role", "iam-009", "attaches AdministratorAccess to any role"),
    ("iam:PutRolePolicy", "role", "iam-005", "writes any role an inline policy that allows everything"),
)
"""(action, on what, technique when done to oneself, the step in words)"""


def _for_others(arn: str, graph: Graph) -> Escalation | None:
    """Find how a principal that cannot become administrator makes any other one that."""
    actor = graph.actors.of(arn)
    if graph.administers(actor):
        return None
    administrator = (ADMINISTRATOR_ACCESS.replace("arn:aws:", f"arn:{actor.partition}:", 1),)
    for action, kind, technique, what in _GIVES:
        if not actor.access.speaks_of(action.lower()):
            continue
        target = f"arn:{actor.partition}:iam::{actor.account}:{kind}/{SUPPOSED[kind]}"
        outcome = graph.actors.ask(actor, action, target, {"iam:PolicyARN": administrator, "iam:PermissionsBoundary": ()})
        if outcome.verdict != "always":
            continue
        edge = proved_edge(Step(arn, target, "escalate"), what, [outcome], technique=technique)
        if edge is not None:
            return Escalation(path=Path(edges=(edge,)), account=actor.account, is_own=True, is_for_others=True)
    return None


# --- what a file does not list -----------------------------------------------------------------------------------------------


def _supposed(arn: str, analysis: Analysis) -> Escalation | None:
    """Find how a principal of a file becomes administrator by way of something the account may hold besides."""
    found = _find(arn, graph_of(supposing(analysis)))
    if found is None:
        return None
    if not found.path.is_certain and not found.path.edges[0].technique.startswith("iam-"):
        # That there is a user without a password is one thing, that there is a Glue endpoint which runs as an administrator another.
        return None
    edges: list[Edge] = []
    for edge in found.path.edges:
        edges.append(_unnamed(edge))
        if any(name in edge.target for name in SUPPOSED.values()):
            break
    path = Path(edges=tuple(edges))
    return msgspec.structs.replace(found, path=path, is_supposed=True, others=())


def _unnamed(edge: Edge) -> Edge:
    def plain(text: str) -> str:
        for kind, name in SUPPOSED.items():
            text = text.replace(f"`{name}`", f"any {kind}")
        return text

    return msgspec.structs.replace(edge, what=plain(edge.what), only_if=tuple(map(plain, edge.only_if)))
