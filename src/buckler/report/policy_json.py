"""A policy as the JSON document AWS would show."""

from typing import Any

from buckler.model.policy import Condition, Policy, Principal, Statement
from buckler.model.text import shown


def policy_document(policy: Policy) -> dict[str, Any]:
    """Write a policy; holes as `${...}`. What is malformed grants nothing and is left out."""
    return {"Version": policy.version, "Statement": [_statement(statement) for statement in policy.statements]}


def _statement(statement: Statement) -> dict[str, Any]:
    out: dict[str, Any] = {} if statement.sid is None else {"Sid": statement.sid}
    out["Effect"] = statement.effect
    for key, principals in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        if principals is not None:
            out[key] = _principals(principals)
    for key, texts in (
        ("Action", statement.actions),
        ("NotAction", statement.not_actions),
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if texts is not None:
            out[key] = [shown(text) for text in texts]
    if statement.conditions:
        out["Condition"] = _conditions(statement.conditions)
    return out


def _principals(principals: tuple[Principal, ...]) -> str | dict[str, list[str]]:
    if any(principal.kind == "*" for principal in principals):
        return "*"
    out: dict[str, list[str]] = {}
    for principal in principals:
        out.setdefault(principal.kind, []).append(shown(principal.value))
    return out


def _conditions(conditions: tuple[Condition, ...]) -> dict[str, dict[str, list[str]]]:
    out: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        out.setdefault(condition.operator, {})[condition.key] = [shown(value) for value in condition.values]
    return out
