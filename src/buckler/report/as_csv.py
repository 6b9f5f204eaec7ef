"""CSV (RFC 4180): one row per finding, ignored finding and unanswered question, safe to open in a spreadsheet."""

import csv
import io
from typing import TYPE_CHECKING

from buckler.model.origin import place
from buckler.report.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buckler.model.finding import Finding, Gap
    from buckler.model.result import ScanResult
    from buckler.report import Context

COLUMNS = (
    "status", "check", "severity", "confidence", "kind", "subject", "arn", "account", "region", "place", "message", "evidence", "fix",
    "fix_is_safe", "reason", "frameworks", "fingerprint",
)  # fmt: skip

# A spreadsheet takes a cell that starts so for a formula (CWE-1236); the wide forms are what Excel folds to them.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def render(result: "ScanResult", _context: "Context") -> str:
    """Write a header and the rows, lines ending in CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    rows = [_finding(finding, "open") for finding in result.findings]
    rows += [_finding(one.finding, "ignored", one.reason) for one in result.ignored]
    rows += [_gap(gap) for gap in result.gaps]
    writer.writerows(_safe(row) for row in rows)
    return out.getvalue()


def _finding(finding: "Finding", status: str, reason: str = "") -> list[str]:
    subject, remedy = finding.subject, finding.remedy
    return [
        status,
        finding.check,
        finding.severity.value,
        finding.confidence.value,
        subject.kind,
        subject.name,
        subject.arn,
        subject.account,
        subject.region,
        place(finding.evidence[0].origin),
        finding.message,
        "; ".join(one.note for one in finding.evidence),
        remedy.text if remedy else "",
        ("yes" if remedy.is_safe else "no") if remedy else "",
        reason,
        " ".join(finding.frameworks),
        finding.fingerprint,
    ]


def _gap(gap: "Gap") -> list[str]:
    subject = gap.subject
    fields = ["unanswered", gap.check, "", "", subject.kind, subject.name, subject.arn, subject.account, subject.region, subject.place]
    return [*fields, gap.why, "", gap.need, "", "", "", ""]


def _safe(row: "Iterable[str]") -> list[str]:
    return [f"'{clean(cell)}" if cell.lstrip(" ").startswith(_FORMULA) else clean(cell) for cell in row]
