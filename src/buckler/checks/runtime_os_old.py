"""runtime-os-old: the runtime is supported, but stands on an old Amazon Linux."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.reach.analysis import Analysis
from buckler.reach.runtimes import runtime_of

_OLD = {"AL1": "Amazon Linux 1", "AL2": "Amazon Linux 2"}


@check(Severity.LOW, area="runtime", persona=Persona.AUDITOR, maps=("owasp:SAS-6", "nist:SA-22", "pci:12.3.4"))
def runtime_os_old(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a runtime that is not deprecated yet, but runs on Amazon Linux 1 or 2: `provided.al2`, `python3.11`, `java17` and the like.

    For auditors: Lambda goes on patching these runtimes until their own date. Once that has passed, `runtime-deprecated` says so to all.

    Why: Amazon Linux 2 itself ended in June 2026. The libraries a custom runtime brings along, or links against, are those of that time.

    Not flagged: deprecated runtimes (asked elsewhere), Amazon Linux 2023, container images.

    Fix: move the function to a runtime on Amazon Linux 2023. For custom runtimes that is `provided.al2023`.

    Source: AWS Lambda Developer Guide, "Lambda runtimes" and "Building a custom runtime"; Amazon Linux 2 FAQ.
    """
    runtime = runtime_of(fn)
    if runtime is None or runtime.operating_system not in _OLD or runtime.is_deprecated(analysis.today):
        return
    system = _OLD[runtime.operating_system]
    yield runtime_os_old.finding(
        fn,
        f"the runtime `{runtime.name}` stands on {system}",
        seen(fn.origin, f"{runtime.name}: {system}"),
        remedy=f"move the function to `{runtime.successor}`" if runtime.successor else None,
    )
