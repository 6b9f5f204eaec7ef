"""SARIF 2.1.0: for code scanning. What nobody could answer is a notification of the tool, what is ignored is suppressed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from buckler.model.finding import Evidence, Finding, Gap, Subject
from buckler.model.origin import ApiOrigin, FileOrigin, Origin, place
from buckler.model.severity import Severity
from buckler.report.as_json import dump
from buckler.report.clean import clean
from buckler.report.words import answer, proof, where

if TYPE_CHECKING:
    from buckler.model.page import CheckPage
    from buckler.model.result import Ignored, ScanResult
    from buckler.report import Context

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVEL = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# GitHub shows over 9.0 as critical, from 7.0 as high, from 4.0 as medium, below as low.
SCORE = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
_MANY_TAGS = 20  # GitHub ignores more


def render(result: "ScanResult", context: "Context") -> str:
    """Write one run."""
    return dump(_log(result, context)) + "\n"


def _log(result: "ScanResult", context: "Context") -> dict[str, Any]:
    ids = sorted(
        {
            *context.pages,
            *result.coverage.checks,
            *(one.check for one in result.findings),
            *(one.check for one in result.gaps),
            *(one.finding.check for one in result.ignored),
        }
    )
    index = {check: position for position, check in enumerate(ids)}
    known = {one.check: one for one in (*(ignored.finding for ignored in result.ignored), *result.findings)}
    results = [_result(finding, index, context) for finding in result.findings]
    if result.ignored:
        # SARIF 3.27.23: when one result has suppressions, an empty list says that another has none.
        for one in results:
            one["suppressions"] = []
        results += [_ignored(ignored, index, context) for ignored in result.ignored]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "buckler",
                "version": result.version,
                "semanticVersion": result.version,
                "rules": [_rule(check, context.pages, known.get(check)) for check in ids],
                "notifications": [
                    {"id": "unanswered", "shortDescription": {"text": "a question nobody could answer"}},
                    {"id": "not-asked", "shortDescription": {"text": "questions that this depth or source does not ask"}},
                    {"id": "target", "shortDescription": {"text": "a target that could not be read"}},
                    {"id": "note", "shortDescription": {"text": "what was not followed or does not count"}},
                    {"id": "ignore", "shortDescription": {"text": "an ignore that no longer counts"}},
                ],
            }
        },
        "automationDetails": {"id": "buckler/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the folder buckler was started in"}}},
        "invocations": [_invocation(result, index)],
        "results": results,
        "properties": {"questions": result.coverage.questions, "answered": result.coverage.answered, "takenAt": result.taken_at},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(check: str, pages: "Mapping[str, CheckPage]", example: Finding | None) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": check, "name": "".join(word.capitalize() for word in check.split("-"))}
    page = pages.get(check)
    severity = page.severity if page else example.severity if example else None
    frameworks = page.frameworks if page else example.frameworks if example else ()
    tags = ["security", "aws-lambda", *([page.area] if page else []), *map(_tag, frameworks)]
    properties: dict[str, Any] = {"tags": list(dict.fromkeys(tags))[:_MANY_TAGS]}
    if page:
        rule |= {"shortDescription": {"text": page.title}, "fullDescription": {"text": page.summary}, "help": _help(page)}
        properties["precision"] = page.confidence.value
    else:
        rule["shortDescription"] = {"text": check.replace("-", " ")}
    if severity:
        rule["defaultConfiguration"] = {"level": LEVEL[severity]}
        properties |= {"security-severity": SCORE[severity], "problem.severity": LEVEL[severity].replace("note", "recommendation")}
    return rule | {"properties": properties}


def _help(page: "CheckPage") -> dict[str, str]:
    parts = [("Why", page.why), ("Not flagged", page.not_flagged), ("Fix", page.fix), ("Source", page.source)]
    return {
        "text": "\n\n".join([page.summary, *(f"{title}: {text}" for title, text in parts if text)]),
        "markdown": "\n\n".join([page.summary, *(f"**{title}.** {text}" for title, text in parts if text)]),
    }


def _tag(framework: str) -> str:
    """Write a CWE as GitHub wants it; others as they are."""
    cwe = re.fullmatch(r"cwe:cwe-(\d+)", framework.lower())
    return f"external/cwe/cwe-{cwe.group(1).zfill(3)}" if cwe else clean(framework)


def _result(finding: Finding, index: Mapping[str, int], context: "Context") -> dict[str, Any]:
    primary = finding.evidence[0]
    # Two statements that one property expands to are one place.
    others = list({(place(one.origin), one.note): one for one in finding.evidence if one != primary}.values())
    properties: dict[str, Any] = {
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "resource": {"kind": finding.subject.kind, "arn": finding.subject.arn, "name": finding.subject.name},
        "security-severity": SCORE[finding.severity],
    }
    if proof(finding):
        properties["witness"] = proof(finding)
    if finding.remedy:
        properties["remedy"] = {"text": finding.remedy.text, "safe": finding.remedy.is_safe}
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": index[finding.check],
        "level": LEVEL[finding.severity],
        "message": {"text": _message(f"{finding.message} ({where(finding)}): {primary.note}")},
        "locations": [_location(primary, finding.subject, context)],
        "partialFingerprints": {"buckler/v1": finding.fingerprint},
        "properties": properties,
    }
    if others:
        result["relatedLocations"] = [
            {"id": number, **_location(one, finding.subject, context), "message": {"text": _message(one.note)}}
            for number, one in enumerate(others, start=1)
        ]
    return result


def _ignored(ignored: "Ignored", index: Mapping[str, int], context: "Context") -> dict[str, Any]:
    files = {one.origin.file for one in ignored.finding.evidence if isinstance(one.origin, FileOrigin)}
    in_source = any(ignored.where == file or ignored.where.startswith(f"{file}:") for file in files)
    until = f" (until {ignored.until})" if ignored.until else ""
    suppression = {
        "kind": "inSource" if in_source else "external",
        "status": "accepted",
        "justification": clean(f"{ignored.reason}{until}, in {ignored.where}"),
    }
    return {**_result(ignored.finding, index, context), "suppressions": [suppression]}


def _message(text: str) -> str:
    """Escape what SARIF reads as a link or a placeholder (3.11.5 and 3.11.6)."""
    return re.sub(r"\{(\d+)\}", r"{{\1}}", re.sub(r"([\[\]])", r"\\\1", clean(text)))


def _location(evidence: Evidence, subject: Subject, context: "Context") -> dict[str, Any]:
    logical = {"name": clean(subject.name), "fullyQualifiedName": clean(subject.arn or subject.id), "kind": "resource"}
    return {"physicalLocation": _physical(evidence.origin, subject, context), "logicalLocations": [logical]}


def _physical(origin: Origin, subject: Subject, context: "Context") -> dict[str, Any]:
    if isinstance(origin, ApiOrigin):
        # Code scanning drops results without a file: a path is made of where the resource is, the same on every scan.
        path = "/".join(_segment(part) for part in ("aws", subject.account, subject.region or "global", subject.kind, subject.name) if part)
        return {"artifactLocation": {"uri": path, "description": {"text": clean(place(origin))}}, "region": {"startLine": 1}}
    # A plan on one line has no line numbers, but code scanning needs one.
    region: dict[str, Any] = {"startLine": max(origin.line, 1)}
    if origin.line and origin.column:
        region["startColumn"] = origin.column
    line = context.excerpt(origin) if origin.line else None
    if line is not None:
        region["snippet"] = {"text": clean(line)}
    return {"artifactLocation": _artifact(origin.file), "region": region}


def _segment(name: str) -> str:
    return quote(clean(name), safe="")


def _artifact(file: str) -> dict[str, str]:
    """Write a path as a URI, relative to the folder of the scan where it lies in it."""
    path = Path(file)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return {"uri": "file://" + quote(clean(path.as_posix()))}
    return {"uri": quote(clean(path.as_posix()), safe="/"), "uriBaseId": "%SRCROOT%"}


def _invocation(result: "ScanResult", index: Mapping[str, int]) -> dict[str, Any]:
    notifications = [_gap(gap, index) for gap in result.gaps]
    notifications += [
        {
            "descriptor": {"id": "not-asked"},
            "level": "note",
            "message": {"text": _message(f"{one.count} subjects not asked: {one.why}" + (f" ({answer(one.need)})" if one.need else ""))},
            **_associated(one.check, index),
        }
        for one in result.coverage.not_asked
    ]
    notifications += [
        {
            "descriptor": {"id": "target"},
            "level": "error",
            "message": {"text": _message("; ".join(part for part in (f"{one.target}: {one.error}", one.cause, one.hint) if part))},
        }
        for one in result.errors
    ]
    notifications += [{"descriptor": {"id": "note"}, "level": "note", "message": {"text": _message(one)}} for one in result.coverage.notes]
    invocation: dict[str, Any] = {"executionSuccessful": not result.errors, "toolExecutionNotifications": notifications}
    if result.expired:
        invocation["toolConfigurationNotifications"] = [
            {"descriptor": {"id": "ignore"}, "level": "warning", "message": {"text": _message(one)}} for one in result.expired
        ]
    return invocation


def _gap(gap: Gap, index: Mapping[str, int]) -> dict[str, Any]:
    return {
        "descriptor": {"id": "unanswered"},
        "level": "warning",
        "message": {"text": _message(f"{gap.subject.kind} {gap.subject.name}: {gap.why} ({answer(gap.need)})")},
        **_associated(gap.check, index),
        "properties": {"need": gap.need, "kind": gap.kind.value, "subject": gap.subject.id},
    }


def _associated(check: str, index: Mapping[str, int]) -> dict[str, Any]:
    return {"associatedRule": {"id": check, "index": index[check]}} if check in index else {}
