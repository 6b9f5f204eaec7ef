"""Labelled lines that wrap under their own text."""

from collections.abc import Iterator

from buckler.report.clean import clean, cut, wrap
from buckler.report.excerpt import Canvas

_LIMIT = 1000


def tail(label: str, text: str, indent: int, canvas: Canvas) -> Iterator[str]:
    """Write `= label: text` under an excerpt."""
    start = f"{' ' * indent}= "
    hang = indent + 2 + len(label) + 2
    first, *more = wrap(cut(clean(text), _LIMIT), canvas.width - hang)
    yield canvas.paint(start, "blue") + canvas.paint(label, "bold") + f": {first}"
    for line in more:
        yield " " * hang + line


def paragraph(text: str, canvas: Canvas, *, indent: int = 0, hang: int = 2) -> Iterator[str]:
    """Write a text whose further lines stand *hang* columns further in."""
    first, *more = wrap(cut(clean(text), _LIMIT), canvas.width - indent - hang, first=canvas.width - indent)
    yield " " * indent + first
    for line in more:
        yield " " * (indent + hang) + line
