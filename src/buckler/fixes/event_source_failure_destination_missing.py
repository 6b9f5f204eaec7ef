"""event-source-failure-destination-missing: keep the records the function fails on where the user says."""

from typing import Any

from buckler.fixes._destinations import sending
from buckler.fixes._estates import all_of, on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.fix import ApiEdit, Ask
from buckler.model.functions import EventSourceMapping
from buckler.model.text import shown
from buckler.reach.analysis import unqualified


@remedy
def event_source_failure_destination_missing(case: Case[EventSourceMapping]) -> Remedies:
    """Set `DestinationConfig.OnFailure` of the mapping, and let the role send there. A queue has a dead-letter queue of its own instead."""
    mapping, target = case.subject, case.wishes.failure_destination
    function = next((one for one in case.analysis.estate.functions if one.arn == unqualified(mapping.function)), None)
    if mapping.source_kind == "sqs" or function is None:
        yield Advice("give the queue a `RedrivePolicy`", "which queue takes the dead letters is for the queue's owner to say")
        return
    allowed = sending(function, target, case.analysis)
    if isinstance(allowed, Advice):
        yield allowed
        return
    where: dict[str, Any] = {"UUID": shown(mapping.name)}

    def send(end: dict[str, str]) -> Ask:
        destination = {"DestinationConfig": {"OnFailure": end}}
        return Ask(service="lambda", operation="UpdateEventSourceMapping", parameters=where | destination)

    edit = ApiEdit(
        account=shown(mapping.account),
        region=shown(mapping.region),
        arn=shown(mapping.arn),
        what="destination of records the function fails on",
        read=Ask(service="lambda", operation="GetEventSourceMapping", parameters=where),
        pick=("DestinationConfig", "OnFailure", "Destination"),
        before=None,
        after=target,
        do=send({"Destination": target}),
        undo=send({}),
    )
    edits, change = allowed
    yield Mend(
        summary=f"send the records it fails on to `{target}` (--failure-destination)",
        edits=(*edits, edit),
        change=all_of(change, lambda estate: on_each(estate, "event_sources", mapping.arn, on_failure=target)),
        lost=("no request, but whoever may read there sees where the records are",),
    )
