"""tracing-off: switch X-Ray tracing on."""

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.functions import Function
from buckler.model.unknown import known


@remedy
def tracing_off(case: Case[Function]) -> Remedies:
    """Set the tracing mode to `Active`. Without `xray:PutTraceSegments` in the role nothing breaks, and nothing is traced either."""
    function, before = case.subject, known(case.subject.tracing)
    operation = "UpdateFunctionConfiguration"
    yield Mend(
        summary="set the tracing mode to `Active`; traces need `xray:PutTraceSegments` in the role, and cost",
        edits=(
            setting(
                function,
                "tracing mode",
                read="GetFunctionConfiguration",
                pick=("TracingConfig", "Mode"),
                before=before,
                after="Active",
                do=(operation, {"TracingConfig": {"Mode": "Active"}}),
                undo=(operation, {"TracingConfig": {"Mode": before}}),
                waits=True,
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: replace(one, tracing="Active")),
        is_safe=True,
    )
