"""What a principal can use: the secrets, parameters, keys, stores and environments its policies, or theirs, let it at.

Things the estate lists are asked as classes. Where a policy names more of them than anybody wants to read, its pattern stands for them; and
a pattern stands for things the estate does not list: a template names a bucket that is made elsewhere.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from buckler.engines.iam import Answer, sample
from buckler.engines.iam.compiled import Body
from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.targets import Targets
from buckler.model.entity import Entity
from buckler.model.finding import Request
from buckler.model.functions import Function
from buckler.model.graph import Access, Node, NodeKind
from buckler.model.secret import Redacted
from buckler.model.stores import KmsKey, Parameter, Secret, Store
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.edges_actors import Actor, Actors, Given
from buckler.reach.edges_settle import Outcome
from buckler.reach.edges_things import NONE, Bits, called, either, indexes
from buckler.reach.edges_uses import KINDS, Kind, Use

_NAMED_AT_MOST = 8
"""So many things under one pattern are named one by one; more are counted."""
_NAME = "example-7q4z"
_VIA: Mapping[str, str] = {"secret": "secretsmanager", "parameter": "ssm", "bucket": "s3", "queue": "sqs"}
"""Services that decrypt with the caller's permissions."""


class Used(NamedTuple):
    """A thing, or the pattern for several, and the ways it may be used, each with the resource to ask for."""

    node: Node
    uses: tuple[tuple[Access, str, str], ...]
    """(access, action, resource)"""
    is_secret: bool


