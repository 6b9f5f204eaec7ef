"""Images fetched from registries over the OCI distribution API, into a folder of blobs that is shared by all images.

Nothing is kept under a digest it does not have: blobs are hashed as they arrive, put under their name only when they are whole, and a
download that was cut goes on where it stopped. What says of itself how large it is is never read beyond that.
Source: OCI Distribution Specification 1.1; Docker Registry token authentication; read 2026-11-26.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from buckler.errors import SourceError
from buckler.model.value import Value
from buckler.sources.registry_http import MOST_MANIFEST, Credentials, Http, RegistryError

__all__ = ["Credentials", "Http", "Pulled", "Reference", "RegistryError", "parse_reference", "pull"]

_INDEXES: Final = frozenset({"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"})
_MANIFESTS: Final = frozenset({"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"})
_ACCEPT: Final = ", ".join(sorted(_MANIFESTS | _INDEXES))
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_REPOSITORY: Final = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d+)?|localhost(?::\d+)?|[A-Za-z0-9-]+:\d+")
_MOST_LAYERS: Final = 1000
_MOST_SIGNATURES: Final = 50
_DEEPEST: Final = 3


class Reference(Value):
    """An image as one is named: `host/repository:tag@sha256:...`."""

    registry: str
    """Host, with its port."""
    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}{f':{self.tag}' if self.tag else ''}{f'@{self.digest}' if self.digest else ''}"


class Pulled(Value):
    """An image that was fetched."""

    path: str
    """An OCI layout."""
    digest: str
    """Of its manifest."""
    index_digest: str = ""
    """Of the index it was chosen from; empty when there is none."""
    fetched_bytes: int = 0
    kept_bytes: int = 0
    """Of blobs that were there already."""


def parse_reference(text: str) -> Reference:
    """Read a reference. Raises `SourceError`; the registry must be named, there is no default one."""
    rest, _, digest = text.partition("@")
    registry, _, rest = rest.partition("/")
    repository, _, tag = rest.partition(":")
    if (
        not _HOST.fullmatch(registry)
        or not _REPOSITORY.fullmatch(repository)
        or (tag and not _TAG.fullmatch(tag))
        or (digest and not _DIGEST.fullmatch(digest))
        or len(repository) > 255
    ):
        raise SourceError(f"`{text[:200]}` names no image", hint="name it as `registry/repository:tag` or `registry/repository@sha256:...`")
    return Reference(registry=registry, repository=repository, tag=tag or ("" if digest else "latest"), digest=digest)


def pull(
    reference: Reference,
    cache: Path,
    *,
    platform: str = "linux/amd64",
    credentials: Credentials | None = None,
    signatures: bool = True,
    most_bytes: int = 10 * 1024**3,
    http: Http | None = None,
    progress: Callable[[int], None] | None = None,
) -> Pulled:
    """Fetch an image and what is attached to it (signatures) into *cache*, and give the layout it stands in.

    *credentials* is asked once the registry wants them (of ECR: user and password of `GetAuthorizationToken`).
    *most_bytes* is the most that is fetched in all. *progress* is told of bytes as they arrive. Raises `RegistryError`.
    """
    asking = http or Http(reference.registry, credentials=credentials)
    return _Pull(reference, cache, platform, most_bytes, asking, progress or _silent).run(signatures=signatures)


def _silent(_: int) -> None:
    pass


_Document = dict[str, Any]


class _Got(NamedTuple):
    """A manifest that was fetched."""

    document: _Document
    digest: str
    descriptor: _Document


class _Pull:
    def __init__(
        self, reference: Reference, cache: Path, platform: str, most_bytes: int, http: Http, progress: Callable[[int], None]
    ) -> None:
        self.reference = reference
        self.cache = cache
        self.platform = platform
        self.left = most_bytes
        self.http = http
        self.progress = progress
        self.fetched = self.kept = 0

    def run(self, *, signatures: bool) -> Pulled:
        got = top = self._manifest(self.reference.digest or self.reference.tag)
        index_digest = ""
        for _ in range(_DEEPEST):
            if "manifests" not in got.document:
                break
            index_digest = index_digest or got.digest
            chosen = self._choose(got.document)
            wanted = _digest(chosen)
            if not wanted:
                raise self._error("its manifest has a digest that is no sha256")
            got = self._manifest(wanted)
        if "manifests" in got.document:
            raise self._error("its indexes are nested too deep")
        self._blobs(got.document)
        descriptor = top.descriptor
        if self.reference.tag:
            descriptor["annotations"] = {"org.opencontainers.image.ref.name": str(self.reference)}
        signed = dict.fromkeys((got.digest, top.digest)) if signatures else {}
        attached = [one for digest in signed for one in self._signatures(digest)]
        path = self._layout(got.digest, [descriptor, *attached])
        return Pulled(path=str(path), digest=got.digest, index_digest=index_digest, fetched_bytes=self.fetched, kept_bytes=self.kept)

    def _error(self, cause: str, hint: str = "") -> RegistryError:
        return RegistryError(f"`{self.reference}` cannot be fetched", cause=cause, hint=hint)

    # --- manifests --------------------------------------------------------------------------------------------------------

    def _manifest(self, wanted: str) -> "_Got":
        """Fetch a manifest by tag or digest, and keep it as a blob."""
        held = self._held(wanted) if _DIGEST.fullmatch(wanted) else None
        if held is not None and held.stat().st_size <= MOST_MANIFEST:
            content, announced = held.read_bytes(), ""
            self.kept += len(content)
        else:
            content, announced = self.http.document(f"/v2/{self.reference.repository}/manifests/{wanted}", _ACCEPT)
            self._spend(len(content))
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if _DIGEST.fullmatch(wanted) and digest != wanted:
            raise self._error(f"the registry gave {digest} for {wanted}")
        document = self._decoded(content)
        if held is None:
            self._keep(digest, content)
        said = document.get("mediaType")
        media_type = said if isinstance(said, str) and said else announced.partition(";")[0].strip()
        if media_type not in _MANIFESTS | _INDEXES:
            # A manifest that was kept does not say how it was announced; of images without a type of their own there is one kind.
            media_type = (
                "application/vnd.oci.image.index.v1+json" if "manifests" in document else "application/vnd.oci.image.manifest.v1+json"
            )
        return _Got(document, digest, {"mediaType": media_type, "digest": digest, "size": len(content)})

    def _decoded(self, content: bytes) -> _Document:
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as bad:
            raise self._error("its manifest is no JSON document") from bad
        if not isinstance(document, dict):
            raise self._error("its manifest is no JSON object")
        found = cast("_Document", document)
        if ("manifests" in found) == ("layers" in found):
            raise self._error("its manifest is both an image and an index, or neither")
        return found

    def _choose(self, index: _Document) -> _Document:
        system, _, rest = self.platform.partition("/")
        architecture, _, variant = rest.partition("/")
        there: set[str] = set()
        for one in _descriptors(index.get("manifests")):
            platform = one.get("platform")
            said = cast("_Document", platform) if isinstance(platform, dict) else {}
            if said.get("os") == system and said.get("architecture") == architecture and (not variant or variant == said.get("variant")):
                return one
            if isinstance(said.get("os"), str) and said.get("os") != "unknown":
                there.add(f"{said.get('os')}/{said.get('architecture')}")
        raise self._error(f"it is not there for {self.platform}, only for {', '.join(sorted(there)) or 'nothing that is said'}")

    # --- blobs ------------------------------------------------------------------------------------------------------------

    def _blobs(self, manifest: _Document) -> None:
        """Fetch what a manifest names."""
        layers = _descriptors(manifest.get("layers"))
        config = manifest.get("config")
        if len(layers) > _MOST_LAYERS:
            raise self._error(f"it has more than {_MOST_LAYERS:,} layers")
        for one in (*([cast("_Document", config)] if isinstance(config, dict) else []), *layers):
            # What is to be fetched from elsewhere is left out: whoever reads the image says so.
            if not one.get("urls"):
                self._blob(one)

    def _blob(self, descriptor: _Document) -> None:
        digest, size = _digest(descriptor), descriptor.get("size")
        if not digest:
            raise self._error("a blob of it has a digest that is no sha256")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise self._error("a blob of it has no size")
        held = self._held(digest)
        if held is not None:
            self.kept += held.stat().st_size
            return
        self._spend(0, ahead=size)
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        try:
            found = self._fetch(digest, size, part)
        except OSError as bad:
            raise self._error(f"{part}: {bad.strerror or type(bad).__name__}") from bad
        if found != digest:
            part.unlink(missing_ok=True)
            raise self._error(f"the registry gave {found} for {digest}")
        part.replace(path)

    def _fetch(self, digest: str, size: int, part: Path) -> str:
        """Fetch a blob into *part*, going on where an earlier try stopped, and give its digest."""
        total = hashlib.sha256()
        have = 0
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "r+b") as file:
            if os.fstat(handle).st_size <= size:
                while chunk := file.read(1 << 20):
                    total.update(chunk)
                    have += len(chunk)
            file.seek(have)
            file.truncate(have)
            for chunk in self.http.blob(f"/v2/{self.reference.repository}/blobs/{digest}", have, size):
                file.write(chunk)
                total.update(chunk)
                self._spend(len(chunk))
        return f"sha256:{total.hexdigest()}"

    def _spend(self, count: int, *, ahead: int = 0) -> None:
        self.fetched += count
        self.left -= count
        if self.left < ahead or self.left < 0:
            raise self._error("it is larger than what may be fetched")
        if count:
            self.progress(count)

    # --- what is attached -------------------------------------------------------------------------------------------------

    def _signatures(self, digest: str) -> Iterator[_Document]:
        """Fetch signatures: those the registry lists as referrers, and those under the tags that notation and cosign use."""
        tag = digest.replace(":", "-")
        found: dict[str, _Document] = {}
        for place in (f"/v2/{self.reference.repository}/referrers/{digest}", f"/v2/{self.reference.repository}/manifests/{tag}"):
            listed = self._optional(place)
            for one in _descriptors(listed.get("manifests") if listed is not None else None):
                if "signature" in str(one.get("artifactType", "")) or "sigstore" in str(one.get("artifactType", "")):
                    found.setdefault(_digest(one), {})
        if self._optional(f"/v2/{self.reference.repository}/manifests/{tag}.sig") is not None:
            found[f"{tag}.sig"] = {"org.opencontainers.image.ref.name": f"{self.reference.registry}/{self.reference.repository}:{tag}.sig"}
        for wanted, notes in list(found.items())[:_MOST_SIGNATURES]:
            if not wanted:
                continue
            got = self._manifest(wanted)
            if "layers" in got.document:
                self._blobs(got.document)
                yield {**got.descriptor, **({"annotations": notes} if notes else {})}

    def _optional(self, place: str) -> _Document | None:
        content = self.http.optional(place, _ACCEPT)
        if content is None:
            return None
        self._spend(len(content))
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            return None
        return cast("_Document", document) if isinstance(document, dict) else None

    # --- the folder -------------------------------------------------------------------------------------------------------

    def _path(self, digest: str) -> Path:
        return self.cache / "blobs" / "sha256" / digest.removeprefix("sha256:")

    def _held(self, digest: str) -> Path | None:
        """Give a blob that is there and is what its name says."""
        path = self._path(digest)
        try:
            with path.open("rb") as file:
                is_same = hashlib.file_digest(file, "sha256").hexdigest() == path.name
        except OSError:
            return None
        if not is_same:
            path.unlink()
            return None
        return path

    def _keep(self, digest: str, content: bytes) -> None:
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content)

    def _layout(self, digest: str, descriptors: list[_Document]) -> Path:
        folder = self.cache / "images" / digest.removeprefix("sha256:")
        folder.mkdir(parents=True, exist_ok=True)
        blobs = folder / "blobs"
        if not blobs.is_symlink():
            blobs.symlink_to(Path("..") / ".." / "blobs")
        _write(folder / "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": descriptors}
        _write(folder / "index.json", json.dumps(index, indent=1, sort_keys=True).encode())
        return folder


def _descriptors(value: object) -> list[_Document]:
    return [cast("_Document", one) for one in cast("list[object]", value) if isinstance(one, dict)] if isinstance(value, list) else []


def _digest(descriptor: _Document) -> str:
    """Give the digest a descriptor names, "" when it is none that can be checked."""
    digest = descriptor.get("digest")
    return digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else ""


def _write(path: Path, content: bytes) -> None:
    """Write a file so that whoever reads it sees all of it or nothing."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)
