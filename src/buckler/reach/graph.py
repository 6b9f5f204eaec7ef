"""The attack graph: what an attacker can stand on, and how they get from one thing to the next.

Nothing is drawn in advance. Each principal's moves are sets over whole classes, made on first use; a walk takes out of them what it has not
seen yet. Only the steps of a path that is shown become edges, each proved by requests that `decide` allows under all policies.

An administrator has one edge, to `administrator:ACCOUNT`, which stands for everything there. Its other edges are implied and not drawn.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

from buckler.engines.iam import Answer, sample
from buckler.engines.iam.kleene import all3, any3
from buckler.engines.iam.targets import Targets
from buckler.model.finding import Evidence
from buckler.model.functions import Function
from buckler.model.graph import Edge, Node, NodeKind, Path, Touch
from buckler.model.iam import Role, User
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.broken import BrokenProofError
from buckler.reach.edges_actors import ADMINISTRATOR_ACCESS, Actor, Actors, Given
from buckler.reach.edges_data import Data
from buckler.reach.edges_entry import WRITES, Entries
from buckler.reach.edges_proofs import Prover, best_of
from buckler.reach.edges_steps import Step, Walk, kind_of, proved_edge
from buckler.reach.edges_things import NONE, Bits, Things, called, indexes
from buckler.reach.once import once
from buckler.reach.techniques import Move, Techniques

_EXAMPLE = "example-7q4z"
_AIMED = 16
"""So many walks to an administrator are made before it pays to find out, of all at once, who may get there."""
_SOMEBODY = frozenset({"role", "user", "function"})
"""What a technique yields when it yields somebody who was there before."""


class Graph:
    """The graph of one analysis."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.things = Things(analysis)
        self.actors = Actors(analysis, analysis.access, self.things)
        self.techniques = Techniques(self.actors, self.things)
        self.prover = Prover(self.techniques, self.things)
        self.entries = Entries(analysis)
        self.data = Data(self.actors)
        self._moves: dict[str, tuple[Move, ...]] = {}
        self._administers: dict[str, bool | None] = {}
        self._edges: dict[tuple[str, str, str, str], Edge | None] = {}
        self.touches: dict[str, tuple[tuple[Touch, int], ...]] = {}
        """What each principal can use, kept by `blast.touched_by`."""
        self._actor_by_id: dict[str, Actor] = {}
        self._aimed = 0
        """How many walks to an administrator were made."""

    # --- principals --------------------------------------------------------------------------------------------------

    @cached_property
    def principals(self) -> tuple[str, ...]:
        """ARNs of all roles and users."""
        return (*self.things.role, *self.things.user)

    def actor(self, node_id: str) -> Actor | None:
        """Give the principal a node stands for."""
        found = self._actor_by_id.get(node_id)
        if found is None and (node_id in self.things.role or node_id in self.things.user):
            found = self._actor_by_id[node_id] = self.actors.of(node_id)
        return found

    def moves(self, actor: Actor) -> tuple[Move, ...]:
        """List the techniques a principal can use; none for an administrator, who needs none."""
        found = self._moves.get(actor.id)
        if found is None:
            found = self._moves[actor.id] = () if self.administers(actor) else self.techniques.moves(actor)
        return found

    def administers(self, actor: Actor) -> bool | None:
        """Say whether a principal may give itself or anyone everything in its account; None when that rests on a condition."""
        if actor.id not in self._administers:
            self._administers[actor.id] = self._is_administrator(actor)
        return self._administers[actor.id]

    def _is_administrator(self, actor: Actor) -> bool | None:
        if not actor.access.speaks_of("iam:createpolicyversion"):
            return False
        needed = _powers_of_an_administrator(actor)
        if not actor.layers.scp:
            return all3(self._may(actor, *one) for one in needed)
        # An organisation that forbids access keys to everyone makes nobody less of an administrator, as long as it leaves one way to grant.
        own = self.actors.uncontrolled(actor)
        has_all = all3(self._may(own, *one) for one in needed)
        return False if has_all is False else all3((has_all, any3(self._may(actor, *one) for one in needed[:_GRANTING])))

    def _may(self, actor: Actor, action: str, resource: str, given: Given) -> bool | None:
        """Say whether a principal may do something; None when that rests on a condition, or on something unread."""
        answer = self.actors.answer(actor, action, resource, given)
        if answer is Answer.UNKNOWN:
            outcome = self.actors.ask(actor, action, resource, given)
            return (True if outcome.verdict == "always" else None) if outcome.is_possible else False
        return answer is Answer.ALLOW

    @cached_property
    def invocations(self) -> dict[str, Bits]:
        """Functions that principals may invoke, administrators left out, who may invoke all of their account."""
        found: dict[str, Bits] = {}
        for principal in self.principals:
            actor = self.actors.of(principal)
            bits = NONE if self.administers(actor) else self.actors.invocable(actor, self.things.qualified)
            if bits != NONE:
                found[principal] = bits
        return found

    @cached_property
    def invocations_alike(self) -> dict[Bits, list[tuple[int, str]]]:
        """The same by what can be invoked, with the place of each principal: most share it with many."""
        found: dict[Bits, list[tuple[int, str]]] = {}
        for number, (principal, bits) in enumerate(self.invocations.items()):
            found.setdefault(bits, []).append((number, principal))
        return found

    @cached_property
    def changes(self) -> tuple[tuple[str, Move], ...]:
        """Moves that make a function's code the principal's."""
        return tuple(
            (principal, move)
            for principal in self.principals
            for move in self.moves(self.actors.of(principal))
            if move.technique.yields == "function"
        )

    # --- walking -----------------------------------------------------------------------------------------------------

    def walk(self, starts: Iterable[str], *, through_invocations: bool = False, to_administrator: bool = False) -> Walk:
        """Find everything that follows from holding some nodes.

        With *through_invocations* a function that can be invoked counts as owned: what a bug in it would be worth. A walk
        *to_administrator* ends with the first certain way to one, and when many are made it goes only where a way may lead there.
        """
        walk = Walk(starts)
        if to_administrator:
            self._aimed += 1
            if self._aimed > _AIMED:
                walk.within = self._leading
                if not any(self._leads(one) for one in walk.steps):
                    return walk
        for one in walk.steps:
            self._see(walk, one)
        for sure in (True, False):
            queue = list(walk.steps)
            while queue:
                following: list[str] = []
                for node_id in queue:
                    if to_administrator and node_id.startswith("administrator:"):
                        continue
                    for step in self._leave(node_id, walk, sure=sure, through_invocations=through_invocations):
                        if step.target in walk.steps or not self._holds(step, walk):
                            continue
                        walk.steps[step.target] = step
                        self._see(walk, step.target)
                        if sure:
                            walk.certain.add(step.target)
                            if to_administrator and step.target.startswith("administrator:"):
                                return walk
                        following.append(step.target)
                queue = following
        return walk

    @cached_property
    def _leading(self) -> dict[str, int]:
        """Roles, users and functions from which a way may lead to an administrator: more than those from which one does.

        Found backwards, all at once: who becomes somebody new, or may do so perhaps, is among them without a closer look.
        """
        leads: dict[str, int] = {"role": 0, "user": 0, "function": 0}
        moves: list[tuple[str, int, Move]] = []
        for variable, arns in (("role", self.things.roles.arns), ("user", self.things.users.arns)):
            for number, arn in enumerate(arns):
                actor = self.actors.of(arn)
                own = () if self.administers(actor) else self.moves(actor)
                if self.administers(actor) is not False or any(move.technique.yields not in _SOMEBODY for move in own):
                    leads[variable] |= 1 << number
                else:
                    moves += ((variable, 1 << number, move) for move in own)
        running = [
            (1 << number, self.things.bit[role])
            for number, arn in enumerate(self.things.functions.arns)
            if not isinstance(held := self.things.function[arn].role, Unknown) and (role := sample(held)) in self.things.role
        ]
        while True:
            before = dict(leads)
            for bit, role_number in running:
                if leads["role"] >> role_number & 1:
                    leads["function"] |= bit
            for variable, bit, move in moves:
                if (move.sure | move.perhaps) & leads[move.technique.variable]:
                    leads[variable] |= bit
            if leads == before:
                return leads

    def _leads(self, node_id: str) -> bool:
        bit = self.things.bit.get(node_id)
        if bit is None:
            return True
        variable = "role" if node_id in self.things.role else "user" if node_id in self.things.user else "function"
        return bool(self._leading[variable] >> bit & 1)

    def _see(self, walk: Walk, node_id: str) -> None:
        bit = self.things.bit.get(node_id)
        if bit is not None:
            variable = "role" if node_id in self.things.role else "user" if node_id in self.things.user else "function"
            walk.seen[variable] |= 1 << bit

    def _holds(self, step: Step, walk: Walk) -> bool:
        """Say whether an uncertain step holds, where its class was not looked at ARN by ARN."""
        if step.is_sure or step.source not in self.actors.left_open:
            return True
        if walk.left == 0:
            return False
        walk.left -= 1
        return self.edge(step) is not None

    def _leave(self, node_id: str, walk: Walk, *, sure: bool, through_invocations: bool) -> Iterator[Step]:
        function = self.things.function.get(node_id)
        if function is not None:
            role = None if isinstance(function.role, Unknown) else sample(function.role)
            if role in self.things.role:
                yield Step(node_id, role, "runs-as")
            return
        if node_id.startswith("administrator:"):
            yield from self._leave_account(node_id, walk)
            return
        actor = self.actor(node_id)
        if actor is None:
            if through_invocations:
                for edge in self.entries.by_source.get(node_id, ()):
                    is_sure = not (edge.only_if or edge.unread)
                    if is_sure or not sure:
                        yield Step(edge.source, edge.target, edge.kind, is_sure=is_sure, edge=edge)
            return
        administers = self.administers(actor)
        if administers or (administers is None and not sure):
            yield Step(node_id, f"administrator:{actor.account}", "admin", is_sure=bool(administers))
        if administers:
            return
        for move in self.moves(actor):
            bits = move.sure if sure else move.sure | move.perhaps
            if bits:
                yield from self._steps(actor, move, bits, walk)
        if through_invocations:
            yield from self._invocations(actor, walk, sure=sure)

    def _steps(self, actor: Actor, move: Move, bits: int, walk: Walk) -> Iterator[Step]:
        variable, yields = move.technique.variable, move.technique.yields
        if not variable:
            variant = {
                "self granted": self.actors.granted,
                "self unbound": self.actors.unbound,
                "self tagged": self.actors.tagged,
                "new principal": self.actors.made_by,
            }[yields](actor)
            yield self._to_variant(actor, move, variant, "", is_sure=bool(move.sure))
            return
        arns = self.things.class_of(variable).arns
        if yields in {"role", "user", "function"}:
            bits &= ~walk.seen[variable]
            if walk.within is not None:
                bits &= walk.within[variable]
            for number in indexes(bits):
                yield Step(actor.id, arns[number], kind_of(move), move, is_sure=bool(move.sure >> number & 1))
            return
        for number in indexes(bits):
            arn = arns[number]
            is_sure = bool(move.sure >> number & 1)
            variant = self.actors.joined(actor, self.things.group[arn]) if yields == "group" else self.actors.granted(self.actors.of(arn))
            step = self._to_variant(actor, move, variant, arn, is_sure=is_sure)
            yield step
            if step.kind == "admin" and is_sure:
                return

    def _to_variant(self, actor: Actor, move: Move, variant: Actor, subject: str, *, is_sure: bool) -> Step:
        self._actor_by_id.setdefault(variant.id, variant)
        # What comes of its tags is shown as a step of its own: they are set as each condition asks.
        if move.technique.yields != "self tagged" and self.administers(variant):
            return Step(actor.id, f"administrator:{variant.account}", "admin", move, subject=subject or variant.arn, is_sure=is_sure)
        return Step(actor.id, variant.id, "escalate", move, subject=subject, is_sure=is_sure)

    def _invocations(self, actor: Actor, walk: Walk, *, sure: bool) -> Iterator[Step]:
        targets = self.things.functions
        bits = self.invocations.get(actor.id)
        if bits is None:
            bits = self.actors.invocable(actor, self.things.qualified)
        for number in indexes((bits[0] if sure else bits[0] | bits[1]) & ~walk.seen["function"]):
            yield Step(actor.id, targets.arns[number], "invoke", is_sure=bool(bits[0] >> number & 1))
        for kind, targets in self._fed.items():
            action, inside = WRITES[kind]
            bits = self.actors.over(actor, action, targets)
            for number in indexes(bits[0] if sure else bits[0] | bits[1]):
                arn = targets.arns[number].removesuffix(inside)
                if arn not in walk.steps:
                    yield Step(actor.id, arn, "write", subject=action, is_sure=bool(bits[0] >> number & 1))

    @cached_property
    def _fed(self) -> dict[str, Targets]:
        """Stores that start functions, by kind; of a bucket, an object in it."""
        found: dict[str, list[str]] = {}
        for arn in self.entries.fed:
            store = self.entries.stores.get(arn)
            if store is not None and store.kind in WRITES:
                found.setdefault(store.kind, []).append(arn + WRITES[store.kind][1])
        return {kind: Targets(tuple(arns)) for kind, arns in found.items()}

    def _leave_account(self, node_id: str, walk: Walk) -> Iterator[Step]:
        """Leave an account for the roles of others that trust it, or somebody in it."""
        for one, bits in self._outward.get(node_id.partition(":")[2], ()):
            for number in indexes(bits[0] | bits[1]):
                arn = self.things.roles.arns[number]
                if arn not in walk.steps:
                    yield Step(node_id, arn, "assume", subject=one, is_sure=bool(bits[0] >> number & 1))

    @cached_property
    def _outward(self) -> dict[str, tuple[tuple[str, Bits], ...]]:
        """Roles of other accounts by the account whose administrator may assume them, and as whom.

        As those of whom the other accounts speak, and for the rest as any one, who speaks for the account where that is trusted.
        """
        named = self.actors.classes(self.things.roles)
        every = self.things.roles.everything
        found: dict[str, list[tuple[str, Bits]]] = {}
        for arn in self.principals:
            account = self.actors.of(arn).account
            elsewhere = every
            for bits, _ in named.groups.get(account, ()):
                elsewhere &= ~bits
            if account not in found or named.names(arn) & elsewhere:
                found.setdefault(account, [])
                sure, perhaps = self.actors.assumable(self.actors.remade(self.actors.of(arn))) if elsewhere else NONE
                if (sure | perhaps) & elsewhere:
                    found[account].append((arn, (sure & elsewhere, perhaps & elsewhere)))
        return {account: tuple(senders) for account, senders in found.items()}

    # --- edges -------------------------------------------------------------------------------------------------------

    def way(self, walk: Walk, node_id: str) -> Path | None:
        """Make the path of a walk to a node; None when an uncertain step of it turns out refused."""
        edges: list[Edge] = []
        for step in walk.way(node_id):
            edge = self.shown_edge(step) if step.is_sure else self.edge(step)
            if edge is None:
                return None
            edges.append(edge)
        return Path(edges=tuple(edges))

    def told_way(self, walk: Walk, node_id: str, gaps: list[Unknown]) -> Path | None:
        """Make the path as `way` does. One that a bug of ours broke is left out, and *gaps* say so: the other paths still stand."""
        try:
            return self.way(walk, node_id)
        except BrokenProofError as broken:
            gaps.append(broken.unknown)
            return None

    def shown_edge(self, step: Step) -> Edge:
        """Make an edge that a walk went over. Raises `BrokenProofError` when it cannot be proved, which is a bug of ours."""
        edge = self.edge(step)
        if edge is None:
            raise BrokenProofError(
                f"{step.source} -> {step.target} ({step.kind}, {step.move.technique.id if step.move else ''}) has no proof"
            )
        return edge

    def edge(self, step: Step) -> Edge | None:
        """Make an edge with its proof; None when it turns out that nothing allows it."""
        if step.edge is not None:
            return step.edge
        key = (step.source, step.target, step.kind, step.move.technique.id if step.move else "")
        if key not in self._edges:
            self._edges[key] = self._prove(step)
        return self._edges[key]

    def _prove(self, step: Step) -> Edge | None:
        name = self.node(step.target).name
        if step.kind == "runs-as":
            function = self.things.function[step.source]
            evidence = Evidence(origin=function.origin, note=f"the function runs as {name}")
            return Edge(source=step.source, target=step.target, kind="runs-as", what=f"runs as `{name}`", evidence=(evidence,))
        if step.source.startswith("administrator:"):
            one = self.actors.remade(self.actors.of(step.subject))
            outcome = self.actors.ask(one, "sts:AssumeRole", step.target)
            return proved_edge(step, f"acts as `{self.prover.name_of(step.subject)}` and assumes `{name}`", [outcome])
        actor = self.actor(step.source)
        if actor is None:
            return None
        if step.move is None:
            if step.kind == "invoke":
                tried = (self.actors.ask(actor, "lambda:InvokeFunction", arn) for arn in self.things.invocable(step.target))
                found = best_of(tried)
                return None if found is None else proved_edge(step, f"invokes `{name}`", [found])
            if step.kind == "write":
                inside = next(inside for action, inside in WRITES.values() if action == step.subject)
                return proved_edge(step, f"puts something into `{name}`", [self.actors.ask(actor, step.subject, step.target + inside)])
            asked = [self.actors.ask(actor, *request) for request in _powers_of_an_administrator(actor)]
            # Some of them the organisation may forbid to everyone.
            outcomes = [outcome for outcome in asked if outcome.is_possible] if actor.layers.scp else asked
            return proved_edge(step, f"may change every permission in {actor.account}", outcomes)
        technique = step.move.technique
        target = step.subject if technique.variable and step.subject else step.target if technique.variable else ""
        proof = self.prover.prove(actor, technique, target)
        if proof is None:
            return None
        return proved_edge(step, proof.what, proof.outcomes, technique=technique.id, only_if=proof.only_if)

    # --- nodes -------------------------------------------------------------------------------------------------------

    def node(self, node_id: str) -> Node:
        """Give what an id stands for."""
        things = self.things
        entity: Role | User | Function | None = things.role.get(node_id) or things.user.get(node_id) or things.function.get(node_id)
        if entity is not None:
            kind: NodeKind = "role" if isinstance(entity, Role) else "user" if isinstance(entity, User) else "function"
            return Node(id=node_id, kind=kind, name=called(entity), account=sample(entity.account), region=sample(entity.region))
        actor = self._actor_by_id.get(node_id)
        if actor is not None:
            return Node(id=node_id, kind="role" if actor.is_role else "user", name=actor.name, account=actor.account)
        head, _, rest = node_id.partition(":")
        store = self.entries.stores.get(node_id)
        if store is not None:
            return Node(id=node_id, kind=store.kind, name=called(store), account=sample(store.account), region=sample(store.region))
        match head:
            case "internet":
                return Node(id=node_id, kind="internet", name="internet")
            case "account" | "administrator":
                name = f"everything in {rest}" if head == "administrator" else rest
                return Node(id=node_id, kind="account" if head == "account" else "administrator", name=name, account=rest)
            case "service":
                return Node(id=node_id, kind="service", name=rest)
            case _:
                return _unlisted(node_id)


