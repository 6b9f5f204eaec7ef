"""Java archives: jars, wars, and jars inside them, by what Maven put into them, else by their manifest and name.

A jar that other libraries were copied into ("shaded") holds a `pom.properties` of each. A Lambda function's own archive may be
unpacked classes with the same files at its root.
"""

import re
from typing import Final, NamedTuple

from buckler.engines.artifact.catalog.java_groups import group_of
from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.shelf import Shelf, text_of
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Package

_SUFFIXES: Final = (".jar", ".war", ".ear", ".par", ".sar", ".jpi", ".hpi")
_DEEPEST: Final = 4
_LARGEST: Final = 512 * 1024 * 1024
_MOST_TEXT: Final = 1024 * 1024
_MOST_POM: Final = 20_000
"""Characters at its beginning, where it says what it is."""
_POM: Final = re.compile(r"(?:.*/)?META-INF/maven/([^/]+)/([^/]+)/pom\.(?:properties|xml)\Z")
_FILE: Final = re.compile(r"(.+?)-(\d[A-Za-z0-9._+-]*)\Z")
_CLASSIFIER: Final = re.compile(
    r"(?:[-.](?:jar-with-dependencies|with-dependencies|shaded|uber|fat|all|standalone|bundle|sources|tests|exec|boot))+\Z"
)
_UNNAMED: Final = "it says no Maven group: advisories cannot be matched to it"


class _Coordinates(NamedTuple):
    group: str
    artifact: str
    version: str


def find(shelf: Shelf) -> None:
    """Find the libraries in the archives of an artifact, and those unpacked at its root."""
    for found in _poms(shelf.tree):
        _add(shelf, found, f"META-INF/maven/{found.group}/{found.artifact}/pom.properties", vendored=False)
    for path in shelf.ending(*(suffix.removeprefix(".") for suffix in _SUFFIXES)):
        content = shelf.read(path, _LARGEST)
        if content is not None:
            _archive(shelf, path, content, 0)


def _archive(shelf: Shelf, path: str, content: bytes, depth: int) -> None:
    if depth >= _DEEPEST:
        shelf.missed(path, f"it lies in more than {_DEEPEST} archives in one another")
        return
    tree = shelf.archive(path, content)
    if tree is None:
        return
    _jar(shelf, path, tree)
    for entry in tree.files():
        if entry.path.lower().endswith(_SUFFIXES) and entry.sha256:
            _archive(shelf, f"{path}!/{entry.path}", tree.read(entry.path), depth + 1)


def _jar(shelf: Shelf, path: str, tree: Tree) -> None:
    poms = _poms(tree)
    stem = _CLASSIFIER.sub("", path.rpartition("/")[2].rpartition(".")[0])
    named = _FILE.match(stem)
    stem_name = named[1] if named else stem
    own = next((one for one in poms if one.artifact == stem_name), None)
    if own is None and len(poms) == 1 and named is None:
        # Renamed, so its name is none of a release. One that is named as a release and holds a mark of another library has swallowed that.
        own = poms[0]
    if own is None and path.lower().endswith(".jar"):
        own = _by_manifest(tree, named[1] if named else stem, named[2] if named else "")
    if own is not None:
        _add(shelf, own, path, vendored=False, licence=text_of(_manifest(tree).get("bundle-license", ""), 200))
    for one in poms:
        if one != own:
            _add(shelf, one, path, vendored=True)


def _poms(tree: Tree) -> list[_Coordinates]:
    """Give what Maven wrote of each library: its properties, or at least the folder names it chose."""
    found: dict[tuple[str, str], _Coordinates] = {}
    for entry in tree.files():
        place = _POM.match(entry.path) if entry.path.endswith(("/pom.properties", "/pom.xml")) else None
        if place is None or entry.size_bytes > _MOST_TEXT or not entry.sha256:
            continue
        text = tree.read(entry.path).decode("utf-8", "replace")
        if entry.path.endswith(".properties"):
            given = dict(_property(line) for line in text.splitlines() if "=" in line and not line.startswith("#"))
            one = _Coordinates(given.get("groupId", "") or place[1], given.get("artifactId", "") or place[2], given.get("version", ""))
        else:
            one = _Coordinates(place[1], place[2], _pom_version(text))
        key = (one.group, one.artifact)
        if key not in found or (one.version and entry.path.endswith(".properties")):
            found[key] = one
    return [found[key] for key in sorted(found)]


def _property(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    return key.strip(), text_of(value, 256)


def _pom_version(text: str) -> str:
    """Give the version of a `pom.xml`, its own or its parent's; "" when it is computed."""
    head = re.sub(r"<(dependencies|dependencyManagement|build|plugins|profiles)>.*?</\1>", "", text[:_MOST_POM], flags=re.DOTALL)
    parent = re.search(r"<parent>.*?</parent>", head, re.DOTALL)
    own = head.replace(parent[0], "") if parent else head
    found = re.search(r"<version>\s*([^<\s$]+)\s*</version>", own) or (
        re.search(r"<version>\s*([^<\s$]+)\s*</version>", parent[0]) if parent else None
    )
    return text_of(found[1], 128) if found else ""


def _manifest(tree: Tree) -> dict[str, str]:
    """Read the main section of the manifest, names in lower case."""
    entry = tree.entries.get("META-INF/MANIFEST.MF")
    if entry is None or entry.size_bytes > _MOST_TEXT or not entry.sha256:
        return {}
    # A line goes on in the next one after a space.
    text = re.sub(r"\r?\n ", "", tree.read(entry.path).decode("utf-8", "replace"))
    fields: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            break
        key, colon, value = line.partition(":")
        if colon:
            fields[key.strip().lower()] = text_of(value, 512)
    return fields


def _by_manifest(tree: Tree, name: str, version: str) -> _Coordinates | None:
    """Make out what a jar is that Maven left no mark in."""
    fields = _manifest(tree)
    number = (
        version or fields.get("implementation-version", "") or fields.get("bundle-version", "") or fields.get("specification-version", "")
    )
    if not number:
        return None
    # No group is guessed from these: on a thousand jars whose group is known, names of bundles, modules and vendors were wrong too often,
    # and a wrong group would match no advisory and look like a clean one.
    return _Coordinates(group_of(name, number, tree), name, number)


def _add(shelf: Shelf, found: _Coordinates, path: str, *, vendored: bool, licence: str = "") -> None:
    if not found.version or "${" in found.version:
        shelf.fault("malformed-metadata", path, f"{found.group}:{found.artifact} gives no version")
        found = found._replace(version="")
    if not found.group:
        shelf.missed(path, _UNNAMED, need="META-INF/maven in the jar")
    shelf.add(
        Package(
            purl=purl("maven", found.artifact, found.version, namespace=found.group),
            ecosystem="maven",
            name=f"{found.group}:{found.artifact}" if found.group else found.artifact,
            version=found.version,
            path=path,
            licence=licence,
            source="jar",
            is_vendored=vendored,
        )
    )
