"""What is not as a lock says, as text and as JSON; and what a lock holds, in a few lines."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, cast

import msgspec

from buckler import __version__
from buckler.model.drift import Doubt, Drift, DriftKind, Verified
from buckler.model.lock import Lock, Unread
from buckler.model.result import TargetError
from buckler.model.unknown import Unknown
from buckler.report import Context
from buckler.report.as_json import dump
from buckler.report.clean import clean
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.paint import COLOR, WORD, Paint
from buckler.report.shape import ErrorPart, SeverityWord
from buckler.report.words import count

VERIFY_SCHEMA: Literal["buckler/verify/1"] = "buckler/verify/1"
_DETAILS = 40
_SUBJECTS = 3


class DriftPart(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as the lock says."""

    id: Annotated[str, msgspec.Meta(description="The same in every run; what an exception of the lock names.")]
    kind: DriftKind
    severity: SeverityWord
    subject: str
    message: str
    details: Annotated[tuple[str, ...], msgspec.Meta(description="Packages and files: `+` new, `-` gone, `~` changed.")]


class DoubtPart(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be compared. Never a pass."""

    subject: str
    what: str
    why: str
    need: str
    kind: str
    is_gap: Annotated[bool, msgspec.Meta(description="Makes `--strict` fail: somebody could have looked.")]


class ExceptedPart(msgspec.Struct, frozen=True, kw_only=True):
    """A drift somebody decided to live with."""

    drift: DriftPart
    reason: str
    until: str


class VerifyDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `buckler verify --format json` writes."""

    schema: Literal["buckler/verify/1"]
    version: Annotated[str, msgspec.Meta(description="Of buckler.")]
    lock: str
    functions: Annotated[int, msgspec.Meta(description="That were compared.")]
    layers: int
    artifacts: int
    drifts: tuple[DriftPart, ...]
    harmless: tuple[DriftPart, ...]
    not_assessed: tuple[DoubtPart, ...]
    excepted: tuple[ExceptedPart, ...]
    expired: Annotated[tuple[str, ...], msgspec.Meta(description="Exceptions that no longer count or match nothing.")]
    errors: tuple[ErrorPart, ...]


def verify_json(lock: str, verified: Verified, errors: Iterable[TargetError] = ()) -> str:
    """Write the document."""
    document = VerifyDocument(
        schema=VERIFY_SCHEMA,
        version=__version__,
        lock=lock,
        functions=verified.functions,
        layers=verified.layers,
        artifacts=verified.artifacts,
        drifts=tuple(map(_drift, verified.drifts)),
        harmless=tuple(map(_drift, verified.harmless)),
        not_assessed=tuple(map(_doubt, verified.doubts)),
        excepted=tuple(ExceptedPart(drift=_drift(one.drift), reason=one.reason, until=one.until) for one in verified.excepted),
        expired=verified.expired,
        errors=tuple(ErrorPart(target=one.target, error=one.error, cause=one.cause, hint=one.hint) for one in errors),
    )
    return dump(document) + "\n"


def _drift(drift: Drift) -> DriftPart:
    return DriftPart(
        id=drift.id, kind=drift.kind, severity=drift.severity.value, subject=drift.subject, message=drift.message, details=drift.details
    )


def _doubt(doubt: Doubt) -> DoubtPart:
    gap = doubt.unknown
    return DoubtPart(subject=doubt.subject, what=doubt.what, why=gap.why, need=gap.need, kind=gap.kind.value, is_gap=doubt.is_gap)


def verify_text(lock: str, verified: Verified, context: Context) -> str:
    """Write the drifts, what could not be compared, and a last line that says it all."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    lines = [*_told(verified, canvas, verbose=context.verbose), *paragraph(_last_line(lock, verified), canvas)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def update_text(verified: Verified, context: Context) -> str:
    """Write what would be accepted into a lock."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    lines = [line.rstrip() for line in _told(verified, canvas, verbose=context.verbose, all_details=True)]
    return "".join(f"{line}\n" for line in lines)


def _told(verified: Verified, canvas: Canvas, *, verbose: bool, all_details: bool = False) -> Iterator[str]:
    for drift in verified.drifts:
        yield from _block(drift, canvas, limit=None if all_details or verbose else _DETAILS)
    for drift in verified.harmless:
        yield from paragraph(f"{drift.kind}: {drift.message}", canvas)
    if verified.harmless:
        yield ""
    for one in verified.excepted:
        until = f", until {one.until}" if one.until else ""
        yield from paragraph(f"accepted: {one.drift.id}: {one.reason}{until}", canvas)
    for name in verified.expired:
        yield from paragraph(f"the exception `{name}` no longer counts, or matches nothing", canvas)
    if verified.excepted or verified.expired:
        yield ""
    yield from _doubts(verified.doubts, canvas, verbose=verbose)


def _block(drift: Drift, canvas: Canvas, *, limit: int | None) -> Iterator[str]:
    word = WORD[drift.severity]
    first, *rest = paragraph(f"{word}[{drift.kind}]: {drift.message}", canvas)
    head = f"{word}[{drift.kind}]"
    yield canvas.paint(head, COLOR[drift.severity]) + first.removeprefix(head)
    yield from rest
    yield canvas.paint("  --> ", "blue") + clean(drift.subject)
    shown = drift.details if limit is None else drift.details[:limit]
    for detail in shown:
        yield from paragraph(detail, canvas, indent=6)
    if len(shown) < len(drift.details):
        yield f"      ... and {count(len(drift.details) - len(shown), 'more difference')}; see -v"
    yield ""


def _doubts(doubts: Iterable[Doubt], canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    """Write what could not be compared, by reason: what could have been looked at first."""
    groups: dict[tuple[bool, str, Unknown], list[str]] = {}
    for doubt in doubts:
        groups.setdefault((not doubt.is_gap, doubt.what, doubt.unknown), []).append(doubt.subject)
    for (_, what, unknown), subjects in sorted(groups.items(), key=lambda one: (one[0][0], one[0][1], one[0][2].why)):
        names = [_short(subject) for subject in dict.fromkeys(subjects)]
        told = names if verbose or len(names) <= _SUBJECTS else [*names[:_SUBJECTS], f"{len(names) - _SUBJECTS} more"]
        whose = ", ".join(f"`{one}`" if not one.endswith(" more") else one for one in told)
        first, *rest = paragraph(f"not assessed: {what} of {whose}: {unknown.why} (needs {unknown.need})", canvas)
        yield canvas.paint("not assessed", "cyan") + first.removeprefix("not assessed")
        yield from rest
    if groups:
        yield ""


def _short(subject: str) -> str:
    """Give the name in an ARN of a function or layer."""
    for mark in (":function:", ":layer:"):
        if mark in subject:
            return subject.partition(mark)[2]
    return subject


def _last_line(lock: str, verified: Verified) -> str:
    compared = [
        count(number, noun)
        for number, noun in ((verified.functions, "function"), (verified.layers, "layer version"), (verified.artifacts, "artifact"))
        if number
    ]
    what = ", ".join(compared) or "nothing"
    gaps = sum(doubt.is_gap for doubt in verified.doubts)
    untold = f"; {count(gaps, 'fact')} not assessed" if gaps else ""
    if verified.drifts:
        kinds = Counter(drift.kind for drift in verified.drifts)
        listed = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        return f"{count(len(verified.drifts), 'drift')} from {lock}: {listed}; compared {what}{untold}"
    return f"as {lock} says: {what}{untold}" if compared else f"nothing here is in {lock}{untold}"


def summary_of_lock(path: str, lock: Lock) -> str:
    """Say what a lock holds, and what it had to leave open."""
    parts = [
        count(len(each), noun)
        for each, noun in (
            (lock.functions, "function"),
            (lock.layers, "layer version"),
            (lock.artifacts, "artifact"),
            (lock.publishers, "publisher"),
        )
        if each
    ]
    lines = [f"{path}: {', '.join(parts) or 'nothing'}"]
    # What is not known of packages is not unpinned: their bytes are.
    pinned = msgspec.structs.replace(lock, artifacts=tuple(msgspec.structs.replace(one, not_assessed=()) for one in lock.artifacts))
    open_ = Counter(f"{one.not_read} (needs {one.need})" for one in _unread(pinned) if one.kind != "outside")
    lines += [f"not read, and so not pinned ({count(number, 'fact')}): {clean(why)}" for why, number in sorted(open_.items())]
    strangers = [one.account for one in lock.publishers if not one.name]
    if strangers:
        lines.append(f"nobody knows the publisher of some layers: account {', '.join(map(clean, strangers))}")
    for artifact in lock.artifacts:
        changed = sum(package.integrity == "modified" for package in artifact.packages)
        if changed:
            lines.append(f"pinned as it is, though it is not what was published: {count(changed, 'package')} of {clean(artifact.path)}")
    return "\n".join(lines)


def _unread(value: object) -> Iterator[Unread]:
    if isinstance(value, Unread):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _unread(getattr(value, name))
    elif isinstance(value, tuple):
        for one in cast("tuple[object, ...]", value):
            yield from _unread(one)