_KINDS_BY_SERVICE: dict[str, NodeKind] = {
    "sqs": "queue",
    "sns": "topic",
    "s3": "bucket",
    "dynamodb": "table",
    "kinesis": "stream",
    "events": "event-bus",
    "ecr": "repository",
}


def _unlisted(arn: str) -> Node:
    """Give the node of something the estate does not list, by its ARN."""
    pieces = arn.split(":", 5)
    if len(pieces) < 6:
        return Node(id=arn, kind="resource", name=arn)
    kind = _KINDS_BY_SERVICE.get(pieces[2], "resource")
    if kind == "event-bus" and not pieces[5].startswith("event-bus/"):
        kind = "resource"
    return Node(id=arn, kind=kind, name=pieces[5].rpartition("/")[2], account=pieces[4], region=pieces[3])


_GRANTING = 3
"""So many of the powers below give permissions, each by itself."""


def _powers_of_an_administrator(actor: Actor) -> tuple[tuple[str, str, Given], ...]:
    """List what somebody may do who may do everything: give any permission to anybody, and be anybody."""
    iam = f"arn:{actor.partition}:iam::{actor.account}"
    unbound: Given = {"iam:PermissionsBoundary": ()}
    administrator = (ADMINISTRATOR_ACCESS.replace("arn:aws:", f"arn:{actor.partition}:", 1),)
    return (
        ("iam:CreatePolicyVersion", f"{iam}:policy/{_EXAMPLE}", {}),
        ("iam:AttachRolePolicy", f"{iam}:role/{_EXAMPLE}", {"iam:PolicyARN": administrator, **unbound}),
        ("iam:PutRolePolicy", f"{iam}:role/{_EXAMPLE}", unbound),
        ("iam:UpdateAssumeRolePolicy", f"{iam}:role/{_EXAMPLE}", {}),
        ("iam:CreateAccessKey", f"{iam}:user/{_EXAMPLE}", {}),
        ("iam:PassRole", f"{iam}:role/{_EXAMPLE}", {"iam:PassedToService": ("example.amazonaws.com",)}),
    )


@once
def graph_of(analysis: Analysis) -> Graph:
    """Give the graph of an analysis, made once."""
    return Graph(analysis)


__all__ = ["BrokenProofError", "Graph", "Step", "Walk", "graph_of", "kind_of", "proved_edge"]
