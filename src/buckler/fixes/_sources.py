"""What rightfully calls a function, as far as the estate tells: a fix must leave it its way in."""

from buckler.model.functions import Function
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis, unqualified

_SERVICES = {"bucket": "s3.amazonaws.com", "topic": "sns.amazonaws.com"}
_GATEWAYS = {"rest", "http", "websocket"}


def sources_of(function: Function, analysis: Analysis) -> tuple[tuple[str, str], ...]:
    """List (service, ARN of the source) of buckets, topics and API routes that are told to call a function, sorted.

    Pollers (queues, streams) need no permission in the policy. Only what has no holes is listed.
    """
    found: set[tuple[str, str]] = set()
    for store in analysis.estate.stores:
        if store.kind not in _SERVICES or isinstance(store.notifies, Unknown) or not isinstance(store.arn, str):
            continue
        if any(unqualified(target) == function.arn for target in store.notifies):
            found.add((_SERVICES[store.kind], store.arn))
    try:
        triggers = analysis.triggers_of(function)
    except Undecided:
        triggers = ()
    for trigger in triggers:
        if trigger.kind in _GATEWAYS and isinstance(trigger.arn, str) and ":execute-api:" in trigger.arn:
            found.add(("apigateway.amazonaws.com", trigger.arn))
    return tuple(sorted(found))
