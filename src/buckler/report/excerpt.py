"""A finding's evidence, drawn as compilers do: the place, the line, and carets under what is meant."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from buckler.model.finding import Evidence, Finding
from buckler.model.origin import ApiOrigin, FileOrigin
from buckler.report.clean import clean, columns, cut, elide, wrap
from buckler.report.paint import Paint

_ARN_LIMIT = 300
"""Longer than any real one: what is longer is somebody's joke."""


@dataclass(frozen=True)
class Canvas:
    """How wide, and where source lines come from."""

    width: int
    paint: Paint
    excerpt: Callable[[FileOrigin], str | None]


def draw(finding: Finding, canvas: Canvas) -> Iterator[str]:
    """Draw all evidence of a finding: the primary's file or ARN first, the others in order, each file in the order of its lines."""
    gutter = margin(finding)
    primary = finding.evidence[0]
    # Two statements that one property expands to are said once.
    distinct: dict[tuple[object, ...], Evidence] = {}
    for one in finding.evidence:
        distinct.setdefault((_home(one), _line_key(one), _column(one), one.note), one)
    evidences = list(distinct.values())
    homes = dict.fromkeys(map(_home, evidences))
    for position, home in enumerate(homes):
        evidence = [one for one in evidences if _home(one) == home]
        # Findings point at their primary evidence, though the excerpt goes on in the order of lines.
        yield from _place(evidence[0], finding if position == 0 else None, gutter, canvas)
        yield canvas.paint(" " * gutter + " |", "blue")
        if isinstance(evidence[0].origin, FileOrigin):
            evidence.sort(key=lambda one: (one.origin.line, one.origin.column) if isinstance(one.origin, FileOrigin) else (0, 0))
        for _, same in groupby(evidence, key=_line_key):
            yield from _source(list(same), primary, gutter, canvas)
    yield canvas.paint(" " * gutter + " |", "blue")


def margin(finding: Finding) -> int:
    """Measure the columns that line numbers need."""
    return max([2, *(len(str(one.origin.line)) for one in finding.evidence if isinstance(one.origin, FileOrigin))])


def _home(evidence: Evidence) -> str:
    origin = evidence.origin
    return f"file {origin.file}" if isinstance(origin, FileOrigin) else f"api {origin.arn}"


def _column(evidence: Evidence) -> int:
    return evidence.origin.column if isinstance(evidence.origin, FileOrigin) else 0


def _line_key(evidence: Evidence) -> tuple[object, ...]:
    origin = evidence.origin
    return (origin.line, origin.path if not origin.line else "") if isinstance(origin, FileOrigin) else (origin.call,)


def _place(evidence: Evidence, finding: Finding | None, gutter: int, canvas: Canvas) -> Iterator[str]:
    origin = evidence.origin
    arrow = "--> " if finding else "::: "
    indent = " " * gutter + arrow
    if isinstance(origin, ApiOrigin):
        text = clean(origin.arn or origin.call)
        # An ARN is never cut, so that it can be copied; what has spaces or no end is none.
        text = elide(text, _ARN_LIMIT if " " not in text else canvas.width - len(indent))
    else:
        spot = f":{origin.line}" + (f":{origin.column}" if origin.column else "") if origin.line else ""
        text = elide(clean(origin.file), canvas.width - len(indent) - len(spot)) + spot
    line = canvas.paint(indent, "blue") + canvas.paint.link(text, origin)
    about = "" if finding is None else _about(finding, evidence)
    if not about:
        yield line
    elif len(indent) + columns(text) + 1 + columns(about) <= canvas.width:
        yield f"{line} {about}"
    else:
        yield line
        yield " " * len(indent) + cut(about, canvas.width - len(indent))


def _about(finding: Finding, evidence: Evidence) -> str:
    """Name the subject, unless the ARN above it does."""
    if isinstance(evidence.origin, ApiOrigin) and evidence.origin.arn == finding.subject.arn:
        return ""
    return clean(f"({finding.subject.kind} {finding.subject.name})")


def _source(evidence: list[Evidence], primary: Evidence, gutter: int, canvas: Canvas) -> Iterator[str]:
    """Draw one line of a file, or one API call, and what is to be seen there."""
    origin = evidence[0].origin
    room = canvas.width - gutter - 3
    raw = canvas.excerpt(origin) if isinstance(origin, FileOrigin) and origin.line else None
    number = ""
    if isinstance(origin, ApiOrigin):
        text = clean(origin.call)
    elif raw is None:
        text = clean(origin.path or origin.file)
    else:
        text = ""
    if isinstance(origin, FileOrigin) and origin.line:
        number = str(origin.line)
    window = _Window.of(raw, evidence, room) if raw is not None else _Window(elide(text, room), 0)
    yield (canvas.paint(f"{number:>{gutter}} | ", "blue") + window.text).rstrip()
    for one in evidence:
        start, length = window.span(raw, one)
        is_primary = one is primary
        yield from _annotation(one, start, length, room, gutter, "^" if is_primary else "-", canvas)


def _annotation(one: Evidence, start: int, length: int, room: int, gutter: int, mark: str, canvas: Canvas) -> Iterator[str]:
    style = "red" if mark == "^" else "blue"
    bar = canvas.paint(" " * gutter + " | ", "blue")
    note = clean(one.note)
    beside = room - start - length - 1
    if columns(note) <= beside:
        yield f"{bar}{' ' * start}{canvas.paint(f'{mark * length} {note}'.rstrip(), style)}"
        return
    yield f"{bar}{' ' * start}{canvas.paint(mark * length, style)}"
    indent = start if room - start >= 40 else 0
    for line in wrap(cut(note, 1000), room - indent):
        yield f"{bar}{' ' * indent}{canvas.paint(line, style)}"


@dataclass(frozen=True)
class _Window:
    """The part of a source line that fits, and how many columns of the line lie left of it."""

    text: str
    skipped: int

    @classmethod
    def of(cls, raw: str, evidence: Iterable[Evidence], room: int) -> "_Window":
        whole = clean(raw.rstrip())
        if columns(whole) <= room:
            return cls(whole, 0)
        start = min(_start(raw, one) for one in evidence)
        bare = columns(whole) - columns(whole.lstrip())
        if columns(whole) - bare <= room:
            return cls(whole.lstrip(), bare)
        if start - bare < room * 2 // 3:
            return cls(cut(whole.lstrip(), room), bare)
        # One column goes to the `…`, so what is left of it is one fewer.
        skipped = start - 10
        return cls(cut("…" + whole[skipped + 1 :], room), skipped)

    def span(self, raw: str | None, one: Evidence) -> tuple[int, int]:
        """Where the marks go, in columns of the window: start and length."""
        visible = columns(self.text)
        if raw is None:
            return 0, max(visible, 1)
        start = max(_start(raw, one) - self.skipped, 0)
        end = columns(clean(_value(raw))) - self.skipped
        start = min(start, max(visible - 1, 0))
        return start, max(min(end, visible) - start, 1)


def _start(raw: str, one: Evidence) -> int:
    origin = one.origin
    column = origin.column if isinstance(origin, FileOrigin) else 0
    if column < 1 or column > len(raw):
        column = len(raw) - len(raw.lstrip()) + 1
    return columns(clean(raw[: column - 1]))


def _value(raw: str) -> str:
    """Leave off what is not meant: a YAML comment, a JSON comma."""
    text = raw.rstrip()
    before, mark, _comment = text.partition(" #")
    if mark and before.count('"') % 2 == 0 and before.count("'") % 2 == 0:
        text = before.rstrip()
    return text.removesuffix(",")
