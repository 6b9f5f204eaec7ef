"""Inline ignores: `# buckler: ignore[check-id] reason` in YAML, on a line or directly above it."""

import re

from buckler.model.estate import Note, Suppression
from buckler.model.origin import FileOrigin
from buckler.sources.cfn.reading import Document
from buckler.sources.cfn.tree import Map

_COMMENT = re.compile(r"(?:^|\s)#\s*buckler:\s*ignore\[\s*([A-Za-z0-9_,\s-]*)\]:?(.*)$")


def find_suppressions(document: Document) -> tuple[list[Suppression], list[Note]]:
    """Find the inline ignores of a file and the resource each stands in; those without a reason do not count and are noted."""
    suppressions: list[Suppression] = []
    notes: list[Note] = []
    if not document.is_yaml or "buckler:" not in document.text:
        return suppressions, notes
    lines = document.text.splitlines()
    owners = _owners(document, len(lines))
    in_block = _block_scalars(lines)
    for number, line in enumerate(lines, start=1):
        found = _COMMENT.search(line)
        if found is None or number in in_block:
            continue
        column = line.index("#", found.start()) + 1
        address = owners(_spoken_to(lines, number))
        path = f"Resources.{address}" if address else ""
        origin = FileOrigin(file=document.source.shown, line=number, column=column, path=path)
        checks = [name.strip() for name in found.group(1).split(",") if name.strip()]
        reason = found.group(2).strip()
        if not checks:
            notes.append(Note(message="an inline ignore names no check: `# buckler: ignore[check-id] reason`", origin=origin))
        elif not reason:
            notes.append(Note(message=f"an inline ignore of {', '.join(checks)} has no reason and does not count", origin=origin))
        else:
            suppressions.extend(Suppression(check=check, reason=reason, origin=origin, address=address) for check in checks)
    return suppressions, notes


def _spoken_to(lines: list[str], number: int) -> int:
    """Give the line a comment speaks of: its own, or the next that is neither empty nor a comment when it stands alone.

    One that is indented deeper than what follows stands at the end of its block, and speaks of that.
    """
    line = lines[number - 1]
    if not line.lstrip().startswith("#"):
        return number
    for later in range(number, len(lines)):
        stripped = lines[later].strip()
        if stripped and not stripped.startswith("#"):
            return later + 1 if _indent(lines[later]) >= _indent(line) else number
    return number


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


class _Owners:
    """Line -> logical id."""

    def __init__(self, starts: list[tuple[int, str]], end: int) -> None:
        self.starts = starts
        self.end = end

    def __call__(self, line: int) -> str:
        owner = ""
        for start, name in self.starts:
            if start > line:
                break
            owner = name
        return owner if line < self.end else ""


def _owners(document: Document, last: int) -> _Owners:
    root, source = document.root, document.source
    resources = root.get("Resources")
    if not isinstance(resources, Map):
        return _Owners([], 0)
    starts = sorted((source.lines[mark], name) for name, mark in resources.marks.items())
    section = source.lines[root.marks["Resources"]]
    after = [source.lines[mark] for key, mark in root.marks.items() if key != "Resources" and source.lines[mark] > section]
    return _Owners(starts, min(after, default=last + 1))


_BLOCK = re.compile(r":\s*(?:![A-Za-z:]+\s+)?[|>][-+0-9]*\s*(?:#.*)?$|^\s*-\s+(?:![A-Za-z:]+\s+)?[|>][-+0-9]*\s*$")


def _block_scalars(lines: list[str]) -> set[int]:
    """Find the lines inside block scalars (`|`, `>`): a `#` there is text, not a comment."""
    inside: set[int] = set()
    indent: int | None = None
    for number, line in enumerate(lines, start=1):
        if indent is not None:
            if not line.strip() or _indent(line) > indent:
                inside.add(number)
                continue
            indent = None
        if _BLOCK.search(line):
            indent = _indent(line)
    return inside
