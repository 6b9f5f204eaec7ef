"""concurrency-unreserved-on-public-function: anyone on the internet can use up the account's concurrency through the function."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis


@check(Severity.LOW, area="resilience", maps=("owasp:SAS-8", "mitre:T1499.003", "nist:SC-5", "nist:SC-6"))
def concurrency_unreserved_on_public_function(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function that anyone on the internet can invoke and that has no reserved concurrency.

    Why: whoever sends enough requests takes every execution environment of the account in that region, so that all other functions
    are throttled, and the owner pays for it (denial of wallet).

    Not flagged: functions that nobody outside can invoke, and any reservation, also one of zero, which switches the function off.

    Fix: run `aws lambda put-function-concurrency --function-name NAME --reserved-concurrent-executions N` with what the function needs at
    its busiest. Throttle the API in front of it too, and set a budget alarm.

    Source: AWS Lambda Developer Guide, "Configuring reserved concurrency for a function".
    """
    if fn.reserved_concurrency is not None and isinstance(fn.reserved_concurrency, int):
        return
    if not analysis.exposure.is_public(fn):
        return
    if known(fn.reserved_concurrency) is None:
        yield concurrency_unreserved_on_public_function.finding(
            fn,
            "anyone on the internet can use up the concurrency of all functions in the region",
            seen(fn.origin, "no reserved concurrency"),
            *(seen(way, "lets anyone in") for way in analysis.exposure.public_origins(fn)),
        )
