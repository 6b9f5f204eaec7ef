"""`aws_lambda_event_source_mapping`: what Lambda polls."""

from typing import cast

import msgspec

from buckler.model.functions import EnvVar, EventSourceMapping, SourceKind
from buckler.model.secret import Redacted
from buckler.model.text import Partial, Text, shown
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.terraform.common import common, default_bool
from buckler.sources.terraform.documents import decode_partial
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import MalformedError, Node, State

_KINDS: dict[str, SourceKind] = {
    "dynamodb": "dynamodb",
    "kafka": "msk",
    "kinesis": "kinesis",
    "mq": "mq",
    "rds": "documentdb",
    "sqs": "sqs",
}
"""By the service in the source's ARN; DocumentDB clusters have ARNs of RDS."""
_TYPES: dict[str, SourceKind] = {
    "aws_docdb_cluster": "documentdb",
    "aws_dynamodb_table": "dynamodb",
    "aws_kinesis_stream": "kinesis",
    "aws_kinesis_stream_consumer": "kinesis",
    "aws_mq_broker": "mq",
    "aws_msk_cluster": "msk",
    "aws_msk_serverless_cluster": "msk",
    "aws_sqs_queue": "sqs",
}


def read_event_sources(draft: Draft) -> None:
    draft.each("event_sources", draft.view.plan.of("aws_lambda_event_source_mapping"), lambda node: _mapping(draft, node))


def _mapping(draft: Draft, node: Node) -> EventSourceMapping:
    located = node.view.functions.locate(node, "function_name")
    if located is None or not located.is_certain:
        draft.incomplete("event_sources", node, node.child("function_name").why())
    source = node.text("event_source_arn", to="arn")
    destinations = node.block("destination_config")
    failure = destinations.block("on_failure") if isinstance(destinations, Node) else destinations
    return EventSourceMapping(
        **common(node, "uuid"),
        function=located.qualified_arn if located else node.child("function_name").hole(),
        source=source,
        source_kind=_kind(node, source),
        on_failure=failure if failure is None or isinstance(failure, Unknown) else failure.text("destination_arn", to="arn") or None,
        enabled=default_bool(node.boolean("enabled"), default=True),
        credentials=_credentials(node),
        redrive=_redrive(draft, node, source),
    )


def _kind(node: Node, source: Text | None) -> SourceKind:
    if node.blocks("self_managed_event_source") != ():
        return "kafka"
    service = shown(source).split(":")[2:3] if source is not None else []
    if service and service[0] in _KINDS:
        return _KINDS[service[0]]
    targets = node.view.references.targets(node.child("event_source_arn")) or []
    kinds: set[SourceKind] = {_TYPES.get(target.resource.type, "other") for target in targets}
    return kinds.pop() if len(kinds) == 1 else "other"


def _credentials(node: Node) -> tuple[EnvVar, ...]:
    blocks = node.blocks("source_access_configuration")
    if isinstance(blocks, Unknown):
        return (EnvVar(name=node.child("source_access_configuration").hole(), value=blocks, origin=node.origin()),)
    found: list[EnvVar] = []
    for block in blocks:
        kind, uri = block.text("type"), block.text("uri", to="arn")
        value: Text | Redacted | None = uri
        if isinstance(uri, str):
            value = node.view.judge(shown(kind or ""), uri)
        found.append(EnvVar(name=kind or "", value=value if value is not None else block.child("uri").why(), origin=block.origin()))
    return tuple(found)


def _redrive(draft: Draft, node: Node, source: Text | None) -> Text | Unknown | None:
    """Give the dead-letter queue of the SQS queue that is polled."""
    view = node.view
    if source is None or _kind(node, source) != "sqs":
        return None
    queue = view.found(("aws_sqs_queue",), source, "arn")
    if queue is None:
        return Unknown(kind=UnknownKind.OUTSIDE, why="the queue is not in this plan", need="a live scan")
    own = _dead_letter(queue.child("redrive_policy"))
    if own is not None:
        return own
    for added in draft.beside("event_sources", "aws_sqs_queue_redrive_policy", "queue_url", view.attribute(queue.resource, "id")):
        return _dead_letter(added.child("redrive_policy"))
    return draft.stray("event_sources", ("aws_sqs_queue_redrive_policy", "queue_url"))


def _dead_letter(field: Node) -> Text | Unknown | None:
    match field.state():
        case State.UNSET:
            return None
        case State.UNKNOWN:
            # `jsonencode({deadLetterTargetArn = aws_sqs_queue.dead.arn, ...})`: the only ARN in it.
            return field.as_text(to="arn")
        case State.SENSITIVE:
            return field.why()
        case State.KNOWN:
            if isinstance(field.value, Partial):
                decoded = decode_partial(field.value, field.why())
                given = cast("dict[str, object]", decoded).get("deadLetterTargetArn") if isinstance(decoded, dict) else field.why()
                return given if isinstance(given, str | Partial | Unknown) else None
            if not isinstance(field.value, str):
                raise MalformedError(field.address, "a string")
            try:
                policy = msgspec.json.decode(field.value or "{}", type=dict[str, object])
            except (msgspec.MsgspecError, RecursionError):
                raise MalformedError(field.address, "a redrive policy") from None
            arn = policy.get("deadLetterTargetArn")
            return arn if isinstance(arn, str) else None