class Data:
    """Things that hold data, of one analysis."""

    def __init__(self, actors: Actors) -> None:
        self._actors = actors
        self._classes: dict[tuple[NodeKind, str], Targets] = {}

    # --- the things --------------------------------------------------------------------------------------------------

    @cached_property
    def things(self) -> dict[NodeKind, dict[str, Entity]]:
        """Everything the estate lists, by kind and ARN. Functions are there for the secrets in their environment."""
        estate = self._actors.analysis.estate
        found: dict[NodeKind, dict[str, Entity]] = {kind: {} for kind in KINDS}
        groups: tuple[tuple[NodeKind, tuple[Entity, ...]], ...] = (
            ("secret", estate.secrets),
            ("parameter", estate.parameters),
            ("key", estate.keys),
            ("function", tuple(one for one in estate.functions if holds_secret(one))),
        )
        for kind, entities in groups:
            found[kind].update((sample(one.arn), one) for one in entities)
        for store in estate.stores:
            found[store.kind][sample(store.arn)] = store
        return found

    def targets(self, kind: NodeKind, inside: str) -> Targets:
        """Give the class of a kind, or of one thing inside each."""
        key = (kind, inside)
        found = self._classes.get(key)
        if found is None:
            # INVARIANT: a suffix that is the same for all keeps the order, so that a bit means the same thing with and without it.
            arns = Targets(tuple(self.things[kind]))
            if inside:
                arns = Targets(tuple(arn + inside.format(name=_NAME) for arn in arns.arns))
            found = self._classes[key] = arns
        return found

    def node(self, kind: NodeKind, arn: str) -> Node:
        """Give the node of a listed thing."""
        entity = self.things[kind][arn]
        return Node(id=arn, kind=kind, name=called(entity), account=sample(entity.account), region=sample(entity.region))

    # --- uses --------------------------------------------------------------------------------------------------------

    def used_by(self, actor: Actor) -> Iterator[Used]:
        """List what a principal may use, by kind. Nothing is proved yet."""
        for name, kind in KINDS.items():
            yield from self._of_kind(actor, name, kind)

    def surely_used_by(self, actor: Actor) -> Iterator[Used]:
        """List what a principal may use for sure, as the fast twin says it: without the proofs, which only what is shown needs."""
        for name, kind in KINDS.items():
            for used in self._of_kind(actor, name, kind, surely=True):
                key = self._key_of(used.node)
                uses = used.uses
                if key is not None and self._actors.answer(actor, "kms:Decrypt", *key) is not Answer.ALLOW:
                    uses = tuple(one for one in uses if one[0] != "read")
                if uses:
                    yield Used(used.node, uses, used.is_secret)

    def _of_kind(self, actor: Actor, name: NodeKind, kind: Kind, *, surely: bool = False) -> Iterator[Used]:
        listed: dict[int, list[tuple[Access, str, str]]] = {}
        unlisted: dict[str, list[tuple[Access, str, str]]] = {}
        every = self.targets(name, "")
        for use in kind.uses:
            targets = self.targets(name, use.inside)
            bits = NONE
            by_action: list[tuple[str, Bits]] = []
            for action in use.actions:
                got = self._over(actor, action, targets, use) if targets.arns else NONE
                if surely:
                    got = (got[0] | self._allowed(actor, action, self._partly(actor, action, use) & got[1], use), 0)
                by_action.append((action, got))
                bits = either(bits, got)
                for pattern, resource in self._unlisted(actor, action, name, kind, use):
                    if surely and not self._is_allowed(actor, action, pattern, resource):
                        continue
                    unlisted.setdefault(pattern, []).append((use.access, action, resource))
            for number in indexes(bits[0] | bits[1]):
                action = next(action for action, got in by_action if (got[0] | got[1]) >> number & 1)
                resource = self._inside(actor, action, every.arns[number], use)
                listed.setdefault(number, []).append((use.access, action, resource))
        yield from self._listed(actor, name, kind, listed)
        for pattern, uses in unlisted.items():
            if name == "function":
                continue
            yield Used(_pattern_node(pattern, name, actor), _first_of_each(uses), is_secret=True)

    def _over(self, actor: Actor, action: str, targets: Targets, use: Use) -> Bits:
        sure, perhaps = self._actors.over(actor, action, targets)
        return sure, perhaps | self._partly(actor, action, use) & ~sure

    def _partly(self, actor: Actor, action: str, use: Use) -> int:
        """Give the buckets of which a policy names a part: it does not cover the example inside them."""
        bits = 0
        for pattern in _patterns(actor, action) if use.inside else ():
            arn = pattern.split("/", 1)[0]
            if ":s3:::" in pattern and "/" in pattern and not re.search(r"[*?$]", arn) and arn in self.things["bucket"]:
                bits |= 1 << bisect_left(self.targets("bucket", "").arns, arn)
        return bits

    def _allowed(self, actor: Actor, action: str, bits: int, use: Use) -> int:
        arns, found = self.targets("bucket", "").arns, 0
        for number in indexes(bits):
            if self._actors.answer(actor, action, self._inside(actor, action, arns[number], use)) is Answer.ALLOW:
                found |= 1 << number
        return found

    def _is_allowed(self, actor: Actor, action: str, pattern: str, resource: str) -> bool:
        if self._actors.answer(actor, action, resource) is Answer.ALLOW:
            return True
        return "${" in pattern and self._actors.ask_filled(actor, action, resource).verdict == "always"

    def _inside(self, actor: Actor, action: str, arn: str, use: Use) -> str:
        if not use.inside:
            return arn
        for pattern in _patterns(actor, action):
            if pattern.startswith(f"{arn}/"):
                return _instance(pattern, actor)
        return arn + use.inside.format(name=_NAME)

    def _listed(self, actor: Actor, name: NodeKind, kind: Kind, listed: dict[int, list[tuple[Access, str, str]]]) -> Iterator[Used]:
        """Name the things one by one, or the pattern that many of them share."""
        arns = self.targets(name, "").arns
        ways: dict[tuple[tuple[Access, str], ...], list[int]] = {}
        for number, uses in listed.items():
            ways.setdefault(tuple((access, action) for access, action, _ in uses), []).append(number)
        for numbers in ways.values():
            if len(numbers) <= _NAMED_AT_MOST or name in {"secret", "function"}:
                for number in numbers:
                    entity = self.things[name][arns[number]]
                    yield Used(self.node(name, arns[number]), tuple(listed[number]), is_secret=_is_secret(entity))
                continue
            pattern = _common(actor, listed[numbers[0]], [arns[number] for number in numbers], kind)
            node = _pattern_node(pattern, name, actor, count=len(numbers))
            yield Used(node, tuple(listed[numbers[0]]), is_secret=any(_is_secret(self.things[name][arns[number]]) for number in numbers))

    def _unlisted(self, actor: Actor, action: str, name: NodeKind, kind: Kind, use: Use) -> Iterator[tuple[str, str]]:
        """Give patterns of the principal's own policies that no listed thing matches, and an ARN for each."""
        generic = kind.pattern.format(partition=actor.partition, account=actor.account)
        for line in actor.policies.on(action.lower())[1]:
            if not self._speaks(line.body, actor):
                continue
            for pattern in line.body.resources if not line.body.is_negated else ("*",):
                if not isinstance(pattern, str):
                    # A parameter says which one: whichever it is, it is this one.
                    written = shown(pattern)
                    if written.split(":")[2:3] == generic.split(":")[2:3] and ("/" in written) == (bool(use.inside) or "/" in generic):
                        yield _whole(written, use), _instance(sample(pattern), actor)
                    continue
                if "${" in pattern:
                    continue
                found = generic if pattern == "*" else pattern
                if found.split(":")[2:3] != generic.split(":")[2:3] or self._matches_listed(found, name, use):
                    continue
                if name == "bucket" and not use.inside and "/" in found:
                    # A pattern of objects: no bucket is called so.
                    continue
                whole = found if not use.inside or "/" in found.split(":", 5)[-1] else found + "/*"
                yield _whole(found, use), _instance(whole, actor)

    def _speaks(self, body: Body, actor: Actor) -> bool:
        return body.holds(Context(Request(principal=actor.access.principal, action="", resource="*")), Doubts()) is not False

    def _matches_listed(self, pattern: str, name: NodeKind, use: Use) -> bool:
        """Say whether a pattern names something that is listed: then that is shown."""
        # Who may query an index reads its table, though the table's own ARN is not theirs: that is no match, and told of the table.
        return bool(self.targets(name, "").named(pattern if name == "table" else _whole(pattern, use)))

    # --- keys --------------------------------------------------------------------------------------------------------

    def outcomes(self, actor: Actor, used: Used) -> tuple[tuple[Access, ...], tuple[Outcome, ...]]:
        """Ask every use, with the key that encrypts what is read; give the ways that are possible and their requests."""
        accesses: list[Access] = []
        outcomes: list[Outcome] = []
        for access, action, resource in used.uses:
            outcome = self._actors.ask(actor, action, resource)
            if not outcome.is_possible and "${" in used.node.id:
                outcome = self._actors.ask_filled(actor, action, resource)
            if not outcome.is_possible:
                continue
            found = [outcome]
            if access == "read":
                key = self._decrypting(actor, used.node)
                if key is not None and not key.is_possible:
                    continue
                found += [key] if key is not None else []
            accesses.append(access)
            outcomes.extend(found)
        return tuple(accesses), tuple(outcomes)

    def _decrypting(self, actor: Actor, node: Node) -> Outcome | None:
        """Ask for the customer-managed key that encrypts a thing; None when there is none, or it is not known."""
        key = self._key_of(node)
        return None if key is None else self._actors.ask(actor, "kms:Decrypt", *key)

    def _key_of(self, node: Node) -> tuple[str, Given] | None:
        """Give the ARN of the customer-managed key that encrypts a thing, and the context in which its service uses it."""
        entity = self.things.get(node.kind, {}).get(node.id)
        key = entity.kms_key if isinstance(entity, Secret | Parameter | Store) and node.kind in _VIA else None
        if key is None or isinstance(key, Unknown):
            return None
        found = self._actors.analysis.keys.get(key) or self._by_alias.get(sample(key).rpartition(":")[2])
        arn = sample(found.arn) if found is not None else sample(key)
        if not re.fullmatch(r"arn:[^:]*:kms:[^:]*:\d{12}:key/.+", arn):
            return None
        return arn, {"kms:ViaService": (f"{_VIA[node.kind]}.{node.region or arn.split(':')[3]}.amazonaws.com",)}

    @cached_property
    def _by_alias(self) -> dict[str, KmsKey]:
        return {alias: key for key in self._actors.analysis.estate.keys for alias in key.aliases}


