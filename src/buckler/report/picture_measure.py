"""How wide a text will be: widths of characters, so that a label is cut before it leaves its box, whatever font the reader has.

Widths are thousandths of the font size: the larger of DejaVu Sans, the widest common sans beside Verdana, and of Arial, whose metrics
Helvetica and Liberation Sans share. A reader's font is one of these or narrower.
"""

import unicodedata
from functools import lru_cache

FONTS = "'Helvetica Neue',Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif"
"""The stack that was measured. None is embedded."""

_REGULAR = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636, 636, 636,
    337, 337, 838, 838, 838, 556, 1015, 684, 686, 722, 770, 667, 611, 778, 752, 295, 500, 667, 557, 863, 748, 787, 667, 787, 722, 667,
    611, 732, 684, 989, 685, 667, 685, 390, 337, 390, 838, 556, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974,
    634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
)  # fmt: skip
"""Of U+0020 to U+007E."""
_BOLD = (
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696, 696, 696, 696,
    400, 400, 838, 838, 838, 611, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 556, 775, 637, 995, 837, 850, 733, 850, 770, 720,
    682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 556, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343,
    1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
)  # fmt: skip
_MARGIN = 1.02
"""For hinting, and for fonts that are a little wider than those measured."""
_ELLIPSIS = "…"
_LONGEST = 400
"""More characters fit no line of ours: what is longer is cut first, so that a hostile name costs nothing."""


def measure(text: str, size: float, *, is_bold: bool = False) -> float:
    """Measure a clean text in pixels; never too little."""
    table = _BOLD if is_bold else _REGULAR
    return sum(table[ord(char) - 32] if " " <= char <= "~" else _odd(char) for char in text) * size * _MARGIN / 1000


@lru_cache(maxsize=4096)
def _odd(char: str) -> int:
    """Guess high: the font that will show it is not one of ours."""
    if char in "·–“”":
        return 660
    if char == _ELLIPSIS:
        return 1000
    point = ord(char)
    if 0xFDF0 <= point <= 0xFDFF or 0x12000 <= point <= 0x1254F:  # whole Arabic phrases and cuneiform: one character is a line
        return 12_000
    if point < 0x250:
        return 1100
    if unicodedata.east_asian_width(char) in {"W", "F"} or unicodedata.category(char).startswith("L"):
        return 1400
    return 2000


def fit(text: str, size: float, width: float, *, is_bold: bool = False) -> str:
    """Leave out the middle of a clean text until it fits: the ends of a name say most."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]}{_ELLIPSIS}{text[-_LONGEST // 2 :]}"
    if measure(text, size, is_bold=is_bold) <= width:
        return text
    room = width - measure(_ELLIPSIS, size, is_bold=is_bold)
    front, back = 0, len(text)
    used, at_end = 0.0, True
    while front < back:
        # The end gets the odd character: names of one family differ there.
        used += measure(text[back - 1] if at_end else text[front], size, is_bold=is_bold)
        if used > room:
            break
        front, back = (front, back - 1) if at_end else (front + 1, back)
        at_end = not at_end
    return f"{text[:front].rstrip()}{_ELLIPSIS}{text[back:].lstrip()}"


def cut(text: str, size: float, width: float, *, is_bold: bool = False) -> str:
    """Leave out the end of a clean text until it fits: sentences begin with what matters."""
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + _ELLIPSIS
    if measure(text, size, is_bold=is_bold) <= width:
        return text
    room = width - measure(_ELLIPSIS, size, is_bold=is_bold)
    used, kept = 0.0, 0
    for kept, char in enumerate(text):  # noqa: B007 - the index where it stops is the result
        used += measure(char, size, is_bold=is_bold)
        if used > room:
            break
    return text[:kept].rstrip(" ,;:·") + _ELLIPSIS


def wrap(text: str, size: float, width: float, lines: int) -> list[str]:
    """Break a clean text at spaces into at most *lines* lines; the last says `…` when something is lost, and so does a word too long."""
    out: list[str] = []
    line = ""
    words = text.split()
    for index, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if measure(longer[: _LONGEST * 2], size) <= width:
            line = longer
            continue
        if len(out) == lines - 1:
            return [*out, cut(" ".join([line, *words[index:]]).strip(), size, width)]
        if line:
            out.append(line)
        line = fit(word, size, width)
    return [*out, line] if line else out


_SEAMS = "-_/.: "


def two_lines(text: str, size: float, width: float, *, is_bold: bool = False) -> list[str]:
    """Write a name in one line or two, broken where names have seams; the second loses its middle where that is not enough."""
    if len(text) > _LONGEST or measure(text, size, is_bold=is_bold) <= width:
        return [fit(text, size, width, is_bold=is_bold)]
    used, end = 0.0, 0
    for end, char in enumerate(text):  # noqa: B007 - the index where it stops is the result
        used += measure(char, size, is_bold=is_bold)
        if used > width:
            break
    seam = max(text.rfind(mark, end // 2, end) for mark in _SEAMS) + 1
    seam = seam or next((at for at in range(end, end // 2, -1) if text[at - 1].islower() and text[at].isupper()), 0)
    end = seam or max(end, 1)
    first = fit(text[:end].rstrip(), size, width, is_bold=is_bold)
    return [first, fit(text[end:].lstrip(), size, width, is_bold=is_bold)]
