"""A function moved to the newest runtime of its language."""

from msgspec.structs import replace

from buckler.data.runtimes import runtime
from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Mend, Remedies
from buckler.fixes._settings import setting
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import known


def newest(function: Function) -> Remedies:
    """Set the newest runtime of the language. Code that was built for the old one, and packages with compiled parts, may not run on it."""
    written = known(function.runtime)
    now = runtime(shown(written)) if written is not None else None
    if now is None or now.successor is None:
        yield Advice("build the function for a runtime that AWS supports", "no runtime of its language follows it")
        return
    operation = "UpdateFunctionConfiguration"
    yield Mend(
        summary=f"move from `{now.name}` to `{now.successor}`",
        edits=(
            setting(
                function,
                "runtime",
                read="GetFunctionConfiguration",
                pick=("Runtime",),
                before=now.name,
                after=now.successor,
                do=(operation, {"Runtime": now.successor}),
                undo=(operation, {"Runtime": now.name}),
                waits=True,
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: replace(one, runtime=now.successor)),
        lost=(f"what works with {now.name} only: try it with {now.successor} first; once AWS blocks updates, there is no way back",),
    )
