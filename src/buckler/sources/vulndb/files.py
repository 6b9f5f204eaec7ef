"""Files of the database: read without being copied, written whole or not at all."""

import mmap
import os
from pathlib import Path

from buckler.errors import SourceError


def mapped(path: Path) -> memoryview:
    """Give the content of a file, which is read where it is looked at. Raises `SourceError`; an empty file is none."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise SourceError(f"`{path}` is empty", hint="buckler db update", place=str(path))
            # Not closed by hand: readers hold views of it as long as they live.
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as bad:
        cause = bad.strerror or type(bad).__name__
        raise SourceError(f"cannot read `{path}`", cause=cause, hint="buckler db update", place=str(path)) from None


def content_of(path: Path) -> bytes | None:
    """Give the content of a small file; None when it is not there. Raises `SourceError`."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as bad:
        raise SourceError(f"cannot read `{path}`", cause=bad.strerror or type(bad).__name__, place=str(path)) from None


def write_whole(path: Path, content: bytes, *, must: bool = True) -> None:
    """Write a file whole or not at all. Raises `SourceError`, unless it is only a cache."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(content)
        scratch.replace(path)
    except OSError as bad:
        forget(scratch)
        if must:
            raise SourceError(f"cannot write `{path}`", cause=bad.strerror or type(bad).__name__, place=str(path)) from None


def forget(path: Path) -> None:
    """Remove a file of a cache, if that is possible."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # a cache that cannot be tidied is still right: it is kept by digest


def index_of(archive: Path, digest: str) -> Path:
    """Say where the index of an archive is kept."""
    return archive.with_name(f"{archive.name}.{digest[:16]}.index")


def keep_index(archive: Path, digest: str, content: bytes) -> None:
    """Keep an index beside its archive, where that is possible, in place of those of earlier archives."""
    for old in archive.parent.glob(f"{archive.name}.*.index"):
        forget(old)
    write_whole(index_of(archive, digest), content, must=False)
