"""Event source mappings, of every kind of source."""

import uuid

from buckler.demo.gaps import names, store
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import Document

# Not part of the answer, or told in another member of it.
NOT_KEPT = frozenset({"FunctionName", "Enabled", "Tags", "UUID"})
STREAMS = frozenset({"kinesis", "dynamodb"})


@operation("lambda", "CreateEventSourceMapping")
def create_event_source_mapping(call: Call) -> Document:
    """Map a source to a function."""
    params, home = call.params, call.home
    found, qualifier = names.qualified(call)
    source = str(params.get("EventSourceArn", "")).split(":")
    service = source[2] if len(source) > 2 else "self-managed"
    if service == "self-managed" and "SelfManagedEventSource" not in params:
        raise AwsError("InvalidParameterValueException", "Unrecognized event source.")
    mapping: Document = {"UUID": str(uuid.uuid4()), "BatchSize": 10 if service == "sqs" else 100, "MaximumBatchingWindowInSeconds": 0}
    if service in STREAMS:
        if "StartingPosition" not in params:
            raise AwsError(
                "InvalidParameterValueException",
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint",
            )
        mapping |= {
            "ParallelizationFactor": 1,
            "MaximumRecordAgeInSeconds": -1,
            "MaximumRetryAttempts": -1,
            "BisectBatchOnFunctionError": False,
            "TumblingWindowInSeconds": 0,
            # AWS answers with an empty destination where a stream has none.
            "DestinationConfig": {"OnFailure": {}},
        }
    mapping["EventSourceMappingArn"] = home.arn("event-source-mapping", mapping["UUID"])
    mapping["FunctionArn"] = found.qualified_arn(qualifier)
    mapping |= {"LastProcessingResult": "No records processed", "StateTransitionReason": "USER_INITIATED"}
    _write(call, mapping)
    mapping["State"] = "Enabled" if params.get("Enabled", True) else "Disabled"
    home.event_sources[mapping["UUID"]] = mapping
    home.resource_tags[mapping["EventSourceMappingArn"]] = dict(params.get("Tags") or {})
    return mapping


def _write(call: Call, mapping: Document) -> None:
    mapping.update({member: value for member, value in call.params.items() if member not in NOT_KEPT})
    mapping["LastModified"] = store.epoch()


@operation("lambda", "UpdateEventSourceMapping")
def update_event_source_mapping(call: Call) -> Document:
    """Change a mapping."""
    mapping = get_event_source_mapping(call)
    if "FunctionName" in call.params:
        found, qualifier = names.qualified(call)
        mapping["FunctionArn"] = found.qualified_arn(qualifier)
    _write(call, mapping)
    if "Enabled" in call.params:
        mapping["State"] = "Enabled" if call.params["Enabled"] else "Disabled"
    return mapping


@operation("lambda", "GetEventSourceMapping")
def get_event_source_mapping(call: Call) -> Document:
    """One mapping."""
    mapping = call.home.event_sources.get(str(call.params["UUID"]))
    if mapping is None:
        raise names.not_found()
    return mapping


@operation("lambda", "ListEventSourceMappings")
def list_event_source_mappings(call: Call) -> Document:
    """All mappings of the region, or those of a function or a source."""
    mappings = list(call.home.event_sources.values())
    if "FunctionName" in call.params:
        found, qualifier = names.qualified(call)
        mappings = [mapping for mapping in mappings if mapping["FunctionArn"] == found.qualified_arn(qualifier)]
    if "EventSourceArn" in call.params:
        mappings = [mapping for mapping in mappings if mapping.get("EventSourceArn") == call.params["EventSourceArn"]]
    chosen, marker = page(mappings, call.params, default=100, most=100)
    return {"EventSourceMappings": chosen, "NextMarker": marker}


@operation("lambda", "DeleteEventSourceMapping")
def delete_event_source_mapping(call: Call) -> Document:
    """Delete a mapping; its last answer says it is being deleted."""
    mapping = get_event_source_mapping(call)
    del call.home.event_sources[mapping["UUID"]]
    call.home.resource_tags.pop(mapping["EventSourceMappingArn"], None)
    return mapping | {"State": "Deleting"}
