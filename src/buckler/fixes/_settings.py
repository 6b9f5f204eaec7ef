"""Edits of single settings of functions and log groups."""

from typing import Any

from buckler.model.fix import ApiEdit, Ask
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.watch import LogGroup


def setting(
    function: Function,
    what: str,
    *,
    read: str,
    pick: tuple[str, ...],
    before: Any,  # noqa: ANN401 - plain JSON
    after: Any,  # noqa: ANN401 - plain JSON
    do: tuple[str, dict[str, Any]],
    undo: tuple[str, dict[str, Any]],
    qualifier: str = "",
    waits: bool = False,
) -> ApiEdit:
    """Set one thing: *do* and *undo* are an operation of Lambda and its parameters beside the function.

    *waits*: the change goes on after the call was answered, until the function's `LastUpdateStatus` says so.
    """
    where: dict[str, Any] = {"FunctionName": shown(function.arn)} | ({"Qualifier": qualifier} if qualifier else {})
    return ApiEdit(
        account=shown(function.account),
        region=shown(function.region),
        arn=shown(function.arn),
        what=what,
        read=Ask(service="lambda", operation=read, parameters=where),
        pick=pick,
        before=before,
        after=after,
        do=Ask(service="lambda", operation=do[0], parameters=where | do[1]),
        undo=Ask(service="lambda", operation=undo[0], parameters=where | undo[1]),
        settled=Ask(service="lambda", operation="GetFunctionConfiguration", parameters=where) if waits else None,
    )


def log_group_setting(
    group: LogGroup,
    what: str,
    *,
    member: str,
    after: Any,  # noqa: ANN401 - plain JSON
    do: tuple[str, dict[str, Any]],
    undo: str,
) -> ApiEdit:
    """Set one thing of a log group that has none yet: *do* is an operation and its parameters beside the group, *undo* takes only that."""
    name: dict[str, Any] = {"logGroupName": shown(group.name)}
    return ApiEdit(
        account=shown(group.account),
        region=shown(group.region),
        arn=shown(group.arn),
        what=what,
        read=Ask(service="logs", operation="DescribeLogGroups", parameters={"logGroupNamePrefix": shown(group.name)}),
        pick=("logGroups", f"logGroupName={shown(group.name)}", member),
        before=None,
        after=after,
        do=Ask(service="logs", operation=do[0], parameters=name | do[1]),
        undo=Ask(service="logs", operation=undo, parameters=name),
    )
