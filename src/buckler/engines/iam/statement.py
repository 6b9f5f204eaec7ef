"""Whether one statement speaks of one request, part by part."""

from collections.abc import Iterable

from buckler.engines.iam.condition import condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts, all3, any3, not3
from buckler.engines.iam.match import action_matches, resource_matches
from buckler.engines.iam.principal import principal_matches
from buckler.model.finding import Request
from buckler.model.policy import Statement
from buckler.model.text import Text

WHOLE = ("principal", "action", "resource", "condition")
WITHOUT_PRINCIPAL = WHOLE[1:]


def statement_matches(
    statement: Statement, request: Request, version: str, context: Context, doubts: Doubts, parts: Iterable[str] = WHOLE
) -> tuple[bool | None, str]:
    """Say whether a statement speaks of the request, and if not, which of its parts does not.

    Raises `UnknownOperatorError` for a condition operator AWS does not have.
    """
    reason = ""
    outcome: bool | None = True
    for part in parts:
        answer = _part(part, statement, request, version, context, doubts)
        if answer is False:
            return False, part
        if answer is None and outcome is True:
            outcome, reason = None, part
    return outcome, reason


def _part(part: str, statement: Statement, request: Request, version: str, context: Context, doubts: Doubts) -> bool | None:
    match part:
        case "principal":
            return principal_matches(statement, request.principal, doubts)
        case "action":
            return _action(statement, request.action, doubts)
        case "resource":
            return _resource(statement, request.resource, version, context, doubts)
        case _:
            return all3(condition_holds(condition, version, context, doubts) for condition in statement.conditions)


def _action(statement: Statement, action: str, doubts: Doubts) -> bool | None:
    if statement.actions is not None:
        return any3(action_matches(pattern, action, doubts) for pattern in statement.actions)
    return not3(any3(action_matches(pattern, action, doubts) for pattern in statement.not_actions or ()))


def _resource(statement: Statement, resource: str, version: str, context: Context, doubts: Doubts) -> bool | None:
    def named(patterns: Iterable[Text]) -> bool | None:
        return any3(resource_matches(pattern, resource, version, context, doubts) for pattern in patterns)

    if statement.resources is not None:
        return named(statement.resources)
    if statement.not_resources is not None:
        return not3(named(statement.not_resources))
    # A trust policy has no Resource: the role itself is meant. AWS rejects an identity policy without one, so it grants nothing.
    return statement.principals is not None or statement.not_principals is not None
