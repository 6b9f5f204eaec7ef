"""A blast radius as a picture: SVG, five columns, deterministic, without a script or anything fetched.

Names in it are chosen by strangers: every text goes through `clean` (no control or direction characters) and `escape`, and is cut to
its box.
"""

import hashlib
import re
from collections.abc import Iterator

from buckler.model.graph import Blast
from buckler.model.severity import Severity
from buckler.report.blast_words import doubt, gap_line, is_unknown, spot
from buckler.report.clean import clean
from buckler.report.clean import cut as shorten
from buckler.report.picture_draw import draw_box, draw_link, escape, harm_mark, number, rectangle, text
from buckler.report.picture_fold import fold
from buckler.report.picture_graph import BECOMES, REACHES, RUNS_AS, TOUCHES, Sketch, sketch
from buckler.report.picture_layout import Layout, arrange
from buckler.report.picture_measure import cut, fit, measure, wrap
from buckler.report.picture_style import HARMS, STYLE
from buckler.report.words import count

_TITLES = ("who reaches it", "function", "runs as", "can become", "can touch")
_SIDE = 22
_NARROWEST = 900
"""Pixels; on less the labels say nothing."""
_STEPS = 12
"""Lines of the worst path; a longer one is cut there, and says so."""
_DESC = 600
_DASH = ' stroke-dasharray="6 4"'


