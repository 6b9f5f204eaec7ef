"""event-source-failure-destination-missing: records that the function fails on are lost."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import EventSourceMapping
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis

_STREAMS = {"kinesis": "Kinesis stream", "dynamodb": "DynamoDB stream", "kafka": "Kafka topic", "msk": "Kafka topic"}


@check(Severity.LOW, area="resilience", persona=Persona.AUDITOR, maps=("owasp:SAS-10", "nist:SI-11", "nist:AU-12"))
def event_source_failure_destination_missing(mapping: EventSourceMapping, _: Analysis) -> Iterator[Finding]:
    """Flag a stream or topic without an on-failure destination, and a queue without a dead-letter queue of its own.

    Why: one record the function cannot digest blocks its shard until it expires, and is then gone, with no trace of what it was: a cheap
    way to stop a consumer and to hide the record that did it.

    Not flagged: mappings that are disabled, and Amazon MQ and DocumentDB, which know no such destination.

    Fix: set `DestinationConfig.OnFailure` and `BisectBatchOnFunctionError` on the mapping; for SQS give the queue a `RedrivePolicy`.

    Source: AWS Lambda Developer Guide, "Retain discarded batch records" and "Handling errors for an SQS event source".
    """
    if mapping.enabled is False:
        return
    kind = mapping.source_kind
    if kind == "sqs":
        if known(mapping.redrive) is None and known(mapping.enabled):
            yield event_source_failure_destination_missing.finding(
                mapping,
                "messages the function fails on are tried until they expire: the queue has no dead-letter queue",
                seen(mapping.origin, "the queue has no RedrivePolicy"),
            )
    elif kind in _STREAMS and known(mapping.on_failure) is None and known(mapping.enabled):
        yield event_source_failure_destination_missing.finding(
            mapping,
            f"records of the {_STREAMS[kind]} that the function fails on are lost",
            seen(mapping.origin, "no on-failure destination"),
        )
