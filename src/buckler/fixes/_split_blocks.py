"""A role that functions of different purpose share, split in the text of a Terraform configuration."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from buckler.fixes._argued import Argued, Argument, is_many
from buckler.fixes._documents import Document
from buckler.fixes._fix import Advice
from buckler.fixes._json import inline_policy
from buckler.fixes._named import Names
from buckler.fixes._option import Option
from buckler.fixes._role_texts import subject_in
from buckler.fixes._split import OTHERS, Moved, Parting, parting
from buckler.model.iam import Role
from buckler.model.origin import FileOrigin
from buckler.model.text import shown
from buckler.model.unknown import Undecided
from buckler.sources.cfn.editing import CannotEditError, Placed
from buckler.sources.terraform.hcl.editing import Spot

_OWN: Final = "give each function, or at least each application, a role of its own with what it needs"
_ROLE: Final = "aws_iam_role"
_BESIDE: Final = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
_OF_SEVERAL: Final = ("aws_iam_policy_attachment", "aws_iam_role_policies_exclusive", "aws_iam_role_policy_attachments_exclusive")


def split_role(case: Argued) -> Iterator[Argument]:
    """Copy the role and its policies, as they are written, for each function of another purpose."""
    role, spot = subject_in(case.finding, case.analysis), case.resource()
    if not isinstance(role, Role) or spot is None or spot.block.labels[:1] != (_ROLE,):
        return
    try:
        parted = parting(role, case.analysis)
    except Undecided as undecided:
        yield Advice(_OWN, f"what it needs to know is not known: {undecided.unknown.why}")
        return
    module = role.address.rpartition(f"{_ROLE}.")[0]
    copies = {
        f"{module}{_ROLE}.{_copy_of(spot, case.configuration.resource(one.function.address, _file(one))).name}" for one in parted.moved
    }
    yield Option(
        parted.summary, lambda: tuple(_split(case, role, spot, parted)), parted.lost(role), copies=dict.fromkeys(copies, role.address)
    )


class _Copy:
    """A role's copy for a function."""

    def __init__(self, role: str, function: str) -> None:
        self.role, self.name = role, f"{role}_{function}"
        self._named = re.compile(rf"(?<![\w.]){_ROLE}\.{re.escape(role)}(?![\w-])")
        self._end = "-" + function.replace("_", "-")

    def names_role(self, text: str) -> bool:
        """Say whether a text names the role."""
        return self._named.search(text) is not None

    def instead(self, text: str) -> str:
        """Name the copy where the role is named."""
        return self._named.sub(f"{_ROLE}.{self.name}", text)

    def named(self, text: str) -> str:
        """Give an expression for the name of the copy."""
        return f'{text[:-1]}{self._end}"' if text.endswith('"') else f'"${{{text}}}{self._end}"'


def _copy_of(spot: Spot, function: Spot | None) -> _Copy:
    return _Copy(spot.block.labels[1], function.block.labels[1] if function is not None else "function")


def _file(moved: Moved) -> str:
    origin = moved.function.origin
    return origin.file if isinstance(origin, FileOrigin) else ""


def _split(case: Argued, role: Role, spot: Spot, parted: Parting) -> Iterator[Placed]:
    """Raises `CannotEditError`."""
    if is_many(spot):
        raise CannotEditError("its block makes several roles by `count` or `for_each`")
    if any(
        _copy_of(spot, None).names_role(_text(one))
        for one in case.configuration.blocks("resource", case.file)
        if one.block.labels[0] in _OF_SEVERAL
    ):
        raise CannotEditError("a policy is attached to several roles at once")
    names = Names(case.analysis.estate)
    for moved in parted.moved:
        function = case.configuration.resource(moved.function.address, _file(moved))
        argument = function.block.body.arguments.get("role") if function is not None else None
        copy = _copy_of(spot, function)
        if function is None or argument is None or not copy.names_role(case.configuration.text(function, argument)):
            raise CannotEditError(f"`{shown(moved.function.name)}` does not name the role by itself")
        if is_many(function):
            raise CannotEditError(f"the block of `{shown(moved.function.name)}` makes several functions by `count` or `for_each`")
        text = case.configuration.text(function, argument)
        yield case.configuration.within(function, argument, 0, len(text), copy.instead(text))
        for one in [spot, *_policies(case, copy)]:
            yield case.configuration.append(one.document.shown, _again(case, one, copy))
        if moved.denied:
            yield _denial(case, spot, copy.name, names.expression(list(moved.denied), role.address))
    if parted.denied:
        yield _denial(case, spot, spot.block.labels[1], names.expression(list(parted.denied), role.address))


def _policies(case: Argued, copy: _Copy) -> Iterator[Spot]:
    """Give the blocks of the policies that stand beside the role."""
    for one in case.configuration.blocks("resource", case.file):
        argument = one.block.body.arguments.get("role")
        if one.block.labels[0] in _BESIDE and argument is not None and copy.names_role(case.configuration.text(one, argument)):
            yield one


def _text(spot: Spot) -> str:
    return spot.document.source[spot.block.span.start : spot.block.span.end].decode("utf-8", "surrogateescape")


def _again(case: Argued, spot: Spot, copy: _Copy) -> list[str]:
    """Write a block once more, for the copy."""
    written = _text(spot)
    kind, name = spot.block.labels
    new = copy.name if kind == _ROLE else f"{name}{copy.name.removeprefix(copy.role)}"
    head, count = re.subn(rf'^(resource\s+"?{kind}"?\s+"?){re.escape(name)}(?![\w-])', rf"\g<1>{new}", written)
    if not count:
        raise CannotEditError(f"the block of `{kind}.{name}` does not begin as usual")
    argument = spot.block.body.arguments.get("name") if kind == _ROLE else None
    if argument is not None:
        # A name that is given can be given once.
        said, old = _argument_text(spot, argument.span.start, argument.span.end), case.configuration.text(spot, argument)
        head = head.replace(said, said.removesuffix(old) + copy.named(old), 1)
    return copy.instead(head).replace("\r\n", "\n").split("\n")


def _argument_text(spot: Spot, start: int, end: int) -> str:
    return spot.document.source[start:end].decode("utf-8", "surrogateescape")


def _denial(case: Argued, spot: Spot, role: str, statements: Sequence[Document]) -> Placed:
    lines = inline_policy(f"{role}_others_data", role, OTHERS.removeprefix("buckler-"), statements)
    return case.configuration.append(spot.document.shown, lines)
