"""Packages of Amazon Linux, Red Hat, Fedora and SUSE: the headers in rpm's database.

Source: rpm's docs/manual/format_header.md and include/rpm/rpmtag.h.
"""

import re
import struct
from collections.abc import Mapping
from typing import Final

from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.rpm_database import DatabaseError, headers
from buckler.engines.artifact.catalog.shelf import Shelf, text_of
from buckler.engines.artifact.catalog.system import Distribution, distribution, placed
from buckler.model.artifact import Package, PackageFile

_DATABASE: Final = re.compile(r"(?:(.*)/)?(?:var/lib/rpm|usr/lib/sysimage/rpm|usr/share/rpm)/(?:rpmdb\.sqlite|Packages\.db|Packages)\Z")
_MOST: Final = 512 * 1024 * 1024
_MOST_TAGS: Final = 65536
_MOST_VALUES: Final = 500_000

_NAME, _VERSION, _RELEASE, _EPOCH, _LICENCE, _ARCH, _SOURCE = 1000, 1001, 1002, 1003, 1014, 1022, 1044
_MODES, _DIGESTS, _FLAGS, _PROVIDES, _REQUIRES = 1030, 1035, 1037, 1047, 1049
_FOLDER_OF, _BASENAMES, _FOLDERS, _DIGEST_KIND = 1116, 1117, 1118, 5011
_WANTED: Final = frozenset(
    {_NAME, _VERSION, _RELEASE, _EPOCH, _LICENCE, _ARCH, _SOURCE, _MODES, _DIGESTS, _FLAGS, _PROVIDES, _REQUIRES}
    | {_FOLDER_OF, _BASENAMES, _FOLDERS, _DIGEST_KIND}
)
_SHA256: Final = 8
_GHOST: Final = 1 << 6
"""A file the package owns and does not bring."""

Value = int | str
Tags = Mapping[int, tuple[Value, ...]]


def find(shelf: Shelf) -> None:
    """Find the installed packages."""
    for name in ("rpmdb.sqlite", "Packages.db", "Packages"):
        for path in shelf.named(name):
            place = _DATABASE.match(path)
            if place:
                _read(shelf, path, place[1] or "")


def _read(shelf: Shelf, path: str, root: str) -> None:
    content = shelf.read(path, _MOST)
    if content is None:
        return
    if not content:
        # SQLite's own log beside it holds everything, or nothing was ever installed: the file alone does not say which.
        shelf.missed(path, "the database is empty")
        return
    log = shelf.tree.entries.get(f"{path}-wal")
    if log is not None and log.size_bytes:
        shelf.missed(
            path, "its write-ahead log holds what was changed last, and is not read", need="a database that was closed: rpm --rebuilddb"
        )
    system = distribution(shelf, root)
    found = 0
    try:
        for blob in headers(content):
            found += 1
            _package(shelf, path, root, system, parse(blob))
    except (DatabaseError, struct.error) as bad:
        shelf.fault("malformed-metadata", path, str(bad) if isinstance(bad, DatabaseError) else "it is cut")
        shelf.missed(path, "the rest of the database of rpm could not be read")
    else:
        if not found:
            shelf.missed(path, "the database of rpm lists no package")


def parse(blob: bytes) -> Tags:
    """Read the tags of a header that are of use. Raises `struct.error` or `DatabaseError` for one that is none."""
    count, length = struct.unpack_from(">II", blob)
    start = 8 + 16 * count
    if count > _MOST_TAGS or start + length > len(blob):
        raise DatabaseError("a header in it is broken")
    store = blob[start : start + length]
    tags: dict[int, tuple[Value, ...]] = {}
    for at in range(8, start, 16):
        tag, kind, offset, number = struct.unpack_from(">iIiI", blob, at)
        if tag in _WANTED and 0 <= offset <= length and number <= _MOST_VALUES:
            tags[tag] = _values(store, kind, offset, number)
    return tags


def _values(store: bytes, kind: int, offset: int, number: int) -> tuple[Value, ...]:
    if kind in {2, 3, 4, 5}:
        letter = {2: "B", 3: "H", 4: "I", 5: "Q"}[kind]
        return struct.unpack_from(f">{number}{letter}", store, offset)
    if kind in {6, 8, 9}:
        # Strings end at a NUL each; of a translated one the first is the original.
        values: list[Value] = []
        at = offset
        for _ in range(1 if kind == 6 else number):
            stop = store.find(b"\0", at)
            if stop < 0:
                raise DatabaseError("a text in a header of it is cut")
            values.append(store[at:stop].decode("utf-8", "replace"))
            at = stop + 1
        return tuple(values)
    return ()


def _text(tags: Tags, tag: int) -> str:
    values = tags.get(tag, ())
    return text_of(values[0], 256) if values else ""


def _package(shelf: Shelf, path: str, root: str, system: Distribution, tags: Tags) -> None:
    name, version, release = _text(tags, _NAME), _text(tags, _VERSION), _text(tags, _RELEASE)
    if not name or not version:
        shelf.fault("malformed-metadata", path, "a package in it has no name or no version")
        return
    if name == "gpg-pubkey":
        # rpm keeps the keys it trusts among its packages.
        return
    epoch = str(tags[_EPOCH][0]) if tags.get(_EPOCH) else ""
    full = f"{version}-{release}" if release else version
    qualifiers = {"arch": _text(tags, _ARCH), "epoch": epoch, "distro": system.name, "upstream": _text(tags, _SOURCE)}
    shelf.add(
        Package(
            purl=purl("rpm", name, full, namespace=system.id, qualifiers=qualifiers),
            ecosystem="rpm",
            name=name,
            version=f"{epoch}:{full}" if epoch else full,
            path=path,
            files=_files(shelf, root, tags),
            licence=_text(tags, _LICENCE),
            source="rpm",
        ),
        needs=[str(one) for one in tags.get(_REQUIRES, ())],
    )
    for one in tags.get(_PROVIDES, ()):
        shelf.provide("rpm", str(one), name)


def _files(shelf: Shelf, root: str, tags: Tags) -> tuple[PackageFile, ...]:
    folders, folder_of, names = tags.get(_FOLDERS, ()), tags.get(_FOLDER_OF, ()), tags.get(_BASENAMES, ())
    digests = tags.get(_DIGESTS, ()) if tags.get(_DIGEST_KIND, (0,))[:1] == (_SHA256,) else ()
    flags, modes = tags.get(_FLAGS, ()), tags.get(_MODES, ())
    files: list[PackageFile] = []
    for at, name in enumerate(names):
        if at >= len(folder_of) or (at < len(flags) and int(flags[at]) & _GHOST):
            continue
        # 4: a folder.
        if at < len(modes) and int(modes[at]) >> 12 == 4:
            continue
        index = int(folder_of[at])
        place = placed(shelf, root, f"{folders[index]}{name}") if index < len(folders) else None
        if place is not None:
            files.append(PackageFile(path=place, sha256=str(digests[at]) if at < len(digests) else ""))
    return tuple(files)


def link(shelf: Shelf) -> None:
    """Say which package needs which, by what each provides."""
    by_name = {package.name: package.purl for package in shelf.of("rpm")}
    shelf.link("rpm", lambda _, need: by_name.get(shelf.provided("rpm", need)))
