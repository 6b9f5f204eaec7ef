"""Which block of a Terraform configuration is written, or taken out, for which finding: a check a function, as `_arguments` has them."""

import json
from collections.abc import Callable, Iterator
from typing import Final

from buckler.fixes._argued import Argued, Argument, is_many
from buckler.fixes._fix import Advice
from buckler.fixes._json import encoded, inline_policy
from buckler.fixes._option import (
    LOST_BY_ORIGINS,
    OPEN_TO_ACCOUNT,
    OPEN_TO_ANYONE,
    PUBLIC_LAYER,
    SHARED_LAYER,
    WHICH_DEAD_LETTERS,
    WHICH_DESTINATION,
    WHICH_LAYER,
    WHOSE_SCRIPTS,
    Option,
    dead_letters,
    lost_by_redriving,
)
from buckler.fixes._role_texts import subject_in
from buckler.model.functions import EventSourceMapping
from buckler.sources.cfn.editing import Placed
from buckler.sources.terraform.hcl.editing import Raw, Spot

_TAKES: Final = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
"""What has to be allowed to send there, by the service of the destination."""
_SEVERAL: Final = "its block makes several by `count` or `for_each`: take out the one that is meant where its keys are listed"


def _cors(case: Argued) -> Iterator[Argument]:
    origins = case.wishes.allow_origins
    if not origins:
        yield WHOSE_SCRIPTS
        return
    spot = case.evidence("aws_lambda_function_url") or case.beside("aws_lambda_function_url")
    if spot is not None:
        written = Raw(json.dumps(list(origins)))
        make = lambda: case.configuration.set(spot, ("cors", "allow_origins"), written)  # noqa: E731 - as all options have it
        yield Option("allow scripts of the origins you name only (--allow-origin)", make, LOST_BY_ORIGINS)


def _pinned(case: Argued) -> Iterator[Argument]:
    lost = ("security patches of the runtime while nothing is applied",)
    summary = "let the runtime change with your deployments only (`FunctionUpdate`)"
    there = case.beside("aws_lambda_runtime_management_config")
    if there is not None:
        yield Option(summary, lambda: case.configuration.set(there, ("update_runtime_on",), "FunctionUpdate"), lost)
    elif (spot := case.resource()) is not None:
        lines = [*_head(case, spot, "aws_lambda_runtime_management_config"), '  update_runtime_on = "FunctionUpdate"', "}"]
        yield Option(summary, lambda: (case.configuration.append(spot.document.shown, lines),), lost)


def _head(case: Argued, spot: Spot, kind: str) -> list[str]:
    """Begin a block that is about a function, once for each of its instances."""
    name = spot.block.labels[1]
    many = next((one for one in ("for_each", "count") if one in spot.block.body.arguments), None)
    if many == "for_each":
        again, index = ["  for_each          = aws_lambda_function." + name], "[each.key]"
    elif many == "count":
        argument = spot.block.body.arguments["count"]
        again, index = [f"  count             = {case.configuration.text(spot, argument)}"], "[count.index]"
    else:
        again, index = [], ""
    return [f'resource "{kind}" "{name}" {{', *again, f"  function_name     = aws_lambda_function.{name}{index}.function_name"]


def _failure(case: Argued) -> Iterator[Argument]:
    """Name the destination of what a function fails on, and let its role send there."""
    target = case.wishes.failure_destination
    if not target:
        yield WHICH_DESTINATION
        return
    spot = case.resource()
    if spot is None or case.finding.key not in {"$LATEST", ""}:
        return
    there = case.beside("aws_lambda_function_event_invoke_config")
    summary = "send what it fails on where you say (--failure-destination)"
    name = spot.block.labels[1]

    def make() -> tuple[Placed, ...]:
        if there is not None:
            return (
                *case.configuration.set(there, ("destination_config", "on_failure", "destination"), target),
                *_sending(case, name, target),
            )
        lines = [
            *_head(case, spot, "aws_lambda_function_event_invoke_config"),
            "",
            "  destination_config {",
            "    on_failure {",
            f"      destination = {json.dumps(target)}",
            "    }",
            "  }",
            "}",
        ]
        return (case.configuration.append(spot.document.shown, lines), *_sending(case, name, target))

    yield Option(summary, make, _LOST_BY_SENDING if case.role() else (_GRANT, *_LOST_BY_SENDING))


_LOST_BY_SENDING: Final = ("no request, but whoever may read there sees the events",)
_GRANT: Final = "nothing, once the role may send there: it is not a resource of this module, so grant it where it is"


