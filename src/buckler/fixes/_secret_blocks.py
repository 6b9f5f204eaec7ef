"""Secrets of functions, out of the text of a Terraform configuration: as `_secret_texts` takes them out of a template.

A variable of the configuration takes the ARN of each secret, and not a data source: that of a parameter would put its value into the state.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from buckler.fixes._argued import Argued, Argument, is_many, role_at
from buckler.fixes._fix import Advice
from buckler.fixes._json import inline_policy
from buckler.fixes._option import Option
from buckler.fixes._secret_texts import ACTIONS, SUMMARY, WHERE_TO, WRAPPED_BY, insist_on_language, planned_with
from buckler.fixes.moving import WRAPPER
from buckler.model.fix import SecretStore
from buckler.model.functions import Function
from buckler.sources.cfn.editing import CannotEditError, Placed
from buckler.sources.terraform.hcl.editing import Raw, Spot
from buckler.sources.terraform.hcl.policy_text import entries
from buckler.sources.terraform.hcl.syntax import Argument as WrittenArgument

_FUNCTION: Final = "aws_lambda_function"
_LOST: Final = (
    "runs of Terraform that do not give the variables: make each secret first, and give its ARN",
    "the function, while a secret is not there or does not hold the value: it does not start, and says so",
    "nothing that the state remembers: it holds the value until the next apply, its older versions for ever",
)


@dataclass(slots=True)
class _Moved:
    """What is written for all of them."""

    placed: list[Placed] = field(default_factory=list[Placed])
    variables: dict[str, tuple[str, list[str]]] = field(default_factory=dict[str, tuple[str, list[str]]])
    """By name: the file that it goes to, and its block."""
    granted: dict[tuple[str, str], list[Raw]] = field(default_factory=dict[tuple[str, str], list[Raw]])
    """By file and role: the secrets that its functions read."""
    data: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])
    """Blocks that the ARN of the layer is made of, and the file that they go to."""
    resolving: set[str] = field(default_factory=set[str])
    """Functions that follow references."""
    names: list[str] = field(default_factory=list[str])


def moved(case: Argued) -> Iterator[Argument]:
    """Move the secrets that are planned to functions that can follow a reference; say why that of the finding is not among them."""
    store = case.wishes.secrets_to
    if store is None or not case.wishes.resolver_layer:
        yield WHERE_TO
        return
    made, refused = _Moved(), ""
    for function, name in planned_with(case.finding, case.along, case.analysis):
        is_mine = function.address == case.finding.subject.id and name == case.finding.key
        try:
            _move(case, made, function, name, store)
        except CannotEditError as bad:
            refused = str(bad) if is_mine else refused
    if refused or not made.names:
        yield Advice(SUMMARY, refused or "no value of it is written in the text")
        return
    named = f"`{made.names[0]}`" if len(made.names) == 1 else f"`{made.names[0]}` and {len(made.names) - 1} more"
    yield Option(
        f"take {named} out of the configuration: variables name the {ACTIONS[store][1]}s, and the functions fetch them when they start",
        lambda: (*made.placed, *_beside(case, made, store)),
        _LOST,
    )


def _move(case: Argued, made: _Moved, function: Function, name: str, store: SecretStore) -> None:
    """Note what has to be written for one variable. Raises `CannotEditError`, having noted nothing."""
    insist_on_language(function)
    spot, label = _block(case, function)
    environments = spot.block.body.of("environment")
    argument = environments[0].body.arguments.get("variables") if len(environments) == 1 else None
    inner = Spot(spot.document, environments[0]) if argument is not None else spot
    text = case.configuration.text(inner, argument) if argument is not None else ""
    written = {one: (start, piece) for one, start, piece in entries(text)}
    if argument is None or name not in written or not _is_plain(written[name][1].text):
        raise CannotEditError(f"the value of `{name}` is not written at the function itself")
    if WRAPPED_BY in written and written[WRAPPED_BY][1].text != f'"{WRAPPER}"':
        raise CannotEditError(f"`{WRAPPED_BY}` is in use already")
    role = role_at(spot)
    if role is None:
        raise CannotEditError("its role is not one of the configuration")
    variable = re.sub(r"[^a-z0-9]+", "_", f"{label}_{name}".lower()) + ("_secret" if store == "secretsmanager" else "_parameter")
    if variable in made.variables or case.configuration.block("variable", (variable,), spot.document.shown) is not None:
        raise CannotEditError(f"there is a variable `{variable}` already")
    made.names.append(name)
    lines = [
        f'variable "{variable}" {{',
        f'  description = "ARN of the {ACTIONS[store][1]} that holds {name} of {_FUNCTION}.{label}"',
        "  type        = string",
        "}",
    ]
    made.variables[variable] = spot.document.shown, lines
    _, piece = written[name]
    edit = case.configuration
    made.placed.append(edit.within(inner, argument, piece.start, piece.end, f'"buckler:{store}:${{var.{variable}}}"'))
    if function.address not in made.resolving:
        made.resolving.add(function.address)
        layer, data = _layer(case, spot.document.shown)
        made.placed += edit.add_item(spot, "layers", layer)
        made.data |= {tuple(block): spot.document.shown for block in data if tuple(block) not in made.data}
        if WRAPPED_BY not in written:
            made.placed.append(_first(case, inner, argument, text, min(start for start, _ in written.values())))
    made.granted.setdefault((spot.document.shown, role), []).append(Raw(f"var.{variable}"))


def _block(case: Argued, function: Function) -> tuple[Spot, str]:
    """Find the block that makes a function, in the configuration itself. Raises `CannotEditError`."""
    if function.address.startswith("module."):
        raise CannotEditError("it stands in a module: each call would have to hand the secret's ARN on")
    file = getattr(function.origin, "file", "")
    spot = case.configuration.resource(function.address, file)
    if spot is None or spot.block.labels[:1] != (_FUNCTION,) or is_many(spot):
        raise CannotEditError(f"`{function.address}` is not written as one function")
    return spot, spot.block.labels[1]


def _layer(case: Argued, file: str) -> tuple[str | Raw, list[list[str]]]:
    """Give the layer version of the resolver: one of the own account by an expression, and the blocks that this takes."""
    wish = case.wishes.resolver_layer
    if wish.startswith("arn:"):
        return wish, []
    parts, data = list[str](), list[list[str]]()
    for kind, attribute in (("aws_partition", "partition"), ("aws_region", "id"), ("aws_caller_identity", "account_id")):
        expression, blocks = case.own(kind, attribute, file)
        parts.append(expression)
        data += blocks
    partition, region, account = parts
    return Raw(f'"arn:${{{partition}}}:lambda:${{{region}}}:${{{account}}}:layer:{wish}"'), data


def _is_plain(text: str) -> bool:
    return text.startswith('"') and text.endswith('"') and "${" not in text


def _first(case: Argued, spot: Spot, argument: WrittenArgument, text: str, at: int) -> Placed:
    """Write the wrapper before the first variable, in line or on a line of its own as that is."""
    line = text.rfind("\n", 0, at)
    entry = f'{WRAPPED_BY} = "{WRAPPER}"'
    if line < 0:
        return case.configuration.within(spot, argument, at, at, f"{entry}, ")
    newline = "\r\n" if text[:line].endswith("\r") else "\n"
    return case.configuration.within(spot, argument, at, at, f"{entry}{newline}{text[line + 1 : at]}")


def _beside(case: Argued, made: _Moved, store: SecretStore) -> Iterator[Placed]:
    """Write the variables, and policies that let roles read these and nothing else."""
    for block, place in made.data.items():
        yield case.configuration.append(place, list(block))
    for place, lines in made.variables.values():
        yield case.configuration.append(place, lines)
    for (place, role), secrets in made.granted.items():
        if case.configuration.block("resource", ("aws_iam_role_policy", f"{role}_buckler_secrets"), place) is not None:
            raise CannotEditError(f"there is a policy `{role}_buckler_secrets` already")
        statement = {"Effect": "Allow", "Action": ACTIONS[store][0], "Resource": secrets[0] if len(secrets) == 1 else secrets}
        yield case.configuration.append(place, inline_policy(f"{role}_buckler_secrets", role, "buckler-secrets", [statement]))
