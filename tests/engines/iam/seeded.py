"""The worlds of `worlds.py`, drawn by `random.Random`: the same lists and likelihoods, a hundred times as fast, but nothing shrinks them.

`bench.oracle.shrink` does, afterwards.
"""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.engines.iam import worlds

from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import LayerName, Layers, Unread
from buckler.model.policy import Condition, Policy, Principal, Statement
from buckler.model.stores import Grant

T = TypeVar("T")

LAYERS: tuple[LayerName, ...] = (
    *("identity", "resource", "boundary", "session", "scp", "rcp", "endpoint"),
    *("trust", "key-policy", "grant", "public-access-block"),
)
_NAMED = tuple(
    Principal(kind="AWS", value=value)
    for value in (*(one for one in worlds.PRINCIPALS if one.startswith("arn:")), "*", worlds.A, worlds.B, worlds.HOLE, "AIDAEXAMPLE")
)
_OTHERS = (
    (Principal(kind="*", value="*"),),
    _NAMED,
    tuple(Principal(kind="Service", value=value) for value in ("lambda.amazonaws.com", "s3.amazonaws.com")),
    (Principal(kind="Federated", value=f"arn:aws:iam::{worlds.A}:oidc-provider/idp.example"),),
)


class Seeded:
    """Worlds of one seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - the same worlds each time, nothing secret

    def world(self) -> tuple[Layers, Request]:
        return self.layers(), self.request()

    def some(self, values: Sequence[T], least: int, most: int) -> tuple[T, ...]:
        return tuple(self.rng.choice(values) for _ in range(self.rng.randint(least, most)))

    def request(self) -> Request:
        rng = self.rng
        entries = tuple(ContextEntry(key=rng.choice(worlds.KEYS), values=self.some(worlds.VALUES, 0, 2)) for _ in range(rng.randint(0, 4)))
        return Request(
            principal=rng.choice(worlds.PRINCIPALS),
            action=rng.choice(worlds.ACTIONS),
            resource=rng.choice(worlds.RESOURCES),
            context=entries,
        )

    def layers(self) -> Layers:
        rng = self.rng
        return Layers(
            identity=self.documents(0, 2),
            resource=self.document(of_resource=True) if rng.random() < 0.5 else None,
            boundary=self._rarely(self.document, None),
            session=self._rarely(lambda: self.documents(0, 1), None),
            scp=self._rarely(self.levels, ()),
            rcp=self._rarely(self.levels, ()),
            endpoint=self._rarely(lambda: self.document(of_resource=True), None),
            grants=self._rarely(lambda: (self.grant(),), ()),
            resource_account=rng.choice(("", "", worlds.A, worlds.B)),
            blocks_public=rng.random() < 0.5,
            unread=self._rarely(lambda: tuple(Unread(layer=one, unknown=worlds.UNREAD) for one in self.some(LAYERS, 1, 2)), ()),
        )

    def levels(self) -> tuple[tuple[Policy, ...], ...]:
        return tuple(
            self.rng.choice((lambda: (worlds.ALL,), lambda: (worlds.ALL, self.document()), lambda: self.documents(1, 2)))()
            for _ in range(self.rng.randint(1, 2))
        )

    def grant(self) -> Grant:
        grantees = (worlds.ROLE, worlds.SESSION, worlds.USER, f"arn:aws:iam::{worlds.B}:user/ann", "lambda.amazonaws.com")
        return Grant(grantee=self.rng.choice(grantees), operations=("Decrypt",), context_equals=self.rng.choice(((), (("a", "b"),))))

    def documents(self, least: int, most: int) -> tuple[Policy, ...]:
        return tuple(self.document() for _ in range(self.rng.randint(least, most)))

    def document(self, *, of_resource: bool = False) -> Policy:
        rng = self.rng
        return Policy(
            statements=tuple(self.statement(of_resource=of_resource) for _ in range(rng.randint(1, 3))),
            version=rng.choice(("2012-10-17", "2012-10-17", "2008-10-17")),
            origin=worlds.HERE,
            unresolved=rng.choice(((), (), (), (), (worlds.UNREAD,))),
        )

    def statement(self, *, of_resource: bool) -> Statement:
        rng = self.rng
        actions = self.some(worlds.ACTION_PATTERNS, 1, 2)
        resources = self.some(worlds.RESOURCE_PATTERNS, 1, 2)
        named = tuple(rng.choice(rng.choice(_OTHERS)) for _ in range(rng.randint(1, 2))) if of_resource else None
        inverted = rng.randrange(10)
        return Statement(
            effect=rng.choice(("Allow", "Allow", "Allow", "Deny")),
            actions=None if inverted == 0 else actions,
            not_actions=actions if inverted == 0 else None,
            resources=None if inverted in {1, 2} else resources,
            not_resources=resources if inverted == 1 else None,
            principals=None if inverted == 3 else named,
            not_principals=named if inverted == 3 else None,
            conditions=tuple(self.condition() for _ in range(rng.randint(1, 2))) if rng.randrange(4) == 0 else (),
            origin=worlds.HERE,
        )

    def condition(self) -> Condition:
        rng = self.rng
        return Condition(operator=rng.choice(worlds.OPERATORS), key=rng.choice(worlds.KEYS), values=self.some(worlds.VALUES, 1, 2))

    def _rarely(self, draw: Callable[[], T], otherwise: T) -> T:
        return draw() if self.rng.randrange(4) == 0 else otherwise
