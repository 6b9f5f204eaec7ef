"""Put the result of a scan into the published shape."""

from typing import Any

import msgspec

from buckler.model.finding import Evidence, Finding, Gap, Remedy, Subject, Witness
from buckler.model.layers import Layers
from buckler.model.origin import FileOrigin, Origin, place
from buckler.model.policy import Policy
from buckler.model.result import Ignored, ScanResult
from buckler.report.policy_json import policy_document
from buckler.report.shape import (
    SCHEMA,
    ApiPlace,
    CoveragePart,
    Document,
    ErrorPart,
    EvidencePart,
    FilePlace,
    FindingPart,
    GapPart,
    IgnoredPart,
    NotAskedPart,
    RemedyPart,
    RequestPart,
    Resource,
    ScopePart,
    SeverityCounts,
    Summary,
    WitnessLayersPart,
    WitnessPart,
)
from buckler.report.words import by_severity, fixable, functions


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
        witness=None if finding.witness is None else _witness(finding.witness),
        path=tuple(map(_witness, finding.path)),
        reach=finding.reach,
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


def _witness(witness: Witness) -> WitnessPart:
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
        layers=None if witness.layers is None else _layers(witness.layers),
        expect=witness.expect,
    )


def _layers(layers: Layers) -> WitnessLayersPart:
    def one(policy: Policy | None) -> dict[str, Any] | None:
        return None if policy is None else policy_document(policy)

    return WitnessLayersPart(
        identity=tuple(map(policy_document, layers.identity)),
        resource=one(layers.resource),
        boundary=one(layers.boundary),
        session=None if layers.session is None else tuple(map(policy_document, layers.session)),
        scp=tuple(tuple(map(policy_document, level)) for level in layers.scp),
        rcp=tuple(tuple(map(policy_document, level)) for level in layers.rcp),
        endpoint=one(layers.endpoint),
        resource_account=layers.resource_account,
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
            ScopePart(name=scope.name, kind=scope.kind, counts=dict(scope.counts), unread=dict(scope.unread)) for scope in coverage.scopes
        ),
        checks=coverage.checks,
        questions=coverage.questions,
        answered=coverage.answered,
        not_asked=tuple(NotAskedPart(check=one.check, count=one.count, why=one.why, need=one.need) for one in coverage.not_asked),
        calls=dict(coverage.calls),
        notes=coverage.notes,
    )


if __name__ == "__main__":
    import json
    import sys

    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
