"""runtime-soon-deprecated: AWS stops patching the runtime of the function within 90 days."""

from collections.abc import Iterator
from datetime import timedelta

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.reach.analysis import Analysis
from buckler.reach.runtimes import runtime_of

_SOON = timedelta(days=90)


@check(Severity.LOW, area="runtime", maps=("owasp:SAS-6", "nist:SA-22", "pci:12.3.4"))
def runtime_soon_deprecated(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a runtime whose deprecation date is at most 90 days away.

    Why: after that day there are no patches, and a migration under pressure is when security settings get lost.

    Not flagged: runtimes that are deprecated already (asked elsewhere), dates further away, container images.

    Fix: plan the move to a supported runtime of the same language now. The finding names the newest one.

    Source: AWS Lambda Developer Guide, "Lambda runtimes" (table and dates in `buckler.data.runtimes`). AWS has moved such dates before.
    """
    runtime = runtime_of(fn)
    if runtime is None or runtime.deprecated is None or runtime.is_deprecated(analysis.today):
        return
    left = runtime.deprecated - analysis.today
    if left <= _SOON:
        yield runtime_soon_deprecated.finding(
            fn,
            f"the runtime `{runtime.name}` gets its last patches in {left.days} days",
            seen(fn.origin, f"{runtime.name}: deprecation announced for {runtime.deprecated.isoformat()}"),
            remedy=f"plan the move to `{runtime.successor}`" if runtime.successor else None,
        )
