"""JUnit XML: for CI systems that show test results. A check and its subject are a test case; a gap is skipped, never passed."""

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from buckler.model.origin import place
from buckler.report.clean import clean
from buckler.report.words import answer, proof

if TYPE_CHECKING:
    from buckler.model.finding import Finding, Gap, Subject
    from buckler.model.result import Ignored, ScanResult
    from buckler.report import Context


def render(result: "ScanResult", _context: "Context") -> str:
    """Write one suite per check."""
    cases: dict[str, dict[tuple[str, str], _Case]] = {check: {} for check in result.coverage.checks}

    def case(check: str, subject: "Subject") -> _Case:
        return cases.setdefault(check, {}).setdefault((subject.id, subject.place), _Case(subject))

    for finding in result.findings:
        case(finding.check, finding.subject).findings.append(finding)
    for ignored in result.ignored:
        case(ignored.finding.check, ignored.finding.subject).ignored.append(ignored)
    for gap in result.gaps:
        case(gap.check, gap.subject).gaps.append(gap)
    skipped = {one.check: f"{one.count} not asked: {one.why}" for one in result.coverage.not_asked}
    suites = [_suite(check, list(cases[check].values()), skipped.get(check)) for check in sorted(cases)]
    errors = [_error(error.target, error.error, error.cause) for error in result.errors]
    if errors:
        suites.append(
            "\n".join(
                [f'  <testsuite name="targets" tests="{len(errors)}" errors="{len(errors)}" failures="0">', *errors, "  </testsuite>"]
            )
        )
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="buckler" time="{result.seconds:.3f}">', *suites, "</testsuites>", ""]
    )


class _Case:
    """What was said of one subject by one check."""

    def __init__(self, subject: "Subject") -> None:
        self.subject = subject
        self.findings: list[Finding] = []
        self.ignored: list[Ignored] = []
        self.gaps: list[Gap] = []


def _suite(check: str, cases: "list[_Case]", not_asked: str | None) -> str:
    lines: list[str] = []
    failures = sum(bool(case.findings) for case in cases)
    skipped = sum(not case.findings for case in cases)
    for case in cases:
        subject = case.subject
        name = f"{subject.kind} {subject.id}" + (f" in {subject.place}" if subject.place else "")
        lines += [f"    <testcase classname={_attribute(check)} name={_attribute(name)}>", *_outcome(case), "    </testcase>"]
    if not_asked:
        skipped += 1
        lines += [
            f'    <testcase classname={_attribute(check)} name="not asked">',
            f"      <skipped message={_attribute(not_asked)}/>",
            "    </testcase>",
        ]
    if not lines:
        # Nothing found, nothing left open: the one true pass that can be stated without listing every subject.
        lines.append(f'    <testcase classname={_attribute(check)} name="every subject"/>')
    tests = len(cases) + bool(not_asked) or 1
    head = f'  <testsuite name={_attribute(check)} tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}">'
    return "\n".join([head, *lines, "  </testsuite>"])


def _outcome(case: "_Case") -> list[str]:
    gaps = "; ".join(f"{gap.why} ({answer(gap.need)})" for gap in case.gaps)
    if case.findings:
        # JUnit knows one outcome per test case, so the failures of a subject are one.
        message = "; ".join(finding.message for finding in case.findings)
        body = "\n".join(_text(line) for finding in case.findings for line in _lines(finding))
        kind = max(finding.severity for finding in case.findings).value
        lines = [f"      <failure message={_attribute(message)} type={_attribute(kind)}>{body}</failure>"]
        return [*lines, f"      <system-out>{_text('unanswered: ' + gaps)}</system-out>"] if gaps else lines
    ignored = "; ".join(f"ignored: {one.finding.message} ({one.where}: {one.reason})" for one in case.ignored)
    return [f"      <skipped message={_attribute('; '.join(part for part in ('unanswered: ' + gaps if gaps else '', ignored) if part))}/>"]


def _lines(finding: "Finding") -> list[str]:
    lines = [f"{finding.severity.value}: {finding.message}"]
    lines += dict.fromkeys(f"  --> {place(one.origin)}: {one.note}" for one in finding.evidence)
    if proof(finding):
        lines.append(f"  witness: {proof(finding)}")
    if finding.remedy:
        lines.append(f"  fix: {finding.remedy.text} ({'safe' if finding.remedy.is_safe else 'review'})")
    return [*lines, f"  help: buckler explain {finding.check}"]


def _error(target: str, error: str, cause: str) -> str:
    return (
        f'    <testcase classname="targets" name={_attribute(target)}><error message={_attribute(error)}>{_text(cause)}</error></testcase>'
    )


def _attribute(text: str) -> str:
    return quoteattr(clean(text))


def _text(text: str) -> str:
    return escape(clean(text))
