"""What hides what in a function's file system, as a value, and the places it is worked out from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from buckler.engines.artifact.search_paths import Root
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Entry
from buckler.model.value import Value

ShadowKind: TypeAlias = Literal[
    "file",  # a later layer brings a file of an earlier one with other content
    "module",  # a module is found before another of its name
    "runtime-module",  # a module hides one that the runtime brings
    "standard-library",  # a module hides one of the language
    "bootstrap",  # a layer brings the runtime itself
    "extension",  # Lambda starts it beside the function
    "pth-code",  # Python runs a line of it at start
    "startup-module",  # Python imports it at start, where the search path leads to it
    "variable",  # a variable makes a process load or run it
    "variable-to-nothing",  # a variable leads to a place in /opt that no layer fills
]

CODE: Final = "function code"
RUNTIME: Final = "runtime"

Modules: TypeAlias = dict[str, list[str]]
"""Names of modules, and the paths of their files below /var/task or /opt."""


class Shadow(Value):
    """One thing that hides another, or that runs without being asked for by the function."""

    kind: ShadowKind
    path: str
    """What wins or runs, as the function sees it: `/opt/python/boto3/__init__.py`; of a package, its folder."""
    by: str
    """Whose it is: the layer's name, or `function code`."""
    over: str = ""
    """What is hidden, as the function sees it; a module's name where it is the runtime's."""
    of: str = ""
    """Whose that is: a layer's name, `function code`, or `runtime`."""
    files: tuple[str, ...] = ()
    """Up to twenty of the files of a package that differ."""
    count: int = 1
    """Files concerned."""
    variable: str = ""
    is_certain: bool = True
    """Whether it takes effect for sure, and not only with a setting that was not seen."""
    why: str = ""


class Place(NamedTuple):
    """A file, and who brings it."""

    owner: str
    entry: Entry
    tree: Tree


def below(root: Root, places: Mapping[str, Place]) -> Iterator[tuple[str, list[str]]]:
    """Give the files below a folder, each with the parts of its name from there on."""
    prefix = f"{root.folder}/" if root.folder else ""
    for path in places:
        if path.startswith(prefix):
            yield path, path[len(prefix) :].split("/")


def at(root: Root, files: Sequence[str], name: str) -> str:
    """Give where a module stands: its file, or its folder."""
    folder = f"{root.folder}/{name}" if root.folder else name
    if any(path.startswith(f"{folder}/") for path in files):
        return f"{root.path}/{name}"
    return f"{root.path}/{files[0].rpartition('/')[2]}"


def owners(files: Sequence[str], places: Mapping[str, Place]) -> str:
    """Name those who bring some files."""
    return ", ".join(sorted({places[path].owner for path in files}))
