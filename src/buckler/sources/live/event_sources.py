"""Event source mappings, in bulk, and the dead-letter queues behind SQS sources."""

import json

from msgspec.structs import replace

from buckler.model.estate import Estate
from buckler.model.functions import EnvVar, EventSourceMapping, SourceKind
from buckler.model.secret import Judge
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer, each, inner
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Collector
from buckler.sources.live.limits import CONTROL_PLANE

COLLECTOR = Collector("event_sources")
LIST = COLLECTOR.call(
    "lambda",
    "ListEventSourceMappings",
    "event sources of functions",
    result="EventSourceMappings",
    page=("Marker", "NextMarker"),
    **CONTROL_PLANE,
)
QUEUE_URL = COLLECTOR.call(
    "sqs",
    "GetQueueUrl",
    "where the queues that feed functions are",
    result="QueueUrl",
    none=("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
)
QUEUE = COLLECTOR.call("sqs", "GetQueueAttributes", "who may use the queues that feed functions, and their dead-letter queues")

# Service in the ARN of the source -> what Lambda calls it.
_KINDS: dict[str, SourceKind] = {
    "sqs": "sqs",
    "kinesis": "kinesis",
    "dynamodb": "dynamodb",
    "kafka": "msk",
    "mq": "mq",
    "rds": "documentdb",
}


def collect(reader: Reader, judge: Judge) -> Estate:
    """Read all event source mappings of a region."""
    pages = reader.pages(LIST)
    mappings = tuple(_mapping(reader, entry, judge) for entry in pages)
    return Estate(event_sources=mappings, missing=pages.missing("event_sources"))


def _mapping(reader: Reader, entry: Answer, judge: Judge) -> EventSourceMapping:
    arn = entry.get("EventSourceMappingArn") or reader.arn("lambda", f"event-source-mapping:{entry['UUID']}")
    origin = reader.origin(LIST, arn)
    source: str | None = entry.get("EventSourceArn")
    kind: SourceKind = "kafka" if "SelfManagedEventSource" in entry else _KINDS.get(source.split(":")[2] if source else "", "other")
    return EventSourceMapping(
        arn=arn,
        name=entry["UUID"],
        account=reader.account,
        region=reader.region,
        origin=origin,
        function=entry["FunctionArn"],
        source=source,
        source_kind=kind,
        on_failure=inner(entry, "DestinationConfig", "OnFailure").get("Destination") or None,
        enabled=entry.get("State") not in {"Disabled", "Disabling", "Deleting"},
        credentials=tuple(
            EnvVar(name=access["Type"], value=judge(access["Type"], access.get("URI", "")), origin=origin)
            for access in each(entry, "SourceAccessConfigurations")
        ),
        redrive=not_asked("asked per queue, so only with --deep") if kind == "sqs" else None,
    )


def collect_redrive(reader: Reader, mapping: EventSourceMapping) -> Estate:
    """Read where the queue of *mapping*, if its source is one, sends what fails too often."""
    if mapping.source_kind != "sqs":
        return Estate(event_sources=(mapping,))
    return Estate(event_sources=(replace(mapping, redrive=_redrive(reader, str(mapping.source))),))


def _redrive(reader: Reader, queue: str) -> Text | Unknown | None:
    _, _, _, _, owner, name = queue.split(":")
    located = reader.find(QUEUE_URL, QueueName=name, QueueOwnerAWSAccountId=owner)
    if located is None or isinstance(located, Unknown):
        return located
    answer = reader.read(QUEUE, QueueUrl=located["QueueUrl"], AttributeNames=["RedrivePolicy"])
    if isinstance(answer, Unknown):
        return answer
    policy = inner(answer, "Attributes").get("RedrivePolicy")
    return json.loads(policy).get("deadLetterTargetArn") if policy else None
