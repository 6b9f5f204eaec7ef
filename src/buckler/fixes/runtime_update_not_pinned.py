"""runtime-update-not-pinned: let the runtime change with deployments only."""

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.functions import Function, RuntimeManagement


@remedy
def runtime_update_not_pinned(case: Case[Function]) -> Remedies:
    """Set `UpdateRuntimeOn` to `FunctionUpdate`."""
    function = case.subject
    operation = "PutRuntimeManagementConfig"
    yield Mend(
        summary="set `UpdateRuntimeOn` to `FunctionUpdate`: the runtime changes with your deployments",
        edits=(
            setting(
                function,
                "when the runtime is updated",
                read="GetRuntimeManagementConfig",
                pick=("UpdateRuntimeOn",),
                before="Auto",
                after="FunctionUpdate",
                do=(operation, {"UpdateRuntimeOn": "FunctionUpdate"}),
                undo=(operation, {"UpdateRuntimeOn": "Auto"}),
            ),
        ),
        change=lambda estate: on_function(
            estate, function.arn, lambda one: replace(one, runtime_management=RuntimeManagement(update_on="FunctionUpdate"))
        ),
        lost=("security patches of the runtime while nothing is deployed",),
    )
