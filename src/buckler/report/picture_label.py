"""What stands in a box: the name in one or two lines, under it what it is, cut to the box."""

from dataclasses import dataclass

from buckler.report.picture_graph import Box
from buckler.report.picture_measure import two_lines, wrap

NAME_SIZE, NOTE_SIZE = 12.5, 11
NAME_STEP, NOTE_STEP = 15.5, 14
TEXT_LEFT = 35
_RIGHT = 9
_HARM = 18
"""Kept free for the mark of harm."""
STACKED = 3
"""How far the box behind a group's own looks out."""


@dataclass(frozen=True)
class Label:
    """Lines, and the height of the box around them."""

    name: tuple[str, ...]
    note: tuple[str, ...]

    @property
    def height(self) -> float:
        return 44 + (len(self.name) - 1) * NAME_STEP + (max(len(self.note), 1) - 1) * NOTE_STEP


def labelled(box: Box, width: float) -> Label:
    """Fit the label of *box* into a box of *width*."""
    room = width - TEXT_LEFT - _RIGHT - (STACKED if box.is_group else 0) - (_HARM if box.harm else 0)
    name = two_lines(box.name, NAME_SIZE, room, is_bold=box.is_worst)
    most = 1 if box.is_group else 2
    note = wrap(box.note, NOTE_SIZE, room, most)
    what, dot, _ = box.note.rpartition(" · ")
    if dot and note and note[-1].endswith("…"):
        # Better no word on how it is reached than half of one: the tip says it.
        note = wrap(what, NOTE_SIZE, room, most)
    return Label(name=tuple(name), note=tuple(note))
