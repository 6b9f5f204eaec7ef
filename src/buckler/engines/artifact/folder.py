"""A folder as a tree: what a build wrote, before it is zipped. Links are read, never followed."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from buckler.engines.artifact.inflate import sha256
from buckler.engines.artifact.names import link_faults, name_faults
from buckler.engines.artifact.tree import Read, Tree
from buckler.model.artifact import Entry, Fault

_SKIPPED = frozenset({".git", "__pycache__", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache"})
"""Of a working copy; no build puts them into a package on purpose. `__pycache__` is read where it stands below `python/`: see `_wanted`."""
_MOST = 100_000


def read_folder(root: Path) -> Tree:
    """Read a folder. What may not be read is a fault; nothing outside *root* is ever opened."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    readers: dict[str, Read] = {}
    for path, name in _walk(root, faults):
        if len(entries) >= _MOST:
            faults.append(Fault(kind="bomb", entry="", detail=f"it has more than {_MOST:,} entries", is_fatal=True))
            break
        info = path.lstat()
        mode = stat.S_IMODE(info.st_mode)
        faults.extend(name_faults(name))
        if stat.S_ISLNK(info.st_mode):
            target = os.fsencode(path.readlink()).decode("utf-8", "surrogateescape")
            entries.append(
                Entry(path=name, kind="symlink", size_bytes=len(target), mode=mode, sha256=sha256(os.fsencode(target)), target=target)
            )
        elif stat.S_ISREG(info.st_mode):
            try:
                content = path.read_bytes()
            except OSError as bad:
                faults.append(Fault(kind="unreadable", entry=name, detail=bad.strerror or type(bad).__name__, is_fatal=True))
                entries.append(Entry(path=name, size_bytes=info.st_size, mode=mode))
                continue
            entries.append(Entry(path=name, size_bytes=len(content), mode=mode, sha256=sha256(content)))
            readers[name] = partial(_read, path)
        else:
            faults.append(Fault(kind="device", entry=name, detail="it is a device or a pipe, not a file", is_fatal=True))
    faults.extend(link_faults(entries))
    return Tree(entries, readers, faults)


def read_single(path: Path) -> Tree:
    """Read one file as a folder that has nothing else. Raises `OSError`."""
    content = path.read_bytes()
    entry = Entry(path=path.name, size_bytes=len(content), mode=stat.S_IMODE(path.lstat().st_mode), sha256=sha256(content))
    return Tree([entry], {path.name: partial(_read, path)}, list(name_faults(path.name)))


def _read(path: Path) -> bytes:
    # Opened so that a link somebody put there meanwhile is not followed.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read()


def _walk(root: Path, faults: list[Fault]) -> Iterator[tuple[Path, str]]:
    """Give the files and links below a folder with their names, in order of name."""

    def missed(bad: OSError) -> None:
        name = os.path.relpath(bad.filename, root) if bad.filename else ""
        faults.append(Fault(kind="unreadable", entry=name, detail=bad.strerror or type(bad).__name__, is_fatal=True))

    for folder, folders, files in os.walk(root, onerror=missed, followlinks=False):
        above = Path(folder).relative_to(root).as_posix()
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in linked and _wanted(name, above))
        for name in sorted([*files, *linked]):
            yield Path(folder, name), name if above == "." else f"{above}/{name}"


def _wanted(name: str, above: str) -> bool:
    return name not in _SKIPPED or (name == "__pycache__" and above.startswith(("python", "opt/python")))
