"""Markdown: for the comment on a pull request. A table, then each finding folded away."""

import html
import re
from typing import TYPE_CHECKING

from buckler.model.origin import ApiOrigin, FileOrigin
from buckler.model.severity import Severity
from buckler.report.clean import clean, cut
from buckler.report.words import SHOW_HIDDEN, answer, by_severity, count, fixable, functions, needs, proof, scopes, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buckler.model.finding import Evidence, Finding
    from buckler.model.result import ScanResult
    from buckler.report import Context

_ICON = {Severity.CRITICAL: "🛑", Severity.HIGH: "🔴", Severity.MEDIUM: "🟠", Severity.LOW: "🔵"}
# GitHub takes comments of 65,536 characters. The table, the details and the rest share them; what does not fit is counted.
_TABLE, _DETAILS, _REST = 26_000, 26_000, 11_000


def render(result: "ScanResult", context: "Context") -> str:
    """Write the summary, a table of the findings, their details, and what nobody could answer."""
    lines = ["## buckler", "", _summary(result), ""]
    if result.findings:
        rows, cut_off = _fitting(map(_row, result.findings), _TABLE)
        lines += ["| severity | check | where | what |", "|---|---|---|---|", *rows]
        lines += [f"| | | | and {len(result.findings) - len(rows):,} more |", ""] if cut_off else [""]
        told, cut_off = _fitting(("\n".join(_details(finding, context)) for finding in result.findings), _DETAILS)
        lines += [f"{one}\n" for one in told]
        if cut_off:
            left_out = count(len(result.findings) - len(told), "more finding")
            lines += [f"Details of {left_out} are left out here; {code(context.command)} shows them.", ""]
    rest, cut_off = _fitting((line for part in (_errors(result), _gaps(result), _ignored(result), _rest(result)) for line in part), _REST)
    lines += [*rest, f"{'' if _is_closed(rest) else '</details>'}\n\nThere is more: {code(context.command)} shows it."] if cut_off else rest
    return "\n".join(lines).rstrip() + "\n"


def _fitting(pieces: "Iterable[str]", budget: int) -> tuple[list[str], bool]:
    """Take pieces while they fit; say whether any did not."""
    taken: list[str] = []
    for piece in pieces:
        budget -= len(piece) + 2
        if budget < 0:
            return taken, True
        taken.append(piece)
    return taken, False


def _is_closed(lines: list[str]) -> bool:
    return sum(line.startswith("<details>") for line in lines) == sum(line.startswith("</details>") for line in lines)


def _summary(result: "ScanResult") -> str:
    counts = ", ".join(
        f"{_ICON[severity]} {number} {severity.value}" for severity, number in by_severity(result.findings).items() if number
    )
    safe = fixable(result.findings)
    extra = [f"{safe} fixable"] if safe else []
    extra += [f"{len(result.ignored)} ignored"] if result.ignored else []
    extra += [f"{len(result.gaps)} unanswered"] if result.gaps else []
    found = f"**{count(len(result.findings), 'finding')}**" if result.findings else "**No findings**"
    looked = f" of {scopes(result)}" if scopes(result) else ""
    return (
        found
        + (f": {counts}" if counts else "")
        + (f" ({', '.join(extra)})" if extra else "")
        + f" in {count(functions(result), 'function')}{looked}, {seconds(result.seconds)}."
    )


def _row(finding: "Finding") -> str:
    cells = (f"{_ICON[finding.severity]} {finding.severity.value}", code(finding.check), _where(finding), prose(finding.message))
    return "| " + " | ".join(cells) + " |"


def _where(finding: "Finding") -> str:
    origin = finding.evidence[0].origin
    name = code(finding.subject.name)
    return f"{name} {code(_place(origin))}" if isinstance(origin, FileOrigin) else name


def _place(origin: "FileOrigin | ApiOrigin") -> str:
    if isinstance(origin, ApiOrigin):
        return f"{origin.call} {origin.arn}"
    return f"{origin.file}:{origin.line}" if origin.line else f"{origin.file} {origin.path}".rstrip()


