"""What lock files of npm, yarn and pnpm say: which release stands where, and the hash of the registry's tarball."""

import re
from collections.abc import Iterator
from typing import Any, Final

from buckler.engines.artifact.catalog.shelf import Shelf, folder_of, join, mapping_of, text_of
from buckler.model.value import Value

_NPM: Final = (".package-lock.json", "npm-shrinkwrap.json", "package-lock.json")
_INTEGRITY: Final = re.compile(r"(?:sha512|sha384|sha256|sha1)-[A-Za-z0-9+/=]+\Z")
_DEEPEST: Final = 50


class Locked(Value):
    """One package as a lock file has it."""

    name: str
    version: str
    integrity: str = ""
    is_bundled: bool = False
    """It comes inside another package's tarball."""
    is_dev: bool = False


class Lock:
    """One lock file."""

    def __init__(self, path: str, folder: str) -> None:
        self.path = path
        self.folder = folder
        """Where its project stands."""
        self.by_place: dict[str, Locked] = {}
        """Folder in the artifact -> what stands there. yarn and pnpm do not say."""
        self.by_release: dict[tuple[str, str], str] = {}
        """(name, version) -> integrity."""

    def add(self, place: str, locked: Locked) -> None:
        """Note a package, at a place where the lock gives one."""
        if place:
            self.by_place[place] = locked
        if locked.version:
            self.by_release.setdefault((locked.name, locked.version), locked.integrity)

    def wanted(self) -> Iterator[Locked]:
        """Give what would be installed for production."""
        if self.by_place:
            yield from (one for one in self.by_place.values() if not one.is_dev)
        else:
            yield from (Locked(name=name, version=version, integrity=integrity) for (name, version), integrity in self.by_release.items())


def locks(shelf: Shelf) -> Iterator[Lock]:
    """Give the lock files of an artifact. The hidden one comes first: it says what npm really put there."""
    for name in _NPM:
        for path in shelf.named(name):
            folder = folder_of(path)
            if name.startswith("."):
                if folder.rpartition("/")[2] != "node_modules":
                    continue
                folder = folder_of(folder)
            elif "node_modules" in folder.split("/"):
                # Packages publish locks of their own, which npm does not follow; a shrinkwrap it does, and writes into the hidden one.
                continue
            found = shelf.json(path)
            if found is not None:
                yield _npm(path, folder, found)
    for name, read in (("yarn.lock", _yarn), ("pnpm-lock.yaml", _pnpm), ("lock.yaml", _pnpm)):
        for path in shelf.named(name):
            folder = folder_of(path)
            if name == "lock.yaml":
                if not folder.endswith("node_modules/.pnpm"):
                    continue
                folder = folder_of(folder_of(folder))
            elif "node_modules" in folder.split("/"):
                continue
            text = shelf.text(path)
            if text is not None:
                lock = Lock(path, folder)
                read(lock, text)
                yield lock


def integrity_of(value: object) -> str:
    """Give the strongest hash of an integrity field."""
    given = [one.partition("?")[0] for one in text_of(value, 1024).split()]
    return max((one for one in given if _INTEGRITY.match(one)), key=lambda one: int(one.partition("-")[0][3:]), default="")


def _npm(path: str, folder: str, found: dict[str, Any]) -> Lock:
    lock = Lock(path, folder)
    packages = mapping_of(found.get("packages"))
    for place, about in packages.items():
        one = mapping_of(about)
        if not place or one.get("link") or "node_modules/" not in f"{place}/":
            # The project itself, and folders of a workspace.
            continue
        name = text_of(one.get("name"), 214) or place.rpartition("node_modules/")[2]
        lock.add(
            join(folder, place),
            Locked(
                name=name,
                version=text_of(one.get("version"), 256),
                integrity=integrity_of(one.get("integrity")),
                is_bundled=one.get("inBundle") is True,
                is_dev=one.get("dev") is True,
            ),
        )
    if not packages:
        _nested(lock, folder, mapping_of(found.get("dependencies")), 0)
    return lock


def _nested(lock: Lock, folder: str, dependencies: dict[str, Any], depth: int) -> None:
    """Read lock files of version 1, whose tree is that of the folders."""
    if depth > _DEEPEST:
        return
    for name, about in dependencies.items():
        one = mapping_of(about)
        version = text_of(one.get("version"), 256)
        real = name
        if version.startswith("npm:"):
            real, _, version = version[4:].rpartition("@")
        place = join(folder, f"node_modules/{name}")
        lock.add(
            place,
            Locked(
                name=real,
                version=version,
                integrity=integrity_of(one.get("integrity")),
                is_bundled=one.get("bundled") is True,
                is_dev=one.get("dev") is True,
            ),
        )
        _nested(lock, place, mapping_of(one.get("dependencies")), depth + 1)


_YARN_KEY: Final = re.compile(r'"?((?:@[^/"\s]+/)?[^@"\s]+)@(?:npm:((?:@[^/"\s]+/)?[^@"\s]+)@)?')


def _yarn(lock: Lock, text: str) -> None:
    """Read yarn's lock: blocks of a key and indented fields. The checksum of newer ones is of yarn's own archive: no use here."""
    name = version = integrity = ""
    for line in (*text.splitlines(), "end:"):
        if line[:1] not in {" ", "#", ""}:
            if name and version:
                lock.add("", Locked(name=name, version=version, integrity=integrity))
            key = _YARN_KEY.match(line)
            name, version, integrity = ((key[2] or key[1]) if key else ""), "", ""
        elif line.startswith("  ") and line[2:3] != " ":
            field, _, value = line.strip().partition(" ")
            value = value.strip().strip('"')
            if field.rstrip(":") == "version":
                version = value
            elif field == "integrity":
                integrity = integrity_of(value)
            elif field == "resolution:" and "@npm:" in value:
                name = value.partition("@npm:")[0]
            elif field == "resolution:" and "@workspace:" in value:
                name = ""


_PNPM_KEY: Final = re.compile(r"""  ['"]?/?((?:@[^/@'"\s]+/)?[^/@'"\s]+)[@/]([0-9][^:('"\s]*)""")
_PNPM_INTEGRITY: Final = re.compile(r"integrity:\s*([A-Za-z0-9+/=-]+)")


def _pnpm(lock: Lock, text: str) -> None:
    """Read pnpm's lock, which it writes itself, always in one form: `  /name@1.2.3(peers):` and its resolution below."""
    inside = False
    name = version = ""
    for line in text.splitlines():
        if line[:1] not in {" ", ""}:
            inside = line.startswith("packages:")
        elif inside and line.startswith("  ") and line[2:3] != " ":
            key = _PNPM_KEY.match(line)
            # Before version 6 peers followed the version after an underscore.
            name, version = (key[1], key[2].partition("_")[0]) if key else ("", "")
        elif inside and name and (found := _PNPM_INTEGRITY.search(line)):
            lock.add("", Locked(name=name, version=version, integrity=integrity_of(found[1])))
            name = ""
