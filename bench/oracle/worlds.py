"""Random requests with all the policies that have a say in them.

A third of the worlds is made so that the request is likely to be allowed, a third so that a Deny is likely to speak of it. Everything is
told: each condition key that a policy names has a value in the request or is said to be absent, so no answer may be UNKNOWN.
"""

import random
from typing import Literal, NamedTuple, TypeAlias

from bench.oracle import places
from bench.oracle.conditions import condition
from bench.oracle.places import A, B

from buckler.engines.iam.context import Context
from buckler.engines.iam.request import Case
from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import Layers
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Effect, Policy, Principal, Statement

HERE = ApiOrigin(call="iam:GetPolicyVersion", arn="arn:aws:iam::111122223333:policy/p")
Kind: TypeAlias = Literal["identity", "resource", "trust", "boundary", "session", "scp", "rcp", "endpoint"]
_EVERYBODY = (Principal(kind="*", value="*"),)
RCP_FULL_ACCESS = Policy(
    statements=(Statement(effect="Allow", principals=_EVERYBODY, actions=("*",), resources=("*",), origin=HERE),),
    version="2012-10-17",
    origin=HERE,
)
"""AWS keeps this on every level; it cannot be detached."""


class World(NamedTuple):
    """One request, and all its policies."""

    request: Request
    layers: Layers


