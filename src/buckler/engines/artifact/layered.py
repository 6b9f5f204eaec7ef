"""From the blobs of an image to its layers and its merged file system: each hashed, compared with what is claimed, and only then read."""

from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from buckler.engines.artifact.image import (
    CONFIGS,
    CONFIGURATION_NAMES,
    LAYERS,
    Configuration,
    DocumentError,
    ImageConfig,
    Layer,
    Platform,
    decode,
)
from buckler.engines.artifact.rootfs import Rootfs
from buckler.engines.artifact.tar import Tar, TarLimits, read_members, tree_of
from buckler.engines.artifact.tree import Tree
from buckler.engines.artifact.unpack import ZstdMissing, stream_of
from buckler.model.artifact import Fault

_HARMLESS: Final = frozenset({"backslash"})
"""On Linux, where images run, a backslash is a letter: systemd's files have it in their names."""
_FORMS: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd"}

LayerCache = MutableMapping[str, Tar]
"""Layers that were read, by the digest we computed, never by one that somebody claims."""


@dataclass(kw_only=True)
class Part:
    """A blob as the documents announce it, beside what is there."""

    name: str
    """What faults call it."""
    content: memoryview | None
    digest: str = ""
    """As we computed it."""
    claimed: str = ""
    """"" when nobody claims one."""
    size: int = -1
    """As announced; -1 when it is not."""
    media_type: str = ""
    is_foreign: bool = False


@dataclass(kw_only=True)
class Layered:
    """The layers of an image, read."""

    config: ImageConfig = field(default_factory=ImageConfig)
    platform: Platform = field(default_factory=Platform)
    layers: tuple[Layer, ...] = ()
    root: Rootfs
    faults: tuple[Fault, ...] = ()

    def tree(self, more: Iterable[Fault]) -> Tree:
        """Give the merged file system, with *more* faults of the image."""
        return self.root.tree((*more, *self.faults))


def mismatch(part: Part) -> Fault | None:
    """Say why a blob is not what it is said to be; None when it is."""
    if part.content is None:
        return Fault(kind="blob-missing", entry=part.name, detail="it is not there, so what it holds is not assessed", is_fatal=True)
    if part.claimed and part.digest != part.claimed:
        detail = f"it is said to be {part.claimed} and is {part.digest}: what it holds is not assessed"
        return Fault(kind="digest-mismatch", entry=part.name, detail=detail, is_fatal=True)
    if part.size not in {-1, len(part.content)}:
        detail = f"it is said to have {part.size:,} bytes and has {len(part.content):,}: what it holds is not assessed"
        return Fault(kind="size-mismatch", entry=part.name, detail=detail, is_fatal=True)
    return None


def read_layers(config: Part, parts: Sequence[Part], *, limits: TarLimits, cache: LayerCache | None) -> Layered:
    """Read the configuration and the layers, lowest first."""
    told: list[Fault] = []
    settings = _configuration(config, told)
    diff_ids = settings.rootfs.diff_ids if settings is not None and settings.rootfs is not None else None
    if settings is not None and len(diff_ids or ()) != len(parts):
        told.append(
            Fault(
                kind="layer-count",
                entry=config.name,
                detail=f"the image has {len(parts)} layers, its configuration names {len(diff_ids or ())}",
                is_fatal=True,
            )
        )
    reading = _Reading(limits, cache)
    root = Rootfs()
    layers: list[Layer] = []
    for number, part in enumerate(parts):
        wanted = diff_ids[number] if diff_ids is not None and number < len(diff_ids) else ""
        layer, tar = reading.layer(part, wanted)
        layers.append(layer)
        name = f"layer {number + 1}"
        told.extend(
            replace(fault, detail=f"in {name}: {fault.detail}" if fault.entry != part.name else fault.detail) for fault in layer.tree.faults
        )
        if tar is not None:
            root.add(tar.members, name)
    return Layered(
        config=_config(settings),
        platform=Platform() if settings is None else Platform(settings.os, settings.architecture, settings.variant),
        layers=tuple(layers),
        root=root,
        faults=tuple(told),
    )