def svg(blast: Blast, *, width: int = 1200) -> str:
    """Draw *blast* on *width* pixels (at least 900); the height follows. Two calls give the same bytes."""
    width = max(width, _NARROWEST)
    # Several pictures may stand in one page, where an id must be unique.
    prefix = "b" + hashlib.sha256(clean(blast.function.id).encode()).hexdigest()[:8]
    drawn = fold(sketch(blast))
    head, top = _head(blast, width)
    layout = arrange(drawn, width, top + 44)
    foot, height = _foot(blast, drawn, layout.bottom + 30, width)
    summary = shorten(_sentence(blast), _DESC)
    parts = [
        _open(prefix, width, height),
        f'<title id="{prefix}-title">{escape(shorten(clean(f"Blast radius of {blast.function.name}"), _DESC))}</title>',
        f'<desc id="{prefix}-desc">{escape(_described(blast, summary))}</desc>',
        f"<style>{STYLE}</style>",
        f"<defs>{_marker(prefix, 'line', 7)}{_marker(prefix, 'worst', 9)}</defs>",
        f'<rect width="{width}" height="{number(height)}" class="b-paper"/>',
        *head,
        *_bands(blast, drawn, layout, top),
        *_links(drawn, layout, prefix),
        *(line for key, box in drawn.boxes.items() for line in draw_box(box, layout.boxes[key], layout.labels[key])),
        *_badges(drawn, layout, prefix),
        *foot,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


_CODE = re.compile(r"`([^`]*)`")


def _prose(words: str) -> str:
    """Write what a terminal has in backticks as people quote it."""
    return _CODE.sub("“\\1”", clean(words))


def _sentence(blast: Blast) -> str:
    said = _prose(blast.summary)
    return said[:1].upper() + said[1:]


def _described(blast: Blast, summary: str) -> str:
    numbers = (
        f"{count(len(blast.reached_by), 'way in', 'ways in')}, {count(len(blast.becomes), 'other principal')} to become, "
        f"{count(len(blast.touches), 'thing')} to touch, {count(len(blast.gaps), 'question')} unanswered"
    )
    return f"{summary}. {numbers}."


def _open(prefix: str, width: int, height: float) -> str:
    tall = number(height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {tall}" width="{width}" height="{tall}" '
        f'class="b-all" role="img" aria-labelledby="{prefix}-title {prefix}-desc">'
    )


def _marker(prefix: str, name: str, size: int) -> str:
    css = "b-worst-tip" if name == "worst" else "b-tip"
    return (
        f'<marker id="{prefix}-{name}" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="{size}" refX="0" '
        f'refY="{number(size / 2)}" orient="auto"><path d="M0 0L8 {number(size / 2)}L0 {size}z" class="{css}"/></marker>'
    )


def _head(blast: Blast, width: int) -> tuple[list[str], float]:
    """Title, the worst harm, and the sentence."""
    word, css = _harm(blast)
    pill = measure(word, 12.5, is_bold=True) + 24
    room = width - 2 * _SIDE - pill - 20
    title = fit(clean(f"Blast radius of {blast.function.name}"), 20, room, is_bold=True)
    lines = [text(_SIDE, 40, 20, "b-ink b-strong", title)]
    x = width - _SIDE - pill
    if css != "b-gap":
        lines.append(harm_mark(x + 10, 34, blast.worst))
    lines += [text(x + 24, 38.5, 12.5, f"{css} b-strong", word)]
    y = 64.0
    for line in wrap(_sentence(blast), 13.5, width - 2 * _SIDE, 3):
        lines.append(text(_SIDE, y, 13.5, "b-ink", line))
        y += 19
    return lines, y + 2


def _harm(blast: Blast) -> tuple[str, str]:
    """Say how bad it is, and how the words look. What nobody could read may make it worse, never better."""
    if is_unknown(blast):
        return "harm not known", "b-gap"
    least = "at least " if blast.gaps and blast.worst is not Severity.CRITICAL else ""
    return f"{least}{blast.worst.value} harm", f"b-{blast.worst.value}"


def _bands(blast: Blast, drawn: Sketch, layout: Layout, top: float) -> Iterator[str]:
    numbers = (len(blast.reached_by), 0, 0, len(blast.becomes), len(blast.touches))
    empty = {
        REACHES: "nobody found",
        RUNS_AS: "not known" if blast.runs_as is None else "",
        BECOMES: "nobody else found",
        TOUCHES: "nothing found",
    }
    crossed = {column for column, _ in layout.lanes}
    for column, place in enumerate(layout.columns):
        yield rectangle(place.x - 8, top, place.width + 16, layout.bottom - top + 14, 9, "b-band")
        title = _TITLES[column] + (f" · {numbers[column]:,}" if numbers[column] else "")
        yield text(place.x + 2, top + 23, 12, "b-head", title)
        if not drawn.column(column):
            # What nobody looked at is not "none".
            said = empty.get(column, "") + (", see below" if blast.gaps else "")
            y = place.middle + (-8 if column in crossed else 4)
            yield text(place.x + place.width / 2, y, 12, "b-faint", cut(said, 12, place.width), ' text-anchor="middle"')


def _links(drawn: Sketch, layout: Layout, prefix: str) -> Iterator[str]:
    # The worst path last, so that it lies above the rest.
    for link in sorted(drawn.links.values(), key=lambda one: bool(one.label)):
        yield draw_link(link, drawn.boxes[link.source], drawn.boxes[link.target], layout, prefix)[0]


def _badges(drawn: Sketch, layout: Layout, prefix: str) -> Iterator[str]:
    for link in drawn.links.values():
        if link.label:
            yield draw_link(link, drawn.boxes[link.source], drawn.boxes[link.target], layout, prefix)[1]


def _foot(blast: Blast, drawn: Sketch, y: float, width: int) -> tuple[list[str], float]:
    """The worst path in words, the legend, and what nobody could answer."""
    room = width - 2 * _SIDE
    lines: list[str] = []
    steps = list(drawn.worst.labelled())
    if steps:
        y += 12
        lines.append(text(_SIDE, y, 12.5, "b-ink b-strong", "The worst path, step by step"))
        y += 8
    for label, edge in steps[:_STEPS]:
        y += 20
        lines.append(f'<circle cx="{_SIDE + 8}" cy="{number(y - 4)}" r="8" class="b-mark"/>')
        lines.append(text(_SIDE + 8, y - 0.4, 10, "b-digit", label, ' text-anchor="middle"'))
        doubts = doubt(edge)
        said = cut(_prose(edge.what) + (f", {doubts}" if doubts else ""), 12, room - 24)
        lines.append(text(_SIDE + 24, y, 12, "b-ink", said))
        used = 24 + measure(said, 12) + 14
        if edge.evidence and room - used > 160:
            lines.append(text(_SIDE + used, y, 11, "b-faint", fit(spot(edge.evidence[0]), 11, room - used)))
    if len(steps) > _STEPS:
        y += 20
        lines.append(text(_SIDE + 24, y, 12, "b-faint", f"and {count(len(steps) - _STEPS, 'more step')}"))
    y += 26
    lines.append(f'<path d="M{_SIDE} {number(y - 8)}H{width - _SIDE}" class="b-rule"/>')
    y += 14
    legend, y = _legend(drawn, y, width)
    lines += legend
    if blast.gaps:
        said = f"{count(len(blast.gaps), 'question')} unanswered: {'; '.join(dict.fromkeys(map(gap_line, blast.gaps)))}"
        y += 6
        for line in wrap(said, 12, room, 3):
            y += 18
            lines.append(text(_SIDE, y, 12, "b-gap", line))
    return lines, y + 22


def _legend(drawn: Sketch, y: float, width: int) -> tuple[list[str], float]:
    """Explain lines and marks, on as many rows as that needs."""
    samples = [
        ("b-worst", "", "the worst path"),
        ("b-line", "", "certain step"),
        ("b-line", _DASH, "only if a condition holds, or something was not read"),
    ]
    if any(link.is_folded for link in drawn.links.values()):
        samples.append(("b-thin", "", "several steps at once"))
    entries = [(33, said, f'<path d="M0 0h26" class="{css}"{dash} transform="translate({{}})"/>') for css, dash, said in samples]
    entries += [(18, harm.value, f'<g transform="translate({{}})">{harm_mark(7, 0, harm)}</g>') for harm in HARMS]
    lines: list[str] = []
    x = float(_SIDE)
    for lead, said, shape in entries:
        wide = lead + measure(said, 11)
        if x + wide > width - _SIDE:
            x, y = float(_SIDE), y + 18
        lines += [shape.format(f"{number(x)} {number(y - 4)}"), text(x + lead, y, 11, "b-faint", said)]
        x += wide + 18
    return lines, y
