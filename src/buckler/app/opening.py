"""Artifacts on disk: a zip, a folder, an image; told apart, opened, never unpacked."""

import hashlib
import mmap
import os
from pathlib import Path
from typing import IO, Final, NamedTuple

from buckler.engines.artifact.catalog.binaries import carries
from buckler.engines.artifact.folder import read_folder, read_single
from buckler.engines.artifact.oci import Image, ImageError, looks_like_image, read_image
from buckler.engines.artifact.tree import Tree
from buckler.engines.artifact.zip import LONGEST_TAIL, ZipError, ends_like_zip, looks_like_zip, read_zip
from buckler.errors import SourceError
from buckler.model.artifact import ArtifactKind

_HEAD: Final = 512
_OF_CODE: Final = frozenset(
    {"python", "nodejs", "node_modules", "bootstrap", "extensions", "package.json", "lambda_function.py", "handler.py"}
)
"""What stands at the top of a folder that is a function's code or a layer."""


class Opened(NamedTuple):
    """An artifact, read."""

    kind: ArtifactKind
    digest: str
    """sha256, hex: of the file; of an image's manifest; of a folder its tree hash."""
    size_bytes: int
    tree: Tree
    image: Image | None


def is_artifact(path: Path) -> bool:
    """Say whether a file or folder is an artifact by what it begins with, or by what stands in it."""
    try:
        if path.is_dir():
            return looks_like_image(path) or holds_code(path)
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return looks_like_zip(head) or (head[257:262] == b"ustar" and looks_like_image(path))


def holds_code(folder: Path) -> bool:
    """Say whether a folder looks like a function's code or a layer from its top."""
    names = {entry.name for entry in os.scandir(folder)}
    return bool(names & _OF_CODE) or any(name.endswith(".dist-info") for name in names)


def open_artifact(path: Path, *, platform: str = "") -> Opened:
    """Open an artifact. Raises `SourceError` for what is none, or cannot be read at all."""
    if not path.exists():
        raise SourceError(f"cannot read `{path}`", cause="there is no such file or folder", hint="name a zip, a folder or an image")
    try:
        if path.is_dir() and not looks_like_image(path):
            tree = read_folder(path)
            return Opened("folder", tree.tree_hash(), sum(entry.size_bytes for entry in tree.files()), tree, None)
        if path.is_file():
            with path.open("rb") as file:
                if looks_like_zip(file.read(4)):
                    return _zip(path)
    except OSError as bad:
        raise SourceError(
            f"cannot read `{path}`", cause=bad.strerror or type(bad).__name__, hint=f"ls -l {path}", place=str(path)
        ) from None
    try:
        image = read_image(path, platform=platform)
    except ImageError as bad:
        if path.is_file() and ends_like_zip(_tail(path)):
            # Something stands in front of it: a program that unpacks itself, or an attack on readers that look at the beginning.
            return _zip(path)
        raise SourceError(
            f"`{path}` is no artifact",
            cause=f"it is no zip, and as an image: {bad}",
            hint="name a zip, a folder or an image",
            place=str(path),
        ) from bad
    return Opened("image", image.digest.removeprefix("sha256:"), image.size_bytes, image.tree, image)


def open_single(path: Path) -> Opened:
    """Open a file that is not packed yet as the folder it will be alone in. Raises `SourceError`."""
    try:
        tree = read_single(path)
    except OSError as bad:
        raise SourceError(f"cannot read `{path}`", cause=bad.strerror or type(bad).__name__, hint=f"ls -l {path}") from None
    return Opened("folder", tree.tree_hash(), sum(entry.size_bytes for entry in tree.files()), tree, None)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_TAIL))
        return file.read()


def _zip(path: Path) -> Opened:
    with path.open("rb") as file:
        return open_zip(file, str(path))


def open_zip(file: IO[bytes], shown: str) -> Opened:
    """Open a zip that may have no name on disk; *file* may be closed afterwards. Raises `SourceError` that names it *shown*."""
    size = os.fstat(file.fileno()).st_size
    # Kept mapped as long as the tree is: its files are inflated when somebody reads them.
    content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")
    try:
        return Opened("zip", hashlib.sha256(content).hexdigest(), len(content), read_zip(content, carries=carries), None)
    except ZipError as bad:
        raise SourceError(f"cannot read `{shown}` as a zip", cause=str(bad), hint="zip it again") from bad
