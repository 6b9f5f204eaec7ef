"""Where cataloguers put what they find: packages counted once, faults named, reading bounded."""

import posixpath
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, Final, cast

import msgspec
from msgspec.structs import replace

from buckler.engines.artifact.tree import Tree
from buckler.engines.artifact.zip import Limits, ZipError, read_zip
from buckler.model.artifact import Ecosystem, Entry, Fault, Package
from buckler.model.unknown import Unknown, UnknownKind

MOST_METADATA: Final = 16 * 1024 * 1024
"""Of one file of metadata. Real ones stay far below; locks of large trees come near."""
MOST_OF_ONE_ARCHIVE: Final = 256 * 1024 * 1024
MOST_UNPACKED: Final = 1024 * 1024 * 1024
"""Of all archives inside one artifact together."""
MOST_PACKAGES: Final = 200_000


class Shelf:
    """One artifact while it is catalogued."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.faults: list[Fault] = []
        self.not_assessed: list[Unknown] = []
        self._is_full = False
        self._unpacked_left = MOST_UNPACKED
        self._provided: dict[tuple[str, str], str] = {}
        self._known: set[tuple[str, str, str]] = set()
        self._needs: dict[tuple[str, str], tuple[str, ...]] = {}
        self._packages: dict[tuple[str, str], Package] = {}
        # Most names are there once: a list for each of them would be the largest thing here.
        self._first: dict[str, str] = {}
        self._more: dict[str, list[str]] = {}
        self._ending: dict[str, list[str]] = {}
        for entry in self.files():
            path = entry.path
            name = path.rpartition("/")[2]
            if self._first.setdefault(name, path) is not path:
                self._more.setdefault(name, []).append(path)
            _, dot, ending = name.rpartition(".")
            if dot:
                self._ending.setdefault(ending.lower(), []).append(path)

    @property
    def packages(self) -> tuple[Package, ...]:
        """Give what was found, in order of package URL and place."""
        return tuple(sorted(self._packages.values(), key=lambda one: (one.purl, one.path)))

    def add(self, package: Package, needs: Iterable[str] = ()) -> None:
        """Put a package down, with the names of those it needs.

        The same one found twice in one place counts once; the finding that knows its files stays.
        """
        key = (package.purl, package.root or package.path)
        held = self._packages.get(key)
        if held is not None and (held.files is not None or package.files is None):
            return
        if held is None and len(self._packages) >= MOST_PACKAGES:
            if not self._is_full:
                self.missed("", f"it has more than {MOST_PACKAGES:,} packages")
            self._is_full = True
            return
        self._packages[key] = package
        self._known.add((package.ecosystem, package.name, package.root))
        self._needs[key] = tuple(dict.fromkeys(needs))

    def of(self, ecosystem: Ecosystem) -> tuple[Package, ...]:
        """Give what was found of one ecosystem."""
        return tuple(one for one in self._packages.values() if one.ecosystem == ecosystem)

    def knows(self, ecosystem: Ecosystem, name: str, root: str) -> bool:
        """Say whether a package of this name was found in a folder."""
        return (ecosystem, name, root) in self._known

    def provide(self, ecosystem: Ecosystem, what: str, name: str) -> None:
        """Note that a package provides something others may ask for: a library, a command."""
        self._provided.setdefault((ecosystem, what), name)

    def provided(self, ecosystem: Ecosystem, what: str) -> str:
        """Give the name of the package that provides something; the thing's own name when none says so."""
        return self._provided.get((ecosystem, what), what)

    def link(self, ecosystem: Ecosystem, resolve: Callable[[Package, str], str | None]) -> None:
        """Replace the names of needed packages by the package URLs of those that are there, found by *resolve*."""
        for key, package in self._packages.items():
            needs = self._needs.get(key, ())
            if package.ecosystem == ecosystem and needs:
                found = {one for one in (resolve(package, name) for name in needs) if one is not None and one != package.purl}
                self._packages[key] = replace(package, depends_on=tuple(sorted(found)))

    def fault(self, kind: str, entry: str, detail: str) -> None:
        """Name something that is wrong with metadata."""
        self.faults.append(Fault(kind=kind, entry=entry, detail=detail))

    def missed(self, entry: str, why: str, need: str = "the file as its tool writes it") -> None:
        """Say that something could not be looked at: what it holds is not assessed."""
        self.not_assessed.append(Unknown(kind=UnknownKind.FAILED, why=f"{entry}: {why}" if entry else why, need=need))

    def files(self) -> Iterator[Entry]:
        """Give the files, hard links among them."""
        return (entry for entry in self.tree if entry.kind in {"file", "hardlink"})

    def named(self, name: str) -> list[str]:
        """Give the files of this name, anywhere."""
        first = self._first.get(name)
        return [] if first is None else [first, *self._more.get(name, ())]

    def ending(self, *endings: str) -> Iterator[str]:
        """Give the files whose names end in `.ENDING`, in whatever case, those of one ending after the other."""
        for one in endings:
            yield from self._ending.get(one, ())

    @cached_property
    def by_folder(self) -> dict[str, list[str]]:
        """The files of each folder."""
        found: dict[str, list[str]] = {}
        for entry in self.files():
            found.setdefault(folder_of(entry.path), []).append(entry.path)
        return found

    def has(self, path: str) -> bool:
        """Say whether a file (or a link) of this path is there."""
        return path in self.tree

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that something stands in."""
        found: set[str] = set()
        for path in self.tree.entries:
            at = folder_of(path)
            while at and at not in found:
                found.add(at)
                at = folder_of(at)
        return frozenset(found)

    def landing(self, path: str) -> str:
        """Follow a link once, inside the artifact; a path that is no link is given back."""
        entry = self.tree.entries.get(path)
        if entry is None or entry.kind != "symlink":
            return path
        return normal(folder_of(path), entry.target) or ""

    def read(self, path: str, most: int = MOST_METADATA) -> bytes | None:
        """Read a file; None, and a fault, when it cannot be read or is larger than *most*."""
        entry = self.tree.entries.get(path)
        if entry is not None and entry.size_bytes > most:
            self.fault("metadata-too-large", path, f"it has {entry.size_bytes:,} bytes: not read")
            self.missed(path, "it is too large to be metadata")
            return None
        try:
            return self.tree.read(path)
        except (KeyError, OSError, ValueError):
            # The reader of the archive has named what is wrong with it.
            self.missed(path, "it could not be read")
            return None

    def archive(self, path: str, content: bytes) -> Tree | None:
        """Read an archive inside the artifact; None, and a fault, when it is none. All of them together unpack to so much and no more."""
        try:
            tree = read_zip(content, limits=Limits(total_bytes=max(0, min(self._unpacked_left, MOST_OF_ONE_ARCHIVE))))
        except ZipError as bad:
            self.fault("broken-archive", path, str(bad))
            self.missed(path, "it is no readable archive")
            return None
        self._unpacked_left -= sum(entry.size_bytes for entry in tree.files() if entry.sha256)
        # Old builds gave folders a mode that is none of a folder.
        fatal = [fault for fault in tree.faults if fault.is_fatal and not fault.entry.endswith("/")]
        for fault in fatal[:10]:
            self.faults.append(Fault(kind=fault.kind, entry=f"{path}!/{fault.entry}" if fault.entry else path, detail=fault.detail))
        if fatal:
            self.missed(path, "a part of it was not read")
        return tree

    def text(self, path: str, most: int = MOST_METADATA) -> str | None:
        """Read a text file; bytes that are no UTF-8 are replaced."""
        content = self.read(path, most)
        return None if content is None else content.decode("utf-8-sig", "replace")

    def json(self, path: str) -> dict[str, Any] | None:
        """Read a JSON object; None, and a fault, when it is none."""
        content = self.read(path)
        return None if content is None else self.parse_json(path, content)

    def parse_json(self, path: str, content: bytes) -> dict[str, Any] | None:
        """Read a JSON object from its bytes; *path* is for the fault when it is none."""
        try:
            found: Any = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            # The message of the error is left out: it could repeat a piece of the file.
            self.fault("malformed-metadata", path, "it is no JSON")
            return None
        if not isinstance(found, dict):
            self.fault("malformed-metadata", path, "it is no JSON object")
            return None
        return cast("dict[str, Any]", found)


def folder_of(path: str) -> str:
    """Give the folder a path stands in; "" for the root."""
    return path.rpartition("/")[0]


def join(folder: str, name: str) -> str:
    """Join a folder, "" for the root, with a name below it."""
    return f"{folder}/{name}" if folder else name


def normal(folder: str, name: str) -> str | None:
    """Resolve a relative name against a folder; None when it leads out of the artifact."""
    if name.startswith("/"):
        name = name.lstrip("/")
        folder = ""
    found = posixpath.normpath(join(folder, name))
    return None if found == ".." or found.startswith("../") else found


def text_of(value: object, most: int = 512) -> str:
    """Give a field of foreign metadata as a short printable line; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    return "".join(character for character in value.strip()[:most] if character.isprintable())


def mapping_of(value: object) -> dict[str, Any]:
    """Give a field of foreign metadata as a mapping; empty for what is none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """Give a field of foreign metadata as a list; empty for what is none."""
    # `list` of what is known to be one: for mypy a cast would be too much, for pyright too little.
    return [*cast("Iterable[Any]", value)] if isinstance(value, list) else []
