"""The resources' side of whole classes: what their own policies, and the control policies above them, add to what principals may do."""

from collections.abc import Callable, Hashable, Iterable, Iterator

from buckler.engines.iam.access import Guard
from buckler.engines.iam.compiled import NOBODY, Body, Line
from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.targets import Targets
from buckler.model.policy import Principal, Statement
from buckler.model.text import Partial
from buckler.reach.edges_things import indexes
from buckler.reach.resources import account_in_arn


class OpenContext(Context):
    """A context in which nothing is said of the resource: that differs from one ARN of a class to the next."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, key: str) -> tuple[str, ...] | None:
        """Look a key up, unless it speaks of the resource."""
        return None if key.lower().startswith("aws:resource") or key.lower() == "aws:requestedregion" else self._context.get(key)


class Said:
    """What statements of several resources' policies say alike of one action: to the same principals, under the same conditions."""

    __slots__ = ("line", "perhaps", "sure")

    def __init__(self, line: Line) -> None:
        self.line = line
        """One of them; the others differ in the resource they name."""
        self.sure = 0
        """The resources they stand at, and name."""
        self.perhaps = 0
        """Those that they name only if some variable has some value."""


class Guards:
    """The resources' side of a class of ARNs: whom their policies name, and in which accounts and regions they are."""

    def __init__(self, targets: Targets, guard: Callable[[str], Guard]) -> None:
        self.targets = targets
        self._guard = guard
        self._everyone = 0
        self.unread = 0
        """Those of whose own policy something could not be read."""
        self.controlled: dict[tuple[int, ...], tuple[int, Guard]] = {}
        """Those in accounts with resource control policies, by these."""
        self._named: dict[str, int] = {}
        self._speaking: dict[str, int] = {}
        self.odd = 0
        """Those with more to their side than statements that were read."""
        self._said: dict[str, tuple[dict[str, list[Said]], dict[str, list[Said]]]] = {}
        groups: dict[str, dict[str, tuple[int, str]]] = {}
        for number, arn in enumerate(targets.arns):
            found = guard(arn)
            account = found.layers.resource_account or account_in_arn(arn)
            region = arn.split(":")[3] if arn.count(":") >= 5 else ""
            bits, one = groups.setdefault(account, {}).get(region, (0, arn))
            groups[account][region] = (bits | 1 << number, one)
            self._index(1 << number, found)
        self.groups: dict[str, tuple[tuple[int, str], ...]] = {account: tuple(parts.values()) for account, parts in groups.items()}

    def _index(self, bit: int, guard: Guard) -> None:
        policy = guard.layers.resource
        if guard.layers.unread:
            self.unread |= bit
        if guard.is_unread or guard.layers.grants or guard.grant_unread:
            self.odd |= bit
        if guard.rcp:
            levels = tuple(id(level) for level in guard.rcp)
            self.controlled[levels] = ((self.controlled[levels][0] if levels in self.controlled else 0) | bit, guard)
        for statement in () if policy is None else policy.statements:
            for key in _speaks_to(statement):
                if key == "*":
                    self._everyone |= bit
                else:
                    self._named[key] = self._named.get(key, 0) | bit

    def naming(self, principal: str, account: str, *, speaks: bool) -> int:
        """Give the ARNs whose own policies may speak of a principal; of one without a word of its own, only what needs none."""
        direct = self._everyone | self._named.get(principal, 0)
        return direct | self._named.get(account, 0) if speaks else direct

    def said(self, action: str, principal: str, account: str) -> tuple[list[Said], list[Said]]:
        """Give what Deny and what Allow statements say of an action that may be meant for a principal."""
        by_key = self._said.get(action)
        if by_key is None:
            by_key = self._said[action] = self._say(action)
        denies, allows = ([*one.get("*", ()), *one.get(principal, ()), *one.get(account, ())] for one in by_key)
        return denies, allows

    def _say(self, action: str) -> tuple[dict[str, list[Said]], dict[str, list[Said]]]:
        alike: dict[Hashable, Said] = {}
        by_key: tuple[dict[str, list[Said]], dict[str, list[Said]]] = ({}, {})
        named = self._everyone
        for bits in self._named.values():
            named |= bits
        for number in indexes(named):
            arn = self.targets.arns[number]
            for line in (line for lines in self._guard(arn).on(action) for line in lines):
                body, statement = line.body, line.statement
                # Who asks matters only for patterns with variables or holes.
                covers = None if body.slow and body.covers_everything is None else body.covers(arn, NOBODY, Doubts())
                if covers is False or not body.names_principals:
                    continue
                is_named = body.actions.names(action)
                key = (body.deny, statement.principals, statement.not_principals, body.conditions, body.version, is_named)
                said = alike.get(key)
                if said is None:
                    said = alike[key] = Said(line)
                    for name in _speaks_to(statement):
                        by_key[not body.deny].setdefault(name, []).append(said)
                if covers:
                    said.sure |= 1 << number
                else:
                    said.perhaps |= 1 << number
        return by_key

    def names(self, arn: str) -> int:
        """Give those whose policies name a principal by its ARN."""
        return self._named.get(arn, 0)

    def restricted(self, action: str, bits: int) -> Iterator[tuple[int, bool]]:
        """Give those of some ARNs that control policies hold back from an action, and whether all alike, whatever the ARN."""
        for held, guard in self.controlled.values():
            lines = [line.body for level in guard.rcp for spoken in level.on(action) for line in spoken]
            plain = all(any(_lets_all(line.body) for line in level.on(action)[1]) for level in guard.rcp)
            if bits & held and not (plain and not any(body.deny for body in lines)):
                alike = all(body.covers_everything and not any(_is_of_resource(one.key) for one in body.conditions) for body in lines)
                yield bits & held, alike

    def speaking(self, action: str) -> int:
        """Give the ARNs whose own policies say something of an action."""
        found = self._speaking.get(action)
        if found is None:
            found = 0
            named = self._everyone
            for bits in self._named.values():
                named |= bits
            for number in indexes(named):
                if not self._guard(self.targets.arns[number]).is_silent(action):
                    found |= 1 << number
            self._speaking[action] = found
        return found


def _lets_all(body: Body) -> bool:
    return bool(body.covers_everything) and not body.conditions


def _is_of_resource(key: str) -> bool:
    return key.lower().startswith(("aws:resource", "s3:existingobjecttag", "secretsmanager:resource", "kms:"))


def _speaks_to(statement: Statement) -> Iterable[str]:
    """Name whom a statement of a resource policy may speak of: accounts, ARNs, or `*` for anybody. Services are nobody here."""
    if statement.principals is None:
        return ("*",)
    return tuple(dict.fromkeys(key for entry in statement.principals if (key := _key(entry))))


def _key(entry: Principal) -> str:
    if entry.kind in {"Service", "Federated", "CanonicalUser"}:
        return ""
    if isinstance(entry.value, Partial) or entry.kind == "*" or entry.value == "*":
        return "*"
    if entry.value.isdigit():
        return entry.value
    if entry.value.endswith(":root"):
        return account_in_arn(entry.value) or "*"
    # A session of a role, and whatever else is not simply a role or user.
    return entry.value if ":role/" in entry.value or ":user/" in entry.value else "*" if entry.value.startswith("arn:") else ""
