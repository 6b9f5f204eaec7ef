"""runtime-deprecated: AWS no longer patches the runtime of the function."""

from collections.abc import Iterator
from datetime import date, timedelta

from buckler.checks._check import check, seen
from buckler.data.runtimes import Runtime
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.reach.analysis import Analysis
from buckler.reach.runtimes import runtime_named, runtime_of, served_runtimes

_FRESH = timedelta(days=180)


@check(
    Severity.MEDIUM, area="runtime", maps=("fsbp:Lambda.2", "cis:compute-1.1/12.11", "owasp:SAS-6", "nist:SI-2", "nist:SA-22", "pci:6.3.3")
)
def runtime_deprecated(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a runtime whose deprecation date has passed, of `$LATEST` or of a version that an alias serves.

    Low in the first half year, medium after it or once functions can no longer be created with it or updated. An update that is blocked
    is said: then not even your own code can be mended without leaving the runtime.

    Why: AWS applies no security patches to a deprecated runtime. A hole in the language or its TLS library stays open in the function.

    Not flagged: runtimes with a date still to come, container images, published versions that no alias serves.

    Fix: move the function to a supported runtime of the same language. The finding names the newest one.

    Source: AWS Lambda Developer Guide, "Lambda runtimes" (table and dates in `buckler.data.runtimes`); Security Hub control Lambda.2.
    """
    runtime = runtime_of(fn)
    if runtime is not None and runtime.is_deprecated(analysis.today):
        yield _finding(fn, runtime, analysis.today, "")
    for name, aliases in served_runtimes(fn).items():
        served = runtime_named(name)
        if served.is_deprecated(analysis.today):
            yield _finding(fn, served, analysis.today, aliases[0])


def _finding(fn: Function, runtime: Runtime, today: date, alias: str) -> Finding:
    # Asked only of deprecated runtimes.
    since = runtime.deprecated or today
    blocked = runtime.is_create_blocked(today) or runtime.is_update_blocked(today)
    state = "cannot be updated any more" if runtime.is_update_blocked(today) else f"has had no security patches since {since.isoformat()}"
    where = f", which the alias `{alias}` serves," if alias else ""
    return runtime_deprecated.finding(
        fn,
        f"the runtime `{runtime.name}`{where} {state}",
        seen(fn.origin, f"{runtime.name}: deprecated on {since.isoformat()}{_blocks(runtime)}"),
        severity=Severity.MEDIUM if blocked or today - since > _FRESH else Severity.LOW,
        remedy=f"move the function to `{runtime.successor}`" if runtime.successor else None,
        key=f"{alias}:{runtime.name}" if alias else "",
    )


def _blocks(runtime: Runtime) -> str:
    parts = [
        f", {word} blocked from {day.isoformat()}"
        for word, day in (("creation", runtime.create_blocked), ("updates", runtime.update_blocked))
        if day
    ]
    return "".join(parts)
