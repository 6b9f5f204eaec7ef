"""`AWS::Lambda::EventSourceMapping`: what Lambda polls."""

from __future__ import annotations

from typing import Final

from buckler.model.functions import EnvVar, EventSourceMapping, SourceKind
from buckler.model.secret import Judge
from buckler.model.text import Hole, Partial, Text, hole
from buckler.model.unknown import Unknown
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.qualifiers import destination
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.split import cut
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map, mark_of
from buckler.sources.cfn.values import to_flag, to_list, to_text
from buckler.sources.common import judged_text

_SERVICES: Final[dict[str, SourceKind]] = {
    "sqs": "sqs",
    "kinesis": "kinesis",
    "dynamodb": "dynamodb",
    "kafka": "msk",
    "mq": "mq",
    "rds": "documentdb",
}
_TYPES: Final[dict[str, SourceKind]] = {
    "AWS::SQS::Queue": "sqs",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::MSK::Cluster": "msk",
    "AWS::MSK::ServerlessCluster": "msk",
    "AWS::AmazonMQ::Broker": "mq",
    "AWS::DocDB::DBCluster": "documentdb",
}


def event_source(resource: Resource, names: FunctionNames, judge: Judge) -> EventSourceMapping:
    template = resource.template
    reference = resource.text("FunctionName")
    function: Text = hole(f"{resource.id}.FunctionName")
    if reference is not None and not isinstance(reference, Unknown):
        function = names.find(reference).invoked
    source = resource.text("EventSourceArn")
    return EventSourceMapping(
        **resource.common(),
        function=function,
        source=source,
        source_kind=_kind(resource, source),
        on_failure=destination(resource),
        enabled=to_flag(resource.get("Enabled"), default=True),
        credentials=_credentials(resource, judge),
        redrive=_redrive(template, source),
    )


def _kind(resource: Resource, source: Text | Unknown | None) -> SourceKind:
    if resource.has("SelfManagedEventSource"):
        return "kafka"
    if source is not None and not isinstance(source, Unknown):
        parts = cut(source)
        if len(parts) > 2 and isinstance(parts[2], str) and parts[2] in _SERVICES:
            return _SERVICES[parts[2]]
        owner = _owner(source)
        if owner is not None and owner.partition(".")[0] in resource.template.resources:
            return _TYPES.get(resource.template.resources[owner.partition(".")[0]].type, "other")
    # The ARN does not say; what the mapping sets does.
    if resource.has("AmazonManagedKafkaEventSourceConfig") or resource.has("Topics"):
        return "msk"
    if resource.has("Queues"):
        return "mq"
    return "documentdb" if resource.has("DocumentDBEventSourceConfig") else "other"


def _owner(source: Text) -> str | None:
    if isinstance(source, Partial) and len(source.parts) == 1 and isinstance(source.parts[0], Hole):
        return source.parts[0].ref
    return None


def _credentials(resource: Resource, judge: Judge) -> tuple[EnvVar, ...]:
    value = resource.get("SourceAccessConfigurations")
    entries = to_list(value)
    made: list[EnvVar] = []
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        mark = mark_of(value, index)
        origin = resource.template.source.origin(mark) if mark >= 0 else resource.origin("SourceAccessConfigurations")
        kind = to_text(entry.get("Type")) if isinstance(entry, Map) else None
        uri = to_text(entry.get("URI")) if isinstance(entry, Map) else None
        if kind is None or isinstance(kind, Unknown) or uri is None:
            continue
        shown = kind if isinstance(kind, str) else "credential"
        made.append(EnvVar(name=kind, value=uri if isinstance(uri, Unknown) else judged_text(judge, shown, uri), origin=origin))
    return tuple(made)


def _redrive(template: Template, source: Text | Unknown | None) -> Text | Unknown | None:
    """Give the dead-letter queue of the queue that is polled, when it is a queue of this template."""
    for queue in template.of_type("AWS::SQS::Queue"):
        if template.arn(queue.id) == source:
            policy = queue.get("RedrivePolicy")
            if isinstance(policy, Map):
                return to_text(policy.get("deadLetterTargetArn"))
            return policy if isinstance(policy, Unknown) else None
    return None
