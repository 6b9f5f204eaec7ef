"""The statements of a policy where an argument writes it out: `jsonencode({...})`, or JSON in a heredoc. Places are characters of the text.

Both are objects in brackets, whose names stand before `=` or `:`; what is in strings and comments is passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_ENTRY: Final = re.compile(r'\s*,?\s*"?(?P<name>[A-Za-z]\w*)"?\s*[:=]\s*')
_COMMENT: Final = re.compile(r"(?:#|//)[^\n]*|/\*.*?\*/", re.DOTALL)
_CLOSES: Final = {"{": "}", "[": "]", "(": ")"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a text, from `start` up to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class WrittenStatement:
    """A statement, and the values of its names: `Effect`, `Action`, ..."""

    whole: Piece
    values: dict[str, Piece]

    def says(self, name: str, value: str) -> bool:
        """Say whether a name has one string as its value, or among others."""
        found = self.values.get(name)
        return found is not None and any(one.text == f'"{value}"' for one in strings(found))


def statements(text: str) -> Iterator[WrittenStatement]:
    """Give the objects that have an `Effect` and an `Action`."""
    for start, character in _code(text):
        if character == "{":
            end = _end(text, start)
            values = {name: piece for name, _, piece in _entries(text, start + 1, end - 1)}
            if {"Effect", "Action"} <= values.keys():
                yield WrittenStatement(Piece(start, end, text[start:end]), values)


def entries(text: str) -> list[tuple[str, int, Piece]]:
    """Give the entries of an object that is written out: name, where the name begins, and value; [] where the text is something else."""
    return list(_entries(text, 1, len(text) - 1)) if text.startswith("{") and _end(text, 0) == len(text) else []


def strings(piece: Piece) -> Iterator[Piece]:
    """Give the strings in a piece, with their quotes."""
    at = 0
    for start, character in _code(piece.text):
        if character == '"' and start >= at:
            at = _end(piece.text, start)
            yield Piece(piece.start + start, piece.start + at, piece.text[start:at])


def without(text: str, one: Piece) -> Piece:
    """Give what has to go so that an item of a list is gone: with its comma, and the line that nothing else is left on."""
    start, end = one.start, one.end
    comma = re.compile(r"\s*,").match(text, end)
    before = re.search(r",\s*$", text[:start])
    if comma is not None:
        end = comma.end()
        line, rest = text.rfind("\n", 0, start) + 1, re.compile(r"[ \t]*(?:(?:#|//)[^\n]*)?\r?\n").match(text, end)
        if not text[line:start].strip() and rest is not None:
            start, end = line, rest.end()
        else:
            end += len(text[end:]) - len(text[end:].lstrip(" \t"))
    elif before is not None:
        start = before.start()
    return Piece(start, end, text[start:end])


def _entries(text: str, start: int, end: int) -> Iterator[tuple[str, int, Piece]]:
    at = start
    while at < end:
        comment = re.compile(r"\s*,?\s*").match(text, at, end)
        skipped = _COMMENT.match(text, comment.end(), end) if comment is not None else None
        if skipped is not None:
            at = skipped.end()
            continue
        entry = _ENTRY.match(text, at, end)
        if entry is None:
            return
        begins = entry.end()
        at = begins
        while at < end and text[at] not in ",\n}" and _COMMENT.match(text, at) is None:
            at = _end(text, at) if text[at] in '{[("' else at + 1
        value = text[begins:at].rstrip()
        name = entry.start("name") - text[: entry.start("name")].endswith('"')
        yield entry["name"], name, Piece(begins, begins + len(value), value)


def _code(text: str) -> Iterator[tuple[int, str]]:
    """Give the characters that are in no string and no comment; of a string its first quote."""
    at = 0
    while at < len(text):
        comment = _COMMENT.match(text, at)
        if comment is not None:
            at = comment.end()
            continue
        yield at, text[at]
        at = _end(text, at) if text[at] == '"' else at + 1


def _end(text: str, start: int) -> int:
    """Give where a string or a bracket ends; the end of the text where it does not."""
    if text[start] == '"':
        at = start + 1
        while at < len(text) and text[at] != '"':
            at = _end(text, at + 1) if text[at : at + 2] == "${" else at + (2 if text[at] == "\\" else 1)
        return min(at + 1, len(text))
    closes, at = _CLOSES[text[start]], start + 1
    while at < len(text) and text[at] != closes:
        comment = _COMMENT.match(text, at)
        at = comment.end() if comment is not None else _end(text, at) if text[at] in '{[("' else at + 1
    return min(at + 1, len(text))
