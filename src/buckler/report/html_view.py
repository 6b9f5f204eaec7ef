"""What the HTML report shows, as plain values: once for the template, once packed as JSON for its script."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buckler.model.finding import Evidence, Finding
from buckler.model.origin import ApiOrigin
from buckler.report.clean import clean, cut
from buckler.report.words import WORST_FIRST, answer, is_permission, needs, paragraphs, policy_snippet, proof

if TYPE_CHECKING:
    from buckler.model.page import CheckPage
    from buckler.model.result import ScanResult
    from buckler.report import Context

ICONS = {"critical": "◆", "high": "▲", "medium": "●", "low": "○"}
_LIMIT = 400
"""Columns of one string: longer ones are no names."""
_SUBJECTS = 40
"""Named per need; the rest are counted."""


@dataclass(frozen=True)
class Seen:
    """One evidence."""

    place: str
    arn: str
    note: str
    source: str
    line: int


@dataclass(frozen=True)
class Row:
    """One finding."""

    severity: str
    confidence: str
    check: str
    kind: str
    name: str
    arn: str
    account: str
    region: str
    file: str
    message: str
    evidence: tuple[Seen, ...]
    witness: str
    fix: str
    is_safe: bool
    frameworks: tuple[str, ...]
    fingerprint: str


def row(finding: Finding, context: "Context") -> Row:
    """Take a finding apart; every string printable, none endless."""
    subject, remedy = finding.subject, finding.remedy
    return Row(
        severity=finding.severity.value,
        confidence=finding.confidence.value,
        check=short(finding.check),
        kind=short(subject.kind),
        name=short(subject.name),
        arn=short(subject.arn),
        account=short(subject.account),
        region=short(subject.region),
        file=short(subject.place),
        message=short(finding.message),
        evidence=tuple(dict.fromkeys(_seen(one, context) for one in finding.evidence)),
        witness=short(proof(finding)) if proof(finding) else "",
        fix=short(remedy.text) if remedy else "",
        is_safe=remedy is not None and remedy.is_safe,
        frameworks=tuple(map(short, finding.frameworks)),
        fingerprint=finding.fingerprint,
    )


def short(text: str) -> str:
    return cut(clean(text), _LIMIT)


def _seen(evidence: Evidence, context: "Context") -> Seen:
    origin = evidence.origin
    if isinstance(origin, ApiOrigin):
        return Seen(place=short(origin.call), arn=short(origin.arn), note=short(evidence.note), source="", line=0)
    source = context.excerpt(origin) if origin.line else None
    return Seen(
        place=short(origin.file)
        + (f":{origin.line}" if origin.line else "")
        + (f":{origin.column}" if origin.line and origin.column else ""),
        arn="" if source else short(origin.path),
        note=short(evidence.note),
        source=short(source.strip()) if source else "",
        line=origin.line,
    )


def packed(rows: Iterable[Row], pages: "Mapping[str, CheckPage]") -> dict[str, Any]:
    """Pack rows for the script: every string once, in a table; a finding is a list of numbers. The order is that of `Row`."""
    table: dict[str, int] = {}

    def at(text: str) -> int:
        return table.setdefault(text, len(table))

    findings = [
        [
            WORST_SEVERITIES.index(one.severity),
            *(
                at(text)
                for text in (one.confidence, one.check, one.kind, one.name, one.arn, one.account, one.region, one.file, one.message)
            ),
            [[at(seen.place), at(seen.arn), at(seen.note), at(seen.source), seen.line] for seen in one.evidence],
            at(one.witness),
            at(one.fix),
            int(one.is_safe),
            [at(framework) for framework in one.frameworks],
            one.fingerprint,
        ]
        for one in rows
    ]
    return {
        "severities": WORST_SEVERITIES,
        "icons": [ICONS[severity] for severity in WORST_SEVERITIES],
        "findings": findings,
        "pages": {check: page_parts(page) for check, page in sorted(pages.items())},
        "strings": list(table),
    }


WORST_SEVERITIES = [severity.value for severity in WORST_FIRST]


def page_parts(page: "CheckPage") -> dict[str, list[str]]:
    """Give the parts of a check's page that the report explains a finding with, each in paragraphs."""
    parts = {
        "title": page.title,
        "summary": page.summary,
        "Why": page.why,
        "Not flagged": page.not_flagged,
        "Fix": page.fix,
        "Source": page.source,
    }
    return {name: paragraphs(text) for name, text in parts.items()}


@dataclass(frozen=True)
class Wanted:
    """Something that would answer some questions."""

    answer: str
    is_permission: bool
    why: tuple[str, ...]
    checks: tuple[str, ...]
    subjects: tuple[str, ...]
    more: int
    number: int


def wanted(result: "ScanResult") -> list[Wanted]:
    """Group the gaps by what would answer them."""
    groups: list[Wanted] = []
    for need in needs(result.gaps):
        subjects = list(dict.fromkeys(f"{gap.subject.kind} {gap.subject.name}" for gap in need.gaps))
        groups.append(
            Wanted(
                answer=short(answer(need.need)),
                is_permission=need.is_permission,
                why=tuple(map(short, list(dict.fromkeys(gap.why for gap in need.gaps))[:5])),
                checks=tuple(map(short, dict.fromkeys(gap.check for gap in need.gaps))),
                subjects=tuple(map(short, subjects[:_SUBJECTS])),
                more=max(len(subjects) - _SUBJECTS, 0),
                number=len(need.gaps),
            )
        )
    return groups


def snippet(result: "ScanResult") -> str:
    """Write the policy that would answer every gap that a permission can answer; empty when none can."""
    permissions = [gap.need for gap in result.gaps if is_permission(gap.need)]
    return policy_snippet(permissions) if permissions else ""


@dataclass(frozen=True)
class Requirement:
    """One requirement of a framework, and how it stands."""

    name: str
    checks: tuple[str, ...]
    findings: int
    unanswered: int


def frameworks(result: "ScanResult", pages: "Mapping[str, CheckPage]") -> dict[str, list[Requirement]]:
    """Framework -> its requirements that any check that ran maps to, with open findings and unanswered questions."""
    checks: dict[str, set[str]] = {}
    for check, page in pages.items():
        if check in result.coverage.checks or not result.coverage.checks:
            for name in page.frameworks:
                checks.setdefault(name, set()).add(check)
    for finding in result.findings:
        for name in finding.frameworks:
            checks.setdefault(name, set()).add(finding.check)
    out: dict[str, list[Requirement]] = {}
    for name in sorted(checks):
        requirement = Requirement(
            name=short(name),
            checks=tuple(map(short, sorted(checks[name]))),
            findings=sum(name in finding.frameworks for finding in result.findings),
            unanswered=sum(gap.check in checks[name] for gap in result.gaps),
        )
        out.setdefault(short(name.partition(":")[0]), []).append(requirement)
    return out


__all__ = ["ICONS", "Requirement", "Row", "Seen", "Wanted", "frameworks", "packed", "page_parts", "row", "short", "snippet", "wanted"]
