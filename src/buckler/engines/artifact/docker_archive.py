"""What `docker save` and its like write: a manifest.json, a configuration, and layers that are not compressed.

There is no manifest with digests here: the configuration is named by its digest, and names the layers by theirs, unpacked.
Source: Docker Image Specification 1.2, "Combined Image JSON + Filesystem Changeset Format"; read 2026-11-26.
"""

from dataclasses import dataclass

import msgspec

from buckler.engines.artifact.blobs import Blobs, ImageError, claimed
from buckler.engines.artifact.image import DocumentError, Image, decode
from buckler.engines.artifact.layered import LayerCache, Part, read_layers
from buckler.engines.artifact.tar import TarLimits
from buckler.model.artifact import Fault


class _Listed(msgspec.Struct, frozen=True):
    config: str = msgspec.field(name="Config")
    tags: tuple[str, ...] | None = msgspec.field(default=None, name="RepoTags")
    layers: tuple[str, ...] | None = msgspec.field(default=None, name="Layers")


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An image as manifest.json lists it."""

    config: str
    """Name of the entry that holds the configuration."""
    layers: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def config_digest(self) -> str:
        """Give the digest its name claims, "" when it claims none."""
        return claimed(self.config)

    @property
    def layer_digests(self) -> tuple[str, ...]:
        return tuple(claimed(name) for name in self.layers)


def images_of(data: memoryview) -> tuple[Listed, ...]:
    """Read a manifest.json. Raises `DocumentError`."""
    listed = decode(data, tuple[_Listed, ...], "manifest.json", frozenset({"Config", "RepoTags", "Layers"}))
    return tuple(Listed(config=one.config, layers=one.layers or (), tags=one.tags or ()) for one in listed)


def read_docker_archive(blobs: Blobs, *, reference: str, limits: TarLimits, cache: LayerCache | None) -> Image:
    """Read the image called *reference*, or the first. Raises `ImageError`."""
    content = blobs.find("manifest.json")
    try:
        listed = images_of(content if content is not None else memoryview(b""))
    except DocumentError as bad:
        raise ImageError(str(bad)) from bad
    fitting = [one for one in listed if not reference or reference in one.tags]
    if not fitting:
        raise ImageError(f"no image in it is called `{reference}`" if reference else "there is no image in it")
    faults = list(blobs.faults)
    if len({one.config for one in fitting}) > 1:
        faults.append(Fault(kind="several-images", entry="manifest.json", detail=f"it holds {len(fitting)} images: the first was read"))
    chosen = fitting[0]
    config = _part(blobs, chosen.config)
    if not config.claimed:
        faults.append(
            Fault(kind="unnamed-digest", entry=chosen.config, detail="its name does not say its digest, so nothing can be compared")
        )
    parts = [_part(blobs, name) for name in chosen.layers]
    layered = read_layers(config, parts, limits=limits, cache=cache)
    return Image(
        digest=config.digest,
        media_type="",
        platform=layered.platform,
        tags=chosen.tags,
        config=layered.config,
        config_digest=config.digest,
        layers=layered.layers,
        tree=layered.tree(faults),
        size_bytes=sum(0 if one.content is None else len(one.content) for one in (config, *parts)),
    )


def _part(blobs: Blobs, name: str) -> Part:
    content = blobs.find(name)
    return Part(name=name, content=content, digest="" if content is None else blobs.digest(name), claimed=claimed(name))
