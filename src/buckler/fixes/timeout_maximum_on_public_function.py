"""timeout-maximum-on-public-function: let requests take as long as the user says."""

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Case, Mend, Remedies, remedy
from buckler.fixes._option import HOW_LONG, lost_by_timeout
from buckler.fixes._settings import setting
from buckler.model.functions import Function
from buckler.model.unknown import known


@remedy
def timeout_maximum_on_public_function(case: Case[Function]) -> Remedies:
    """Set the timeout that the user names."""
    function, seconds = case.subject, case.wishes.timeout_s
    if seconds is None:
        yield HOW_LONG
        return
    operation, before = "UpdateFunctionConfiguration", known(function.timeout_s)
    yield Mend(
        summary=f"set the timeout to {seconds} s (--timeout)",
        edits=(
            setting(
                function,
                "timeout",
                read="GetFunctionConfiguration",
                pick=("Timeout",),
                before=before,
                after=seconds,
                do=(operation, {"Timeout": seconds}),
                undo=(operation, {"Timeout": before}),
                waits=True,
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: replace(one, timeout_s=seconds)),
        lost=lost_by_timeout(seconds),
    )
