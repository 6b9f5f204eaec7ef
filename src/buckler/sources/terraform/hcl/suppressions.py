"""Inline ignores: `# buckler: ignore[check-id] reason`, on a line of a resource or directly above it."""

import re
from collections.abc import Iterable, Iterator

from buckler.model.estate import Note, Suppression
from buckler.model.origin import FileOrigin
from buckler.sources.terraform.hcl.modules import Source
from buckler.sources.terraform.hcl.syntax import Block, Comment, Document

_COMMENT = re.compile(r"^(?:#|//)\s*buckler:\s*ignore\[\s*([A-Za-z0-9_,\s-]*)\]:?(.*)$")


def find_suppressions(sources: Iterable[Source]) -> tuple[list[Suppression], list[Note]]:
    """Find the inline ignores and the resource each speaks of; those without a reason do not count and are noted."""
    suppressions: list[Suppression] = []
    notes: list[Note] = []
    for source in sources:
        for document in source.documents:
            for comment in document.comments:
                _read(document, comment, suppressions, notes)
    return suppressions, notes


def _read(document: Document, comment: Comment, suppressions: list[Suppression], notes: list[Note]) -> None:
    found = _COMMENT.match(comment.text.strip())
    if found is None:
        return
    address = next(_owner(document, comment.line), "")
    origin = FileOrigin(file=document.shown, line=comment.line, path=address)
    checks = [name.strip() for name in found[1].split(",") if name.strip()]
    reason = found[2].strip()
    if not checks:
        notes.append(Note(message="an inline ignore names no check: `# buckler: ignore[check-id] reason`", origin=origin))
    elif not reason:
        notes.append(Note(message=f"an inline ignore of {', '.join(checks)} has no reason and does not count", origin=origin))
    else:
        suppressions += [Suppression(check=check, reason=reason, origin=origin, address=address) for check in checks]


def _owner(document: Document, line: int) -> Iterator[str]:
    """Name the resource whose block holds a line, or begins after it and the comments that follow."""
    commented = {comment.line for comment in document.comments}
    below = line
    while below in commented:
        below += 1
    for block in document.body.blocks:
        last = block.span.line + document.source.count(b"\n", block.span.start, block.span.end)
        if block.span.line <= line <= last or block.span.line == below:
            yield _address(block)


def _address(block: Block) -> str:
    return ".".join(block.labels) if block.kind == "resource" else ".".join((block.kind, *block.labels))
