"""The published shape of findings: `buckler/findings/1`. Its JSON Schema is generated from these types.

Additions are minor; removing or re-typing a field needs a new number.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from buckler.model.finding import Evidence, Finding, Gap, Remedy, Subject, Witness
from buckler.model.origin import FileOrigin, Origin, place
from buckler.model.policy import Condition, Policy, Principal, Statement
from buckler.model.result import Ignored, ScanResult
from buckler.model.text import shown
from buckler.report.words import by_severity, fixable, functions

SCHEMA: Literal["buckler/findings/1"] = "buckler/findings/1"

SeverityWord: TypeAlias = Literal["critical", "high", "medium", "low"]
ConfidenceWord: TypeAlias = Literal["high", "medium", "low"]
PersonaWord: TypeAlias = Literal["regular", "auditor"]


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the parts of the document. Readers must accept fields they do not know."""


class FilePlace(_Part, tag_field="kind", tag="file", frozen=True, kw_only=True):
    """A place in a template, a plan or a configuration."""

    file: str
    line: Annotated[int, msgspec.Meta(ge=0, description="1-based; 0 when the format has no useful lines.")]
    column: Annotated[int, msgspec.Meta(ge=0, description="1-based; 0 when unknown.")]
    path: Annotated[str, msgspec.Meta(description="Where inside the document: `Resources.Checkout.Properties.Role`.")]


class ApiPlace(_Part, tag_field="kind", tag="api", frozen=True, kw_only=True):
    """An answer of AWS."""

    call: Annotated[str, msgspec.Meta(description="As IAM names the action: `lambda:GetPolicy`.")]
    arn: str
    account: str
    region: str


class EvidencePart(_Part, frozen=True, kw_only=True):
    """What is to be seen, and where. The first of a finding is the primary one."""

    place: Annotated[str, msgspec.Meta(description="The origin in one line: `template.yaml:31:7`, or the API call and the ARN.")]
    note: str
    origin: FilePlace | ApiPlace


class Resource(_Part, frozen=True, kw_only=True):
    """Who a finding is about."""

    kind: Annotated[str, msgspec.Meta(description="`function`, `role`, `layer-version`, `trail`, `account`, ...")]
    id: Annotated[str, msgspec.Meta(description="The ARN when live, the logical id or Terraform address in a file.")]
    name: str
    arn: Annotated[str, msgspec.Meta(description="What a template does not tell is written `${...}`.")]
    account: str
    region: str
    place: Annotated[str, msgspec.Meta(description="The file it was read from; empty when live.")]


class RequestPart(_Part, frozen=True, kw_only=True):
    """One request to AWS, as IAM sees it."""

    principal: str
    action: str
    resource: str
    context: Annotated[dict[str, tuple[str, ...]], msgspec.Meta(description="Condition keys of the request.")]


class WitnessPart(_Part, frozen=True, kw_only=True):
    """These requests, under these policies, get this answer: replay it with any IAM evaluator."""

    requests: tuple[RequestPart, ...]
    policies: Annotated[tuple[dict[str, Any], ...], msgspec.Meta(description="IAM policy documents.")]
    expect: Literal["ALLOW", "DENY", "IMPLICIT_DENY"]


class RemedyPart(_Part, frozen=True, kw_only=True):
    """What to do about it."""

    text: str
    safe: Annotated[bool, msgspec.Meta(description="True when nothing legitimate can break; else it needs a review.")]


class FindingPart(_Part, frozen=True, kw_only=True):
    """One finding."""

    check: str
    subject: Annotated[str, msgspec.Meta(description="`resource.id`.")]
    resource: Resource
    severity: Annotated[SeverityWord, msgspec.Meta(description="What an attacker gains.")]
    confidence: Annotated[ConfidenceWord, msgspec.Meta(description="How sure buckler is.")]
    persona: PersonaWord
    message: str
    evidence: Annotated[tuple[EvidencePart, ...], msgspec.Meta(min_length=1)]
    witness: WitnessPart | None
    remedy: RemedyPart | None
    key: Annotated[str, msgspec.Meta(description="Tells apart several findings of one check on one subject.")]
    fingerprint: Annotated[str, msgspec.Meta(description="Stable across line changes and re-scans.")]
    frameworks: tuple[str, ...]


