"""Concrete values for holes, so that what was found in a template can be replayed.

`sample` fills every hole: for witnesses. `settle` fills only those whose value cannot change an answer: names and ids that AWS gives at
deployment. What somebody may choose (a parameter: it may be `*`) stays a hole, and `decide` answers UNKNOWN where it matters.
Both set aside the statements nobody could read (`Policy.unresolved`): who asks for a verdict has to mind them.
"""

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

from buckler.model.policy import Condition, Policy, Principal, Statement
from buckler.model.text import Hole, Partial, Text, join

_PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Region": "us-east-1",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "stack",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/stack/1",
}

# A letter, then what every kind of AWS name allows.
_UNSAFE = re.compile(r"[^a-z0-9-]+")


def sample(text: Text) -> str:
    """Fill every hole of a text; the same hole gets the same value everywhere."""
    if isinstance(text, str):
        return text
    return "".join(part if isinstance(part, str) else _value(part) for part in text.parts)


def settle(text: Text) -> Text:
    """Fill the holes whose value AWS gives: pseudo parameters, and names and ARNs of what the same file makes."""
    if isinstance(text, str):
        return text
    return join(*(_value(part) if isinstance(part, Hole) and _is_given(part) else part for part in text.parts))


@lru_cache(maxsize=16384)
def sample_policy(policy: Policy) -> Policy:
    """Fill every hole of a policy."""
    return _mapped(policy, sample, sample, sample)


@lru_cache(maxsize=16384)
def settle_policy(policy: Policy, *, attached: bool = False) -> Policy:
    """Fill the holes whose value cannot change an answer.

    With *attached* every hole in its resources too: the policy hangs on the resource it names (a function, a layer version).
    """
    return _mapped(policy, settle, _settle_principal, sample if attached else settle)


def _settle_principal(text: Text) -> Text:
    """Settle a principal. One that is nothing but a hole may be `*`, unless it is an attribute that holds an ARN."""
    if isinstance(text, Partial) and len(text.parts) == 1:
        only = text.parts[0]
        if isinstance(only, Hole) and only.ref not in _PSEUDO and not only.ref.lower().endswith("arn"):
            return text
    return settle(text)


def _is_given(gap: Hole) -> bool:
    """Say whether AWS gives the value: `AWS::Region`, or an attribute or name of a resource (nothing before deployment can fill it)."""
    return gap.ref in _PSEUDO or not gap.need


def _value(gap: Hole) -> str:
    if gap.ref in _PSEUDO:
        return _PSEUDO[gap.ref]
    name = _UNSAFE.sub("-", gap.ref.lower()).strip("-")[:40]
    # Two refs that differ only in characters lost above must not become one value.
    tail = hashlib.sha256(gap.ref.encode()).hexdigest()[:6]
    return f"{name or 'x'}-{tail}"


Fill = Callable[[Text], Text]


def _mapped(policy: Policy, fill: Fill, principal: Fill, resource: Fill) -> Policy:
    if not any(_has_holes(statement) for statement in policy.statements):
        return msgspec.structs.replace(policy, unresolved=()) if policy.unresolved else policy
    return msgspec.structs.replace(
        policy, unresolved=(), statements=tuple(_statement(statement, fill, principal, resource) for statement in policy.statements)
    )


def _has_holes(statement: Statement) -> bool:
    texts: list[Text] = [entry.value for entry in (*(statement.principals or ()), *(statement.not_principals or ()))]
    for group in (statement.actions, statement.not_actions, statement.resources, statement.not_resources):
        texts.extend(group or ())
    for condition in statement.conditions:
        texts.extend(condition.values)
    return any(isinstance(text, Partial) for text in texts)


def _statement(statement: Statement, fill: Fill, principal: Fill, resource: Fill) -> Statement:
    def filled(texts: tuple[Text, ...] | None, with_: Fill) -> tuple[Text, ...] | None:
        return None if texts is None else tuple(with_(text) for text in texts)

    def principals(entries: tuple[Principal, ...] | None) -> tuple[Principal, ...] | None:
        return None if entries is None else tuple(Principal(kind=entry.kind, value=principal(entry.value)) for entry in entries)

    return Statement(
        effect=statement.effect,
        sid=statement.sid,
        principals=principals(statement.principals),
        not_principals=principals(statement.not_principals),
        actions=filled(statement.actions, fill),
        not_actions=filled(statement.not_actions, fill),
        resources=filled(statement.resources, resource),
        not_resources=filled(statement.not_resources, resource),
        conditions=tuple(
            Condition(operator=one.operator, key=one.key, values=tuple(fill(value) for value in one.values)) for one in statement.conditions
        ),
        origin=statement.origin,
    )
