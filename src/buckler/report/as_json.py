"""JSON: the contract for scripts, in the shape of `document.py`."""

import re
from typing import TYPE_CHECKING, cast

import msgspec

from buckler.report.document import document

if TYPE_CHECKING:
    from buckler.model.result import ScanResult
    from buckler.report import Context


def render(result: "ScanResult", _context: "Context") -> str:
    """Write the document, two spaces deep, keys in the order of the types."""
    return dump(document(result)) + "\n"


def dump(value: object) -> str:
    r"""Encode as JSON that may be shown in a terminal: what has no glyph (C1 controls, bidi overrides) is written `\uNNNN`."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:  # half a surrogate pair, from a hostile JSON template: no UTF-8 file can hold it
        encoded = msgspec.json.encode(_whole(msgspec.to_builtins(value)))
    text = msgspec.json.format(encoded, indent=2).decode()
    return text if text.isascii() and "\x7f" not in text else _ODD.sub(_escape, text)


# INVARIANT: JSON's own syntax is ASCII, so anything else stands inside a string, where an escape is allowed.
_ODD = re.compile(r"[^\n -~]")


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char.isprintable():
        return char
    return "".join(f"\\u{int.from_bytes(pair, 'big'):04x}" for pair in re.findall(rb"..", char.encode("utf-16-be"), re.DOTALL))


def _whole(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(entry) for key, entry in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_whole(entry) for entry in cast("list[object]", value)]
    return value
