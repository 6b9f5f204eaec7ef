"""durable-state-without-customer-key: what durable executions remember is encrypted with a key you do not control."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Confidence, Persona, Severity
from buckler.reach.analysis import Analysis


@check(
    Severity.LOW,
    area="environment",
    confidence=Confidence.MEDIUM,
    persona=Persona.AUDITOR,
    maps=("nist:SC-12", "nist:SC-28(1)", "pci:3.6.1"),
    preview=True,
)
def durable_state_without_customer_key(fn: Function, _: Analysis) -> Iterator[Finding]:
    """Flag a durable function whose executions are stored without a customer managed key.

    Rests on the public API definitions only (`DurableConfig.KMSKeyArn`); not confirmed on an account.

    Why: inputs, results and every step's state are kept for the retention period. Whoever may call
    `lambda:GetDurableExecutionHistory` reads them; with a key of yours they need `kms:Decrypt` too.

    Not flagged: functions without durable execution.

    Fix: set `DurableConfig.KMSKeyArn` to a customer managed key, and keep the retention period short.

    Source: AWS Lambda API definitions of botocore 1.44.5, `DurableConfig`.
    """
    if fn.is_durable and fn.durable_kms_key is None:
        yield durable_state_without_customer_key.finding(
            fn, "the state of durable executions is not encrypted with a key of yours", seen(fn.origin, "DurableConfig has no KMSKeyArn")
        )
