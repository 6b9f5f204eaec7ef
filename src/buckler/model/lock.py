"""What is pinned of an estate: the shape of `lambda.lock`, schema `buckler/lock/1`.

A fact is its value; null where AWS says there is none; an object with `not_read` where nobody could look. Unlike a report, a lock is read
back and decided by, so a field that is not known here is refused: it may be a pin that somebody counts on.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from buckler.model.unknown import Unknown, UnknownKind

SCHEMA: Literal["buckler/lock/1"] = "buckler/lock/1"
SCHEMA_ID = "https://buckler.invalid/schemas/lock-1.json"
FILE_NAME = "lambda.lock"


class Pin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the parts of a lock."""


class Unread(Pin, frozen=True, kw_only=True):
    """A fact nobody could look at when the lock was made. Never a pass."""

    not_read: Annotated[str, msgspec.Meta(description="Why.")]
    need: Annotated[str, msgspec.Meta(description="What would tell it: an IAM action, a flag, a parameter.")]
    kind: Literal["denied", "throttled", "failed", "unsupported", "unresolved", "not-asked", "outside"]


def unread(unknown: Unknown) -> Unread:
    """Write down that a fact is not known, and why."""
    return Unread(not_read=unknown.why, need=unknown.need, kind=unknown.kind.value)


def unknown_of(pin: Unread) -> Unknown:
    """Give back what `unread` was made of."""
    return Unknown(kind=UnknownKind(pin.kind), why=pin.not_read, need=pin.need)


Name: TypeAlias = str
"""A text; what a template leaves open is written `${Ref}` in it."""


class AliasPin(Pin, frozen=True, kw_only=True):
    """What an alias leads to."""

    name: Name
    version: Name
    routing: Annotated[tuple[Name, ...], msgspec.Meta(description="Further versions that get a share of the traffic.")]
    code_sha256: Annotated[str | Unread, msgspec.Meta(description="Of the version it points to, base64 as AWS gives it.")]


class ImagePin(Pin, frozen=True, kw_only=True):
    """A container image."""

    uri: Name | Unread
    digest: Annotated[str | Unread, msgspec.Meta(description="`sha256:...`: of the URI, or as AWS resolved its tag.")]


class ObjectPin(Pin, frozen=True, kw_only=True):
    """The object in S3 a template takes the package from."""

    bucket: Name
    key: Name
    version: Name | None


class CodeSigningPin(Pin, frozen=True, kw_only=True):
    """The code-signing configuration of a function."""

    config: Name
    policy: Annotated[Name | Unread, msgspec.Meta(description="`Enforce` or `Warn`.")]
    publishers: Annotated[tuple[Name, ...] | Unread, msgspec.Meta(description="Signing profile versions that are trusted.")]


class VariablePin(Pin, frozen=True, kw_only=True):
    """An environment variable that changes what runs."""

    name: Name
    value: Annotated[Name | Unread, msgspec.Meta(description="Only when it is demonstrably harmless.")]


class FunctionPin(Pin, frozen=True, kw_only=True):
    """A function, as it runs or will be deployed."""

    id: Annotated[str, msgspec.Meta(description="The ARN when live; the logical id or Terraform address in a file.")]
    file: Annotated[str, msgspec.Meta(description="The file it was read from; empty when live.")]
    name: Name
    logical_id: Annotated[str, msgspec.Meta(description="In the template or plan, or as CloudFormation tagged it; empty when unknown.")]
    aliases: tuple[AliasPin, ...] | Unread
    package_type: str | Unread
    code_sha256: Annotated[str | Unread, msgspec.Meta(description="Of `$LATEST`, base64 as AWS gives it.")]
    code_size: int | Unread
    code_object: Annotated[
        ObjectPin | None, msgspec.Meta(description="null when live, which does not tell it, and where a file names no object.")
    ]
    image: Annotated[ImagePin | None, msgspec.Meta(description="null for zip packages.")]
    runtime: Name | Unread | None
    runtime_version: Annotated[Name | Unread | None, msgspec.Meta(description="ARN of the runtime version; null for images.")]
    runtime_update: Annotated[Name | Unread | None, msgspec.Meta(description="`Auto`, `FunctionUpdate` or `Manual`; null for images.")]
    architectures: tuple[Name, ...]
    handler: Name | Unread | None
    role: Name | Unread
    layers: Annotated[tuple[Name, ...] | Unread, msgspec.Meta(description="ARNs with versions, in the order in which they are laid over.")]
    code_signing: CodeSigningPin | None
    code_signing_unread: Annotated[Unread | None, msgspec.Meta(description="Why nobody knows whether there is one.")]
    signing_profile_version: Annotated[str | None, msgspec.Meta(description="That signed the deployed package, as AWS says; null: none.")]
    variables: Annotated[tuple[VariablePin, ...] | Unread, msgspec.Meta(description="Those that change what runs, by name.")]