class GapPart(_Part, frozen=True, kw_only=True):
    """A question nobody could answer. Never a pass."""

    check: str
    subject: str
    resource: Resource
    why: str
    need: Annotated[str, msgspec.Meta(description="What would answer it: an IAM action, a flag, a parameter.")]
    kind: Literal["denied", "throttled", "failed", "unsupported", "unresolved", "not-asked", "outside"]


class IgnoredPart(_Part, frozen=True, kw_only=True):
    """A finding somebody decided to live with."""

    reason: str
    where: str
    until: str | None
    finding: FindingPart


class ScopePart(_Part, frozen=True, kw_only=True):
    """What was looked at in one region of an account, or in one file."""

    name: str
    kind: Literal["live", "template", "plan"]
    counts: Annotated[dict[str, int], msgspec.Meta(description="Entities read, by collection.")]
    unread: Annotated[dict[str, str], msgspec.Meta(description="Collections that could not be read, and why.")]


class NotAskedPart(_Part, frozen=True, kw_only=True):
    """Questions the chosen depth or this kind of source does not ask. Never a pass."""

    check: str
    count: int
    why: str
    need: str


class CoveragePart(_Part, frozen=True, kw_only=True):
    """What was looked at."""

    scopes: tuple[ScopePart, ...]
    checks: Annotated[tuple[str, ...], msgspec.Meta(description="Ids of the checks that ran.")]
    questions: Annotated[int, msgspec.Meta(description="Checks times their subjects.")]
    answered: int
    not_asked: tuple[NotAskedPart, ...]
    calls: Annotated[dict[str, int], msgspec.Meta(description="API calls of a live scan, by operation.")]
    notes: Annotated[tuple[str, ...], msgspec.Meta(description="What was not followed or does not count, each with its place.")]


class ErrorPart(_Part, frozen=True, kw_only=True):
    """A target that could not be read."""

    target: str
    error: str
    cause: str
    hint: str


class SeverityCounts(_Part, frozen=True, kw_only=True):
    """Findings by severity."""

    critical: int
    high: int
    medium: int
    low: int


class Summary(_Part, frozen=True, kw_only=True):
    """Counts."""

    findings: int
    by_severity: SeverityCounts
    fixable: Annotated[int, msgspec.Meta(description="Findings whose remedy is safe.")]
    ignored: int
    known: Annotated[int, msgspec.Meta(description="Findings left out because the baseline has them.")]
    hidden: Annotated[int, msgspec.Meta(description="Findings for personas that were not asked for.")]
    gaps: int
    not_asked: int
    errors: int
    functions: int


class Document(_Part, frozen=True, kw_only=True):
    """What `buckler scan --format json` writes."""

    schema: Literal["buckler/findings/1"]
    version: Annotated[str, msgspec.Meta(description="Of buckler.")]
    taken_at: Annotated[str, msgspec.Meta(description="UTC time at which the facts were read; empty for files.")]
    seconds: Annotated[float, msgspec.Meta(description="The only field that differs between two scans of one estate.")]
    summary: Summary
    findings: tuple[FindingPart, ...]
    gaps: tuple[GapPart, ...]
    ignored: tuple[IgnoredPart, ...]
    expired: Annotated[tuple[str, ...], msgspec.Meta(description="Ignores that no longer count or match nothing.")]
    coverage: CoveragePart
    errors: tuple[ErrorPart, ...]


def document(result: ScanResult) -> Document:
    """Put a result into the published shape."""
    severities = by_severity(result.findings)
    return Document(
        schema=SCHEMA,
        version=result.version,
        taken_at=result.taken_at,
        seconds=round(result.seconds, 3),
        summary=Summary(
            findings=len(result.findings),
            by_severity=SeverityCounts(**{severity.value: number for severity, number in severities.items()}),
            fixable=fixable(result.findings),
            ignored=len(result.ignored),
            known=result.known,
            hidden=result.hidden,
            gaps=len(result.gaps),
            not_asked=sum(one.count for one in result.coverage.not_asked),
            errors=len(result.errors),
            functions=functions(result),
        ),
        findings=tuple(map(finding_part, result.findings)),
        gaps=tuple(map(_gap, result.gaps)),
        ignored=tuple(map(_ignored, result.ignored)),
        expired=result.expired,
        coverage=_coverage(result),
        errors=tuple(ErrorPart(target=one.target, error=one.error, cause=one.cause, hint=one.hint) for one in result.errors),
    )


def schema() -> dict[str, Any]:
    """Generate the JSON Schema of the document."""
    body = msgspec.json.schema(Document)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA, **body}


