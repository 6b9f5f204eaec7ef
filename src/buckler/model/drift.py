"""What is not as a lock says."""

from typing import Literal, TypeAlias

from buckler.model.severity import Severity
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

DriftKind: TypeAlias = Literal[
    "alias-gone",
    "alias-moved",
    "alias-new",
    "architecture-changed",
    "artifact-changed",
    "artifact-unknown",
    "code-changed",
    "code-object-changed",
    "code-signing-attached",
    "code-signing-changed",
    "code-signing-detached",
    "code-signing-publisher-added",
    "code-signing-publisher-removed",
    "code-signing-relaxed",
    "function-gone",
    "function-new",
    "handler-changed",
    "image-changed",
    "image-tag-moved",
    "image-tag-only",
    "layer-added",
    "layer-content-changed",
    "layer-order",
    "layer-permission-opened",
    "layer-removed",
    "layer-version-changed",
    "layer-version-gone",
    "package-type-changed",
    "publisher-unknown",
    "re-zipped",
    "role-changed",
    "runtime-changed",
    "runtime-update-changed",
    "runtime-updated",
    "signature-changed",
    "signature-lost",
    "variable-added",
    "variable-changed",
    "variable-removed",
    "version-changed",
]

SEVERITY: dict[DriftKind, Severity] = {
    "alias-gone": Severity.LOW,
    "alias-moved": Severity.MEDIUM,
    "alias-new": Severity.LOW,
    "architecture-changed": Severity.LOW,
    "artifact-changed": Severity.HIGH,
    "artifact-unknown": Severity.HIGH,
    "code-changed": Severity.HIGH,
    "code-object-changed": Severity.HIGH,
    "code-signing-attached": Severity.LOW,
    "code-signing-changed": Severity.MEDIUM,
    "code-signing-detached": Severity.HIGH,
    "code-signing-publisher-added": Severity.HIGH,
    "code-signing-publisher-removed": Severity.LOW,
    "code-signing-relaxed": Severity.HIGH,
    "function-gone": Severity.LOW,
    "function-new": Severity.MEDIUM,
    "handler-changed": Severity.MEDIUM,
    "image-changed": Severity.HIGH,
    "image-tag-moved": Severity.HIGH,
    "image-tag-only": Severity.MEDIUM,
    "layer-added": Severity.HIGH,
    # AWS never uses the number of a layer version twice: other bytes under the same ARN are an alarm of their own.
    "layer-content-changed": Severity.CRITICAL,
    "layer-order": Severity.MEDIUM,
    "layer-permission-opened": Severity.MEDIUM,
    "layer-removed": Severity.MEDIUM,
    "layer-version-changed": Severity.MEDIUM,
    "layer-version-gone": Severity.HIGH,
    "package-type-changed": Severity.HIGH,
    "publisher-unknown": Severity.HIGH,
    "re-zipped": Severity.LOW,
    "role-changed": Severity.HIGH,
    "runtime-changed": Severity.MEDIUM,
    "runtime-update-changed": Severity.LOW,
    "runtime-updated": Severity.LOW,
    "signature-changed": Severity.MEDIUM,
    "signature-lost": Severity.HIGH,
    "variable-added": Severity.HIGH,
    "variable-changed": Severity.HIGH,
    "variable-removed": Severity.MEDIUM,
    "version-changed": Severity.HIGH,
}
HARMLESS: frozenset[DriftKind] = frozenset({"code-signing-attached", "re-zipped"})
"""Told, and no drift: the content is the same, or more is asked of it than before."""


class Drift(Value):
    """One thing that is not as the lock says."""

    kind: DriftKind
    severity: Severity
    subject: str
    """Id of the function, ARN of the layer version, or path of the artifact."""
    message: str
    key: str = ""
    """Tells apart several of one kind on one subject."""
    details: tuple[str, ...] = ()
    """Packages and files that differ, one each."""
    file: str = ""
    """The template a function stands in, as the lock of it names files; empty in an account."""

    @property
    def id(self) -> str:
        """Name it, the same in every run: what an exception names."""
        return f"{self.kind}:{self.subject}" + (f"#{self.key}" if self.key else "")


class Doubt(Value):
    """Something the lock pins, or should, that could not be compared. Never a pass."""

    subject: str
    what: str
    """`the code`, `the layers`, ..."""
    unknown: Unknown
    is_pinned: bool = True
    """The lock says what it should be."""
    file: str = ""
    """As in `Drift`."""

    @property
    def is_gap(self) -> bool:
        """Say whether somebody should have looked.

        Not so for what a kind of target can never tell (a template: the bytes of a package), nor for what neither side was asked for.
        """
        kind = self.unknown.kind
        return kind is not UnknownKind.OUTSIDE and (self.is_pinned or kind is not UnknownKind.NOT_ASKED)


class Excepted(Value):
    """A drift somebody decided to live with."""

    drift: Drift
    reason: str
    until: str = ""


class Verified(Value):
    """What a comparison with a lock came to."""

    drifts: tuple[Drift, ...]
    """Worst first."""
    harmless: tuple[Drift, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    excepted: tuple[Excepted, ...] = ()
    expired: tuple[str, ...] = ()
    """Ids of exceptions that no longer count or match nothing."""
    functions: int = 0
    """That were compared."""
    layers: int = 0
    artifacts: int = 0
