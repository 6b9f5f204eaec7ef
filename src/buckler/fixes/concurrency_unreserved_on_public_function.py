"""concurrency-unreserved-on-public-function: reserve what the function needs, and no more."""

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.functions import Function


@remedy
def concurrency_unreserved_on_public_function(case: Case[Function]) -> Remedies:
    """Reserve the concurrency the user names: only who knows the load can say how much."""
    function, number = case.subject, case.wishes.reserved_concurrency
    if number is None:
        yield Advice("reserve what the function needs at its busiest: --reserved-concurrency N", "only you know how much it needs")
        return
    yield Mend(
        summary=f"reserve a concurrency of {number} (--reserved-concurrency)",
        edits=(
            setting(
                function,
                "reserved concurrency",
                read="GetFunctionConcurrency",
                pick=("ReservedConcurrentExecutions",),
                before=None,
                after=number,
                do=("PutFunctionConcurrency", {"ReservedConcurrentExecutions": number}),
                undo=("DeleteFunctionConcurrency", {}),
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: replace(one, reserved_concurrency=number)),
        lost=(f"more than {number} invocations at a time: they are throttled",),
    )
