"""Which words of a role's policy in a Terraform configuration are written anew, or taken out, for which finding."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from buckler.data.function_actions import function_actions
from buckler.fixes._argued import Argued, Argument
from buckler.fixes._option import Option
from buckler.model.origin import FileOrigin
from buckler.sources.cfn.editing import Placed
from buckler.sources.terraform.hcl.editing import Spot
from buckler.sources.terraform.hcl.policy_text import Piece, statements, strings, without
from buckler.sources.terraform.hcl.syntax import Argument as Assigned

_DOCUMENT: Final = "data.aws_iam_policy_document."


@dataclass(frozen=True, slots=True)
class _Where:
    """An argument that holds a policy, or in a policy document a list of one statement."""

    spot: Spot
    argument: Assigned
    text: str


def _wildcard(case: Argued) -> Iterator[Argument]:
    """Name, in place of `service:*`, what functions do with the service; of Allows for every resource, as the finding has it."""
    changed: list[tuple[_Where, Piece, str]] = []
    services: set[str] = set()
    for where, actions in _allowed(case):
        for one in strings(actions):
            service, _, verb = one.text.strip('"').partition(":")
            named = function_actions(service.lower()) if verb == "*" else ()
            if named:
                services.add(service.lower())
                changed.append((where, one, _listed(named, where.text, one, is_list=actions.text.startswith("["))))
    if not changed:
        return
    narrower = ", ".join(f"`{one}`" for one in sorted(services))
    yield Option(
        f"allow of {narrower} what functions do with it, in place of everything",
        lambda: tuple(_placed(case, where, one, text) for where, one, text in changed),
        (f"every other action of {narrower}: name what the code calls besides",),
    )


def _listed(actions: tuple[str, ...], text: str, one: Piece, *, is_list: bool) -> str:
    """Write actions in the place of one: in lines, where it has a line to itself."""
    line = text.rfind("\n", 0, one.start) + 1
    lead = text[line : one.start]
    newline = "\r\n" if text[:line].endswith("\r\n") else "\n"
    joint = f",{newline}{lead}" if is_list and not lead.strip() and line else ", "
    written = joint.join(json.dumps(action) for action in actions)
    return written if is_list or len(actions) == 1 else f"[{written}]"


def _allowed(case: Argued) -> Iterator[tuple[_Where, Piece]]:
    """Give the actions of the Allows for every resource in what the finding names."""
    for origin in _named(case):
        if origin.path.startswith(_DOCUMENT):
            yield from _of_document(case, origin)
        elif (where := _argument(case, origin)) is not None:
            for one in statements(where.text):
                if one.says("Effect", "Allow") and one.says("Resource", "*"):
                    yield where, one.values["Action"]


def _named(case: Argued) -> Iterator[FileOrigin]:
    seen: set[tuple[str, str]] = set()
    for one in case.finding.evidence:
        origin = one.origin
        if isinstance(origin, FileOrigin) and (origin.file, origin.path) not in seen:
            seen.add((origin.file, origin.path))
            yield origin


def _argument(case: Argued, origin: FileOrigin) -> _Where | None:
    spot = case.configuration.resource(origin.path, origin.file)
    argument = spot.block.body.arguments.get(origin.path.rpartition(".")[2]) if spot is not None else None
    if spot is None or argument is None:
        return None
    return _Where(spot, argument, case.configuration.text(spot, argument))


def _of_document(case: Argued, origin: FileOrigin) -> Iterator[tuple[_Where, Piece]]:
    name = origin.path.removeprefix(_DOCUMENT).partition(".")[0].partition("[")[0]
    spot = case.configuration.block("data", ("aws_iam_policy_document", name), origin.file)
    for block in spot.block.body.of("statement") if spot is not None else ():
        own = block.body.arguments
        texts = {
            key: case.configuration.text(spot, own[key]) for key in ("effect", "actions", "resources") if key in own and spot is not None
        }
        if spot is not None and texts.get("effect", '"Allow"') == '"Allow"' and "actions" in texts and '"*"' in texts.get("resources", ""):
            text = texts["actions"]
            yield _Where(spot, own["actions"], text), Piece(0, len(text), text)


def _placed(case: Argued, where: _Where, one: Piece, text: str) -> Placed:
    return case.configuration.within(where.spot, where.argument, one.start, one.end, text)


def _trust(case: Argued) -> Iterator[Argument]:
    """Take the one who may assume the role besides Lambda out of its trust policy: of a list, or with the statement."""
    who = case.finding.message.partition(" may assume")[0]
    name = who.partition("`")[2].partition("`")[0]
    gone = [
        (where, piece) for origin in _named(case) if (where := _argument(case, origin)) is not None for piece in _admitting(where, name)
    ]
    if name and gone:
        make = lambda: tuple(_placed(case, where, one, "") for where, one in gone)  # noqa: E731 - as all options have it
        yield Option("leave only Lambda in the trust policy", make, (f"{who} may no longer assume the role",))


def _admitting(where: _Where, name: str) -> Iterator[Piece]:
    for one in statements(where.text):
        principal = one.values.get("Principal")
        if principal is None or not one.says("Effect", "Allow"):
            continue
        named = list(strings(principal))
        mine = [each for each in named if _means(each.text, name)]
        if mine and len(mine) == len([each for each in named if not _is_key(where.text, each)]):
            yield without(where.text, one.whole)
        else:
            yield from (without(where.text, each) for each in mine)


def _means(text: str, name: str) -> bool:
    return text.strip('"') == name or f":{name}:" in text


def _is_key(text: str, one: Piece) -> bool:
    """Tell the name of an entry: `"Service": ...`."""
    return text[one.end :].lstrip()[:1] in {":", "="}


POLICIES: Final[dict[str, Callable[[Argued], Iterator[Argument]]]] = {
    "role-service-wildcard": _wildcard,
    "role-trust-beyond-lambda": _trust,
}
"""By check."""
