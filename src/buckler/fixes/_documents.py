"""Policies written as AWS writes them."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from buckler.model.policy import Policy, Principal, Statement
from buckler.model.text import shown

Document: TypeAlias = dict[str, Any]


def document_of(policy: Policy) -> Document | None:
    """Write a policy as AWS does; None when some of it is not known, or is none that AWS would take."""
    if policy.malformed or policy.unresolved:
        return None
    statements = [_statement(one) for one in policy.statements]
    if any(one is None for one in statements):
        return None
    return {"Version": policy.version, "Statement": statements}


def _statement(statement: Statement) -> Document | None:
    texts = (statement.actions, statement.not_actions, statement.resources, statement.not_resources)
    values = [value for some in texts for value in some or ()] + [value for one in statement.conditions for value in one.values]
    values += [one.value for some in (statement.principals, statement.not_principals) for one in some or ()]
    if not all(isinstance(value, str) for value in values):
        return None
    written: Document = ({"Sid": statement.sid} if statement.sid else {}) | {"Effect": statement.effect}
    for name, principals in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        if principals is not None:
            written[name] = written_principals(principals)
    for name, some in zip(("Action", "NotAction", "Resource", "NotResource"), texts, strict=True):
        if some is not None:
            written[name] = written_values(some)
    conditions: dict[str, Document] = {}
    for condition in statement.conditions:
        conditions.setdefault(condition.operator, {})[condition.key] = written_values(condition.values)
    return written | ({"Condition": conditions} if conditions else {})


def written_principals(principals: Sequence[Principal]) -> Any:  # noqa: ANN401 - plain JSON
    """Write the entries of `Principal`."""
    if [one.kind for one in principals] == ["*"]:
        return "*"
    kinds: dict[str, list[str]] = {}
    for one in principals:
        kinds.setdefault(one.kind, []).append(shown(one.value))
    return {kind: written_values(values) for kind, values in kinds.items()}


def written_values(values: Sequence[Any]) -> Any:  # noqa: ANN401 - plain JSON
    """Write a list of one entry as that entry, as AWS does."""
    return shown(values[0]) if len(values) == 1 else [shown(value) for value in values]