def _details(finding: "Finding", context: "Context") -> "Iterator[str]":
    yield f"<details><summary>{_ICON[finding.severity]} {code(finding.check)} {prose(finding.message)}</summary>"
    yield ""
    yield from dict.fromkeys(f"- {code(_place(one.origin))}: {prose(one.note)}{_source(one, context)}" for one in finding.evidence)
    if proof(finding):
        yield f"- witness: {code(proof(finding))}"
    if finding.remedy:
        yield f"- fix ({'safe' if finding.remedy.is_safe else 'review'}): {prose(finding.remedy.text)}"
    yield f"- confidence {finding.confidence.value}" + (f"; {', '.join(map(code, finding.frameworks))}" if finding.frameworks else "")
    yield f"- more: {code(f'buckler explain {finding.check}')}"
    yield ""
    yield "</details>"


def _source(evidence: "Evidence", context: "Context") -> str:
    line = context.excerpt(evidence.origin) if isinstance(evidence.origin, FileOrigin) and evidence.origin.line else None
    return f"<br>{code(cut(line.strip(), 300))}" if line and line.strip() else ""


def _errors(result: "ScanResult") -> "Iterator[str]":
    for error in result.errors:
        yield f"**Not read:** {code(error.target)}: {prose(error.error)}{': ' + prose(error.cause) if error.cause else ''}"
        yield ""


def _gaps(result: "ScanResult") -> "Iterator[str]":
    if not result.gaps:
        return
    yield f"<details><summary>❔ {count(len(result.gaps), 'question')} unanswered, none of them a pass</summary>"
    yield ""
    for need in needs(result.gaps):
        subjects = ", ".join(code(name) for name in list(dict.fromkeys(gap.subject.name for gap in need.gaps))[:10])
        yield f"- {code(answer(need.need))} answers {len(need.gaps):,}: {subjects}"
    yield ""
    yield "</details>"
    yield ""


def _ignored(result: "ScanResult") -> "Iterator[str]":
    if not result.ignored:
        return
    yield f"<details><summary>🔕 {count(len(result.ignored), 'finding')} ignored</summary>"
    yield ""
    for one in result.ignored:
        until = f", until {prose(one.until)}" if one.until else ""
        yield f"- {code(one.finding.check)} {code(one.finding.subject.name)}: {prose(one.reason)} ({code(one.where)}{until})"
    yield ""
    yield "</details>"
    yield ""


def _rest(result: "ScanResult") -> "Iterator[str]":
    for one in result.expired:
        yield f"An ignore no longer counts or matches nothing: {code(one)}"
        yield ""
    for one in result.coverage.notes[:20]:
        yield f"Note: {prose(one)}"
        yield ""
    skipped = sum(one.count for one in result.coverage.not_asked)
    left_out = [f"{count(skipped, 'question')} not asked at this depth or of this kind of source"] if skipped else []
    left_out += [f"{count(result.hidden, 'finding')} of good practice hidden (`{SHOW_HIDDEN}`)"] if result.hidden else []
    left_out += [f"{count(result.known, 'known finding')} left out by the baseline"] if result.known else []
    if left_out:
        yield "; ".join(left_out) + "."


_LIMIT = 500
# Everything Markdown or GitHub gives a meaning to, written as a character reference, which cannot start any structure.
_SPECIAL = re.compile(r"[\\`*_{}\[\]#|~!@$]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def prose(text: str) -> str:
    """Write a text of ours that quotes names in backticks: the names as code, nothing as markup."""
    pieces = cut(clean(text), _LIMIT).split("`")
    if len(pieces) % 2 == 0:
        return _inert("`".join(pieces))
    return "".join(code(piece) if index % 2 else _inert(piece) for index, piece in enumerate(pieces))


def code(text: str) -> str:
    """Write a name as code. In code GitHub makes no links and mentions nobody."""
    inner = _SPECIAL.sub(lambda match: f"&#{ord(match.group())};", html.escape(cut(clean(text), _LIMIT), quote=True))
    return f"<code>{inner}</code>" if inner else ""


def _inert(text: str) -> str:
    # GitHub looks for @mentions and #references in the finished HTML, where a reference is its character again: a comment splits them.
    escaped = _SPECIAL.sub(lambda match: f"&#{ord(match.group())};", html.escape(text, quote=False))
    return escaped.replace("&#64;", "&#64;<!-- -->").replace("&#35;", "&#35;<!-- -->")