def world(rng: random.Random) -> World:
    """Make a world."""
    return _Maker(rng).world()


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.target = places.target(rng)
        self.principal = rng.choice(places.PRINCIPALS)
        if self.target.action == "sts:AssumeRoleWithWebIdentity":
            self.principal = places.PROVIDER
        elif rng.random() < 0.02:
            self.principal = places.SERVICE_LINKED
        self.goal = rng.choice(("allow", "deny", "any"))
        self.keys = places.keys(rng, self.target.action)
        self.given = self._context()

    def world(self) -> World:
        rng, target = self.rng, self.target
        kind: Kind = "trust" if target.action.startswith("sts:") else "resource"
        denying = rng.choice(("identity", "identity", "resource", "resource", "boundary", "session", "scp", "rcp", "endpoint"))

        def there(layer: str, chance: float) -> bool:
            """A layer in which a Deny shall speak of the request is there; the others sometimes."""
            return (self.goal == "deny" and layer == denying) or rng.random() < chance

        has_own = self.principal not in {"*", places.PROVIDER} and not self.principal.endswith(".amazonaws.com")
        can_have_session = ":assumed-role/" in self.principal or ":federated-user/" in self.principal or ":role/" in self.principal
        boundary = has_own and not self.principal.endswith(":root") and there("boundary", 0.2)
        is_limited = there("session", 0.6 if ":federated-user/" in self.principal else 0.15) and can_have_session

        def policies(which: Kind, most: int = 2) -> tuple[Policy, ...]:
            return tuple(self._policy(which, denies=self.goal == "deny" and which == denying) for _ in range(rng.randint(1, most)))

        return World(
            self._request(),
            Layers(
                identity=policies("identity") if has_own and there("identity", 0.85) else (),
                resource=policies(kind, 1)[0] if target.resource != "*" and there("resource", 0.65) else None,
                boundary=policies("boundary", 1)[0] if boundary else None,
                session=policies("session", 1) if is_limited else None,
                scp=tuple(policies("scp") for _ in range(rng.randint(1, 3))) if has_own and there("scp", 0.2) else (),
                rcp=tuple((RCP_FULL_ACCESS, *policies("rcp", 1)) for _ in range(rng.randint(1, 2))) if there("rcp", 0.15) else (),
                endpoint=policies("endpoint", 1)[0] if there("endpoint", 0.12) else None,
                resource_account=target.account,
                blocks_public=target.action.startswith("s3:") and rng.random() < 0.15,
            ),
        )

    def _request(self) -> Request:
        entries = tuple(ContextEntry(key=name, values=values) for name, values in self.given.items())
        return Request(principal=self.principal, action=self.target.action, resource=self.target.resource, context=entries)

    def _context(self) -> dict[str, tuple[str, ...]]:
        """Give every key a value, or none; what follows from the request is what follows."""
        bare = Request(principal=self.principal, action=self.target.action, resource=self.target.resource)
        derived = Context(bare, resource_account=Case(bare, Layers(resource_account=self.target.account)).resource_account)
        found: dict[str, tuple[str, ...]] = {}
        for key in self.keys:
            known = derived.get(key.name)
            if known is not None:
                found[key.name] = known
            elif self.rng.random() < 0.25:
                found[key.name] = ()
            else:
                found[key.name] = tuple(self.rng.sample(key.values, self.rng.randint(1, 2) if key.is_set else 1))
        return found

    # --- policies and statements ---------------------------------------------------------------------------------------------------

    def _policy(self, kind: Kind, *, denies: bool) -> Policy:
        rng = self.rng
        statements = [self._statement(kind, "Allow", fits=0.9 if self.goal != "any" else 0.6) for _ in range(rng.randint(1, 2))]
        if kind == "rcp":
            statements = []
        elif kind in {"scp", "boundary", "endpoint", "session"} and rng.random() < 0.6:
            everybody = _EVERYBODY if kind == "endpoint" else None
            statements = [Statement(effect="Allow", actions=("*",), resources=("*",), principals=everybody, origin=HERE)]
        if denies:
            statements.append(self._statement(kind, "Deny", fits=0.95))
        elif rng.random() < 0.3 or not statements:
            statements.append(self._statement(kind, "Deny", fits=0.35))
        rng.shuffle(statements)
        return Policy(
            statements=tuple(statements),
            # AWS has no control policies of the old version.
            version="2012-10-17" if kind in {"scp", "rcp"} or rng.random() < 0.85 else "2008-10-17",
            origin=HERE,
        )

    def _statement(self, kind: Kind, effect: Effect, *, fits: float) -> Statement:
        """Make a statement whose parts speak of the request, each with that likelihood."""
        rng = self.rng
        # AWS: an RCP has no NotAction, and `*` alone is no action of one.
        is_inverted = rng.random() < 0.12 and kind != "rcp"
        actions = tuple(self._action(rng.random() < fits, inverted=is_inverted) for _ in range(rng.randint(1, 2)))
        if kind == "rcp":
            service = self.target.action.partition(":")[0]
            actions = tuple(f"{service}:*" if action == "*" else action for action in actions)
        spares = rng.random() < 0.1 and kind != "trust"
        resources = tuple(self._resource(rng.random() < fits, inverted=spares) for _ in range(rng.randint(1, 2)))
        named = None
        excludes = False
        if kind in {"resource", "trust"}:
            excludes = effect == "Deny" and rng.random() < 0.25
            named = tuple(self._named(rng.random() < fits, inverted=excludes) for _ in range(rng.randint(1, 2)))
            named = (named[0],) if any(entry.value == "*" for entry in named) else named
        elif kind in {"rcp", "endpoint"}:
            named = _EVERYBODY
        chance = 0.35 if effect == "Allow" else 0.45
        conditions = [condition(rng, rng.choice(self.keys), self.given, self.keys, fits=fits) for _ in range(rng.choice((1, 1, 2)))]
        conditions = list({(one.operator, one.key): one for one in conditions}.values())
        if kind == "trust":
            return Statement(
                effect=effect,
                principals=None if excludes else named,
                not_principals=named if excludes else None,
                actions=actions,
                conditions=tuple(conditions) if rng.random() < chance else (),
                origin=HERE,
            )
        return Statement(
            effect=effect,
            principals=None if excludes else named,
            not_principals=named if excludes else None,
            actions=None if is_inverted else actions,
            not_actions=actions if is_inverted else None,
            resources=None if spares else resources,
            not_resources=resources if spares else None,
            conditions=tuple(conditions) if rng.random() < chance else (),
            origin=HERE,
        )

    def _action(self, fits: bool, *, inverted: bool) -> str:  # noqa: FBT001 - one of a pair of draws
        rng, action = self.rng, self.target.action
        service, _, name = action.partition(":")
        if fits is inverted:
            return rng.choice(("s3:DeleteBucket", "lambda:Delete*", "sqs:*", f"{service}:Nothing*", "iam:Get*", "ec2:Run?nstances"))
        middle = rng.randrange(1, len(name)) if len(name) > 1 else 1
        return rng.choice(
            (
                *("*",) * (0 if inverted else 2),
                action,
                action,
                f"{service}:*",
                f"{service}:{name[:middle]}*",
                f"{service}:*{name[middle:]}",
                f"{service}:{name[:middle]}?{name[middle + 1 :]}",
                f"{service}:{name.lower()}",
                f"{service.upper()}:{name}",
            )
        )

    def _resource(self, fits: bool, *, inverted: bool) -> str:  # noqa: FBT001 - as above
        rng, resource = self.rng, self.target.resource
        if resource == "*":
            return "*" if not inverted else "arn:aws:s3:::other"
        if fits is inverted:
            return rng.choice(
                (
                    "arn:aws:s3:::other/*",
                    f"arn:aws:lambda:*:{A}:function:other*",
                    f"arn:aws:sqs:*:{B}:*",
                    resource[:-1],
                    resource.upper(),
                    resource + "x",
                    f"{resource}/*",
                )
            )
        head, last = resource.rsplit(":", 1)
        segments = resource.split(":", 5)
        middle = rng.randrange(len(last) + 1) if len(last) < 2 else rng.randrange(1, len(last))
        starred = ":".join("*" if index in {3, 4} and segment and rng.random() < 0.6 else segment for index, segment in enumerate(segments))
        return rng.choice(
            (
                *("*",) * (0 if inverted else 3),
                resource,
                resource,
                f"{head}:{last[:middle]}*",
                f"{head}:*{last[middle:]}",
                f"{head}:*",
                f"{head}:{last[:middle]}?{last[middle + 1 :]}",
                f"{head}:{last[:middle]}*{last[middle:]}",
                starred,
                f"arn:*:{segments[2]}:*:*:{segments[5]}",
                f"arn:aws:{segments[2]}:*",
                self._with_variable(head, last, middle),
            )
        )

    def _with_variable(self, head: str, last: str, middle: int) -> str:
        """Put a variable where its value would stand, or somewhere."""
        usable = [key for key in self.keys if not key.is_set and key.type == "String"]
        if not usable:
            return f"{head}:{last}"
        key = self.rng.choice(usable)
        default = self.rng.choice(("", "", f", '{last[middle:] or 'x'}'", ", 'red'"))
        values = self.given[key.name]
        if values and values[0] and values[0] in last:
            return f"{head}:{last.replace(values[0], f'${{{key.name}{default}}}', 1)}"
        return f"{head}:{last[:middle]}${{{key.name}{default}}}{self.rng.choice(('', '*'))}"

    def _named(self, fits: bool, *, inverted: bool) -> Principal:  # noqa: FBT001 - as above
        rng = self.rng
        if fits is inverted:
            return rng.choice(_OTHERS)
        found = [Principal(kind="*", value="*"), Principal(kind="AWS", value="*")]
        who = self.principal
        if who == places.PROVIDER:
            found += [Principal(kind="Federated", value=who)] * 3
        elif who.endswith(".amazonaws.com"):
            found += [Principal(kind="Service", value=who)] * 3
        elif who != "*":
            account = who.split(":")[4]
            found += [Principal(kind="AWS", value=value) for value in (who, who, account, f"arn:aws:iam::{account}:root")]
            if ":assumed-role/" in who:
                found += [Principal(kind="AWS", value=f"arn:aws:iam::{account}:role/{who.split('/')[1]}")] * 2
        return rng.choice(found[2:] if inverted and len(found) > 2 else found)


_OTHERS = (
    Principal(kind="AWS", value=B),
    Principal(kind="AWS", value=f"arn:aws:iam::{B}:user/bob"),
    Principal(kind="AWS", value=f"arn:aws:iam::{A}:user/eve"),
    Principal(kind="AWS", value=f"arn:aws:iam::{A}:role/else"),
    Principal(kind="Service", value="s3.amazonaws.com"),
    Principal(kind="Federated", value=f"arn:aws:iam::{A}:saml-provider/corp"),
    Principal(kind="CanonicalUser", value="79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"),
)
