"""Console: findings as a compiler would print them, then what was counted and what nobody could answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from buckler.model.origin import FileOrigin, place
from buckler.report.clean import clean, columns, cut, elide, wrap
from buckler.report.excerpt import Canvas, draw, margin
from buckler.report.footer import footer
from buckler.report.lines import tail
from buckler.report.paint import COLOR, WORD, Paint
from buckler.report.words import proof

if TYPE_CHECKING:
    from buckler.model.finding import Finding
    from buckler.model.result import ScanResult
    from buckler.report import Context

_MANY = 5
"""More findings of one check than this are not all shown whole."""
_WHOLE = 3
"""That many are."""
_SHORTEST = 24
"""Fewer columns of a message say nothing."""
_MESSAGE_LIMIT = 600
"""Columns; no message of ours is longer, but a name in it may be."""


def render(result: "ScanResult", context: "Context") -> str:
    """Write the findings, grouped by check, worst first; then errors, gaps and the footer."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    groups: dict[str, list[Finding]] = {}
    for finding in result.findings:
        groups.setdefault(finding.check, []).append(finding)
    lines: list[str] = []
    for group in groups.values():
        whole = group if context.verbose or len(group) <= _MANY else group[:_WHOLE]
        for finding in whole:
            lines += [*_finding(finding, canvas, verbose=context.verbose), ""]
        if len(whole) < len(group):
            lines += [*_rest(group[len(whole) :], canvas), ""]
    lines += footer(result, canvas, verbose=context.verbose)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _finding(finding: "Finding", canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    yield from _heading(finding, cut(clean(finding.message), _MESSAGE_LIMIT), canvas)
    yield from draw(finding, canvas)
    indent = margin(finding) + 1
    yield from tail("severity", f"{finding.severity.value}, confidence {finding.confidence.value}", indent, canvas)
    if finding.reach:
        yield from tail("reach", f"{finding.reach}{_blast(finding)}", indent, canvas)
    if said := proof(finding):
        yield from tail("witness", said, indent, canvas)
    if finding.remedy:
        yield from tail("fix", f"{finding.remedy.text} ({'safe' if finding.remedy.is_safe else 'review'})", indent, canvas)
    if verbose and finding.frameworks:
        yield from tail("maps to", ", ".join(finding.frameworks), indent, canvas)
    yield from tail("help", f"buckler explain {finding.check}", indent, canvas)


def _blast(finding: "Finding") -> str:
    """Name the command that shows it all."""
    return f"; see `buckler blast {finding.subject.name}`" if finding.subject.kind == "function" else ""


def _heading(finding: "Finding", message: str, canvas: Canvas) -> Iterator[str]:
    label = f"{WORD[finding.severity]}[{clean(finding.check)}]"
    first, *more = wrap(message, canvas.width - 4, first=canvas.width - columns(label) - 2)
    yield canvas.paint(label, COLOR[finding.severity]) + canvas.paint(f": {first}", "bold")
    for line in more:
        yield "    " + canvas.paint(line, "bold")


def _rest(findings: "list[Finding]", canvas: Canvas) -> Iterator[str]:
    """One line for each of the findings that are not shown whole."""
    yield from _heading(findings[0], f"{len(findings):,} more, shown whole by `-v`", canvas)
    differ = len({finding.severity for finding in findings}) > 1
    for finding in findings:
        subject, origin = finding.subject, finding.evidence[0].origin
        lead = f"{finding.severity.value:<8} " if differ else ""
        if isinstance(origin, FileOrigin):
            spot, about = place(origin), f"({subject.name})"
        else:
            spot, about = subject.name, f"({'/'.join(part for part in (subject.account, subject.region) if part)})"
        # Where it is matters more than the message, which says much the same as those above.
        room = canvas.width - 6 - len(lead)
        spot = elide(clean(spot), room)
        left = room - columns(spot) - 1
        about = f" {elide(clean(about), left)}" if left >= _SHORTEST // 2 else ""
        left = room - columns(spot) - columns(about) - 2
        message = f": {cut(clean(finding.message), left)}" if left >= _SHORTEST else ""
        yield f"{canvas.paint('  --> ', 'blue')}{lead}{canvas.paint.link(spot, origin)}{about}{message}"
