"""CloudTrail's event selectors: a new trail has one for management events, and one kind of selector replaces the other."""

from typing import Any

from moto.cloudtrail.models import cloudtrail_backends

from buckler.demo.gaps.operations import Call, operation
from buckler.demo.gaps.store import Document

# What GetEventSelectors answers for a trail on which none were ever put.
DEFAULT: list[Document] = [
    {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}
]


@operation("cloudtrail", "PutEventSelectors")
def put_event_selectors(call: Call) -> Document:
    """Replace all selectors of a trail, basic or advanced."""
    trail = _trail(call)
    trail.event_selectors = [DEFAULT[0] | selector for selector in call.many("EventSelectors")]
    trail.advanced_event_selectors = call.many("AdvancedEventSelectors")
    return get_event_selectors(call)


@operation("cloudtrail", "GetEventSelectors")
def get_event_selectors(call: Call) -> Document:
    """Either the basic or the advanced selectors."""
    trail = _trail(call)
    if trail.advanced_event_selectors:
        return {"TrailARN": trail.arn, "AdvancedEventSelectors": trail.advanced_event_selectors}
    return {"TrailARN": trail.arn, "EventSelectors": trail.event_selectors or DEFAULT}


@operation("cloudtrail", "ListEventDataStores")
def list_event_data_stores(_: Call) -> Document:
    """CloudTrail Lake is not used here."""
    return {"EventDataStores": []}


def _trail(call: Call) -> Any:  # noqa: ANN401 - moto's object
    name = str(call.params["TrailName"])
    region = name.split(":")[3] if name.startswith("arn:") else call.region
    return cloudtrail_backends[call.account][region].get_trail(name)
