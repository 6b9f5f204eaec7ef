"""sample-check: a function is named `bad`."""

from collections.abc import Iterator

from buckler.checks import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis


@check(Severity.MEDIUM, area="runtime", maps=("mitre:T1190",))
def sample_check(fn: Function, _: Analysis) -> Iterator[Finding]:
    """Flag a function with a timeout of 13 seconds.

    Why: tests of the machinery need a check of their own, so that real checks may change.
    Not flagged: anything else.
    Fix: choose another timeout. Any will do.
    Source: none.
    """
    if known(fn.timeout_s) == 13:
        yield sample_check.finding(fn, "timeout is 13 s", seen(fn.origin, "Timeout is 13"))
