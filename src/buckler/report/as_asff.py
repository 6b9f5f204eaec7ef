"""ASFF: what `BatchImportFindings` of AWS Security Hub takes.

It needs an account, which a template does not tell: such findings are left out, and `remarks` says so.
"""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from buckler.model.origin import place
from buckler.model.severity import Confidence
from buckler.report.as_json import dump
from buckler.report.clean import clean, cut
from buckler.report.moment import iso, moment
from buckler.report.words import answer, count, proof

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buckler.model.finding import Finding, Gap, Subject
    from buckler.model.page import CheckPage
    from buckler.model.result import ScanResult
    from buckler.report import Context

# Limits of the API reference: AwsSecurityFinding, Recommendation, Compliance (read 2026-11-25).
_TITLE, _DESCRIPTION, _RECOMMENDATION, _REQUIREMENTS, _REQUIREMENT, _FIELD, _ID = 256, 1024, 512, 32, 64, 2048, 512

RESOURCE_TYPES = {
    "function": "AwsLambdaFunction",
    "layer-version": "AwsLambdaLayerVersion",
    "role": "AwsIamRole",
    "user": "AwsIamUser",
    "account": "AwsAccount",
    "trail": "AwsCloudTrailTrail",
    "key": "AwsKmsKey",
    "secret": "AwsSecretsManagerSecret",
    "security-group": "AwsEc2SecurityGroup",
    "subnet": "AwsEc2Subnet",
    "vpc": "AwsEc2Vpc",
}
_PRACTICE = "Software and Configuration Checks/AWS Security Best Practices"
_TYPES = {
    "exposure": [_PRACTICE, "Effects/Data Exposure"],
    "role": [_PRACTICE, "TTPs/Privilege Escalation"],
    "environment": [_PRACTICE, "Sensitive Data Identifications/Security"],
}
_CONFIDENCE = {Confidence.HIGH: 95, Confidence.MEDIUM: 70, Confidence.LOW: 40}
_ACCOUNT = re.compile(r"\d{12}")


def render(result: "ScanResult", context: "Context") -> str:
    """Write a JSON array; `aws securityhub batch-import-findings --findings file://...` takes 100 of them at a time."""
    when = moment(result, context)
    home = _regions(result)
    findings = [_finding(one, context.pages, when, result.version, home) for one in result.findings if _importable(one.subject)]
    gaps = [_gap(one, context.pages, when, result.version, home) for one in result.gaps if _importable(one.subject)]
    return dump([*findings, *gaps]) + "\n"


def remarks(result: "ScanResult") -> tuple[str, ...]:
    """Say what the format cannot hold, for stderr."""
    lost = sum(not _importable(one.subject) for one in result.findings) + sum(not _importable(one.subject) for one in result.gaps)
    if not lost:
        return ()
    what = count(lost, "finding or gap", "findings and gaps")
    return (f"{what} left out of ASFF: Security Hub needs an account id, which a template does not tell",)


def _importable(subject: "Subject") -> bool:
    return _ACCOUNT.fullmatch(subject.account) is not None


def _regions(result: "ScanResult") -> dict[str, str]:
    """Account -> a region that was looked at, where findings about global resources (roles) are imported."""
    regions: dict[str, str] = {}
    subjects = [*(one.subject for one in result.findings), *(one.subject for one in result.gaps)]
    for subject in subjects:
        if subject.region and "${" not in subject.region:
            regions.setdefault(subject.account, subject.region)
    return regions


def _common(
    subject: "Subject", check: str, identity: str, pages: "Mapping[str, CheckPage]", when: datetime, version: str, home: dict[str, str]
) -> dict[str, Any]:
    partition = subject.arn.split(":")[1] if subject.arn.startswith("arn:aws") else "aws"
    region = clean(subject.region) if subject.region and "${" not in subject.region else home.get(subject.account, "us-east-1")
    page = pages.get(check)
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"{partition}/{region}/{subject.account}/buckler/{identity}",
        "ProductArn": f"arn:{partition}:securityhub:{region}:{subject.account}:product/{subject.account}/default",
        "ProductName": "buckler",
        "GeneratorId": f"buckler/{check}",
        "AwsAccountId": subject.account,
        "Types": _TYPES.get(page.area if page else "", [_PRACTICE]),
        "CreatedAt": iso(when),
        "UpdatedAt": iso(when),
        "Resources": [
            {
                "Type": RESOURCE_TYPES.get(subject.kind, "Other"),
                "Id": _filled(cut(clean(subject.arn or subject.id), _ID)),
                "Partition": partition,
                "Region": region,
            }
        ],
        "RecordState": "ACTIVE",
        "ProductFields": {"buckler/version": version, "buckler/check": check},
    }


def _finding(finding: "Finding", pages: "Mapping[str, CheckPage]", when: datetime, version: str, home: dict[str, str]) -> dict[str, Any]:
    told = "; ".join(f"{place(one.origin)}: {one.note}" for one in finding.evidence)
    asff = _common(finding.subject, finding.check, finding.fingerprint, pages, when, version, home)
    asff |= {
        "Severity": {"Label": finding.severity.value.upper(), "Original": finding.severity.value},
        "Confidence": _CONFIDENCE[finding.confidence],
        "Title": _filled(cut(clean(finding.message), _TITLE)),
        "Description": _filled(cut(clean(f"{finding.message}. {told}"), _DESCRIPTION)),
        "Compliance": {"Status": "FAILED", **_requirements(finding.frameworks)},
    }
    if finding.remedy:
        safe = "safe" if finding.remedy.is_safe else "review"
        asff["Remediation"] = {"Recommendation": {"Text": cut(clean(f"{finding.remedy.text} ({safe})"), _RECOMMENDATION)}}
    if proof(finding):
        asff["ProductFields"]["buckler/witness"] = cut(clean(proof(finding)), _FIELD)
    return asff


def _gap(gap: "Gap", pages: "Mapping[str, CheckPage]", when: datetime, version: str, home: dict[str, str]) -> dict[str, Any]:
    """Write an unanswered question: Security Hub's NOT_AVAILABLE says that a check could not be performed."""
    page = pages.get(gap.check)
    asff = _common(gap.subject, gap.check, f"gap/{gap.check}/{cut(clean(gap.subject.id), 200)}", pages, when, version, home)
    return asff | {
        "Severity": {"Label": "INFORMATIONAL"},
        "Title": cut(clean(f"unanswered: {gap.check} for {gap.subject.kind} {gap.subject.name}"), _TITLE),
        "Description": cut(clean(f"{gap.why}; {answer(gap.need)}"), _DESCRIPTION),
        "Compliance": {"Status": "NOT_AVAILABLE", **_requirements(page.frameworks if page else ())},
    }


def _requirements(frameworks: tuple[str, ...]) -> dict[str, list[str]]:
    wanted = [cut(clean(one), _REQUIREMENT) for one in frameworks[:_REQUIREMENTS]]
    return {"RelatedRequirements": wanted} if wanted else {}


def _filled(text: str) -> str:
    """Security Hub refuses strings without a visible character."""
    return text if text.strip() else "?"
