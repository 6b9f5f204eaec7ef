"""Which block of a Terraform configuration is written, or taken out, for which finding: a check a function, as `_arguments` has them."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

from buckler.fixes._argued import Argued, Argument, is_many
from buckler.fixes._denies import PASS_TO_LAMBDA
from buckler.fixes._documents import Document
from buckler.fixes._fix import Advice
from buckler.fixes._option import LOST_BY_ORIGINS, WHICH_DESTINATION, WHICH_LAYER, WHOSE_SCRIPTS, Option
from buckler.fixes._roles import VERSION
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
    lines = _inline(f"{name}_failures", role, "failures", [statement])
    return (case.configuration.append(spot.document.shown, lines),)


def _inline(name: str, role: str, policy: str, statements: Sequence[Document]) -> list[str]:
    """Write an inline policy of a role, as `terraform fmt` likes it."""
    document = _written({"Version": VERSION, "Statement": list(statements)}, "  ")
    return [
        f'resource "aws_iam_role_policy" "{name}" {{',
        f'  name   = "{policy}"',
        f"  role   = aws_iam_role.{role}.id",
        f"  policy = jsonencode({document[0]}",
        *document[1:-1],
        f"{document[-1]})",
        "}",
    ]


def _written(value: Any, indent: str) -> list[str]:  # noqa: ANN401 - plain JSON
    """Write JSON as HCL does: names without quotes where they may be, and in line."""
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        width = max(len(_key(name)) for name in entries)
        lines = ["{"]
        for name, one in entries.items():
            inner = _written(one, f"{indent}  ")
            lines += [f"{indent}  {_key(name):<{width}} = {inner[0]}", *inner[1:]]
        return [*lines, f"{indent}}}"]
    if isinstance(value, list):
        first, *rest = [_written(one, indent) for one in cast("list[object]", value)]
        # Statements in line: `[{`, `}, {`, `}]`.
        for one in rest:
            first = [*first[:-1], f"{first[-1]}, {one[0]}", *one[1:]]
        return [f"[{first[0]}]"] if len(first) == 1 else [f"[{first[0]}", *first[1:-1], f"{first[-1]}]"]
    return [json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")]


def _key(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _records(case: Argued) -> Iterator[Argument]:
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


def _denied(
    name: str, policy: str, statements: Sequence[Document], summary: str, lost: tuple[str, ...]
) -> Callable[[Argued], Iterator[Argument]]:
    """Deny a role some things by an inline policy of its own: a Deny outweighs whatever allows them."""

    def choose(case: Argued) -> Iterator[Argument]:
        spot = case.resource()
        if spot is None or spot.block.labels[:1] != ("aws_iam_role",):
            return
        if is_many(spot):
            yield Advice(summary, "its block makes several roles by `count` or `for_each`")
            return
        role = spot.block.labels[1]
        lines = _inline(f"{role}_{name}", role, policy, statements)
        yield Option(summary, lambda: (case.configuration.append(spot.document.shown, lines),), lost)

    return choose


BLOCKS: Final[dict[str, Callable[[Argued], Iterator[Argument]]]] = {
    "cors-wildcard-on-public-url": _cors,
    "event-source-failure-destination-missing": _records,
    "failure-destination-missing": _failure,
    "layer-version-public": _taken_out(
        "aws_lambda_layer_version_permission",
        "take out the permission that lets everybody get the layer; treat what is in it as published",
        ("other accounts that add this version to a function from now on",),
    ),
    "layer-version-shared": _taken_out(
        "aws_lambda_layer_version_permission",
        "take out the permission that lets the account get the layer",
        ("that account adding this version to a function from now on; if it is a partner, ignore the finding with its name",),
    ),
    "policy-open-to-account": _taken_out(
        "aws_lambda_permission",
        "take out the permission of the account",
        ("whatever that account does with the function: if it is a partner, ignore the finding with its name as the reason",),
    ),
    "policy-open-to-anyone": _taken_out(
        "aws_lambda_permission",
        "take out the permission that lets strangers in",
        ("whoever came in by it: who needs the function has to be named",),
    ),
    "role-pass-role-any": _denied(
        "pass_to_lambda",
        "pass-to-lambda",
        [PASS_TO_LAMBDA],
        "deny the role to pass roles to other services than Lambda",
        ("the role may no longer pass a role to another service than Lambda: EC2, ECS, Glue, ...",),
    ),
    "runtime-security-extension-missing": _extension,
    "runtime-update-not-pinned": _pinned,
}
"""By check."""
