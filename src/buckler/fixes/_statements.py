"""Statements of resource policies as Lambda adds and removes them, one by one; never a policy as a whole."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from buckler.fixes._documents import written_principals, written_values
from buckler.fixes._estates import on_function, on_layer
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask
from buckler.model.functions import LATEST, Function, LayerVersion
from buckler.model.policy import Condition, Policy, Statement
from buckler.model.text import shown
from buckler.model.unknown import Unknown

# Condition -> parameter of `AddPermission`. Source: Lambda API reference, AddPermission, read 2026-11-26.
_PARAMETERS = {
    ("stringequals", "lambda:functionurlauthtype"): "FunctionUrlAuthType",
    ("bool", "lambda:invokedviafunctionurl"): "InvokedViaFunctionUrl",
    ("stringequals", "aws:sourceaccount"): "SourceAccount",
    ("stringequals", "aws:principalorgid"): "PrincipalOrgID",
    ("stringequals", "lambda:eventsourcetoken"): "EventSourceToken",
    ("arnlike", "aws:sourcearn"): "SourceArn",
}


def document(statement: Statement) -> dict[str, Any]:
    """Write a statement of a resource policy as AWS does."""
    written: dict[str, Any] = {"Sid": statement.sid, "Effect": statement.effect}
    if statement.principals is not None:
        written["Principal"] = written_principals(statement.principals)
    written["Action"] = written_values(statement.actions or ())
    written["Resource"] = written_values(statement.resources or ())
    conditions: dict[str, dict[str, Any]] = {}
    for condition in statement.conditions:
        conditions.setdefault(condition.operator, {})[condition.key] = written_values(condition.values)
    return written | ({"Condition": conditions} if conditions else {})


def permission(statement: Statement) -> dict[str, Any] | None:
    """Give the parameters by which `AddPermission` makes exactly this statement; None when it cannot."""
    principals, actions = statement.principals or (), statement.actions or ()
    if statement.effect != "Allow" or not statement.sid or len(principals) != 1 or len(actions) != 1 or statement.not_actions is not None:
        return None
    if principals[0].kind not in {"*", "AWS", "Service"}:
        return None
    # As a number in quotes Lambda writes the account's root; told its ARN, it writes the same.
    parameters: dict[str, Any] = {"StatementId": statement.sid, "Action": actions[0], "Principal": principals[0].value}
    for condition in statement.conditions:
        name = _PARAMETERS.get((condition.operator.lower(), condition.key.lower()))
        if name is None or name in parameters or len(condition.values) != 1 or not isinstance(condition.values[0], str):
            return None
        parameters[name] = condition.values[0] == "true" if name == "InvokedViaFunctionUrl" else condition.values[0]
    return parameters if all(isinstance(value, str | bool) for value in parameters.values()) else None


def remove_statement(function: Function, qualifier: str, statement: Statement) -> ApiEdit | None:
    """Take one statement out of the policy of a qualifier; None when Lambda could not put it back."""
    parameters = permission(statement)
    if parameters is None:
        return None
    return _edit(function, qualifier, parameters, before=document(statement), after=None)


def add_statement(function: Function, qualifier: str, statement: Statement) -> ApiEdit | None:
    """Add one statement to the policy of a qualifier."""
    parameters = permission(statement)
    if parameters is None:
        return None
    return _edit(function, qualifier, parameters, before=None, after=document(statement))


def _edit(function: Function, qualifier: str, parameters: dict[str, Any], *, before: object, after: object) -> ApiEdit:
    where: dict[str, Any] = {"FunctionName": function.arn} | ({} if qualifier == LATEST else {"Qualifier": qualifier})
    sid = parameters["StatementId"]
    add = Ask(service="lambda", operation="AddPermission", parameters=where | parameters)
    remove = Ask(service="lambda", operation="RemovePermission", parameters=where | {"StatementId": sid})
    return ApiEdit(
        account=shown(function.account),
        region=shown(function.region),
        arn=shown(function.arn),
        what=f"statement `{sid}` of the policy of `{qualifier}`",
        read=Ask(service="lambda", operation="GetPolicy", parameters=where),
        pick=("Policy", "{}", "Statement", f"Sid={sid}"),
        before=before,
        after=after,
        do=remove if after is None else add,
        undo=add if after is None else remove,
    )


def narrowed(statement: Statement, *more: Condition) -> Statement:
    """Give a statement with further conditions, under a name of its own: so it can stand beside the old one, and no event is lost."""
    keys = {condition.key.lower() for condition in more}
    kept = tuple(condition for condition in statement.conditions if condition.key.lower() not in keys)
    # AWS: a statement id has up to 100 characters.
    return replace(statement, sid=f"{(statement.sid or '')[:91]}-narrowed", conditions=(*kept, *more))


def with_policy(
    function: Function, qualifier: str, *, without: tuple[str, ...] = (), add: tuple[Statement, ...] = ()
) -> Callable[[Estate], Estate]:
    """Change the estate as the edits change the account: statements are left out by name, others put at the end."""

    def change(old: Function) -> Function:
        if not isinstance(old.policies, tuple):
            return old
        return replace(
            old,
            policies=tuple(
                replace(entry, policy=changed(entry.policy, without, add))
                if entry.qualifier == qualifier and not isinstance(entry.policy, Unknown)
                else entry
                for entry in old.policies
            ),
        )

    return lambda estate: on_function(estate, function.arn, change)


def changed(policy: Policy | None, without: tuple[str, ...], add: tuple[Statement, ...]) -> Policy | None:
    """Give a policy without some statements and with others; None, as AWS does, when none is left."""
    if policy is None:
        # What another fix took out last leaves no policy; the first statement makes a new one.
        return Policy(statements=add, version="2012-10-17", origin=add[0].origin) if add else None
    there = {statement.sid for statement in policy.statements}
    kept = tuple(one for one in policy.statements if one.sid not in without) + tuple(one for one in add if one.sid not in there)
    return replace(policy, statements=kept) if kept or policy.unresolved else None


def remove_layer_statement(layer: LayerVersion, statement: Statement) -> ApiEdit | None:
    """Take one statement out of the policy of a layer version; None when Lambda could not put it back."""
    principals, actions = statement.principals or (), statement.actions or ()
    if statement.effect != "Allow" or not statement.sid or len(principals) != 1 or len(actions) != 1:
        return None
    name, _, version = shown(layer.arn).rpartition(":")
    where = {"LayerName": name, "VersionNumber": int(version)}
    parameters: dict[str, Any] = {"StatementId": statement.sid, "Action": actions[0], "Principal": principals[0].value}
    for condition in statement.conditions:
        if (condition.operator.lower(), condition.key.lower()) != ("stringequals", "aws:principalorgid") or len(condition.values) != 1:
            return None
        parameters["OrganizationId"] = condition.values[0]
    return ApiEdit(
        account=shown(layer.account),
        region=shown(layer.region),
        arn=shown(layer.arn),
        what=f"statement `{statement.sid}` of the policy of the layer version",
        read=Ask(service="lambda", operation="GetLayerVersionPolicy", parameters=where),
        pick=("Policy", "{}", "Statement", f"Sid={statement.sid}"),
        before=document(statement),
        after=None,
        do=Ask(service="lambda", operation="RemoveLayerVersionPermission", parameters=where | {"StatementId": statement.sid}),
        undo=Ask(service="lambda", operation="AddLayerVersionPermission", parameters=where | parameters),
    )


def with_layer_policy(layer: LayerVersion, without: tuple[str, ...]) -> Callable[[Estate], Estate]:
    """Change the estate as `remove_layer_statement` changes the account."""

    def change(old: LayerVersion) -> LayerVersion:
        return replace(old, policy=changed(old.policy, without, ())) if isinstance(old.policy, Policy) else old

    return lambda estate: on_layer(estate, layer.arn, change)
