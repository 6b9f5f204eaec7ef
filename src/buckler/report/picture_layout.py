"""Where boxes stand: columns side by side, principals as trees, orders that cross few links, lanes for links that skip a column."""

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from buckler.report.picture_graph import BECOMES, FUNCTION, REACHES, RUNS_AS, TOUCHES, Box, Key, Link, Sketch
from buckler.report.picture_label import Label, labelled

ROW_GAP = 13
INDENT = 22
_LEVELS = 5
_SHALLOW = 3
"""In a deeper tree an only child stands straight under its parent."""
_DEEPEST = 100
"""Pixels; a deep tree indents less per level."""
_LEAST = 60
"""Height of empty columns."""
_LANE = 8
"""Height of a row that only a link passes through."""
_SWEEPS = 4
_SHARES = (192, 164, 180, 212, 208)
"""Widths of the columns, and what is left is shared by the gaps."""
_USED = 1200
_SIDE = 22


@dataclass(frozen=True)
class Place:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass
class Layout:
    """Everything's place. A lane's key is the box it comes from, with the column it crosses."""

    columns: tuple[Place, ...]
    boxes: dict[Key, Place] = field(default_factory=dict[Key, Place])
    lanes: dict[tuple[int, Key], Place] = field(default_factory=dict[tuple[int, Key], Place])
    labels: dict[Key, Label] = field(default_factory=dict[Key, Label])
    indent: dict[int, float] = field(default_factory=dict[int, float])
    bottom: float = 0


@dataclass
class _Row:
    """A box of a column at its depth, or a lane."""

    key: Key
    depth: int = 0
    is_lane: bool = False


def arrange(drawn: Sketch, width: int, top: float) -> Layout:
    """Place every box under *top* on paper of a *width*."""
    scale = width / _USED
    gap = (width - 2 * _SIDE - sum(_SHARES) * scale) / 4
    layout = Layout(columns=())
    columns: list[Place] = []
    x = float(_SIDE)
    for column, rows in enumerate(_orders(drawn)):
        columns.append(Place(round(x, 1), top, round(_SHARES[column] * scale, 1), 0))
        _stack(column, rows, drawn, columns[-1], layout)
        x += _SHARES[column] * scale + gap
    # Only now is it known how tall the tallest column is; the others stand in the middle of it.
    tallest = max(layout.bottom - top, _LEAST)
    layout.columns = tuple(replace(place, height=tallest) for place in columns)
    layout.bottom = top + tallest
    for column in range(5):
        # The function and its role stand in the very middle, on one line, whatever passes below them.
        is_alone = column in {FUNCTION, RUNS_AS}
        own = {key: place for key, place in layout.boxes.items() if key[0] == column}
        lanes = {key: place for key, place in layout.lanes.items() if key[0] == column}
        standing = [*own.values(), *(() if is_alone and own else lanes.values())]
        lowest = max((place.y + place.height for place in standing), default=0)
        shift = round((layout.bottom - lowest) / 2, 1)
        layout.boxes.update({key: replace(place, y=place.y + shift) for key, place in own.items()})
        layout.lanes.update({key: replace(place, y=place.y + shift) for key, place in lanes.items()})
    return layout


def _stack(column: int, rows: "list[_Row]", drawn: Sketch, place: Place, layout: Layout) -> None:
    deepest = max((row.depth for row in rows), default=0)
    step = min(INDENT, _DEEPEST / deepest) if deepest else INDENT
    below = sum(_LANE + ROW_GAP for row in rows if row.is_lane) if column in {FUNCTION, RUNS_AS} else 0
    layout.indent[column] = step
    y = place.y
    for row in rows:
        if row.is_lane:
            layout.lanes[column, row.key] = Place(place.x, y, place.width, _LANE)
            height: float = _LANE
        else:
            shift = round(row.depth * step, 1)
            label = labelled(drawn.boxes[row.key], place.width - shift)
            height = label.height
            layout.labels[row.key] = label
            # Who reaches the function hangs to the left of it, who it becomes to the right.
            layout.boxes[row.key] = Place(place.x + (0 if column == REACHES else shift), y, round(place.width - shift, 1), height)
        y += height + ROW_GAP
        layout.bottom = max(layout.bottom, y - ROW_GAP + below)


def lanes_of(link: Link) -> range:
    """Say which columns a link passes through."""
    return range(link.source[0] + 1, link.target[0])


