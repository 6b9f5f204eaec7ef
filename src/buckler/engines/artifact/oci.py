"""Container images, read without trust: OCI layouts (a folder, or an archive of one) and what `docker save` writes.

Nothing is taken at its word: every blob is hashed before it is read, every layer again when it is unpacked. What is not what it is said to
be is a fatal fault; it is not assessed, and never kept under the name it claims.
Source: OCI Image Format Specification 1.1, "Image Layout", "Index", "Manifest"; read 2026-11-26.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from buckler.engines.artifact.blobs import Blobs, ImageError, holds_image, open_blobs
from buckler.engines.artifact.docker_archive import images_of, read_docker_archive
from buckler.engines.artifact.image import (
    CONFIGS,
    DIGEST,
    FOREIGN,
    MOST_JSON,
    Attached,
    Configuration,
    Descriptor,
    DocumentError,
    Image,
    ImageConfig,
    Layer,
    Manifest,
    Platform,
    decode,
    manifest_of,
)
from buckler.engines.artifact.layered import LayerCache, Part, mismatch, read_layers
from buckler.engines.artifact.tar import TarLimits, bounded
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Fault

__all__ = ["Image", "ImageError", "Layer", "LayerCache", "looks_like_image", "read_image"]

_DEEPEST: Final = 3
_MOST_MANIFESTS: Final = 200
_MOST_LAYERS: Final = 1000
_REFERENCES: Final = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_KIND: Final = "dev.cosignproject.cosign/"
_LAMBDA: Final = "linux/amd64"


def looks_like_image(path: Path) -> bool:
    """Say whether a folder is an OCI layout, or a file an archive of an image."""
    return path.joinpath("oci-layout").is_file() if path.is_dir() else holds_image(path)


def read_image(
    path: Path, *, platform: str = "", reference: str = "", limits: TarLimits | None = None, cache: LayerCache | None = None
) -> Image:
    """Read an image.

    *platform* (`linux/arm64`) chooses among several, linux/amd64 otherwise, or whatever there is; *reference* chooses by tag.
    *cache* keeps layers between calls; give it only to calls with the same limits.
    Raises `ImageError` where there is no image, or none for the platform asked for; all else that is wrong is a fault of the tree.
    """
    blobs = open_blobs(path)
    limits = limits or TarLimits()
    index = blobs.find("index.json")
    if index is not None:
        return _Layout(blobs, limits, cache).image(index, platform, reference)
    if blobs.find("manifest.json") is not None:
        return read_docker_archive(blobs, reference=reference, limits=limits, cache=cache)
    raise ImageError("it holds neither an index.json nor a manifest.json")


class _Found(NamedTuple):
    """A manifest that was read."""

    descriptor: Descriptor
    size: int
    manifest: Manifest
    tags: tuple[str, ...]
    platform: Platform | None
    indexes: tuple[str, ...]
    """Digests of the indexes that lead to it."""


class _Layout:
    def __init__(self, blobs: Blobs, limits: TarLimits, cache: LayerCache | None) -> None:
        self.blobs = blobs
        self.limits = limits
        self.cache = cache
        self.faults: list[Fault] = list(blobs.faults)
        self.absent: list[Platform] = []
        self.seen = 0

    def fault(self, kind: str, entry: str, detail: str, *, fatal: bool = False) -> None:
        self.faults.append(Fault(kind=kind, entry=entry, detail=detail, is_fatal=fatal))

    def image(self, index: memoryview, platform: str, reference: str) -> Image:
        try:
            top = manifest_of(index, "index.json")
        except DocumentError as bad:
            raise ImageError(str(bad)) from bad
        if top.manifests is None:
            raise ImageError("its index.json is no index")
        found = list(self._walk(top.manifests, (), ()))
        images = [one for one in found if _is_image(one)]
        if reference:
            images = [one for one in images if reference in one.tags]
        if not images:
            return self._nothing(reference)
        chosen = self._choose(images, platform)
        return self._read(chosen, images, found)

    def _nothing(self, reference: str) -> Image:
        """Say that no manifest could be trusted, or that there is none."""
        if not any(fault.is_fatal for fault in self.faults):
            raise ImageError(f"no image in it is called `{reference}`" if reference else "there is no image in it")
        return Image(
            digest="",
            media_type="",
            platform=Platform(),
            others=tuple(self.absent),
            config=ImageConfig(),
            config_digest="",
            layers=(),
            tree=Tree((), {}, bounded(self.faults)),
        )

    # --- which image ------------------------------------------------------------------------------------------------------

    def _walk(self, descriptors: tuple[Descriptor, ...], tags: tuple[str, ...], indexes: tuple[str, ...]) -> Iterator[_Found]:
        """Give the manifests below an index, those of nested ones too."""
        for descriptor in descriptors:
            self.seen += 1
            if self.seen > _MOST_MANIFESTS:
                self.fault("bomb", "index.json", f"it leads to more than {_MOST_MANIFESTS} manifests", fatal=True)
                return
            notes = descriptor.annotations or {}
            own = tuple(notes[key] for key in _REFERENCES if key in notes) or tags
            part = self._part(descriptor, "manifest")
            if part.content is None and descriptor.platform is not None:
                # What was pulled for one platform keeps the index of all.
                if descriptor.platform.os != "unknown":
                    self.absent.append(descriptor.platform)
                continue
            wrong = mismatch(part)
            if wrong is not None or part.content is None:
                self.faults.extend([wrong] if wrong is not None else [])
                continue
            try:
                manifest = manifest_of(part.content)
            except DocumentError as bad:
                self.fault(bad.kind, part.name, str(bad), fatal=True)
                continue
            if manifest.media_type and descriptor.media_type and manifest.media_type != descriptor.media_type:
                self.fault("media-type-differs", part.name, "the manifest says it is of another kind than its descriptor does")
            if manifest.manifests is None:
                platform = descriptor.platform if descriptor.platform is not None else self._platform(manifest)
                yield _Found(descriptor, len(part.content), manifest, own, platform, indexes)
            elif len(indexes) < _DEEPEST:
                yield from self._walk(manifest.manifests, own, (*indexes, part.digest))
            else:
                self.fault("deep-index", part.name, "indexes are nested too deep: what it leads to was not looked at", fatal=True)

    def _platform(self, manifest: Manifest) -> Platform | None:
        """Ask the configuration for the platform, where the index does not say it."""
        if manifest.config is None or manifest.config.media_type not in CONFIGS:
            return None
        part = self._part(manifest.config, "configuration")
        if mismatch(part) is not None or part.content is None:
            return None
        try:
            said = decode(part.content, Configuration, "configuration")
        except DocumentError:
            return None
        return Platform(said.os, said.architecture, said.variant)

    def _choose(self, images: list[_Found], platform: str) -> _Found:
        wanted = platform or _LAMBDA
        fitting = [one for one in images if one.platform is not None and _fits(one.platform, wanted)]
        if platform and not fitting:
            there = sorted({str(one.platform) for one in images if one.platform is not None})
            raise ImageError(f"it is not there for {platform}, only for {', '.join(there) or 'a platform that is not said'}")
        fitting = fitting or images
        if len({one.descriptor.digest for one in fitting}) > 1:
            several = ", ".join(sorted({str(one.platform or "no platform") for one in fitting}))
            self.fault("several-images", "index.json", f"{len(fitting)} images fit ({several}): the first was read")
        return fitting[0]

    # --- the image --------------------------------------------------------------------------------------------------------

    def _read(self, chosen: _Found, images: list[_Found], found: list[_Found]) -> Image:
        manifest = chosen.manifest
        digest = chosen.descriptor.digest
        parts = [self._part(one, f"layer {number + 1}") for number, one in enumerate((manifest.layers or ())[:_MOST_LAYERS])]
        if len(manifest.layers or ()) > _MOST_LAYERS:
            self.fault("bomb", digest, f"it has more than {_MOST_LAYERS:,} layers", fatal=True)
        config = Part(name="configuration", content=None) if manifest.config is None else self._part(manifest.config, "configuration")
        self._compare_with_docker(config, parts)
        attached = tuple(self._attached(found, chosen))
        layered = read_layers(config, parts, limits=self.limits, cache=self.cache)
        said = chosen.descriptor.platform
        if said is not None and layered.platform.os and not _fits(layered.platform, str(said)):
            self.fault("platform-differs", digest, f"the index says {said}, the configuration {layered.platform}")
        tags = tuple(dict.fromkeys(tag for one in images if one.descriptor.digest == digest for tag in one.tags))
        others = {one.platform for one in images if one.descriptor.digest != digest and one.platform is not None} | set(self.absent)
        return Image(
            digest=digest,
            index_digests=chosen.indexes,
            media_type=manifest.media_type or chosen.descriptor.media_type,
            platform=layered.platform if layered.platform.os else said or Platform(),
            others=tuple(sorted(others, key=str)),
            tags=tags,
            config=layered.config,
            config_digest=config.digest,
            layers=layered.layers,
            tree=layered.tree(self.faults),
            attached=attached,
            size_bytes=chosen.size + sum(0 if one.content is None else len(one.content) for one in (config, *parts)),
        )

    def _compare_with_docker(self, config: Part, parts: list[Part]) -> None:
        """Insist that a manifest.json beside the index, which older tools read, is about the same image."""
        content = self.blobs.find("manifest.json")
        if content is None:
            return
        try:
            listed = images_of(content)
        except DocumentError as bad:
            self.fault(bad.kind, "manifest.json", str(bad))
            return
        wanted = (config.claimed, tuple(part.claimed for part in parts))
        if wanted not in {(one.config_digest, one.layer_digests) for one in listed}:
            self.fault("two-images", "manifest.json", "it describes another image than index.json: which one is run differs between tools")

    def _attached(self, found: list[_Found], chosen: _Found) -> Iterator[Attached]:
        """Give what is about the image, or about an index that leads to it."""
        digests = (chosen.descriptor.digest, *chosen.indexes)
        for one in found:
            about = next((digest for digest in digests if one is not chosen and _is_about(one, digest)), None)
            if about is None:
                continue
            parts = [self._part(layer, layer.digest) for layer in (one.manifest.layers or ())[:_MOST_LAYERS] if layer.size <= MOST_JSON]
            wrong = [mismatch(part) for part in parts]
            self.faults.extend(fault for fault in wrong if fault is not None)
            contents = tuple(b"" if bad or part.content is None else bytes(part.content) for part, bad in zip(parts, wrong, strict=True))
            yield Attached(digest=one.descriptor.digest, about=about, manifest=one.manifest, blobs=contents)

    def _part(self, descriptor: Descriptor, name: str) -> Part:
        digest = descriptor.digest
        entry = f"{name} {digest}" if name != digest else digest
        is_foreign = bool(descriptor.urls) or descriptor.media_type.startswith(FOREIGN)
        if not DIGEST.fullmatch(digest):
            self.fault("digest-algorithm", name, "its digest is no sha256, so nothing can be compared", fatal=True)
            return Part(name=name, content=None, claimed=digest, media_type=descriptor.media_type, is_foreign=is_foreign)
        path = digest.replace(":", "/")
        content = None if is_foreign else self.blobs.find(f"blobs/{path}")
        return Part(
            name=entry,
            content=content,
            digest="" if content is None else self.blobs.digest(f"blobs/{path}"),
            claimed=digest,
            size=descriptor.size,
            media_type=descriptor.media_type,
            is_foreign=is_foreign,
        )


def _is_about(one: _Found, digest: str) -> bool:
    """Say whether a manifest is about another, in any of the ways that tools write it."""
    notes = one.descriptor.annotations or {}
    subject = one.manifest.subject
    return (
        (subject is not None and subject.digest == digest)
        or notes.get("vnd.docker.reference.digest") == digest
        or any(name.rpartition(":")[2].startswith(f"{digest.replace(':', '-')}.") for name in one.tags)
        or notes.get("kind", "").startswith((f"{_KIND}sigs", f"{_KIND}atts"))
    )


def _is_image(one: _Found) -> bool:
    """Say whether a manifest is an image's, not a signature's or an attestation's."""
    notes = one.descriptor.annotations or {}
    if (
        "vnd.docker.reference.type" in notes
        or one.manifest.subject is not None
        or notes.get("kind", "").startswith((f"{_KIND}sigs", f"{_KIND}atts"))
    ):
        return False
    if any(name.rpartition(":")[2].startswith("sha256-") for name in one.tags):
        return False
    config = one.manifest.config
    return config is not None and config.media_type in CONFIGS


def _fits(platform: Platform, wanted: str) -> bool:
    parts = wanted.split("/")
    have = (platform.os, platform.architecture, platform.variant)
    return all(part in {"", own} or (place == 2 and not own) for place, (part, own) in enumerate(zip(parts, have, strict=False)))
