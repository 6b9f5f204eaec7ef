"""What resolving gives: known values, texts with holes, or not knowing."""

from typing import Any, Final, TypeAlias

from buckler.model.text import Hole, Partial, Text, hole, unresolved
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.cfn.tree import Seq

Resolved: TypeAlias = Any
"""`str`, `Partial`, `Unknown`, `OpaqueList`, `bool`, `int`, `None`, `NO_VALUE`, or a `Map` or `Seq` of these."""


class _NoValue:
    """What `AWS::NoValue` stands for."""

    def __repr__(self) -> str:
        return "NO_VALUE"


NO_VALUE: Final = _NoValue()


class OpaqueList:
    """A list of which neither length nor entries are known, but its name: `Fn::GetAZs`, a list parameter without value."""

    def __init__(self, ref: str, need: str = "") -> None:
        self.ref = ref
        self.need = need

    def entry(self, index: int) -> Partial:
        return hole(f"{self.ref}[{index}]", self.need)

    def unknown(self) -> Unknown:
        return unresolved(Hole(ref=self.ref, need=self.need))


def unknown(why: str, need: str = "") -> Unknown:
    return Unknown(kind=UnknownKind.UNRESOLVED, why=why, need=need or "the deployed stack")


def to_text(value: Resolved) -> Text | Unknown | None:
    """Read a value as a string, as CloudFormation does with numbers and booleans; None when it is absent; Unknown for lists and objects."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Partial | Unknown):
        return value
    if isinstance(value, int):
        return str(value)
    if value is None or value is NO_VALUE:
        return None
    if isinstance(value, OpaqueList):
        return value.unknown()
    return unknown("a list or an object stands where a string belongs")


def to_flag(value: Resolved, *, default: bool) -> bool | Unknown:
    """Read a value as a boolean."""
    if isinstance(value, bool):
        return value
    text = to_text(value)
    if text is None:
        return default
    if isinstance(text, Unknown):
        return text
    if isinstance(text, Partial):
        return first_hole(text)
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return unknown("neither true nor false stands where a boolean belongs")


def to_number(value: Resolved) -> int | Unknown | None:
    """Read a value as an integer; None when it is absent."""
    text = to_text(value)
    if text is None or isinstance(text, Unknown):
        return text
    if isinstance(text, Partial):
        return first_hole(text)
    try:
        return int(text)
    except ValueError:
        return unknown("no number stands where one belongs")


def to_list(value: Resolved) -> list[Resolved] | Unknown | None:
    """Read a value as a list (a single value is a list of one, as CloudFormation has it); None when it is absent."""
    if isinstance(value, Seq):
        return list(value)
    if value is None or value is NO_VALUE:
        return None
    if isinstance(value, Unknown):
        return value
    if isinstance(value, OpaqueList):
        return value.unknown()
    if isinstance(value, Partial):
        # A hole may stand for a whole list: `Ref` to a parameter, `GetAtt` of a nested stack's output.
        return first_hole(value) if len(value.parts) == 1 else [value]
    return [value]


def to_texts(value: Resolved) -> tuple[Text, ...] | Unknown | None:
    """Read a value as a list of strings."""
    entries = to_list(value)
    if entries is None or isinstance(entries, Unknown):
        return entries
    texts: list[Text] = []
    for entry in entries:
        text = to_text(entry)
        if isinstance(text, Unknown):
            return text
        if text is not None:
            texts.append(text)
    return tuple(texts)


def first_hole(text: Partial) -> Unknown:
    return unresolved(next(part for part in text.parts if isinstance(part, Hole)))