def _orders(drawn: Sketch) -> list[list[_Row]]:
    """Order every column; links are swept back and forth between what principals and things have in common, and the best order is kept."""
    lanes: dict[int, dict[Key, None]] = {}
    for link in drawn.links.values():
        for column in lanes_of(link):
            lanes.setdefault(column, {})[link.source] = None
    columns = [drawn.column(number) for number in range(5)]
    fixed = {
        REACHES: _tree(columns[REACHES], [box.key for box in columns[REACHES]], ()),
        FUNCTION: [*(_Row(box.key) for box in columns[FUNCTION]), *(_Row(key, is_lane=True) for key in lanes.get(FUNCTION, ()))],
        RUNS_AS: [*(_Row(box.key) for box in columns[RUNS_AS]), *(_Row(key, is_lane=True) for key in lanes.get(RUNS_AS, ()))],
    }
    becomes, touches = _sweep(drawn, columns[BECOMES], columns[TOUCHES], tuple(lanes.get(BECOMES, ())))
    return [fixed[REACHES], fixed[FUNCTION], fixed[RUNS_AS], becomes, touches]


def _sweep(drawn: Sketch, principals: list[Box], things: list[Box], lanes: tuple[Key, ...]) -> tuple[list[_Row], list[_Row]]:
    pairs = [(link.source, link.target) for link in drawn.links.values() if link.target[0] == TOUCHES]
    red = {link.source for link in drawn.links.values() if link.label and link.target[0] == TOUCHES}
    groups = {box.key for box in things if box.is_group}
    best: tuple[int, int, list[_Row], list[Key]] | None = None
    # Links that skip the column pass above its boxes or below them; the worst path is drawn where people look first.
    for turn, is_above in enumerate((bool(red & set(lanes)), not red & set(lanes))):
        rank = [box.key for box in principals]
        order = [*lanes, *rank] if is_above else [*rank, *lanes]
        right = [box.key for box in things]
        for _ in range(_SWEEPS):
            left = _tree(principals, order, lanes)
            at = _positions([row.key for row in left])
            right = sorted(_barycentre(right, [(target, source) for source, target in pairs], at), key=groups.__contains__)
            crossings = _crossings(pairs, at, _positions(right))
            if best is None or (crossings, turn) < best[:2]:
                best = (crossings, turn, left, right)
            order = _barycentre(order, pairs, _positions(right))
    if best is None:
        return [], []
    return best[2], [_Row(key) for key in best[3]]


def _positions(keys: Sequence[Key]) -> dict[Key, int]:
    return {key: index for index, key in enumerate(keys)}


def _barycentre(keys: Sequence[Key], links: Sequence[tuple[Key, Key]], at: Mapping[Key, int]) -> list[Key]:
    """Sort *keys* by the mean position of what they are linked to; ties, and those without a link, keep their order."""
    sums: dict[Key, list[int]] = {}
    for own, other in links:
        if other in at:
            sums.setdefault(own, []).append(at[other])
    last = -1.0
    weights: list[float] = []
    for key in keys:
        found = sums.get(key)
        last = sum(found) / len(found) if found else last
        weights.append(last)
    return [key for _, _, key in sorted((weight, index, key) for index, (weight, key) in enumerate(zip(weights, keys, strict=True)))]


def _crossings(pairs: Sequence[tuple[Key, Key]], left: Mapping[Key, int], right: Mapping[Key, int]) -> int:
    """Count the pairs of links that cross: the inversions of their right ends, read in the order of their left ones."""
    ends = sorted((left[source], right[target]) for source, target in pairs if source in left and target in right)
    seen: list[int] = []
    crossings = 0
    for _, end in ends:
        crossings += len(seen) - bisect_right(seen, end)
        insort(seen, end)
    return crossings


def _tree(boxes: Sequence[Box], order: Sequence[Key], lanes: Sequence[Key]) -> list[_Row]:
    """List boxes as a tree, each under the one it hangs on, siblings in *order*."""
    children: dict[Key | None, list[Key]] = {}
    groups = {box.key for box in boxes if box.is_group}
    parents = {box.key: box.parent for box in boxes}
    for key in sorted(order, key=groups.__contains__):
        children.setdefault(parents.get(key), []).append(key)
    rows: list[_Row] = []
    is_deep = _depth(parents) > _SHALLOW
    stack = [(key, 0) for key in reversed(children.get(None, []))]
    while stack:
        key, depth = stack.pop()
        rows.append(_Row(key, depth, is_lane=key in lanes))
        below = children.get(key, [])
        # So that there is room for the names.
        deeper = depth if is_deep and len(below) == 1 else min(depth + 1, _LEVELS)
        stack += [(child, deeper) for child in reversed(below)]
    return rows


def _depth(parents: Mapping[Key, Key | None]) -> int:
    deepest = 0
    for key in parents:
        depth, above = 0, parents[key]
        while above is not None:
            depth, above = depth + 1, parents.get(above)
        deepest = max(deepest, depth)
    return deepest


__all__ = ["ROW_GAP", "Layout", "Place", "arrange", "lanes_of"]