def _configuration(part: Part, told: list[Fault]) -> Configuration | None:
    wrong = mismatch(part)
    if wrong is not None or part.content is None:
        told.extend([wrong] if wrong is not None else [])
        return None
    if part.media_type and part.media_type not in CONFIGS:
        told.append(Fault(kind="media-type", entry=part.name, detail="its configuration is of a kind that is not read", is_fatal=True))
        return None
    try:
        return decode(part.content, Configuration, "configuration", CONFIGURATION_NAMES)
    except DocumentError as bad:
        told.append(Fault(kind=bad.kind, entry=part.name, detail=str(bad), is_fatal=True))
        return None


class _Reading:
    def __init__(self, limits: TarLimits, cache: LayerCache | None) -> None:
        self.bytes_left = limits.total_bytes
        self.entries_left = limits.entries
        self.cache: LayerCache = {} if cache is None else cache

    def layer(self, part: Part, diff_id: str) -> tuple[Layer, Tar | None]:
        """Read one layer; no tar when it is not what it is said to be."""
        wrong = self._refuse(part)
        if wrong is not None or part.content is None:
            return self._unread(part, wrong), None
        more: list[Fault] = []
        form = _FORMS.get(bytes(part.content[:2]), "")
        if part.media_type and LAYERS[part.media_type] != form:
            detail = f"it is announced as {LAYERS[part.media_type] or 'not compressed'} and is {form or 'not compressed'}"
            more.append(Fault(kind="media-type-differs", entry=part.name, detail=detail))
        try:
            tar = self._read(part.content, part.digest)
        except ZstdMissing:
            detail = "it is compressed with zstd, and zstandard is not installed: pip install buckler[artifacts]"
            return self._unread(part, Fault(kind="zstd-missing", entry=part.name, detail=detail, is_fatal=True)), None
        computed = f"sha256:{tar.sha256}" if tar.sha256 else ""
        if diff_id and computed and computed != diff_id:
            detail = f"unpacked it is said to be {diff_id} and is {computed}: what it holds is not assessed"
            wrong = Fault(kind="diff-id-mismatch", entry=part.name, detail=detail, is_fatal=True)
            return self._unread(part, wrong, computed), None
        self.bytes_left -= tar.size_bytes
        self.entries_left -= len(tar.members)
        tree = tree_of(tar, more, is_layer=True)
        return Layer(digest=part.digest, diff_id=computed, media_type=part.media_type, size_bytes=len(part.content), tree=tree), tar

    def _refuse(self, part: Part) -> Fault | None:
        if part.is_foreign:
            detail = "it is to be fetched from elsewhere, which no registry answers for: what it holds is not assessed"
            return Fault(kind="foreign-layer", entry=part.name, detail=detail, is_fatal=True)
        if part.media_type and part.media_type not in LAYERS:
            return Fault(kind="media-type", entry=part.name, detail="it is of a kind that is not read", is_fatal=True)
        return mismatch(part)

    def _read(self, content: memoryview, digest: str) -> Tar:
        held = self.cache.get(digest)
        if held is not None:
            return held
        tar = read_members(stream_of(content), TarLimits(entries=max(self.entries_left, 0), total_bytes=max(self.bytes_left, 0)))
        tar.faults = [fault for fault in tar.faults if fault.kind not in _HARMLESS]
        # What was cut short by this image's limits might be whole in another.
        if not any(fault.kind == "bomb" for fault in tar.faults):
            self.cache[digest] = tar
        return tar

    def _unread(self, part: Part, why: Fault | None, diff_id: str = "") -> Layer:
        size = 0 if part.content is None else len(part.content)
        tree = Tree((), {}, () if why is None else (why,))
        return Layer(digest=part.digest, diff_id=diff_id, media_type=part.media_type, size_bytes=size, tree=tree)


def _config(settings: Configuration | None) -> ImageConfig:
    run = settings.config if settings is not None else None
    if run is None:
        return ImageConfig()
    return ImageConfig(
        entrypoint=run.entrypoint or (),
        cmd=run.cmd or (),
        env=tuple((name, value) for name, _, value in (one.partition("=") for one in run.env or ())),
        user=run.user or "",
        working_dir=run.working_dir or "",
        labels=tuple(sorted((run.labels or {}).items())),
    )
