"""Names of files that stay the same however a file was typed, so that a baseline made elsewhere speaks of the same findings.

`template.yaml`, `./template.yaml`, an absolute path and `shop/template.yaml` from the folder above are one file. Its name is its path
from the root of its repository, or else from the nearest `buckler.toml` above it. Where there is neither, the name is as much of the
end of the path as tells it from the other files that are read.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath

from buckler.model.estate import COLLECTIONS, Estate
from buckler.model.origin import FileOrigin

_MARKS = (".git", "buckler.toml")


def files_of(estates: Iterable[Estate]) -> list[str]:
    """List the files estates were read from, and the code beside them that was looked into, as they were typed."""
    origins = [scope.origin for estate in estates for scope in estate.scopes]
    origins += [artifact.origin for estate in estates for artifact in estate.artifacts]
    return list(dict.fromkeys(origin.file for origin in origins if isinstance(origin, FileOrigin)))


def names_apart(estates: Iterable[Estate]) -> Mapping[str, str]:
    """Name files so that those of another set, lying anywhere, have the same names: a single file none, others the ends of theirs."""
    known = list(estates)
    files = list(dict.fromkeys(scope.origin.file for estate in known for scope in estate.scopes if isinstance(scope.origin, FileOrigin)))
    names = {files[0]: ""} if len(files) == 1 else _shortest({file: PurePath(file) for file in files})
    return names | dict(_inside(known, names))


def _inside(estates: Iterable[Estate], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Name the files of configurations, which are folders: by the folder's name, and their path in it."""
    for estate in estates:
        folders = [scope.origin.file for scope in estate.scopes if scope.kind == "plan" and isinstance(scope.origin, FileOrigin)]
        for entity in (one for collection in COLLECTIONS for one in getattr(estate, collection)):
            file = getattr(getattr(entity, "origin", None), "file", "")
            for folder in folders:
                if file.startswith(f"{folder}/"):
                    yield file, f"{names[folder]}{file.removeprefix(folder)}".lstrip("/")


def steady_names(files: Iterable[str]) -> Mapping[str, str]:
    """Name each of *files*. Reads the folders above them, never the files."""
    roots: dict[Path, Path | None] = {}
    names: dict[str, str] = {}
    rootless: dict[str, PurePath] = {}
    for file in files:
        # Not `resolve`: a template that is a link is known by the place of the link, which is what a repository holds.
        path = Path(os.path.abspath(file))  # noqa: PTH100 - pathlib has no lexical equivalent that takes out `..`
        if path.parent not in roots:
            roots[path.parent] = _root(path.parent)
        root = roots[path.parent]
        if root is None:
            rootless[file] = path
        else:
            names[file] = path.relative_to(root).as_posix()
    return names | _shortest(rootless)


def _root(folder: Path) -> Path | None:
    return next((one for mark in _MARKS for one in (folder, *folder.parents) if (one / mark).exists()), None)


def _shortest(paths: Mapping[str, PurePath]) -> dict[str, str]:
    """Give of each path the shortest end that is not the end of another."""
    distinct = set(paths.values())
    ends = Counter(end for path in distinct for end in _ends(path))
    return {file: next((end for end in _ends(path) if ends[end] == 1), path.as_posix()) for file, path in paths.items()}


def _ends(path: PurePath) -> list[str]:
    parts = path.parts
    return ["/".join(parts[-length:]) for length in range(1, len(parts) + 1)]
