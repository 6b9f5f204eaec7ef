"""What an image is made of, and the documents that describe it: read strictly, because two readers of one manifest must see one image.

Source: OCI Image Format Specification 1.1 (manifest, index, config); Docker Image Manifest Version 2, Schema 2; read 2026-11-26.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Fault

T = TypeVar("T")

MOST_JSON: Final = 4 * 1024 * 1024
"""Of a manifest, as registries limit it."""
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")

OCI_INDEX, OCI_MANIFEST = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIGS: Final = frozenset({"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"})
LAYERS: Final = {
    "application/vnd.oci.image.layer.v1.tar": "",
    "application/vnd.oci.image.layer.v1.tar+gzip": "gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd": "zstd",
    "application/vnd.docker.image.rootfs.diff.tar": "",
    "application/vnd.docker.image.rootfs.diff.tar.gzip": "gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd": "zstd",
}
"""Media types of layers, and the compression each announces."""
FOREIGN: Final = ("application/vnd.oci.image.layer.nondistributable.", "application/vnd.docker.image.rootfs.foreign.")


class DocumentError(ValueError):
    """A document of an image is broken, or two readers see two things in it."""

    def __init__(self, detail: str, *, kind: str = "broken-document") -> None:
        super().__init__(detail)
        self.kind = kind


class Platform(msgspec.Struct, frozen=True):
    """What an image runs on."""

    os: str = ""
    architecture: str = ""
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class Descriptor(msgspec.Struct, frozen=True, rename="camel"):
    """What one document says of another."""

    media_type: str = ""
    digest: str = ""
    size: int = -1
    urls: tuple[str, ...] | None = None
    annotations: dict[str, str] | None = None
    platform: Platform | None = None
    artifact_type: str = ""


class Manifest(msgspec.Struct, frozen=True, rename="camel"):
    """A manifest or an index: which of them is told by what it holds, and it may not hold both."""

    schema_version: int = 0
    media_type: str = ""
    artifact_type: str = ""
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] | None = None
    manifests: tuple[Descriptor, ...] | None = None
    subject: Descriptor | None = None
    annotations: dict[str, str] | None = None
    fs_layers: tuple[Any, ...] | None = None

    @property
    def is_index(self) -> bool:
        return self.manifests is not None


class Run(msgspec.Struct, frozen=True):
    """How a container of the image is started."""

    entrypoint: tuple[str, ...] | None = msgspec.field(default=None, name="Entrypoint")
    cmd: tuple[str, ...] | None = msgspec.field(default=None, name="Cmd")
    env: tuple[str, ...] | None = msgspec.field(default=None, name="Env")
    user: str | None = msgspec.field(default=None, name="User")
    working_dir: str | None = msgspec.field(default=None, name="WorkingDir")
    labels: dict[str, str] | None = msgspec.field(default=None, name="Labels")


class Rooted(msgspec.Struct, frozen=True):
    """The layers as the configuration names them: by the digest of what is in them, unpacked."""

    type: str = ""
    diff_ids: tuple[str, ...] | None = None


class Configuration(msgspec.Struct, frozen=True):
    """The configuration of an image."""

    os: str = ""
    architecture: str = ""
    variant: str = ""
    config: Run | None = None
    rootfs: Rooted | None = None


@dataclass(frozen=True, kw_only=True)
class ImageConfig:
    """How Lambda starts the image, where the function does not say otherwise."""

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Names and values. Values may be secrets: for the detector's eyes, never for a report."""
    user: str = ""
    working_dir: str = ""
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer, read."""

    digest: str
    """`sha256:...` of the blob, as we computed it."""
    diff_id: str
    """`sha256:...` of the unpacked tar, as we computed it; empty when it could not be read to its end."""
    media_type: str
    size_bytes: int
    """Of the blob."""
    tree: Tree = field(repr=False)
    """What the layer itself holds, whiteouts included. Empty, with a fatal fault, when it is not what the image says it is."""


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A manifest that stands beside the image and is about it: a signature, an SBOM, an attestation."""

    digest: str
    about: str
    """Digest of what it is about: the image's manifest, or an index that leads to it."""
    manifest: Manifest
    blobs: tuple[bytes, ...] = field(repr=False)
    """Of its layers, each hashed and as announced; others are left out, with a fault."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image, every byte of it hashed and compared."""

    digest: str
    """`sha256:...` of the manifest as we computed it; of a docker-archive, which has none, of the configuration."""
    index_digests: tuple[str, ...] = ()
    """Of the indexes that lead to it: who signed one of them signed the image."""
    media_type: str
    platform: Platform
    others: tuple[Platform, ...] = ()
    """Platforms it exists for as well, not looked at."""
    tags: tuple[str, ...] = ()
    config: ImageConfig
    config_digest: str
    layers: tuple[Layer, ...]
    """Lowest first."""
    tree: Tree = field(repr=False)
    """The merged file system; its faults are those of the whole image."""
    attached: tuple[Attached, ...] = ()
    size_bytes: int = 0
    """Of all blobs."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.tree.faults

    @property
    def is_whole(self) -> bool:
        """Say whether everything in it was read and is what the image says it is."""
        return not any(fault.is_fatal for fault in self.faults)


def digest_of(data: bytes | memoryview) -> str:
    """Compute a digest, as documents write it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def decode(data: bytes | memoryview, type_: type[T], what: str, names: frozenset[str] = frozenset()) -> T:
    """Read a document, in which the keys *names* may be written in one way only. Raises `DocumentError`, which never quotes it."""
    if len(data) > MOST_JSON:
        raise DocumentError(f"the {what} has {len(data):,} bytes")
    try:
        return msgspec.convert(json.loads(bytes(data), object_pairs_hook=partial(_once, names)), type_)
    except _Twice as twice:
        raise DocumentError(
            f"the {what} gives a key twice, or in other letters: readers differ in which one counts", kind="duplicate-key"
        ) from twice
    except (ValueError, RecursionError) as bad:
        raise DocumentError(f"the {what} is no document of an image") from bad


def manifest_of(data: bytes | memoryview, what: str = "manifest") -> Manifest:
    """Read a manifest or an index. Raises `DocumentError`."""
    manifest = decode(data, Manifest, what, _NAMES)
    if manifest.fs_layers is not None or manifest.schema_version == 1:
        raise DocumentError(f"the {what} has the form of 2014 (schema 1), which cannot be verified", kind="old-manifest")
    holds_image = manifest.config is not None or manifest.layers is not None
    if holds_image == manifest.is_index:
        # CVE-2021-41190: one document that is an image to one reader and an index to another.
        raise DocumentError(f"the {what} is both an image and an index, or neither", kind="ambiguous-manifest")
    if manifest.media_type and (manifest.media_type in {OCI_INDEX, DOCKER_LIST}) != manifest.is_index:
        raise DocumentError(f"the {what} says it is of another kind than it is", kind="ambiguous-manifest")
    return manifest


_NAMES: Final = frozenset(
    {"schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "digest", "size", "urls", "fsLayers"}
)
CONFIGURATION_NAMES: Final = frozenset({"rootfs", "diff_ids"})


class _Twice(Exception):  # noqa: N818 - control flow inside this module
    pass


def _once(names: frozenset[str], pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice
    # Go's decoder takes `Layers` for `layers`, and of both the last.
    folded = {name.casefold() for name in names}
    if any(key not in names and key.casefold() in folded for key in found):
        raise _Twice
    return found
