"""What a function reaches, as a picture: the function on the left, targets on the right, the hops between; SVG, deterministic, no script.

Ways that begin alike are drawn once: a tree, from the function to its targets. Names in it are chosen by strangers: every text goes through
`clean` and `escape`, and is cut to its box.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from buckler.model.graph import NodeKind
from buckler.model.reachability import NetReach, NetReport, NetTarget, ports_text
from buckler.model.text import shown
from buckler.report.clean import clean
from buckler.report.picture_draw import escape, number, rectangle, text
from buckler.report.picture_measure import cut, fit, measure, wrap
from buckler.report.picture_style import ICONS, STYLE
from buckler.report.words import count

_SIDE: Final = 22
_NARROWEST: Final = 900
_ROW: Final = 56
_GAP: Final = 12
_OWN: Final = 170
_TARGET: Final = 330
_HOP: Final = 34
"""Height of the box of a hop."""
_MOST: Final = 60
"""Targets that are drawn; the rest is counted."""
_ICONS: Final[dict[str, NodeKind]] = {
    "internet": "internet",
    "endpoint": "service",
    "resolver": "service",
    "on-premises": "account",
    "group": "resource",
    "interface": "table",
    "address": "resource",
}


@dataclass
class _Hop:
    """A place on the way of some targets."""

    name: str
    hops: dict[str, "_Hop"] = field(default_factory=dict[str, "_Hop"])
    leaves: list[NetReach] = field(default_factory=list[NetReach])
    y: float = 0
    """Its middle."""


def net_svg(report: NetReport, *, width: int = 1200) -> str:
    """Draw what a function reaches on *width* pixels (at least 900); the height follows. Two calls give the same bytes."""
    width = max(width, _NARROWEST)
    name = clean(shown(report.function.name))
    prefix = "n" + hashlib.sha256(name.encode()).hexdigest()[:8]
    drawn = report.reached[:_MOST]
    tree = _tree(drawn)
    deepest = max((len(one.nodes) for one in drawn), default=0)
    lines, top = _head(report, name, width)
    rows = _placed(tree, top + 14)
    bottom = top + 14 + max(rows, 1) * (_ROW + _GAP)
    body = list(_drawn(tree, name, deepest, width)) if drawn else [text(_SIDE, top + 40, 13, "b-faint", "it reaches nothing that was read")]
    foot, height = _foot(report, bottom, width)
    tall = number(height)
    said = f"{count(len(report.reached), 'target')} reached, {report.closed} out of reach"
    opened = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {tall}" width="{width}" height="{tall}" class="b-all" role="img" '
        f'aria-labelledby="{prefix}-title {prefix}-desc">'
    )
    parts = [
        opened,
        f'<title id="{prefix}-title">{escape(f"What {name} reaches")}</title>',
        f'<desc id="{prefix}-desc">{escape(said)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{tall}" class="b-paper"/>',
        *lines,
        *body,
        *foot,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _tree(reached: tuple[NetReach, ...]) -> _Hop:
    root = _Hop("")
    for told in reached:
        at = root
        for node in told.nodes:
            at = at.hops.setdefault(node, _Hop(node))
        at.leaves.append(told)
    return root


def _placed(root: _Hop, top: float) -> int:
    """Give every hop its height: leaves below one another, a hop in the middle of what lies behind it."""
    row = 0

    def place(hop: _Hop) -> None:
        nonlocal row
        first = row
        for inner in hop.hops.values():
            place(inner)
        row += len(hop.leaves)
        hop.y = top + (first + row - 1) / 2 * (_ROW + _GAP) + _ROW / 2

    place(root)
    return row


def _drawn(root: _Hop, name: str, deepest: int, width: int) -> Iterator[str]:
    room = width - 2 * _SIDE - _OWN - _TARGET
    step = room / max(deepest, 1)
    x = float(_SIDE + _OWN)
    yield from _edges(root, x, step, deepest, width)
    yield f"<g><title>{escape(name)}</title>"
    yield rectangle(_SIDE, root.y - _ROW / 2, _OWN, _ROW, 7, "b-own")
    yield _icon(_SIDE + 10, root.y - 8, "function", "b-icon")
    yield text(_SIDE + 34, root.y + 4, 13, "b-ink b-strong", fit(name, 13, _OWN - 44, is_bold=True))
    yield "</g>"
    yield from _hops(root, x, step)


def _edges(hop: _Hop, right: float, step: float, deepest: int, width: int) -> Iterator[str]:
    """Draw lines from a hop to what lies behind it, before the boxes, so that these lie above."""
    for inner in hop.hops.values():
        yield _line(right, hop.y, right + 18, inner.y, "b-line", "")
        yield from _edges(inner, right + step, step, deepest, width)
    row = hop.y - (_rows(hop) - 1) / 2 * (_ROW + _GAP) + (_rows(hop) - len(hop.leaves)) * (_ROW + _GAP)
    for at, told in enumerate(hop.leaves):
        y = row + at * (_ROW + _GAP)
        dash = "" if told.verdict == "always" else ' stroke-dasharray="6 4"'
        yield _line(right, hop.y, width - _SIDE - _TARGET, y, "b-worst" if _is_loud(told.target) else "b-line", dash)
        yield from _target(told, width - _SIDE - _TARGET, y)


def _rows(hop: _Hop) -> int:
    return len(hop.leaves) + sum(map(_rows, hop.hops.values()))


def _hops(hop: _Hop, left: float, step: float) -> Iterator[str]:
    for inner in hop.hops.values():
        wide = step - 26
        yield f"<g><title>{escape(clean(inner.name))}</title>"
        yield rectangle(left + 18, inner.y - _HOP / 2, wide, _HOP, 6, "b-box")
        said = fit(_short(inner.name), 10.5, wide - 10)
        yield text(left + 18 + wide / 2, inner.y + 3.5, 10.5, "b-ink", said, ' text-anchor="middle"')
        yield "</g>"
        loud = not inner.hops and all(_is_loud(one.target) for one in inner.leaves)
        yield _line(left + 18 + wide, inner.y, left + step, inner.y, "b-worst" if loud else "b-line", "")
        yield from _hops(inner, left + step, step)


def _target(told: NetReach, x: float, y: float) -> Iterator[str]:
    target = told.target
    loud = _is_loud(target)
    ports = ", ".join(f"{one.protocol} {ports_text(one.ports)}" for one in told.protocols)
    if len(told.protocols) == 2 and told.protocols[0].ports == told.protocols[1].ports:
        ports = f"tcp and udp {ports_text(told.protocols[0].ports)}"
    verdict = {"always": "", "some-client-ports": "now and then: ", "some-subnets": "from some subnets: "}.get(told.verdict, "perhaps: ")
    name, guard = clean(target.name), target.guarded
    if target.kind == "resolver":
        # What follows from it is said below.
        name, ports, guard = name.partition(",")[0], "port 53, whatever the rules say", "a way out by names"
    yield f"<g><title>{escape(clean(f'{target.name} ({target.id}): {verdict}{ports}'))}</title>"
    yield rectangle(x, y - _ROW / 2, _TARGET, _ROW, 7, "b-hot" if loud else "b-box")
    yield _icon(x + 10, y - 8, _ICONS.get(target.kind, "resource"), "b-icon b-hot-icon" if loud else "b-icon")
    yield text(x + 34, y - 11, 12.5, "b-ink b-strong", fit(name, 12.5, _TARGET - 44, is_bold=True))
    yield text(x + 34, y + 5, 11, "b-ink", cut(f"{verdict}{ports}", 11, _TARGET - 44))
    yield text(x + 34, y + 20, 11, "b-loud" if target.asks_iam is False else "b-faint", cut(guard, 11, _TARGET - 44))
    yield "</g>"


def _is_loud(target: NetTarget) -> bool:
    """Say whether whoever is inside the function has something there at once: what asks nobody, and the way out."""
    return target.asks_iam is False or target.kind == "internet"


def _short(name: str) -> str:
    """Name a hop: of `${aws_subnet.app.id}` what people wrote."""
    words = clean(name)
    return words[2:-1].removesuffix(".id") if words.startswith("${") and words.endswith("}") else words


def _icon(x: float, y: float, kind: NodeKind, css: str) -> str:
    return f'<path transform="translate({number(x)} {number(y)})" d="{ICONS[kind]}" class="{css}"/>'


def _line(x: float, y: float, to_x: float, to_y: float, css: str, dash: str) -> str:
    start, end = f"{number(x)} {number(y)}", number(to_y)
    if abs(to_y - y) < 0.1:
        shape = f"M{start}H{number(to_x)}"
    else:
        bend = min(24.0, (to_x - x) / 2)
        first, second = f"{number(x + bend)} {number(y)}", f"{number(x + bend / 2)} {end}"
        shape = f"M{start}C{first} {second} {number(x + bend + 6)} {end}H{number(to_x)}"
    return f'<path d="{shape}" class="{css}"{dash}/>'


def _head(report: NetReport, name: str, width: int) -> tuple[list[str], float]:
    lines = [text(_SIDE, 40, 20, "b-ink b-strong", fit(f"What {name} reaches", 20, width - 2 * _SIDE, is_bold=True))]
    y = 64.0
    for line in wrap(f"It is {clean(report.placement)}.", 13.5, width - 2 * _SIDE, 2):
        lines.append(text(_SIDE, y, 13.5, "b-ink", line))
        y += 19
    return lines, y + 4


def _foot(report: NetReport, y: float, width: int) -> tuple[list[str], float]:
    y += 16
    lines = [f'<path d="M{_SIDE} {number(y - 8)}H{width - _SIDE}" class="b-rule"/>']
    y += 14
    x = float(_SIDE)
    for css, dash, said in (
        ("b-line", "", "every connection works"),
        ("b-line", ' stroke-dasharray="6 4"', "some do, or nobody knows"),
        ("b-worst", "", "the internet, or guarded by a password or nothing"),
    ):
        lines.append(f'<path d="M0 0h26" class="{css}"{dash} transform="translate({number(x)} {number(y - 4)})"/>')
        lines.append(text(x + 33, y, 11, "b-faint", said))
        x += 33 + measure(said, 11) + 18
    left = len(report.reached) - _MOST
    more = [f"{count(left, 'more target')} reached"] if left > 0 else []
    said = "; ".join([*more, f"{count(report.closed, 'target')} out of its reach"])
    y += 20
    lines.append(text(_SIDE, y, 12, "b-faint", said))
    for unknown in dict.fromkeys((clean(one.why), clean(one.need)) for one in report.unknown):
        y += 18
        lines.append(text(_SIDE, y, 12, "b-gap", cut(f"not known: {unknown[0]} (needs {unknown[1]})", 12, width - 2 * _SIDE)))
    return lines, y + 22
