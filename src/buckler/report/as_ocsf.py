"""OCSF 1.5: one array of Detection Findings (attacks), Compliance Findings (controls) and unanswered questions. See docs/why/ocsf.md."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from buckler.model.origin import place
from buckler.model.severity import Confidence, Severity
from buckler.report.as_asff import RESOURCE_TYPES
from buckler.report.as_json import dump
from buckler.report.clean import clean
from buckler.report.moment import moment
from buckler.report.words import answer, paragraphs, proof

if TYPE_CHECKING:
    from buckler.model.finding import Finding, Gap, Subject
    from buckler.model.page import CheckPage
    from buckler.model.result import Ignored, ScanResult
    from buckler.report import Context

VERSION = "1.5.0"
CATEGORY = 2
COMPLIANCE, DETECTION = 2003, 2004
_CLASS_NAMES = {COMPLIANCE: "Compliance Finding", DETECTION: "Detection Finding"}
_CREATE = 1
_AWS_ACCOUNT = 10
_NEW, _SUPPRESSED = (1, "New"), (3, "Suppressed")
_WARNING, _FAIL = (2, "Warning"), (3, "Fail")
_INFORMATIONAL = (1, "Informational")
_SEVERITY = {Severity.LOW: (2, "Low"), Severity.MEDIUM: (3, "Medium"), Severity.HIGH: (4, "High"), Severity.CRITICAL: (5, "Critical")}
_CONFIDENCE = {Confidence.LOW: (1, "Low"), Confidence.MEDIUM: (2, "Medium"), Confidence.HIGH: (3, "High")}

CONTROLS = frozenset({"signing", "network", "logging", "runtime", "monitoring", "resilience"})
"""Areas whose checks ask for the absence of a control; the others show a way in."""

_ACCOUNT = re.compile(r"\d{12}")


def render(result: "ScanResult", context: "Context") -> str:
    """Write a JSON array of events."""
    milliseconds = int(moment(result, context).timestamp() * 1000)
    events = [_finding(one, result, context.pages, milliseconds) for one in result.findings]
    events += [_ignored(one, result, context.pages, milliseconds) for one in result.ignored]
    events += [_gap(one, result, context.pages, milliseconds) for one in result.gaps]
    return dump(events) + "\n"


def _event(
    class_uid: int, subject: "Subject", check: str, identity: str, title: str, result: "ScanResult", milliseconds: int
) -> dict[str, Any]:
    is_live = _ACCOUNT.fullmatch(subject.account) is not None
    event: dict[str, Any] = {
        "activity_id": _CREATE,
        "activity_name": "Create",
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": class_uid,
        "class_name": _CLASS_NAMES[class_uid],
        "type_uid": class_uid * 100 + _CREATE,
        "type_name": f"{_CLASS_NAMES[class_uid]}: Create",
        "time": milliseconds,
        "message": clean(title),
        "metadata": {
            "version": VERSION,
            "profiles": ["cloud"] if is_live else [],
            "event_code": check,
            "product": {"name": "buckler", "vendor_name": "buckler", "version": result.version, "feature": {"uid": check, "name": check}},
        },
        "finding_info": {
            "uid": identity,
            "title": clean(title),
            "created_time": milliseconds,
            "analytic": {"type_id": 1, "type": "Rule", "uid": check, "name": check},
            "types": [check],
        },
        "resources": [_resource(subject, is_live=is_live)],
    }
    if is_live:
        # No source tells an account's name; some readers want one.
        account = {"uid": subject.account, "name": subject.account, "type_id": _AWS_ACCOUNT, "type": "AWS Account"}
        event["cloud"] = {"provider": "AWS", "account": account}
        if subject.region:
            event["cloud"]["region"] = clean(subject.region)
    return event


def _resource(subject: "Subject", *, is_live: bool) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "uid": clean(subject.id),
        "name": clean(subject.name),
        "type": RESOURCE_TYPES.get(subject.kind, subject.kind),
        "group": {"name": "lambda"},
    }
    if is_live:
        resource |= {"cloud_partition": subject.arn.split(":")[1] if subject.arn.startswith("arn:aws") else "aws"}
        if subject.region:
            resource["region"] = clean(subject.region)
    else:
        resource["data"] = {"arn": clean(subject.arn), "file": clean(subject.place)}
    return resource


def _finding(finding: "Finding", result: "ScanResult", pages: "Mapping[str, CheckPage]", milliseconds: int) -> dict[str, Any]:
    page = pages.get(finding.check)
    class_uid = COMPLIANCE if page and page.area in CONTROLS else DETECTION
    event = _event(class_uid, finding.subject, finding.check, finding.fingerprint, finding.message, result, milliseconds)
    event["severity_id"], event["severity"] = _SEVERITY[finding.severity]
    event["confidence_id"], event["confidence"] = _CONFIDENCE[finding.confidence]
    event["status_id"], event["status"] = _NEW
    event["finding_info"]["desc"] = clean(" ".join(paragraphs(page.summary)) if page else finding.message)
    attacks = _attacks(finding.frameworks)
    if attacks:
        event["finding_info"]["attacks"] = attacks
    evidence = [{"place": clean(place(one.origin)), "note": clean(one.note)} for one in finding.evidence]
    if finding.remedy:
        event["remediation"] = {"desc": clean(f"{finding.remedy.text} ({'safe' if finding.remedy.is_safe else 'review'})")}
    if page:
        event["risk_details"] = clean(" ".join(paragraphs(page.why)))
    if class_uid == COMPLIANCE:
        event["compliance"] = _compliance(finding.check, finding.frameworks, _FAIL, finding.message)
        unmapped: dict[str, Any] = {"evidence": evidence}
    else:
        event["is_alert"] = True
        event["evidences"] = [{"data": one} for one in evidence]
        unmapped = {"frameworks": [clean(one) for one in finding.frameworks]}
    if proof(finding):
        unmapped["witness"] = clean(proof(finding))
    return {**event, "unmapped": unmapped}


def _ignored(ignored: "Ignored", result: "ScanResult", pages: "Mapping[str, CheckPage]", milliseconds: int) -> dict[str, Any]:
    event = _finding(ignored.finding, result, pages, milliseconds)
    event["status_id"], event["status"] = _SUPPRESSED
    event["status_detail"] = clean(f"{ignored.reason} ({ignored.where}{', until ' + ignored.until if ignored.until else ''})")
    return event


def _gap(gap: "Gap", result: "ScanResult", pages: "Mapping[str, CheckPage]", milliseconds: int) -> dict[str, Any]:
    """Write an unanswered question: compliance status Warning, "did not yield a result due to missing information"."""
    page = pages.get(gap.check)
    title = f"unanswered: {gap.check} for {gap.subject.kind} {gap.subject.name}"
    identity = f"gap/{gap.check}/{clean(gap.subject.place)}/{clean(gap.subject.id)}"
    event = _event(COMPLIANCE, gap.subject, gap.check, identity, title, result, milliseconds)
    event["severity_id"], event["severity"] = _INFORMATIONAL
    event["status_id"], event["status"] = _NEW
    event["finding_info"]["desc"] = clean(gap.why)
    event["compliance"] = _compliance(gap.check, page.frameworks if page else (), _WARNING, gap.why)
    event["remediation"] = {"desc": clean(answer(gap.need))}
    return event


def _compliance(check: str, frameworks: tuple[str, ...], status: tuple[int, str], detail: str) -> dict[str, Any]:
    names = list(dict.fromkeys(clean(one.partition(":")[0]) for one in frameworks))
    return {
        "standards": names or ["buckler"],
        "requirements": [clean(one) for one in frameworks],
        "control": check,
        "status_id": status[0],
        "status": status[1],
        "status_detail": clean(detail),
    }


def _attacks(frameworks: tuple[str, ...]) -> list[dict[str, Any]]:
    """Write MITRE ATT&CK techniques. OCSF wants a name; the id is the one name everybody knows."""
    attacks: list[dict[str, Any]] = []
    for one in frameworks:
        found = re.fullmatch(r"mitre:((T\d{4})(?:\.\d{3})?)", one)
        if found:
            whole, technique = found.groups()
            attack: dict[str, Any] = {"technique": {"uid": technique, "name": technique}}
            if whole != technique:
                attack["sub_technique"] = {"uid": whole, "name": whole}
            attacks.append(attack)
    return attacks
