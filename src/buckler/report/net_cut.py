"""How to close a connection, and what else it breaks: as text, and as JSON."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from buckler import __version__
from buckler.model.reachability import CutReport, LostPair, NetCut, ports_text
from buckler.model.text import shown
from buckler.report import Context
from buckler.report.as_json import dump
from buckler.report.blast_json import unknown_part
from buckler.report.blast_shape import UnknownPart
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.paint import Paint
from buckler.report.words import count

_SHOWN = 6


class LostPart(msgspec.Struct, frozen=True, kw_only=True):
    """A connection that works before, and not after."""

    source: str
    target: str
    protocol: str
    ports: tuple[tuple[int, int], ...]


class CutPart(msgspec.Struct, frozen=True, kw_only=True):
    """One way."""

    kind: str
    changes: tuple[str, ...]
    lost: tuple[LostPart, ...]


class CutDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `buckler net cut --format json` writes."""

    schema: Literal["buckler/net-cut/1"]
    version: str
    function: str
    target: str
    protocol: str
    port: int | None
    is_open: bool
    cuts: tuple[CutPart, ...]
    unknown: tuple[UnknownPart, ...]


def cut_json(report: CutReport) -> str:
    """Write the document."""
    document = CutDocument(
        schema="buckler/net-cut/1",
        version=__version__,
        function=shown(report.function.arn) or shown(report.function.name),
        target=report.target.id,
        protocol=report.protocol,
        port=report.port,
        is_open=report.is_open,
        cuts=tuple(CutPart(kind=one.kind, changes=one.changes, lost=tuple(map(_lost, one.lost))) for one in report.cuts),
        unknown=tuple(map(unknown_part, report.unknown)),
    )
    return dump(document) + "\n"


def _lost(one: LostPair) -> LostPart:
    return LostPart(source=one.source, target=one.target, protocol=one.protocol, ports=one.ports)


def cut_text(report: CutReport, context: Context) -> str:
    """Write the ways, those that break least first."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    return "\n".join(line.rstrip() for line in _lines(report, canvas, verbose=context.verbose)) + "\n"


def _lines(report: CutReport, canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    asked = " ".join(part for part in (report.protocol, str(report.port) if report.port is not None else "") if part)
    name = f"`{shown(report.function.name)}` and {report.target.name}{f', {asked}' if asked else ''}"
    if not report.is_open:
        yield from paragraph(f"{name}: nothing to cut, it does not reach", canvas)
        return
    if not report.cuts:
        yield from paragraph(f"{name}: no single removal closes it: it leads there by several ways, or inside one subnet", canvas)
    for number, one in enumerate(report.cuts, 1):
        if number > 1:
            yield ""
        yield from (canvas.paint(line, "bold") for line in paragraph(f"{number}. {one.changes[0]}", canvas, hang=3))
        for change in one.changes[1:]:
            yield from paragraph(change, canvas, indent=3)
        yield from _broken(one, canvas, verbose=verbose)
    for unknown in report.unknown:
        yield from paragraph(f"not known: {unknown.why} (needs {unknown.need})", canvas)
    if report.cuts:
        yield ""
        yield from paragraph(f"{count(len(report.cuts), 'way')} to close {name}; each was tried on what was read and asked again", canvas)


def _broken(one: NetCut, canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    if not one.lost:
        yield from paragraph("breaks nothing else that was read", canvas, indent=3)
        return
    yield from paragraph(f"breaks {count(len(one.lost), 'other connection')}:", canvas, indent=3)
    listed = one.lost if verbose else one.lost[:_SHOWN]
    for lost in listed:
        yield from paragraph(f"{lost.source} to {lost.target} on {lost.protocol} {ports_text(lost.ports)}", canvas, indent=5)
    if len(listed) < len(one.lost):
        yield from paragraph(f"and {len(one.lost) - len(listed)} more, with -v", canvas, indent=5)
