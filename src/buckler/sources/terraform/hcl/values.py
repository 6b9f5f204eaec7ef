"""What an expression comes to: a value, a string with holes, or something of which only the name is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import msgspec

from buckler.model.text import Hole, Partial, Text, hole, join


@dataclass(frozen=True, slots=True)
class Open:
    """Something nobody knows before it is applied: `ref` is what was written for it."""

    ref: str
    need: str = ""

    @property
    def text(self) -> Text:
        """Give it as a piece of a string."""
        return hole(self.ref, self.need)


@dataclass(frozen=True, slots=True)
class Computed:
    """An attribute that AWS or the provider makes up: which, exactly, and as what text it is known until then."""

    scope: str
    """Address of the module instance."""
    block: str
    """`aws_iam_role.this`, `data.aws_iam_policy_document.trust`."""
    key: "str | int | None"
    attribute: str
    text: Text


@dataclass(frozen=True, slots=True)
class Handle:
    """A thing with attributes that are looked up when they are asked for: a resource, a module."""

    ref: str
    attribute: "Callable[[str], Value]"

    def __hash__(self) -> int:
        return hash(self.ref)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and other.ref == self.ref


Value: TypeAlias = "bool | int | float | str | Partial | Open | Computed | Handle | list[Value] | dict[str, Value] | None"


def is_known(value: Value) -> bool:
    """Say whether nothing of a value is open."""
    match value:
        case Partial() | Open() | Computed() | Handle():
            return False
        case list():
            return all(is_known(one) for one in value)
        case dict():
            return all(is_known(one) for one in value.values())
        case _:
            return True


def text_of(value: Value) -> Text | None:
    """Write a value as a string the way an interpolation does; None when it is not of a type that can be."""
    match value:
        case Partial() | str():
            return value
        case Open():
            return value.text
        case Computed():
            return value.text
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value) if not value.is_integer() else str(int(value))
        case _:
            return None


def ref_of(value: Value) -> Open:
    """Name what is not known in a value."""
    match value:
        case Open():
            return value
        case Partial():
            gap = next(part for part in value.parts if isinstance(part, Hole))
            return Open(gap.ref, gap.need)
        case Computed():
            return Open(f"{value.block}.{value.attribute}")
        case Handle():
            return Open(value.ref)
        case list():
            return next((ref_of(one) for one in value if not is_known(one)), Open("?"))
        case dict():
            return next((ref_of(one) for one in value.values() if not is_known(one)), Open("?"))
        case _:
            return Open("?")


def encoded(value: Value) -> Value:
    """Write a value as JSON does (`jsonencode`), holes kept where they stand in strings."""
    pieces: list[Text] = []
    wrong = _write(value, pieces)
    return wrong if wrong is not None else join(*pieces)


def _write(value: Value, into: list[Text]) -> Open | None:
    match value:
        case Partial() | Computed() | Open():
            text = text_of(value)
            parts = text.parts if isinstance(text, Partial) else (text or "",)
            into.append('"')
            into.extend(_quoted(part)[1:-1] if isinstance(part, str) else Partial(parts=(part,)) for part in parts)
            into.append('"')
        case Handle():
            return Open(value.ref)
        case list():
            return _write_all("[", "]", [("", one) for one in value], into)
        case dict():
            return _write_all("{", "}", [(f"{_quoted(key)}:", value[key]) for key in sorted(value)], into)
        case _:
            into.append(msgspec.json.encode(value).decode())
    return None


def _write_all(opens: str, closes: str, items: Sequence[tuple[str, Value]], into: list[Text]) -> Open | None:
    into.append(opens)
    for at, (label, one) in enumerate(items):
        into.append(("," if at else "") + label)
        wrong = _write(one, into)
        if wrong is not None:
            return wrong
    into.append(closes)
    return None


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def from_json(decoded: object) -> Value:
    """Take what a JSON or YAML decoder gave for a value; dates and the like become their text."""
    match decoded:
        case None | bool() | int() | float() | str():
            return decoded
        case dict():
            return {str(key): from_json(one) for key, one in cast("dict[object, object]", decoded).items()}
        case list():
            return [from_json(one) for one in cast("list[object]", decoded)]
        case _:
            return str(decoded)
