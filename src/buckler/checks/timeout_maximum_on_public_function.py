"""timeout-maximum-on-public-function: anyone on the internet can keep the function running for 15 minutes per request."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown, known
from buckler.reach.analysis import Analysis

MAXIMUM_S = 900


@check(Severity.LOW, area="resilience", maps=("owasp:SAS-8", "mitre:T1499.003", "nist:SC-5", "nist:SC-6"))
def timeout_maximum_on_public_function(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function that anyone on the internet can invoke and whose timeout is the maximum of 900 seconds.

    Why: a request that makes the function hang costs the owner 15 minutes of compute, and holds one execution environment as long. A few
    requests a second are enough to fill the account's concurrency.

    Not flagged: functions that nobody outside can invoke, and shorter timeouts.

    Fix: set `Timeout` to what the slowest honest request takes, with some room. API Gateway stops waiting after 29 seconds anyway.

    Source: AWS Lambda Developer Guide, "Configure Lambda function timeout"; Amazon API Gateway quotas.
    """
    if not isinstance(fn.timeout_s, Unknown) and fn.timeout_s < MAXIMUM_S:
        return
    if not analysis.exposure.is_public(fn):
        return
    if known(fn.timeout_s) >= MAXIMUM_S:
        yield timeout_maximum_on_public_function.finding(
            fn,
            "anyone on the internet can keep the function running for 15 minutes per request",
            seen(fn.origin, f"Timeout is {fn.timeout_s}"),
            *(seen(way, "lets anyone in") for way in analysis.exposure.public_origins(fn)),
        )
