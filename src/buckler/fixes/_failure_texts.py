"""Where templates send what functions fail on."""

from collections.abc import Iterator
from typing import Final

from buckler.fixes._destinations import POLICY, SEND
from buckler.fixes._named import Names
from buckler.fixes._option import WHICH_DEAD_LETTERS, WHICH_DESTINATION, dead_letters, lost_by_redriving
from buckler.fixes._policies_beside import beside
from buckler.fixes._role_texts import Beside, subject_in
from buckler.fixes._written import Choice, Properties, Written
from buckler.model.functions import EventSourceMapping, Function
from buckler.model.origin import FileOrigin
from buckler.model.unknown import Undecided
from buckler.sources.cfn.editing import CannotEditError, Setting

_WHERE: Final = "(--failure-destination)"
_SEEN: Final = "no request, but whoever may read there sees the events"


def failure(case: Written) -> Iterator[Choice]:
    """Give a function the queue or topic that the user names for what it fails on; of SAM one that SAM makes. The role may send there."""
    if case.finding.key not in {"$LATEST", ""}:
        return
    if case.kind == "AWS::Serverless::Function":
        where = (*case.resource, "Properties", "EventInvokeConfig", "DestinationConfig", "OnFailure")
        named = _destination(case)
        if named is not None:
            yield Properties(f"send what it fails on where you say {_WHERE}", ((where, named),))
        else:
            yield Properties("send what it fails on to a queue, which SAM makes", (((*where, "Type"), "SQS"),), is_safe=True)
    elif case.kind == "AWS::Lambda::Function":
        yield from _configured(case)


def _configured(case: Written) -> Iterator[Choice]:
    target, name = case.wishes.failure_destination, f"{case.finding.subject.id}Failures"
    function = subject_in(case.finding, case.analysis)
    if not target:
        yield WHICH_DESTINATION
        return
    if not isinstance(function, Function) or case.editor.has("Resources", name):
        return
    config: dict[str, Setting] = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        **case.condition_of(case.finding.subject.id),
        "Properties": {
            "FunctionName": {"Ref": case.finding.subject.id},
            "Qualifier": "$LATEST",
            "DestinationConfig": {"OnFailure": {"Destination": target}},
        },
    }
    settings: list[tuple[tuple[str, ...], Setting]] = [(("Resources", name), config)]
    lost = [_SEEN]
    granted = _sending(case, function, target)
    if granted is not None:
        settings.append(granted)
        # AWS refuses a destination that the role may not send to.
        settings[0] = (("Resources", name), {**config, "DependsOn": granted[0][-1]})
    else:
        lost.insert(0, "nothing, once the role may send there: it is not a resource of the text, so grant it where it is")
    yield Properties(f"send what it fails on where you say {_WHERE}", tuple(settings), tuple(lost))


def _sending(case: Written, function: Function, target: str) -> tuple[tuple[str, ...], Setting] | None:
    """Let the role send there, by a policy beside it; None where it is not written in the text."""
    action = SEND.get(target.split(":")[2] if target.startswith("arn:") else "")
    try:
        role = case.analysis.role_of(function)
        return beside(
            case,
            Beside(role, POLICY.removeprefix("buckler-"), ({"Effect": "Allow", "Action": action, "Resource": target},)),
            Names(case.analysis.estate),
        )
    except (CannotEditError, Undecided):
        return None


def records(case: Written) -> Iterator[Choice]:
    """Say of a stream where its records go; of a queue, by the queue's own `RedrivePolicy`."""
    mapping = subject_in(case.finding, case.analysis)
    if isinstance(mapping, EventSourceMapping) and mapping.source_kind == "sqs":
        yield from _redriven(case, mapping)
        return
    named = _destination(case)
    if named is None:
        yield WHICH_DESTINATION
        return
    for one in case.finding.evidence:
        path = tuple(one.origin.path.split(".")) if isinstance(one.origin, FileOrigin) else ()
        where = (*path, "Properties", "DestinationConfig", "OnFailure")
        summary = f"send the records it fails on where you say {_WHERE}"
        if path[2:4] == ("Properties", "Events") and len(path) == 5:
            yield Properties(summary, ((where, named),))
        elif case.editor.scalar(*path, "Type") == "AWS::Lambda::EventSourceMapping":
            yield Properties(summary, (((*where, "Destination"), named["Destination"]),))
        return


def _redriven(case: Written, mapping: EventSourceMapping) -> Iterator[Choice]:
    queue = next((one for one in case.analysis.estate.stores if one.kind == "queue" and one.arn == mapping.source), None)
    where = ("Resources", queue.address if queue is not None else "")
    if queue is None or case.editor.scalar(*where, "Type") != "AWS::SQS::Queue":
        return
    policy = dead_letters(case.wishes.failure_destination, is_fifo=case.editor.scalar(*where, "Properties", "FifoQueue") == "true")
    if policy is None:
        yield WHICH_DEAD_LETTERS
        return
    summary = f"give the queue a dead-letter queue {_WHERE}, after {policy['maxReceiveCount']} attempts"
    yield Properties(summary, (((*where, "Properties", "RedrivePolicy"), policy),), (lost_by_redriving(queue),))


def _destination(case: Written) -> dict[str, Setting] | None:
    """Write the destination that the user names, as SAM wants it."""
    target = case.wishes.failure_destination
    kind = {"sqs": "SQS", "sns": "SNS"}.get(target.split(":")[2] if target.startswith("arn:") else "")
    return None if kind is None else {"Type": kind, "Destination": target}
