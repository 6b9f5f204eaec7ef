"""Where the blobs of an image stand: the files of a folder, or the entries of an archive. Mapped into memory, never unpacked to disk."""

import mmap
import os
import posixpath
import re
import stat
from pathlib import Path
from typing import Final, Protocol

from buckler.engines.artifact.image import digest_of
from buckler.engines.artifact.tar import TarLimits, bounded, looks_like_tar, read_members
from buckler.engines.artifact.unpack import Plain, UnpackError, ZstdMissing, stream_of
from buckler.model.artifact import Entry, Fault

_HEX: Final = re.compile(r"[0-9a-f]{64}")
_MOST_COPIED: Final = 256 * 1024 * 1024
"""Of one blob of an archive that is itself compressed: it cannot be mapped, only copied."""
_MOST_HOPS: Final = 8
_MOST_LOOKED_AT: Final = 2000
_MARKS: Final = frozenset({b"oci-layout", b"index.json", b"manifest.json"})


class ImageError(ValueError):
    """There is no image here, or none of which anything can be said."""


class Blobs(Protocol):
    """Named bytes."""

    faults: tuple[Fault, ...]

    def find(self, name: str) -> memoryview | None:
        """Give what stands under a name; None when nothing does."""
        ...

    def digest(self, name: str) -> str:
        """Compute the digest of what stands under a name that was found."""
        ...


def open_blobs(path: Path) -> Blobs:
    """Open a folder or an archive. Raises `ImageError`."""
    if path.is_dir():
        return _Folder(path)
    try:
        data = map_file(path)
    except OSError as bad:
        raise ImageError(bad.strerror or type(bad).__name__) from bad
    try:
        stream = stream_of(data)
    except ZstdMissing as missing:
        raise ImageError("it is compressed with zstd, and zstandard is not installed: pip install buckler[artifacts]") from missing
    try:
        head = next(iter(stream.pieces()), b"")
    except UnpackError as bad:
        raise ImageError(str(bad)) from bad
    if not looks_like_tar(bytes(head[:512])):
        raise ImageError("it is no tar archive")
    return _Archive(data)


def holds_image(path: Path) -> bool:
    """Say whether an archive is one of an image, by the names in it; its contents are passed over. Raises nothing."""
    try:
        data = map_file(path)
        stream = stream_of(data)
        if not isinstance(stream, Plain):
            # Of a compressed one only the beginning is unpacked: the tools that write them begin with one of these.
            data = memoryview(next(iter(stream.pieces()), b""))
    except (OSError, ZstdMissing, UnpackError):
        return False
    at = 0
    for _ in range(_MOST_LOOKED_AT):
        head = bytes(data[at : at + 512])
        if not looks_like_tar(head):
            return False
        name = head[:100].split(b"\0", 1)[0].removeprefix(b"./")
        if name in _MARKS:
            return True
        size = head[124:136].strip(b" \0")
        if not size.isdigit() or b"8" in size or b"9" in size:
            return False
        at += 512 + -(-int(size, 8) // 512) * 512
    return False


def map_file(path: Path) -> memoryview:
    """Map a file into memory, to be read only. Raises `OSError` for what is no regular file; a link is not followed."""
    # Without waiting: opening a pipe that stands where a file should would wait for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(0, "it is no regular file")
        if not info.st_size:
            return memoryview(b"")
        return memoryview(mmap.mmap(handle, 0, access=mmap.ACCESS_READ))
    finally:
        os.close(handle)


class _Folder:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults: tuple[Fault, ...] = ()
        self._held: dict[str, memoryview] = {}
        self._digests: dict[str, str] = {}

    def find(self, name: str) -> memoryview | None:
        if name in self._held:
            return self._held[name]
        parts = name.split("/")
        if not name or name.startswith("/") or ".." in parts:
            return None
        try:
            data = map_file(self.root.joinpath(*parts))
        except (OSError, ValueError):
            return None
        self._held[name] = data
        return data

    def digest(self, name: str) -> str:
        if name not in self._digests:
            self._digests[name] = digest_of(self._held[name])
        return self._digests[name]


class _Archive:
    def __init__(self, data: memoryview) -> None:
        stream = stream_of(data)
        tar = read_members(stream, TarLimits(entries=100_000, total_bytes=20 * 1024**3))
        self.faults = tuple(bounded(tar.faults))
        self._data = data if isinstance(stream, Plain) else None
        self._members = {member.entry.path: member for member in tar.members}

    def _entry(self, name: str) -> Entry | None:
        # Old archives give a layer that two images share as a link from one folder to the other.
        for _ in range(_MOST_HOPS):
            member = self._members.get(name)
            if member is None:
                return None
            if member.entry.kind == "symlink":
                name = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.entry.target))
            elif member.entry.kind == "hardlink":
                name = member.entry.target
            else:
                return member.entry if member.read is not None else None
        return None

    def find(self, name: str) -> memoryview | None:
        entry = self._entry(name)
        if entry is None:
            return None
        member = self._members[entry.path]
        if self._data is not None:
            return self._data[member.at : member.at + entry.size_bytes]
        if member.read is None or entry.size_bytes > _MOST_COPIED:
            return None
        return memoryview(member.read())

    def digest(self, name: str) -> str:
        entry = self._entry(name)
        return f"sha256:{entry.sha256}" if entry is not None else ""


def claimed(name: str) -> str:
    """Give the digest a name claims for what stands under it, "" when it claims none: `blobs/sha256/<hex>`, `<hex>.json`, `<hex>.tar`."""
    base = posixpath.basename(name)
    stem = base.removeprefix("sha256:").removesuffix(".json").removesuffix(".gz").removesuffix(".tar")
    return f"sha256:{stem}" if _HEX.fullmatch(stem) else ""
