"""The published shape of a blast radius: `buckler/blast/1`, of which the JSON Schema is generated.

Steps and policies are written once and referred to by their position, since hundreds of paths share them.
Additions are minor; removing or re-typing a field needs a new number.
"""

from typing import Annotated, Any, Literal

import msgspec

from buckler.model.graph import Access, EdgeKind, NodeKind
from buckler.model.layers import LayerName
from buckler.report.shape import EvidencePart, RequestPart, SeverityWord

BLAST_SCHEMA: Literal["buckler/blast/1"] = "buckler/blast/1"


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the parts of the document. Readers must accept fields they do not know."""


PathPart = Annotated[tuple[int, ...], msgspec.Meta(description="Positions in `steps`; each step starts where the one before ends.")]
PolicyIndex = Annotated[int, msgspec.Meta(ge=0, description="Position in `policies`.")]


class NodePart(_Part, frozen=True, kw_only=True):
    """One thing in the attack graph."""

    id: Annotated[str, msgspec.Meta(description="The ARN, `internet`, `account:123456789012`, `service:s3.amazonaws.com`, or a pattern.")]
    kind: NodeKind
    name: str
    account: str
    region: str
    count: Annotated[int, msgspec.Meta(ge=0, description="How many things a pattern stands for; 1 for a single thing.")]


class UnknownPart(_Part, frozen=True, kw_only=True):
    """A fact nobody could look at."""

    why: str
    need: Annotated[str, msgspec.Meta(description="What would answer it: an IAM action, a flag, a parameter.")]
    kind: Literal["denied", "throttled", "failed", "unsupported", "unresolved", "not-asked", "outside"]


class GrantPart(_Part, frozen=True, kw_only=True):
    """A grant on a KMS key."""

    grantee: str
    operations: tuple[str, ...]
    context_equals: dict[str, str]
    context_subset: dict[str, str]


class PolicyPart(_Part, frozen=True, kw_only=True):
    """An IAM policy document and where it was read."""

    name: Annotated[str, msgspec.Meta(description="Inline policy name or managed policy ARN; empty for resource policies.")]
    place: str
    document: dict[str, Any]


class UnreadPart(_Part, frozen=True, kw_only=True):
    """A policy that may allow, or deny, anything."""

    layer: LayerName
    unknown: UnknownPart


class LayersPart(_Part, frozen=True, kw_only=True):
    """All that has a say in a request, by layer of AWS's evaluation logic."""

    identity: tuple[PolicyIndex, ...]
    resource: PolicyIndex | None
    boundary: PolicyIndex | None
    session: Annotated[
        tuple[PolicyIndex, ...] | None, msgspec.Meta(description="null: made without session policies; []: with one that grants nothing.")
    ]
    scp: Annotated[tuple[tuple[PolicyIndex, ...], ...], msgspec.Meta(description="One entry per level, the root first; []: none apply.")]
    rcp: tuple[tuple[PolicyIndex, ...], ...]
    endpoint: PolicyIndex | None
    grants: tuple[GrantPart, ...]
    resource_account: str
    blocks_public: bool
    unread: tuple[UnreadPart, ...]


class ProofPart(_Part, frozen=True, kw_only=True):
    """These requests, under these policies, get this answer: replay it with any IAM evaluator."""

    requests: Annotated[tuple[RequestPart, ...], msgspec.Meta(min_length=1)]
    policies: Annotated[tuple[PolicyIndex, ...], msgspec.Meta(description="When policies of one kind alone have a say.")]
    layers: LayersPart | None
    expect: Literal["ALLOW", "DENY", "IMPLICIT_DENY"]


class StepPart(_Part, frozen=True, kw_only=True):
    """One step of an attacker."""

    source: Annotated[str, msgspec.Meta(description="Id of the node the attacker holds.")]
    target: str
    kind: EdgeKind
    technique: str
    what: Annotated[str, msgspec.Meta(description="The step in words, as the attacker does it.")]
    statements: Annotated[tuple[EvidencePart, ...], msgspec.Meta(description="The statements that allow it, and where they stand.")]
    proof: Annotated[tuple[ProofPart, ...], msgspec.Meta(description="Empty for `runs-as`, which is configuration.")]
    only_if: Annotated[tuple[str, ...], msgspec.Meta(description="Conditions nobody could settle.")]
    unread: Annotated[tuple[UnknownPart, ...], msgspec.Meta(description="What nobody could read that may forbid the step.")]
    certain: bool


class ReacherPart(_Part, frozen=True, kw_only=True):
    """Somebody who gets to the function."""

    node: NodePart
    path: PathPart


class BecomePart(_Part, frozen=True, kw_only=True):
    """A principal the attacker can act as."""

    node: NodePart
    administrator: bool
    path: PathPart


class TouchPart(_Part, frozen=True, kw_only=True):
    """Something the attacker can use."""

    node: NodePart
    access: tuple[Access, ...]
    via: Annotated[str, msgspec.Meta(description="Id of the principal that may.")]
    harm: SeverityWord
    path: PathPart


class NetTouchPart(_Part, frozen=True, kw_only=True):
    """Something the attacker's packets reach."""

    name: str
    id: str
    service: Annotated[str, msgspec.Meta(description="What stands there, in a word; empty where nothing tells.")]
    ports: str
    certain: bool
    guard: Annotated[
        Literal["iam", "password", "certificate", "nothing", "unknown"],
        msgspec.Meta(description="`iam`: every request is asked about; `password`: a password, or nothing, guards it."),
    ]
    may: Annotated[tuple[str, ...], msgspec.Meta(description="Actions by which the role may use it.")]
    harm: SeverityWord
    unknown: Annotated[UnknownPart | None, msgspec.Meta(description="Why nobody knows whether the role may.")]


class BlastDocument(_Part, frozen=True, kw_only=True):
    """What `buckler blast --format json` writes. Every list is ranked, the worst first."""

    schema: Literal["buckler/blast/1"]
    version: Annotated[str, msgspec.Meta(description="Of buckler.")]
    function: NodePart
    worst: SeverityWord
    summary: str
    runs_as: Annotated[NodePart | None, msgspec.Meta(description="null when it is not known; `gaps` says why.")]
    reached_by: tuple[ReacherPart, ...]
    becomes: tuple[BecomePart, ...]
    touches: tuple[TouchPart, ...]
    reaches: Annotated[tuple[NetTouchPart, ...], msgspec.Meta(description="What packets reach; [] for functions in no VPC.")]
    gaps: Annotated[tuple[UnknownPart, ...], msgspec.Meta(description="What could not be read and may make it worse.")]
    worst_path: Annotated[PathPart, msgspec.Meta(description="From an outsider, where one gets in, to the worst there is.")]
    steps: tuple[StepPart, ...]
    policies: tuple[PolicyPart, ...]
