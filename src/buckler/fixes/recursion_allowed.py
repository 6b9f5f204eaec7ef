"""recursion-allowed: switch the detection of recursive loops on again."""

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.functions import Function


@remedy
def recursion_allowed(case: Case[Function]) -> Remedies:
    """Set `RecursiveLoop` to `Terminate`, AWS's default."""
    function = case.subject
    operation = "PutFunctionRecursionConfig"
    yield Mend(
        summary="set `RecursiveLoop` to `Terminate`, AWS's default",
        edits=(
            setting(
                function,
                "detection of recursive loops",
                read="GetFunctionRecursionConfig",
                pick=("RecursiveLoop",),
                before="Allow",
                after="Terminate",
                do=(operation, {"RecursiveLoop": "Terminate"}),
                undo=(operation, {"RecursiveLoop": "Allow"}),
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: replace(one, recursive_loop="Terminate")),
        lost=("loops through SQS, SNS or S3 that are meant: Lambda stops them after about 16 rounds",),
    )
