"""tracing-off: invocations leave no X-Ray trace."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.text import known_text
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis


@check(Severity.LOW, area="logging", persona=Persona.AUDITOR, maps=("fsbp:Lambda.7", "owasp:SAS-5", "nist:CA-7"))
def tracing_off(fn: Function, _: Analysis) -> Iterator[Finding]:
    """Flag a function that does not trace by itself.

    Why: a trace shows which services an invocation called, in which order; after an incident it is the map.

    Not flagged: `Active`. `PassThrough`, the default, traces only when the caller decided to sample.

    Fix: set `TracingConfig: {Mode: Active}` (SAM: `Tracing: Active`). The role needs `xray:PutTraceSegments`.

    Source: AWS Lambda Developer Guide, "Visualize Lambda function invocations using AWS X-Ray"; Security Hub control Lambda.7.
    """
    mode = known_text(known(fn.tracing))
    if mode != "Active":
        yield tracing_off.finding(fn, "X-Ray tracing is not active", seen(fn.origin, f"tracing mode is {mode}"))
