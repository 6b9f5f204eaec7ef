"""The files of a folder as people wrote them: sources, templates, settings; no dependencies, and nothing that a link leads out to."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from buckler.errors import UsageError
from buckler.model.code import Folder, Place, SourceFile

_SKIPPED: Final = {
    "node_modules", ".git", ".terraform", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache", ".ruff_cache", ".hg", ".svn",
}  # fmt: skip
_MOST_BYTES: Final = 4 * 1024 * 1024
"""What is longer is nothing people wrote."""
_MOST_FILES: Final = 20_000
_MOST_IN_ALL: Final = 256 * 1024 * 1024
"""All of it is in memory while it is looked through."""


def read_project(folder: Path, suffixes: tuple[str, ...] = ()) -> Folder:
    """Read the files below *folder*, those that end in *suffixes* if any are named. Raises `UsageError` for what is no folder.

    Packages that were installed into it (they have a `RECORD`) are somebody else's and left out. What cannot be read is named.
    """
    if not folder.is_dir():
        raise UsageError(f"`{folder}` is no folder", hint="name the folder that holds the source")
    files: list[SourceFile] = []
    unread: list[Place] = []
    size_bytes = 0
    for path, name in _walk(folder, suffixes, unread):
        if len(files) >= _MOST_FILES or size_bytes > _MOST_IN_ALL:
            unread.append(Place(file="", why=f"only the first {len(files):,} files were read"))
            break
        try:
            state = path.stat()
            if not stat.S_ISREG(state.st_mode):
                unread.append(Place(file=name, why="is no regular file"))
            elif state.st_size > _MOST_BYTES:
                unread.append(Place(file=name, why=f"is larger than {_MOST_BYTES // 1024 // 1024} MB"))
            else:
                files.append(SourceFile(path=name, content=path.read_bytes()))
                size_bytes += state.st_size
        except OSError as bad:
            unread.append(Place(file=name, why=f"cannot be read: {bad.strerror or type(bad).__name__}"))
    return Folder(name=str(folder), files=tuple(files), unread=tuple(unread))


def _walk(folder: Path, suffixes: tuple[str, ...], unread: list[Place]) -> Iterator[tuple[Path, str]]:
    root = folder.resolve()

    def closed(bad: OSError) -> None:
        unread.append(Place(file=_below(Path(bad.filename), folder), why=f"cannot be read: {bad.strerror or type(bad).__name__}"))

    for here, folders, names in os.walk(folder, onerror=closed):
        installed = _installed(Path(here), folders)
        kept: list[str] = []
        for one in sorted(folders):
            path = Path(here, one)
            if one in _SKIPPED or one in installed or one.endswith(".dist-info"):
                continue
            if path.is_symlink():
                unread.extend(_led_astray(path, folder, root))
                continue
            kept.append(one)
        folders[:] = kept
        for one in sorted(names):
            path = Path(here, one)
            if one in installed or (suffixes and not one.endswith(suffixes)):
                continue
            if path.is_symlink():
                unread.extend(_led_astray(path, folder, root))
                continue
            yield path, _below(path, folder)


def _led_astray(path: Path, folder: Path, root: Path) -> Iterator[Place]:
    """Name a link that leads out of the folder; what one inside leads to is read under its own name."""
    try:
        if not path.resolve().is_relative_to(root):
            yield Place(file=_below(path, folder), why="is a link that leads out of the folder")
    except (OSError, RuntimeError):
        yield Place(file=_below(path, folder), why="is a link that leads to itself")


def _below(path: Path, folder: Path) -> str:
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return path.as_posix()


def _installed(here: Path, folders: list[str]) -> set[str]:
    """Name what packages put at the top of a folder, by their own lists."""
    found: set[str] = set()
    for one in folders:
        if one.endswith(".dist-info"):
            try:
                record = Path(here, one, "RECORD").read_text("utf-8", errors="replace")
            except OSError:
                continue
            found.update(line.partition(",")[0].strip('"').partition("/")[0] for line in record.splitlines())
    return found - {"", ".", ".."}
