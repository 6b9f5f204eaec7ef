"""Boxes and links as SVG elements."""

from collections.abc import Iterator

from buckler.model.severity import Severity
from buckler.report.picture_graph import BECOMES, FUNCTION, REACHES, Box, Link, tip_text
from buckler.report.picture_label import NAME_SIZE, NAME_STEP, NOTE_SIZE, NOTE_STEP, STACKED, TEXT_LEFT, Label
from buckler.report.picture_layout import ROW_GAP, Layout, Place, lanes_of
from buckler.report.picture_style import HARMS, ICONS

_TIP = 8
"""Length of an arrowhead: a link's line ends so far before its box."""


def escape(text: str) -> str:
    """Write a clean text as XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")


def number(value: float) -> str:
    """Write a coordinate the same way everywhere: one digit after the point at most."""
    return f"{value:.1f}".removesuffix(".0")


def text(x: float, y: float, size: float, classes: str, content: str, extra: str = "") -> str:
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" class="{classes}"{extra}>{escape(content)}</text>'


def harm_mark(x: float, y: float, harm: Severity) -> str:
    shape, css = HARMS[harm]
    return f'<path transform="translate({number(x)} {number(y)})" d="{shape}" class="{css}"/>'


def icon(x: float, y: float, box: Box) -> str:
    css = "b-icon b-hot-icon" if box.is_worst and box.key[0] != FUNCTION else "b-icon"
    return f'<path transform="translate({number(x)} {number(y)})" d="{ICONS[box.kind]}" class="{css}"/>'


def draw_box(box: Box, place: Place, label: Label) -> Iterator[str]:
    """Draw a box in a frame of its own: what a font makes wider than any that was measured is clipped there."""
    width, height = place.width, place.height
    look = "b-own" if box.key[0] == FUNCTION else "b-hot" if box.is_worst else "b-box"
    inset = STACKED if box.is_group else 0
    yield f"<g><title>{escape(tip_text(_tips(box)))}</title>"
    if box.is_group:
        yield rectangle(place.x + 4, place.y + 4, width - 5, height - 2, 7, "b-box")
    yield f'<svg x="{number(place.x)}" y="{number(place.y)}" width="{number(width)}" height="{number(height)}">'
    yield rectangle(1, 1, width - 2 - inset, height - 2, 7, look)
    yield icon(10, height / 2 - 8, box)
    y = 19.0
    look = "b-ink b-strong" if box.is_worst else "b-ink"
    for line in label.name:
        yield text(TEXT_LEFT, y, NAME_SIZE, look, line)
        y += NAME_STEP
    for line in label.note:
        yield text(TEXT_LEFT, y, NOTE_SIZE, "b-faint", line)
        y += NOTE_STEP
    if box.harm:
        yield harm_mark(width - inset - 14, height / 2, box.harm)
    yield "</svg></g>"


def rectangle(x: float, y: float, width: float, height: float, radius: float, css: str) -> str:
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" rx="{number(radius)}" class="{css}"/>'


def _tips(box: Box) -> list[str]:
    harm = [f"harm: {box.harm.value}"] if box.harm else []
    return [*([box.name] if box.is_group else []), *box.tips, *([] if box.is_group else [box.note]), *harm]


def draw_link(link: Link, source: Box, target: Box, layout: Layout, prefix: str) -> tuple[str, str]:
    """Draw a link, and the badge with its number if it is a step of the worst path, which lies above all links."""
    shape, badge = _shape(link, source, target, layout)
    is_worst = bool(link.label)
    look = "b-worst" if is_worst else "b-thin" if link.is_folded else "b-line"
    dash = "" if link.is_certain else ' stroke-dasharray="6 4"'
    marker = f"{prefix}-{'worst' if is_worst else 'line'}"
    tip = f"<title>{escape(tip_text(link.tips))}</title>"
    line = f'<path d="{shape}" class="{look}"{dash} marker-end="url(#{marker})">{tip}</path>'
    if not is_worst:
        return line, ""
    x, y = badge
    mark = f'<circle cx="{number(x)}" cy="{number(y)}" r="8" class="b-mark"/>' + text(
        x, y + 3.6, 10, "b-digit", link.label, ' text-anchor="middle"'
    )
    return line, mark


def _shape(link: Link, source: Box, target: Box, layout: Layout) -> tuple[str, tuple[float, float]]:
    one, other = layout.boxes[link.source], layout.boxes[link.target]
    column, next_column = link.source[0], link.target[0]
    child, parent = (source, link.target) if column == REACHES else (target, link.source)
    is_tree = column == next_column and child.parent == parent
    if is_tree and _is_under(one, other):
        return _straight(one, other)
    if is_tree and column == BECOMES and one.x < other.x:
        trunk = one.x + layout.indent[column] / 2
        return _elbow(trunk, one.y + one.height, other)
    if is_tree and column == REACHES and one.right < other.right:
        trunk = other.right - layout.indent[column] / 2
        return _rise(trunk, other.y + other.height + _TIP, one)
    if column == next_column:
        # Not the step the tree is made of: around the outside.
        out = 16 + abs(other.middle - one.middle) / 12
        x1, x2 = one.right, other.right + _TIP
        shape = f"M{_at(x1, one.middle)}C{_at(x1 + out, one.middle)} {_at(x2 + out, other.middle)} {_at(x2, other.middle)}"
        return shape, (x1 + out * 0.75, (one.middle + other.middle) / 2)
    if column > next_column:
        return _curve([(one.x, one.middle), (other.right + _TIP, other.middle)])
    points = [(one.right, one.middle)]
    for crossed in lanes_of(link):
        lane = layout.lanes[(crossed, link.source)]
        points += [(lane.x, lane.middle), (lane.right, lane.middle)]
    return _curve([*points, (other.x - _TIP, other.middle)])


def _at(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"


def _curve(points: list[tuple[float, float]]) -> tuple[str, tuple[float, float]]:
    """Bend between columns, run straight through lanes; the badge sits in the middle of the last bend."""
    (x, y), *rest = points
    shape = [f"M{_at(x, y)}"]
    badge = (x, y)
    for index, (to_x, to_y) in enumerate(rest):
        if index % 2:
            shape.append(f"L{_at(to_x, to_y)}")
        else:
            half = (to_x - x) / 2
            shape.append(f"C{_at(x + half, y)} {_at(to_x - half, to_y)} {_at(to_x, to_y)}")
            badge = ((x + to_x) / 2, (y + to_y) / 2)
        x, y = to_x, to_y
    return "".join(shape), badge


def _elbow(trunk: float, top: float, child: Place) -> tuple[str, tuple[float, float]]:
    """Go down a trunk and turn right into the child."""
    y, end = child.middle, child.x - _TIP
    bend = min(6.0, max(end - trunk, 1.0))
    shape = f"M{_at(trunk, top)}L{_at(trunk, y - bend)}Q{_at(trunk, y)} {_at(trunk + bend, y)}L{_at(end, y)}"
    return shape, (trunk, child.y + 4)


def _is_under(one: Place, other: Place) -> bool:
    """Say whether one of two boxes stands straight under the other, with nothing between."""
    upper, lower = (one, other) if one.y < other.y else (other, one)
    return (one.x, one.right) == (other.x, other.right) and lower.y - upper.y - upper.height < ROW_GAP + 1


def _straight(one: Place, other: Place) -> tuple[str, tuple[float, float]]:
    """Go from a box to the one right under it, or right above."""
    x = one.x + 30
    start, end = (one.y + one.height, other.y - _TIP) if one.y < other.y else (one.y, other.y + other.height + _TIP)
    return f"M{_at(x, start)}L{_at(x, end)}", (one.x + 11, (start + end) / 2)


def _rise(trunk: float, top: float, child: Place) -> tuple[str, tuple[float, float]]:
    """Leave the child to the right and go up a trunk into what it leads to."""
    y, start = child.middle, child.right
    bend = min(6.0, max(trunk - start, 1.0))
    shape = f"M{_at(start, y)}L{_at(trunk - bend, y)}Q{_at(trunk, y)} {_at(trunk, y - bend)}L{_at(trunk, top)}"
    return shape, (trunk, child.y + 10)