def finding_part(finding: Finding) -> FindingPart:
    return FindingPart(
        check=finding.check,
        subject=finding.subject.id,
        resource=_resource(finding.subject),
        severity=finding.severity.value,
        confidence=finding.confidence.value,
        persona=finding.persona.value,
        message=finding.message,
        evidence=tuple(map(_evidence, finding.evidence)),
        witness=_witness(finding.witness),
        remedy=_remedy(finding.remedy),
        key=finding.key,
        fingerprint=finding.fingerprint,
        frameworks=finding.frameworks,
    )


def _resource(subject: Subject) -> Resource:
    return Resource(
        kind=subject.kind,
        id=subject.id,
        name=subject.name,
        arn=subject.arn,
        account=subject.account,
        region=subject.region,
        place=subject.place,
    )


def _evidence(evidence: Evidence) -> EvidencePart:
    return EvidencePart(place=place(evidence.origin), note=evidence.note, origin=_origin(evidence.origin))


def _origin(origin: Origin) -> FilePlace | ApiPlace:
    if isinstance(origin, FileOrigin):
        return FilePlace(file=origin.file, line=origin.line, column=origin.column, path=origin.path)
    return ApiPlace(call=origin.call, arn=origin.arn, account=origin.account, region=origin.region)


def _witness(witness: Witness | None) -> WitnessPart | None:
    if witness is None:
        return None
    return WitnessPart(
        requests=tuple(
            RequestPart(
                principal=request.principal,
                action=request.action,
                resource=request.resource,
                context={entry.key: entry.values for entry in request.context},
            )
            for request in witness.requests
        ),
        policies=tuple(map(policy_document, witness.policies)),
        expect=witness.expect,
    )


def _remedy(remedy: Remedy | None) -> RemedyPart | None:
    return None if remedy is None else RemedyPart(text=remedy.text, safe=remedy.is_safe)


def _gap(gap: Gap) -> GapPart:
    return GapPart(
        check=gap.check, subject=gap.subject.id, resource=_resource(gap.subject), why=gap.why, need=gap.need, kind=gap.kind.value
    )


def _ignored(ignored: Ignored) -> IgnoredPart:
    return IgnoredPart(reason=ignored.reason, where=ignored.where, until=ignored.until, finding=finding_part(ignored.finding))


def _coverage(result: ScanResult) -> CoveragePart:
    coverage = result.coverage
    return CoveragePart(
        scopes=tuple(
            ScopePart(name=scope.name, kind=scope.kind, counts=dict(scope.counts), unread=dict(scope.unread))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - ScopeCount.kind is an estate's ScopeKind
            for scope in coverage.scopes
        ),
        checks=coverage.checks,
        questions=coverage.questions,
        answered=coverage.answered,
        not_asked=tuple(NotAskedPart(check=one.check, count=one.count, why=one.why, need=one.need) for one in coverage.not_asked),
        calls=dict(coverage.calls),
        notes=coverage.notes,
    )


def policy_document(policy: Policy) -> dict[str, Any]:
    """Write a policy as the JSON document AWS would show; holes as `${...}`. What is malformed grants nothing and is left out."""
    return {"Version": policy.version, "Statement": [_statement(statement) for statement in policy.statements]}


def _statement(statement: Statement) -> dict[str, Any]:
    out: dict[str, Any] = {} if statement.sid is None else {"Sid": statement.sid}
    out["Effect"] = statement.effect
    for key, principals in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        if principals is not None:
            out[key] = _principals(principals)
    for key, texts in (
        ("Action", statement.actions),
        ("NotAction", statement.not_actions),
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if texts is not None:
            out[key] = [shown(text) for text in texts]
    if statement.conditions:
        out["Condition"] = _conditions(statement.conditions)
    return out


def _principals(principals: tuple[Principal, ...]) -> str | dict[str, list[str]]:
    if any(principal.kind == "*" for principal in principals):
        return "*"
    out: dict[str, list[str]] = {}
    for principal in principals:
        out.setdefault(principal.kind, []).append(shown(principal.value))
    return out


def _conditions(conditions: tuple[Condition, ...]) -> dict[str, dict[str, list[str]]]:
    out: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        out.setdefault(condition.operator, {})[condition.key] = [shown(value) for value in condition.values]
    return out


if __name__ == "__main__":
    import json
    import sys

    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
