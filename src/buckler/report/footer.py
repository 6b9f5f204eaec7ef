"""The end of a console report: what failed, what nobody could answer, what was counted."""

from collections.abc import Iterator

from buckler.model.result import NotAsked, ScanResult
from buckler.report.clean import clean, columns, cut
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.words import SHOW_HIDDEN, answer, by_severity, count, entities, fixable, functions, needs, scopes, seconds

_NEEDS_SHOWN = 6


def footer(result: ScanResult, canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    """Write errors, then (verbose) every ignore and gap, then the counts."""
    for error in result.errors:
        yield from _error(error.error, error.target, error.cause, error.hint, canvas)
        yield ""
    for ignore in result.expired:
        yield from paragraph(f"warning: this ignore no longer counts or matches nothing: {ignore}", canvas)
    if result.expired:
        yield ""
    if verbose:
        yield from _details(result, canvas)
    yield from paragraph(_counts(result), canvas)
    if result.hidden:
        yield from paragraph(f"{count(result.hidden, 'finding')} of good practice hidden: show with `{SHOW_HIDDEN}`", canvas)
    if result.known:
        yield from paragraph(f"{count(result.known, 'known finding')} left out by the baseline: show without `--baseline`", canvas)
    yield from _unanswered(result, canvas, verbose=verbose)
    yield from _not_asked(result.coverage.not_asked, canvas)
    if result.coverage.notes and not verbose:
        yield from paragraph(
            f"{count(len(result.coverage.notes), 'note')} on what was not followed or does not count: listed by `-v`", canvas
        )


def _error(error: str, target: str, cause: str, hint: str, canvas: Canvas) -> Iterator[str]:
    about = f"{target}: {error}" if target and target not in error else error
    first, *more = paragraph(f"error: {about}", canvas)
    yield canvas.paint("error", "red") + first.removeprefix("error")
    yield from more
    if cause:
        yield from paragraph(f"cause: {cause}", canvas, indent=2)
    if hint:
        yield from paragraph(f"hint: {hint}", canvas, indent=2)


def _details(result: ScanResult, canvas: Canvas) -> Iterator[str]:
    for ignored in result.ignored:
        until = f" until {ignored.until}" if ignored.until else ""
        finding = ignored.finding
        yield from paragraph(
            f"ignored[{finding.check}]: {finding.subject.name}: {finding.message} ({ignored.where}{until}: {ignored.reason})", canvas
        )
    if result.ignored:
        yield ""
    for gap in result.gaps:
        yield from paragraph(f"gap[{gap.check}]: {gap.subject.kind} {gap.subject.name}: {gap.why} ({answer(gap.need)})", canvas)
    if result.gaps:
        yield ""
    for scope in result.coverage.scopes:
        looked = ", ".join(entities(number, name) for name, number in scope.counts) or "nothing buckler knows"
        yield from paragraph(f"{scope.name}: {looked}", canvas)
        for name, why in scope.unread:
            yield from paragraph(f"{name.replace('_', ' ')} not read: {why}", canvas, indent=2)
    for note in result.coverage.notes:
        yield from paragraph(f"note: {note}", canvas)
    if result.coverage.calls:
        yield from paragraph("API calls: " + ", ".join(f"{call} {number:,}" for call, number in result.coverage.calls), canvas)
    if result.coverage.scopes:
        yield ""


def _counts(result: ScanResult) -> str:
    severities = [f"{number} {severity.value}" for severity, number in by_severity(result.findings).items() if number]
    found = count(len(result.findings), "finding") if result.findings else "no findings"
    extra = [
        f"{number:,} {word}"
        for number, word in (
            (fixable(result.findings), "fixable"),
            (len(result.ignored), "ignored"),
        )
        if number
    ]
    text = found + (": " + ", ".join(severities) if severities else "") + (f" ({', '.join(extra)})" if extra else "")
    looked = scopes(result)
    return f"{text} in {count(functions(result), 'function')}{' of ' + looked if looked else ''}, {seconds(result.seconds)}"


def _unanswered(result: ScanResult, canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    if not result.gaps:
        return
    wanted = needs(result.gaps)
    total = count(len(result.gaps), "question") + " unanswered"
    permissions = any(need.is_permission for need in wanted)
    if len(wanted) == 1:
        yield from paragraph(f"{total}: {answer(wanted[0].need)}{', or run `buckler permissions`' if permissions else ''}", canvas)
        return
    yield from paragraph(f"{total}, none of them a pass{'; `buckler permissions` prints what to grant' if permissions else ''}:", canvas)
    # One line more is no longer than the line that says so.
    listed = wanted if verbose or len(wanted) <= _NEEDS_SHOWN + 1 else wanted[:_NEEDS_SHOWN]
    digits = len(str(len(wanted[0].gaps)))
    for need in listed:
        yield from _need(need.need, len(need.gaps), digits, canvas)
    if len(listed) < len(wanted):
        rest = sum(len(need.gaps) for need in wanted[len(listed) :])
        yield f"  {rest:>{digits}}  {count(len(wanted) - len(listed), 'other need')}, listed by `-v`"


def _need(need: str, number: int, digits: int, canvas: Canvas) -> Iterator[str]:
    lead = f"  {number:>{digits}}  "
    first, *more = paragraph(answer(need), canvas, indent=columns(lead), hang=2)
    yield lead + first.lstrip()
    yield from more


def _not_asked(skipped: tuple[NotAsked, ...], canvas: Canvas) -> Iterator[str]:
    if not skipped:
        return
    by_need: dict[str, int] = {}
    for one in skipped:
        key = f"need `{one.need}`" if one.need.startswith("--") else f"need {one.need}" if one.need else f"({one.why})"
        by_need[key] = by_need.get(key, 0) + one.count
    parts = [f"{number:,} {cut(clean(what), 80)}" for what, number in sorted(by_need.items(), key=lambda pair: (-pair[1], pair[0]))]
    yield from paragraph(f"{count(sum(by_need.values()), 'question')} not asked: {', '.join(parts)}", canvas)
