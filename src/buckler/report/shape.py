"""The published shape of findings: `buckler/findings/1`, of which the JSON Schema is generated.

Additions are minor; removing or re-typing a field needs a new number.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

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


class WitnessLayersPart(_Part, frozen=True, kw_only=True):
    """All policies that have a say, by layer of AWS's evaluation logic, as documents."""

    identity: tuple[dict[str, Any], ...]
    resource: dict[str, Any] | None
    boundary: dict[str, Any] | None
    session: Annotated[tuple[dict[str, Any], ...] | None, msgspec.Meta(description="null: made without session policies.")]
    scp: Annotated[tuple[tuple[dict[str, Any], ...], ...], msgspec.Meta(description="One entry per level, the root first; []: none apply.")]
    rcp: tuple[tuple[dict[str, Any], ...], ...]
    endpoint: dict[str, Any] | None
    resource_account: str


class WitnessPart(_Part, frozen=True, kw_only=True):
    """These requests, under these policies, get this answer: replay it with any IAM evaluator."""

    requests: tuple[RequestPart, ...]
    policies: Annotated[
        tuple[dict[str, Any], ...], msgspec.Meta(description="IAM policy documents of one kind, when they alone have a say.")
    ]
    layers: Annotated[WitnessLayersPart | None, msgspec.Meta(description="When more than one kind of policy has a say.")]
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
    path: Annotated[tuple[WitnessPart, ...], msgspec.Meta(description="Of a claim of several steps: one witness per step, in order.")]
    reach: Annotated[str, msgspec.Meta(description="What an attacker who starts here gets to; empty when nobody asked.")]
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
    kind: Literal["live", "template", "plan", "saved", "artifact"]
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