def holds_secret(function: Function) -> bool:
    """Say whether a secret stands in the environment of a function, as far as it could be read."""
    return not isinstance(function.environment, Unknown) and any(
        isinstance(one.value, Redacted) and one.value.is_secret for one in function.environment
    )


def _is_secret(entity: Entity) -> bool:
    return not (isinstance(entity, Parameter) and entity.type in {"String", "StringList"})


def _patterns(actor: Actor, action: str) -> list[str]:
    return [
        pattern for line in actor.policies.on(action.lower())[1] if not line.body.is_negated for pattern in line.body.resources
        if isinstance(pattern, str) and "${" not in pattern
    ]  # fmt: skip


def _first_of_each(uses: list[tuple[Access, str, str]]) -> tuple[tuple[Access, str, str], ...]:
    return tuple({use[0]: use for use in reversed(uses)}[access] for access in dict.fromkeys(use[0] for use in uses))


def _whole(pattern: str, use: Use) -> str:
    """Name the thing a pattern is about: `arn:aws:s3:::orders/*` is about `arn:aws:s3:::orders`."""
    if ":dynamodb:" in pattern:
        # Its indexes are the table.
        return pattern.split("/index/", 1)[0]
    return pattern.split("/", 1)[0] if use.inside else pattern


def _instance(pattern: str, actor: Actor) -> str:
    """Write an ARN that a pattern matches: in the principal's own account where the pattern does not say."""
    pieces = pattern.split(":", 5)
    fillers = (actor.partition, "", "us-east-1", actor.account)
    filled = [piece if index in {0, 5} else _fill(piece, fillers[index - 1]) for index, piece in enumerate(pieces)]
    filled[-1] = filled[-1].replace("*", "7q4z").replace("?", "x")
    return ":".join(filled)


def _fill(piece: str, filler: str) -> str:
    return filler if piece == "*" else piece.replace("*", "x").replace("?", "x")


def _common(actor: Actor, uses: list[tuple[Access, str, str]], arns: list[str], kind: Kind) -> str:
    """Give the pattern of the principal's policies that stands for many things: the first that names the first of them."""
    first = arns[0]
    for _, action, _ in uses:
        for pattern in _patterns(actor, action):
            head = re.split(r"[*?]", pattern, maxsplit=1)[0]
            if pattern not in {"*", head} and first.startswith(head.removesuffix("/")):
                return pattern
    return kind.pattern.format(partition=actor.partition, account=actor.account)


def _pattern_node(pattern: str, kind: NodeKind, actor: Actor, count: int = 1) -> Node:
    pieces = pattern.split(":", 5)
    account = pieces[4] if len(pieces) > 4 and pieces[4].isdigit() else actor.account
    region = pieces[3] if len(pieces) > 3 and "*" not in pieces[3] else ""
    tail = pieces[5] if len(pieces) > 5 else pattern
    for prefix in ("secret:", "parameter", "key/", "table/", "stream/", "event-bus/", "repository/"):
        tail = tail.removeprefix(prefix)
    return Node(id=pattern, kind=kind, name=tail or "*", account=account, region=region, count=count)
