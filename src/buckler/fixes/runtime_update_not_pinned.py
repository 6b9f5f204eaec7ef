"""runtime-update-not-pinned: let the runtime change with deployments only."""

from buckler.fixes._fix import Case, Mend, Remedies, remedy
from buckler.fixes._signing import pin_runtime
from buckler.model.functions import Function


@remedy
def runtime_update_not_pinned(case: Case[Function]) -> Remedies:
    """Set `UpdateRuntimeOn` to `FunctionUpdate`."""
    edit, change = pin_runtime(case.subject)
    yield Mend(
        summary="set `UpdateRuntimeOn` to `FunctionUpdate`: the runtime changes with your deployments",
        edits=(edit,),
        change=change,
        lost=("security patches of the runtime while nothing is deployed",),
    )
