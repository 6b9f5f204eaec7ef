"""Code packages, layers and images: what is in them, whose it is, and what can be trusted."""

from typing import Literal, TypeAlias

from buckler.model.entity import Entity
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.model.value import Value

ArtifactKind: TypeAlias = Literal["zip", "folder", "image"]
EntryKind: TypeAlias = Literal["file", "directory", "symlink", "hardlink", "device"]
Ecosystem: TypeAlias = Literal["pypi", "npm", "golang", "cargo", "maven", "gem", "nuget", "deb", "rpm", "apk", "generic"]
"""The type of a package URL."""

Integrity: TypeAlias = Literal["verified", "record-only", "modified", "unowned", "not-assessed"]
"""`verified`: equal to the registry's artefact; `record-only`: equal to what the package says of itself, which can be forged;
`modified`: not equal; `unowned`: no package claims it; `not-assessed`: nothing to compare with, which is never a pass."""


class Entry(Value):
    """One name in an archive."""

    path: str
    """As written, with `/`; never made absolute, never normalised. Relative to the artifact's root."""
    kind: EntryKind = "file"
    size_bytes: int = 0
    mode: int = 0
    """Permission bits of the archive; 0 when it has none."""
    sha256: str = ""
    """Hex, of the content that was read; empty for what has none."""
    target: str = ""
    """Of a link."""


class Fault(Value):
    """Something that is wrong with an archive as such: two readers may see two different things in it, or it attacks its reader."""

    kind: str
    """`local-header-differs`, `overlapping-entries`, `traversal`, `symlink-escapes`, `duplicate-name`, `twin-name`, `bomb`, ..."""
    entry: str
    """Name of the entry, "" for the archive as a whole."""
    detail: str
    """In words, without the content of a file."""
    is_fatal: bool = False
    """The entry (or the archive) was not read because of it: what it holds is not assessed."""


class PackageFile(Value):
    """A file as its package lists it."""

    path: str
    """Relative to the artifact's root."""
    sha256: str = ""
    """Hex, as the package's own record says; "" when it gives none."""


class Package(Value):
    """A package somebody installed."""

    purl: str
    """Package URL, canonical: `pkg:pypi/requests@2.32.3`."""
    ecosystem: Ecosystem
    name: str
    version: str
    path: str
    """Where it says so: `python/requests-2.32.3.dist-info/METADATA`, `nodejs/node_modules/axios/package.json`, a binary."""
    files: tuple[PackageFile, ...] | None = None
    """What it claims as its own, by its record; None when it keeps none (then nothing can be verified by it)."""
    root: str = ""
    """Folder its files stand in, where there is one."""
    licence: str = ""
    source: str = ""
    """What it was found by: `dist-info`, `package.json`, `package-lock`, `go-buildinfo`, `dep-v0`, `jar`, `gemspec`, `dpkg`, ..."""
    is_vendored: bool = False
    """A copy inside another package."""
    checksum: str = ""
    """`sha512-...` of a lock file, for the registry's artefact."""
    depends_on: tuple[str, ...] = ()
    """Package URLs of what it says it needs, where that is in the artifact too. Empty also where nobody says."""


class FileState(Value):
    """What can be said of one file."""

    path: str
    state: Integrity
    purl: str = ""
    """Of the package that owns it."""
    why: str = ""
    """`its hash is not that of the record`, `no package lists it`, `the reference has another file`."""


class Hit(Value):
    """Something hostile, or a secret, in a file that integrity does not explain."""

    path: str
    rule: str
    severity: Severity
    confidence: Confidence
    note: str
    line: int = 0
    secret: Redacted | None = None


class Signature(Value):
    """What a signature of an artifact says, verified offline."""

    kind: Literal["aws-signer", "notation", "cosign"]
    state: Literal["valid", "invalid", "expired", "revoked", "untrusted"] | Unknown
    signer: str = ""
    """Signing profile version ARN, or the certificate's subject."""
    job: str = ""
    signed_at: str = ""
    expires: str = ""
    why: str = ""
    root_fingerprint: str = ""
    """sha256 of the root it chains to."""
    uncovered: tuple[str, ...] = ()
    """What it does not cover: mode bits, symlinks, ..., each with an example."""
    revocation: Unknown | None = None
    """Why nobody knows whether a signature that holds was revoked since; None: it was looked up, or does not hold anyway."""
    certificate_hashes: tuple[str, ...] = ()
    """What `signer:GetRevocationStatus` names its certificates by, in hex; the signer's first."""


class Vulnerability(Value):
    """One flaw of one package, its aliases merged."""

    id: str
    """The CVE where there is one, else the advisory's id."""
    aliases: tuple[str, ...] = ()
    purl: str
    severity: Severity | None = None
    """None: the advisory gives none."""
    cvss: float | None = None
    fixed: tuple[str, ...] = ()
    """Versions that have it no more."""
    summary: str = ""
    is_exploited: bool = False
    """In CISA's catalogue of known exploited vulnerabilities."""
    epss: float | None = None
    vex: str = ""
    """Status of a VEX statement that applies: `not_affected`, `fixed`, `under_investigation`, `affected`; empty when none does."""
    vex_why: str = ""
    """The reason it gives."""


class Hiding(Value):
    """Something in a layer that hides a module of the runtime, or that runs before the function's own code."""

    kind: Literal["runtime-module", "standard-library", "startup-module", "pth-code"]
    path: str
    """In the layer: a file, or the folder of a package."""
    over: str = ""
    """The module that is hidden."""
    strange: tuple[str, ...] = ()
    """Its files that no package owns, or that are not what was published: () for a genuine copy that somebody pins."""
    why: str = ""


class Inventory(Value):
    """Everything found in one artifact, by the digest we computed: what caches keep and re-scans match anew."""

    digest: str
    """sha256, hex, of the bytes (of an image: of its manifest)."""
    kind: ArtifactKind
    size_bytes: int
    entries: int
    tree_hash: str
    """sha256 over sorted (path, kind, mode class, content hash): the same content zipped again has the same."""
    faults: tuple[Fault, ...] = ()
    packages: tuple[Package, ...] = ()
    states: tuple[FileState, ...] = ()
    """Of files that are not `verified` or `record-only`, and counts of the others in `counted`."""
    counted: tuple[tuple[Integrity, int], ...] = ()
    hits: tuple[Hit, ...] = ()
    hides: tuple[Hiding, ...] = ()
    """Of layers: what of the runtime it hides."""
    signature: Signature | Unknown | None = None
    """None: there is none."""
    not_assessed: tuple[Unknown, ...] = ()
    """What could not be looked at, and what would allow it."""


ArtifactUse: TypeAlias = Literal["function", "layer", "image", "file"]


class Artifact(Entity):
    """Something that is deployed, looked into: a function's package, a layer version, an image, or a file that will be one of these.

    `name` is the file's name, or that of the function or layer; `arn` is empty for a file.
    """

    use: ArtifactUse
    inventory: Inventory | Unknown
    vulnerabilities: tuple[Vulnerability, ...] | Unknown
    """Of its packages, against the database of the day; Unknown without one."""
    used_by: tuple[Text, ...] = ()
    """ARNs of the functions that run it."""
