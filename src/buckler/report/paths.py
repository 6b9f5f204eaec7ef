"""Paths of an attacker as text and as JSON, in the shape of the steps of a blast radius."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec

from buckler import __version__
from buckler.model.graph import Edge, Path
from buckler.model.unknown import Unknown
from buckler.report import Context
from buckler.report.as_json import dump
from buckler.report.blast_json import Tables, unknown_part
from buckler.report.blast_shape import PathPart, PolicyPart, StepPart, UnknownPart
from buckler.report.blast_words import OUTSIDERS, doubt, gap_line, spot, stand_in, title_of
from buckler.report.clean import clean, elide
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.paint import Paint
from buckler.report.words import count

PATHS_SCHEMA: Literal["buckler/paths/1"] = "buckler/paths/1"
_ID = 300


class PathsDocument(msgspec.Struct, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """What `buckler paths --format json` writes: certain paths first, then by steps."""

    schema: Literal["buckler/paths/1"]
    version: Annotated[str, msgspec.Meta(description="Of buckler.")]
    source: Annotated[str, msgspec.Meta(description="The selector, as given.")]
    target: str
    paths: tuple[PathPart, ...]
    steps: tuple[StepPart, ...]
    policies: tuple[PolicyPart, ...]
    gaps: Annotated[tuple[UnknownPart, ...], msgspec.Meta(description="Why paths may be missing.")]


def paths_json(source: str, target: str, paths: Sequence[Path], gaps: Sequence[Unknown] = ()) -> str:
    """Write the document."""
    tables = Tables()
    ways = tuple(tables.path(path) for path in paths)
    document = PathsDocument(
        schema=PATHS_SCHEMA,
        version=__version__,
        source=source,
        target=target,
        paths=ways,
        steps=tuple(tables.steps),
        policies=tuple(tables.policies),
        gaps=tuple(map(unknown_part, gaps)),
    )
    return dump(document) + "\n"


def paths_text(source: str, target: str, paths: Sequence[Path], context: Context, gaps: Sequence[Unknown] = ()) -> str:
    """Write the paths for people, on `context.width` columns."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    return "\n".join(line.rstrip() for line in (*_lines(source, target, paths, canvas), *_gaps(gaps, canvas))).rstrip() + "\n"


def _lines(source: str, target: str, paths: Sequence[Path], canvas: Canvas) -> Iterator[str]:
    if not paths:
        yield from paragraph(f"no path from `{source}` to `{target}` was found", canvas)
        return
    for path in paths:
        nodes = path.nodes or (stand_in(path.edges[0].source), *(stand_in(edge.target) for edge in path.edges))
        first, last = nodes[0], nodes[-1]
        said = "" if path.is_certain else ", under conditions or perhaps"
        end = f"administrator of {last.account}" if last.kind == "administrator" else title_of(last)
        # From outside it matters which function is in the way.
        way = f" by `{title_of(nodes[1])}`" if first.kind in OUTSIDERS and path.steps > 1 else ""
        head = f"{title_of(first)} to {end}{way} in {count(path.steps, 'step')}{said}"
        yield from (canvas.paint(line, "bold") for line in paragraph(head, canvas))
        for number, edge in enumerate(path.edges, 1):
            yield from _step(number, edge, canvas)
        yield ""


def _gaps(gaps: Sequence[Unknown], canvas: Canvas) -> Iterator[str]:
    if gaps:
        yield "not all was looked at, and there may be more paths:"
    for gap in gaps:
        yield from paragraph(gap_line(gap), canvas, indent=2)


def _step(number: int, edge: Edge, canvas: Canvas) -> Iterator[str]:
    technique = f" ({edge.technique})" if edge.technique else ""
    yield from paragraph(clean(f"{number} {edge.what}{technique}"), canvas, indent=2)
    for evidence in edge.evidence[:1]:
        where = elide(spot(evidence), _ID)
        more = f" and {count(len(edge.evidence) - 1, 'more statement')}" if len(edge.evidence) > 1 else ""
        yield f"    {canvas.paint('--> ', 'blue')}{canvas.paint.link(where, evidence.origin)}{more}"
    if doubts := doubt(edge):
        yield from (canvas.paint(line, "yellow") for line in paragraph(doubts, canvas, indent=4, hang=0))
