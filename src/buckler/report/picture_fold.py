"""Folds many of a kind into one box, "and 40 more buckets", so that no column is longer than a page."""

from collections.abc import Mapping

from buckler.model.graph import NodeKind
from buckler.model.severity import Severity
from buckler.report.blast_words import more
from buckler.report.picture_graph import BECOMES, FUNCTION, REACHES, RUNS_AS, TOUCHES, Box, Key, Link, Sketch, worse

MOST = 12
"""Boxes in a column, unless the worst path alone has more."""


def fold(whole: Sketch) -> Sketch:
    """Fold what does not fit into "and 40 more buckets"; the worst, and what it hangs on, stay."""
    stands_for: dict[Key, Key] = {}
    groups: dict[Key, list[Box]] = {}
    for column in (REACHES, BECOMES, TOUCHES):
        boxes = whole.column(column)
        if len(boxes) <= MOST:
            continue
        kept = _kept(boxes, whole)
        rest: dict[NodeKind, list[Box]] = {}
        for box in boxes:
            if box.key not in kept:
                rest.setdefault(box.kind, []).append(box)
        for kind, members in rest.items():
            if len(members) == 1:
                continue
            key = (column, f"\0{kind}")
            groups[key] = members
            stands_for.update({member.key: key for member in members})
    if not groups:
        return whole
    folded = Sketch(boxes={key: box for key, box in whole.boxes.items() if key not in stands_for}, links={}, worst=whole.worst)
    kinds = {(box.key[0], box.kind) for box in folded.boxes.values()}
    for box in folded.boxes.values():
        box.parent = None if box.parent in stands_for else box.parent
    for key, members in groups.items():
        folded.boxes[key] = _group(key, members, are_some_shown=(key[0], members[0].kind) in kinds)
    for link in whole.links.values():
        source, target = _ends(stands_for.get(link.source, link.source), stands_for.get(link.target, link.target), groups, whole)
        if source == target:
            continue
        is_folded = source in groups or target in groups
        merged = folded.links.setdefault((source, target), Link(source, target, is_folded=is_folded))
        merged.tips += link.tips
        merged.is_certain = merged.is_certain or link.is_certain
        merged.label = merged.label or link.label
    return folded


def _ends(source: Key, target: Key, groups: Mapping[Key, object], whole: Sketch) -> tuple[Key, Key]:
    """Say between what a step is drawn once there are groups: a group's members hang on many, so it hangs where all of them begin."""
    if source[0] != target[0] or not (source in groups or target in groups):
        return source, target
    function = next(key for key in whole.boxes if key[0] == FUNCTION)
    if source[0] == REACHES:
        return source, function
    return next((key for key in whole.boxes if key[0] == RUNS_AS), function), target


def _kept(boxes: list[Box], whole: Sketch) -> set[Key]:
    """Choose whom to show: the worst path, then from the top, each with what it hangs on, as long as groups for the rest have room."""
    kept: set[Key] = set()
    for box in sorted(boxes, key=lambda one: not one.is_worst):
        wanted = set(kept)
        key: Key | None = box.key
        while key is not None:
            wanted.add(key)
            key = whole.boxes[key].parent
        groups = len({one.kind for one in boxes if one.key not in wanted})
        if not box.is_worst and len(wanted) + groups > MOST:
            break
        kept = wanted
    return kept


def _group(key: Key, members: list[Box], *, are_some_shown: bool) -> Box:
    number = sum(member.number for member in members)
    harm: Severity | None = None
    for member in members:
        harm = worse(member.harm, harm) if member.harm is not None else harm
    return Box(
        key=key,
        kind=members[0].kind,
        name=more(number, members[0].kind, are_some_shown=are_some_shown),
        note=", ".join(member.name for member in members[:3]),
        tips=[member.tips[0] for member in members],
        harm=harm,
        number=number,
        is_group=True,
    )
