"""Statements prepared for many questions: what one says is prepared once, however many policies and principals repeat it.

Shares with the obvious twin only the leaves: how an action, a resource and a condition match. `Library` interns by content, so that a
thousand roles with a hundred distinct policies cost a hundred.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import TypeAlias

from buckler.engines.iam.condition import UnknownOperatorError, condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts, any3, not3
from buckler.engines.iam.match import action_matches, resource_matches, resource_regex
from buckler.model.policy import Condition, Policy, Statement
from buckler.model.text import Text
from buckler.model.unknown import Unknown

Texts: TypeAlias = tuple[Text, ...]
_WILDCARD = re.compile(r"[*?]")


class ActionList:
    """`Action` or `NotAction` of a statement, with the answers it gave."""

    __slots__ = ("_answers", "_is_negated", "_patterns", "_plain", "_rest")

    def __init__(self, patterns: Texts, *, is_negated: bool) -> None:
        self._patterns = patterns
        self._is_negated = is_negated
        self._answers: dict[str, bool | None] = {}
        # Policies that AWS manages list hundreds of actions by name: those are looked up, not tried.
        self._plain = frozenset(one.lower() for one in patterns if isinstance(one, str) and ":" in one and _WILDCARD.search(one) is None)
        self._rest = tuple(one for one in patterns if not isinstance(one, str) or one.lower() not in self._plain)

    @property
    def patterns(self) -> Texts:
        """The entries as written."""
        return self._patterns

    @property
    def is_negated(self) -> bool:
        """Say whether they stand in `NotAction`."""
        return self._is_negated

    def names(self, action: str) -> bool | None:
        """Say whether an action (lower case) is meant; None when that depends on a hole."""
        try:
            return self._answers[action]
        except KeyError:
            named = action in self._plain or any3(action_matches(pattern, action, Doubts()) for pattern in self._rest)
            answer = self._answers[action] = not3(named) if self._is_negated else named
            return answer


Answers: TypeAlias = dict[tuple[str, ...], bool | None]
_REMEMBERED = 1024
"""Answers of one condition that are kept."""

Test: TypeAlias = tuple[str, Callable[[str], object]]
"""(what every match starts with, the whole test)."""


class _Glob:
    """A pattern that is compiled when something first gets past its head: most never are."""

    __slots__ = ("_matches", "_pattern")

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._matches: Callable[[str], object] | None = None

    def __call__(self, resource: str) -> object:
        if self._matches is None:
            self._matches = resource_regex(self._pattern).fullmatch
        return self._matches(resource)


@lru_cache(maxsize=65536)
def test_of(pattern: str) -> Test:
    """Prepare an entry of `Resource`; the same one gives the same test, so that its answers can be kept by it."""
    return _WILDCARD.split(pattern, maxsplit=1)[0], _Glob(pattern)


class Body:
    """What a statement says, without who holds it and where it stands; equal ones are one."""

    __slots__ = (
        "_asked",
        "_everything",
        "actions",
        "conditions",
        "deny",
        "is_negated",
        "is_valid",
        "names_principals",
        "resources",
        "slow",
        "tests",
        "version",
    )

    def __init__(self, statement: Statement, version: str, actions: ActionList) -> None:
        self.deny = statement.effect == "Deny"
        self.version = version
        self.actions = actions
        self.conditions: tuple[Condition, ...] = statement.conditions
        # Where neither variable nor hole is in it, a condition says the same of the same values, whoever asks.
        self._asked: tuple[tuple[Condition, Answers | None], ...] = tuple(
            (condition, {} if _is_plain(condition) else None) for condition in statement.conditions
        )
        # AWS rejects a document with an operator it does not know; such a statement grants nothing.
        self.is_valid = all(_is_operator(condition) for condition in statement.conditions)
        self.names_principals = statement.principals is not None or statement.not_principals is not None
        self.is_negated = statement.resources is None and statement.not_resources is not None
        """Its resources stand in `NotResource`."""
        has_resources = statement.resources is not None or statement.not_resources is not None
        self.resources: Texts = (statement.not_resources if self.is_negated else statement.resources) or ()
        # A policy of a resource may leave Resource out: the resource itself is meant. An identity policy without one grants nothing.
        self._everything: bool | None = None if has_resources else self.names_principals
        if "*" in self.resources:
            self._everything = not self.is_negated
        self.tests: list[Test] = []
        self.slow: list[Text] = []
        """Patterns with variables or holes: what they name depends on who asks."""
        for pattern in self.resources:
            if isinstance(pattern, str) and ("${" not in pattern or version != "2012-10-17"):
                self.tests.append(test_of(pattern))
            else:
                self.slow.append(pattern)

    @property
    def covers_everything(self) -> bool | None:
        """Say whether it speaks of every resource (True), of none (False), or of those its patterns name (None)."""
        return self._everything

    def covers(self, resource: str, context: Context, doubts: Doubts) -> bool | None:
        """Say whether it speaks of a resource."""
        if self._everything is not None:
            return self._everything
        named: bool | None = False
        for head, test in self.tests:
            if resource.startswith(head) and test(resource):
                named = True
                break
        if not named and self.slow:
            named = self.named_slowly(resource, context, doubts)
        return not3(named) if self.is_negated else named

    def named_slowly(self, resource: str, context: Context, doubts: Doubts) -> bool | None:
        """Say whether a pattern with variables or holes names a resource."""
        return any3(resource_matches(pattern, resource, self.version, context, doubts) for pattern in self.slow)

    def holds(self, context: Context, doubts: Doubts) -> bool | None:
        """Say whether all its conditions hold."""
        answer: bool | None = True
        for condition, memo in self._asked:
            values = None if memo is None else context.get(condition.key)
            if memo is None or values is None:
                got = condition_holds(condition, self.version, context, doubts)
            elif values in memo:
                got = memo[values]
            else:
                got = condition_holds(condition, self.version, context, doubts)
                if len(memo) < _REMEMBERED:
                    memo[values] = got
            if got is False:
                return False
            if got is None:
                answer = None
        return answer


def _is_plain(condition: Condition) -> bool:
    return all(isinstance(value, str) and "${" not in value for value in condition.values)


def _is_operator(condition: Condition) -> bool:
    try:
        condition_holds(condition, "2012-10-17", NOBODY, Doubts())
    except UnknownOperatorError:
        return False
    return True


class Line:
    """One statement where it stands."""

    __slots__ = ("body", "statement")

    def __init__(self, body: Body, statement: Statement) -> None:
        self.body = body
        self.statement = statement


Spoken: TypeAlias = tuple[tuple[Line, ...], tuple[Line, ...]]
"""(Deny, Allow) statements that name an action."""
SILENT: Spoken = ((), ())


class CompiledPolicy:
    """A document, by action."""

    __slots__ = ("_spoken", "lines", "unread")

    def __init__(self, lines: tuple[Line, ...], unread: tuple[Unknown, ...]) -> None:
        self.lines = lines
        self.unread = unread
        self._spoken: dict[str, Spoken] = {}

    def on(self, action: str) -> Spoken:
        """Give the statements that name an action (lower case), or may."""
        found = self._spoken.get(action)
        if found is None:
            denies = tuple(line for line in self.lines if line.body.deny and line.body.actions.names(action) is not False)
            allows = tuple(line for line in self.lines if not line.body.deny and line.body.actions.names(action) is not False)
            found = self._spoken[action] = (denies, allows) if denies or allows else SILENT
        return found


class Layer:
    """Policies of which any may allow: the identity policies of a principal, or one level of control policies."""

    __slots__ = ("_spoken", "policies", "unread")

    def __init__(self, policies: tuple[CompiledPolicy, ...], unread: tuple[Unknown, ...] = ()) -> None:
        self.policies = policies
        self.unread = (*unread, *(one for policy in policies for one in policy.unread))
        self._spoken: dict[str, Spoken] = {}

    def on(self, action: str) -> Spoken:
        """Give the statements that name an action (lower case)."""
        found = self._spoken.get(action)
        if found is None:
            spoken = [policy.on(action) for policy in self.policies]
            denies = tuple(line for one in spoken for line in one[0])
            allows = tuple(line for one in spoken for line in one[1])
            found = self._spoken[action] = (denies, allows) if denies or allows else SILENT
        return found


class Library:
    """Every policy, statement and action list once. Policies are known by identity first, which the caller keeps alive, then by content."""

    def __init__(self) -> None:
        self._policies: dict[int, tuple[Policy, CompiledPolicy]] = {}
        self._bodies: dict[Hashable, Body] = {}
        self._actions: dict[tuple[Texts, bool], ActionList] = {}
        self._layers: dict[tuple[int, ...], Layer] = {}

    def policy(self, policy: Policy) -> CompiledPolicy:
        """Prepare a document."""
        kept = self._policies.get(id(policy))
        if kept is None:
            lines = tuple(self._line(statement, policy.version) for statement in policy.statements)
            kept = self._policies[id(policy)] = (
                policy,
                CompiledPolicy(tuple(line for line in lines if line.body.is_valid), policy.unresolved),
            )
        return kept[1]

    def layer(self, policies: Iterable[Policy], unread: tuple[Unknown, ...] = ()) -> Layer:
        """Prepare policies that stand together; the same ones again give the same layer."""
        compiled = tuple(self.policy(policy) for policy in policies)
        if unread:
            return Layer(compiled, unread)
        key = tuple(id(one) for one in compiled)
        found = self._layers.get(key)
        if found is None:
            found = self._layers[key] = Layer(compiled)
        return found

    def _line(self, statement: Statement, version: str) -> Line:
        is_about = statement.principals is not None or statement.not_principals is not None
        key = (
            statement.effect,
            version == "2012-10-17",
            statement.actions,
            statement.not_actions,
            statement.resources,
            statement.not_resources,
            statement.conditions,
            is_about,
        )
        body = self._bodies.get(key)
        if body is None:
            body = self._bodies[key] = Body(statement, version, self._list(statement))
        return Line(body, statement)

    def _list(self, statement: Statement) -> ActionList:
        is_negated = statement.actions is None
        patterns = (statement.not_actions if is_negated else statement.actions) or ()
        found = self._actions.get((patterns, is_negated))
        if found is None:
            found = self._actions[(patterns, is_negated)] = ActionList(patterns, is_negated=is_negated)
        return found


def _nobody() -> Context:
    from buckler.model.finding import Request

    return Context(Request(principal="*", action="x:y", resource="*"))


NOBODY = _nobody()
"""The context of somebody of whom nothing is known."""