def _sending(case: Argued, name: str, target: str) -> tuple[Placed, ...]:
    """Let the function's role send to a destination; nothing where its role is not a resource that the function names."""
    role, action = case.role(), _TAKES.get(target.split(":")[2] if target.startswith("arn:") else "")
    spot = case.function()
    if role is None or action is None or spot is None:
        return ()
    statement = {"Effect": "Allow", "Action": action, "Resource": target}
    lines = inline_policy(f"{name}_failures", role, "failures", [statement])
    return (case.configuration.append(spot.document.shown, lines),)


def _redriven(case: Argued, mapping: EventSourceMapping) -> Iterator[Argument]:
    """Give the queue of a mapping a dead-letter queue."""
    queue = next((one for one in case.analysis.estate.stores if one.kind == "queue" and one.arn == mapping.source), None)
    spot = case.configuration.resource(queue.address, case.file) if queue is not None else None
    if queue is None or spot is None or spot.block.labels[:1] != ("aws_sqs_queue",):
        return
    fifo = spot.block.body.arguments.get("fifo_queue")
    policy = dead_letters(case.wishes.failure_destination, is_fifo=fifo is not None and case.configuration.text(spot, fifo) == "true")
    if policy is None:
        yield WHICH_DEAD_LETTERS
        return
    written = Raw("\n".join(encoded(policy, "  ")))
    summary = f"give the queue a dead-letter queue (--failure-destination), after {policy['maxReceiveCount']} attempts"
    yield Option(summary, lambda: case.configuration.set(spot, ("redrive_policy",), written), (lost_by_redriving(queue),))


def _records(case: Argued) -> Iterator[Argument]:
    mapping = subject_in(case.finding, case.analysis)
    if isinstance(mapping, EventSourceMapping) and mapping.source_kind == "sqs":
        yield from _redriven(case, mapping)
        return
    target = case.wishes.failure_destination
    if not target:
        yield WHICH_DESTINATION
        return
    spot = case.evidence("aws_lambda_event_source_mapping")
    function = case.function()
    if spot is not None and function is not None:
        path = ("destination_config", "on_failure", "destination_arn")

        def make() -> tuple[Placed, ...]:
            return (*case.configuration.set(spot, path, target), *_sending(case, function.block.labels[1], target))

        lost = _LOST_BY_SENDING if case.role() else (_GRANT, *_LOST_BY_SENDING)
        yield Option("send the records it fails on where you say (--failure-destination)", make, lost)


def _extension(case: Argued) -> Iterator[Argument]:
    """Add the layer of the user's product to every function that is no image."""
    layer = case.wishes.extension_layer
    if not layer:
        yield WHICH_LAYER
        return
    functions = [one for one in case.configuration.everywhere("resource") if one.block.labels[:1] == ("aws_lambda_function",)]
    zips = [one for one in functions if "image_uri" not in one.block.body.arguments]

    def make() -> tuple[Placed, ...]:
        return tuple(placed for one in zips for placed in case.configuration.add_item(one, "layers", layer))

    lost = ("a part of each cold start: the extension starts with the function",)
    yield Option("add the layer of your runtime-protection product (--extension-layer)", make, lost)


def _taken_out(kind: str, summary: str, lost: tuple[str, ...]) -> Callable[[Argued], Iterator[Argument]]:
    """Take out the blocks that are the evidence."""

    def choose(case: Argued) -> Iterator[Argument]:
        spots = list(case.evidences(kind))
        if any(map(is_many, spots)):
            yield Advice(summary, _SEVERAL)
        elif spots:
            yield Option(summary, lambda: tuple(case.configuration.remove(one) for one in spots), lost)

    return choose


BLOCKS: Final[dict[str, Callable[[Argued], Iterator[Argument]]]] = {
    "cors-wildcard-on-public-url": _cors,
    "event-source-failure-destination-missing": _records,
    "failure-destination-missing": _failure,
    "layer-version-public": _taken_out("aws_lambda_layer_version_permission", *PUBLIC_LAYER),
    "layer-version-shared": _taken_out("aws_lambda_layer_version_permission", *SHARED_LAYER),
    "policy-open-to-account": _taken_out("aws_lambda_permission", *OPEN_TO_ACCOUNT),
    "policy-open-to-anyone": _taken_out("aws_lambda_permission", *OPEN_TO_ANYONE),
    "runtime-security-extension-missing": _extension,
    "runtime-update-not-pinned": _pinned,
}
"""By check."""
