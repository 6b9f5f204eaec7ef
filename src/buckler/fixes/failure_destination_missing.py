"""failure-destination-missing: keep what the function fails on in the queue or topic that the user names."""

from typing import Any

from msgspec.structs import replace

from buckler.fixes._destinations import sending
from buckler.fixes._estates import all_of, on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.functions import LATEST, EventInvokeConfig, Function
from buckler.model.text import shown
from buckler.model.unknown import known


@remedy
def failure_destination_missing(case: Case[Function]) -> Remedies:
    """Set an on-failure destination, and let the role send there; how often Lambda tries before stays as it is."""
    function, qualifier, target = case.subject, case.finding.key, case.wishes.failure_destination
    allowed = sending(function, target, case.analysis)
    if isinstance(allowed, Advice):
        yield allowed
        return
    has_one = any(shown(one.qualifier) == qualifier for one in known(function.event_invoke))
    destination: dict[str, Any] = {"DestinationConfig": {"OnFailure": {"Destination": target}}}
    none: dict[str, Any] = {"DestinationConfig": {"OnFailure": {}}}
    edit = setting(
        function,
        f"destination of what `{qualifier}` fails on",
        read="GetFunctionEventInvokeConfig",
        pick=("DestinationConfig", "OnFailure", "Destination"),
        before=None,
        after=target,
        do=("UpdateFunctionEventInvokeConfig" if has_one else "PutFunctionEventInvokeConfig", destination),
        undo=("UpdateFunctionEventInvokeConfig", none) if has_one else ("DeleteFunctionEventInvokeConfig", {}),
        qualifier="" if qualifier == LATEST else qualifier,
    )
    edits, change = allowed
    yield Mend(
        summary=f"send what `{qualifier}` fails on to `{target}` (--failure-destination)",
        edits=(*edits, edit),
        change=all_of(change, lambda estate: on_function(estate, function.arn, lambda one: _with(one, qualifier, target))),
        lost=("no request, but whoever may read there sees the events",),
    )


def _with(function: Function, qualifier: str, target: str) -> Function:
    if not isinstance(function.event_invoke, tuple):
        return function
    there = [one for one in function.event_invoke if shown(one.qualifier) == qualifier]
    made = (
        replace(there[0], on_failure=target) if there else EventInvokeConfig(qualifier=qualifier, on_failure=target, origin=function.origin)
    )
    return replace(function, event_invoke=(*(one for one in function.event_invoke if one not in there), made))