class LayerPin(Pin, frozen=True, kw_only=True):
    """One version of a layer that functions use."""

    arn: Name
    code_sha256: Annotated[str | Unread | None, msgspec.Meta(description="base64; null: the version is gone, nobody can look any more.")]
    code_size: int | Unread | None
    created: str | None
    signing_profile_version: str | None
    allowed: Annotated[
        tuple[Name, ...] | Unread, msgspec.Meta(description="Who else may get it: `*`, an account, `* in o-example`; empty: nobody.")
    ]


class PublisherPin(Pin, frozen=True, kw_only=True):
    """An account whose layers are accepted."""

    account: Name
    name: Annotated[str, msgspec.Meta(description="Empty when nobody knows it.")]
    first_seen: Annotated[str, msgspec.Meta(description="The day it came into the lock.")]


class PackagePin(Pin, frozen=True, kw_only=True):
    """A package in an artifact."""

    purl: str
    path: Annotated[str, msgspec.Meta(description="The file that says it is there.")]
    files: Annotated[int, msgspec.Meta(description="How many files are its own.")]
    content: Annotated[
        str, msgspec.Meta(description="sha256 over names and contents of its files as they are; empty: it has none of its own.")
    ]
    integrity: Literal["verified", "record-only", "modified", "not-assessed"]


class FilePin(Pin, frozen=True, kw_only=True):
    """A file that no package claims."""

    path: str
    sha256: str


class SignaturePin(Pin, frozen=True, kw_only=True):
    """A signature inside an artifact, verified when the lock was made."""

    kind: str
    state: str | Unread
    signer: str
    job: str
    expires: str


class ArtifactPin(Pin, frozen=True, kw_only=True):
    """A zip, folder or image on disk."""

    path: Annotated[str, msgspec.Meta(description="As it was named; only a hint which artifact of a next build it is compared with.")]
    kind: Literal["zip", "folder", "image"]
    sha256: Annotated[str, msgspec.Meta(description="Hex, of the bytes; of an image of its manifest; empty for a folder.")]
    size_bytes: int
    entries: int
    tree_hash: Annotated[str, msgspec.Meta(description="Of names, kinds, exec bits and contents: zipped again it stays the same.")]
    faults: Annotated[tuple[str, ...], msgspec.Meta(description="What is wrong with the archive as such.")]
    signature: SignaturePin | None
    packages: tuple[PackagePin, ...]
    files: Annotated[tuple[FilePin, ...], msgspec.Meta(description="That no package claims.")]
    unread: Annotated[tuple[Unread, ...], msgspec.Meta(description="Entries whose content could not be read: nothing is pinned of them.")]
    not_assessed: Annotated[tuple[Unread, ...], msgspec.Meta(description="What could not be said of packages; their bytes are pinned.")]


class ExceptionPin(Pin, frozen=True, kw_only=True):
    """A drift somebody decided to live with."""

    id: Annotated[str, msgspec.Meta(description="A class of drift (`runtime-updated`), or the id of one, as `buckler verify` prints it.")]
    reason: Annotated[str, msgspec.Meta(min_length=1)]
    until: Annotated[str, msgspec.Meta(description="The last day on which it counts.", pattern=r"^\d{4}-\d\d-\d\d$")] | None


class ScopePin(Pin, frozen=True, kw_only=True):
    """What was looked at."""

    kind: Literal["live", "template", "plan", "saved"]
    name: Annotated[str, msgspec.Meta(description="`123456789012/eu-west-1`, or the file.")]
    functions_unread: Annotated[Unread | None, msgspec.Meta(description="Why there may be functions that are not listed.")]


class Lock(Pin, frozen=True, kw_only=True):
    """Everything that is pinned. Sorted; it holds no time, so that an unchanged estate gives an unchanged file."""

    schema: Literal["buckler/lock/1"] = SCHEMA
    version: Annotated[str, msgspec.Meta(description="Of the buckler that wrote it.")]
    scopes: tuple[ScopePin, ...]
    functions: tuple[FunctionPin, ...]
    layers: tuple[LayerPin, ...]
    publishers: tuple[PublisherPin, ...]
    artifacts: tuple[ArtifactPin, ...]
    exceptions: tuple[ExceptionPin, ...]


def schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12)."""
    body = msgspec.json.schema(Lock)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "buckler lock",
        "$ref": body["$ref"],
        "$defs": dict(sorted(body["$defs"].items())),
    }


if __name__ == "__main__":
    import sys

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n")
