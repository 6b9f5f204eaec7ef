"""Packages of Alpine: the database of apk.

Source: Alpine's wiki, "Apk spec" (the installed database v2).
"""

import re
from typing import Final

from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.shelf import Shelf, text_of
from buckler.engines.artifact.catalog.system import Distribution, distribution, placed
from buckler.model.artifact import Package, PackageFile

_DATABASE: Final = re.compile(r"(?:(.*)/)?(?:usr/)?lib/apk/db/installed\Z")
_MOST: Final = 64 * 1024 * 1024
_NEED: Final = re.compile(r"([^=<>~\s]+)")


def find(shelf: Shelf) -> None:
    """Find the installed packages."""
    for path in shelf.named("installed"):
        place = _DATABASE.match(path)
        if place:
            root = place[1] or ""
            system = distribution(shelf, root)
            for stanza in re.split(r"\n\s*\n", shelf.text(path, _MOST) or ""):
                if stanza.strip():
                    _package(shelf, path, root, system, stanza)


def _package(shelf: Shelf, path: str, root: str, system: Distribution, stanza: str) -> None:
    fields: dict[str, str] = {}
    files: list[PackageFile] = []
    folder = ""
    for line in stanza.splitlines():
        key, colon, value = line.partition(":")
        if not colon:
            continue
        if key == "F":
            folder = value
        elif key == "R":
            place = placed(shelf, root, f"{folder}/{value}" if folder else value)
            if place is not None:
                files.append(PackageFile(path=place))
        else:
            fields.setdefault(key, value)
    name, version = text_of(fields.get("P", ""), 214), text_of(fields.get("V", ""), 256)
    if not name or not version:
        shelf.fault("malformed-metadata", path, "a package in it has no name or no version")
        return
    origin = text_of(fields.get("o", ""), 214)
    qualifiers = {"arch": text_of(fields.get("A", ""), 64), "distro": system.name, "upstream": "" if origin == name else origin}
    shelf.add(
        Package(
            purl=purl("apk", name, version, namespace=system.id or "alpine", qualifiers=qualifiers),
            ecosystem="apk",
            name=name,
            version=version,
            path=path,
            files=tuple(files),
            licence=text_of(fields.get("L", ""), 200),
            source="apk",
        ),
        needs=[found[1] for one in fields.get("D", "").split() if not one.startswith("!") and (found := _NEED.match(one))],
    )
    for given in (name, *fields.get("p", "").split()):
        found = _NEED.match(given)
        if found:
            shelf.provide("apk", found[1], name)


def link(shelf: Shelf) -> None:
    """Say which package needs which: by name, or by a library or command one provides."""
    by_name = {package.name: package.purl for package in shelf.of("apk")}
    shelf.link("apk", lambda _, need: by_name.get(shelf.provided("apk", need)))
