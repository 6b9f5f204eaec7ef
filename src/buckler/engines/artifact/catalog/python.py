"""Python packages: `*.dist-info` of wheels, `*.egg-info` and `*.egg` of older tools.

Sources: packaging.python.org, "Core metadata specifications", "Recording installed projects", "Recording the Direct URL Origin".
"""

import binascii
import csv
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from msgspec.structs import replace
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.shelf import MOST_METADATA, Shelf, folder_of, join, mapping_of, normal, text_of
from buckler.model.artifact import Package, PackageFile

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_REQUIRES: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_VENDOR_FOLDERS: Final = frozenset({"_vendor", "_vendored", "vendored", "vendor", "_vendored_packages", "extern", "externals"})
_URL_SAFE: Final = str.maketrans("-_", "+/")
_LARGEST_EGG: Final = 256 * 1024 * 1024
_MOST_FILES: Final = 200_000
_CLASSIFIER: Final = "License ::"


def find(shelf: Shelf) -> None:
    """Find the Python packages that say of themselves what they are."""
    for path in shelf.named("METADATA"):
        if folder_of(path).endswith(".dist-info"):
            _dist_info(shelf, path)
    for path in shelf.named("RECORD"):
        folder = folder_of(path)
        if folder.endswith(".dist-info") and not shelf.has(join(folder, "METADATA")):
            _without_metadata(shelf, path)
    for path in shelf.named("PKG-INFO"):
        folder = folder_of(path)
        if folder.endswith(".egg-info"):
            _egg_info(shelf, path)
        elif folder.endswith(".egg/EGG-INFO"):
            _add(shelf, path, root=folder_of(folder), files=None, source="egg")
    for path in shelf.ending("egg-info"):
        if path.endswith(".egg-info"):
            _add(shelf, path, root=folder_of(path), files=None, source="egg-info")
    for path in shelf.ending("egg"):
        if path.endswith(".egg"):
            _zipped_egg(shelf, path)


def is_vendored(shelf: Shelf, root: str) -> bool:
    """Say whether a folder is one that a package keeps copies of other packages in. A function's own `vendor/` is where it installs."""
    parts = root.split("/")
    return any(part in _VENDOR_FOLDERS and shelf.has("/".join((*parts[:at], "__init__.py"))) for at, part in enumerate(parts) if at)


def version_of(text: str) -> str:
    """Write a version as PEP 440 does; one it does not know stays as it is."""
    try:
        return str(Version(text))
    except InvalidVersion:
        return text


def name_of(text: str) -> str:
    """Write a name as the index does; "" when it can be none."""
    return canonicalize_name(text) if _NAME.match(text) else ""


def make(
    name: str, version: str, path: str, *, root: str, source: str, files: tuple[PackageFile, ...] | None = None, vendored: bool = False
) -> Package:
    """Make a package of a name and version that are already normal."""
    return Package(
        purl=purl("pypi", name, version),
        ecosystem="pypi",
        name=name,
        version=version,
        path=path,
        root=root,
        source=source,
        is_vendored=vendored,
        files=files,
    )


def _dist_info(shelf: Shelf, path: str) -> None:
    folder = folder_of(path)
    root = folder_of(folder)
    record = join(folder, "RECORD")
    files = _record(shelf, record, root) if shelf.has(record) else None
    _add(shelf, path, root=root, files=files, source="dist-info", origin=_origin(shelf, join(folder, "direct_url.json")))


def _egg_info(shelf: Shelf, path: str) -> None:
    folder = folder_of(path)
    listed = join(folder, "installed-files.txt")
    text = shelf.text(listed) if shelf.has(listed) else None
    files: tuple[PackageFile, ...] | None = None
    if text is not None:
        found = (_placed(shelf, folder_of(folder), folder, line.strip()) for line in text.splitlines()[:_MOST_FILES] if line.strip())
        files = tuple(PackageFile(path=one) for one in dict.fromkeys(found) if one is not None)
    _add(shelf, path, root=folder_of(folder), files=files, source="egg-info")


def _without_metadata(shelf: Shelf, record: str) -> None:
    """Believe the folder's name where METADATA is missing: what is installed must not vanish because one file did."""
    folder = folder_of(record)
    name, _, version = folder.rpartition("/")[2].removesuffix(".dist-info").rpartition("-")
    shelf.fault("metadata-missing", folder, "it has a RECORD but no METADATA: name and version are those of the folder")
    if name_of(name):
        root = folder_of(folder)
        shelf.add(
            make(
                name_of(name),
                version_of(version),
                record,
                root=root,
                source="dist-info",
                files=_record(shelf, record, root),
                vendored=is_vendored(shelf, root),
            )
        )


def _add(shelf: Shelf, path: str, *, root: str, files: tuple[PackageFile, ...] | None, source: str, origin: str = "") -> None:
    text = shelf.text(path)
    if text is not None:
        _add_metadata(shelf, text, path, root=root, files=files, source=source, origin=origin)


def _zipped_egg(shelf: Shelf, path: str) -> None:
    content = shelf.read(path, _LARGEST_EGG)
    tree = None if content is None else shelf.archive(path, content)
    if tree is None:
        return
    entry = tree.entries.get("EGG-INFO/PKG-INFO")
    if entry is None or not entry.sha256 or entry.size_bytes > MOST_METADATA:
        shelf.missed(path, "it is an egg without metadata")
        return
    text = tree.read(entry.path).decode("utf-8-sig", "replace")
    # The file is the place: there is nothing else of it.
    _add_metadata(shelf, text, path, root="", files=(PackageFile(path=path),), source="egg", origin="")


def _add_metadata(
    shelf: Shelf, text: str, path: str, *, root: str, files: tuple[PackageFile, ...] | None, source: str, origin: str
) -> None:
    name = version = licence = expression = ""
    classified: list[str] = []
    needs: list[str] = []
    for key, value in _headers(text):
        if key == "name":
            name = name or value
        elif key == "version":
            version = version or value
        elif key == "license-expression":
            expression = text_of(value)
        elif key == "license" and "\n" not in value and len(value) < 120:
            # Many put the whole text of their licence here.
            licence = text_of(value)
        elif key == "classifier" and value.startswith(_CLASSIFIER):
            classified.append(value.rpartition("::")[2].strip())
        elif key == "requires-dist" and "extra ==" not in value:
            required = _REQUIRES.match(value)
            if required:
                needs.append(canonicalize_name(required[1]))
    known = name_of(name)
    if not known:
        shelf.fault("malformed-metadata", path, "it gives no name that a package can have")
        return
    number = version_of(text_of(version, 128))
    if not number:
        shelf.fault("malformed-metadata", path, "it gives no version")
    licence = (
        expression
        or (licence if licence.upper() != "UNKNOWN" else "")
        or " AND ".join(text_of(one) for one in classified if one != "OSI Approved")
    )
    package = make(known, number, path, root=root, source=source, files=files, vendored=is_vendored(shelf, root))
    qualified = purl("pypi", known, number, qualifiers={"vcs_url": origin}) if origin else package.purl
    shelf.add(replace(package, purl=qualified, licence=licence), needs=needs)


def _headers(text: str) -> Iterator[tuple[str, str]]:
    """Give the headers of core metadata: name in lower case, value with its continued lines. The description after them is left alone."""
    key, value = "", ""
    for line in text.splitlines():
        if line[:1] in {" ", "\t"}:
            value += "\n" + line.strip()
            continue
        if key:
            yield key, value
            key = ""
        if not line.strip():
            return
        head, colon, rest = line.partition(":")
        if colon:
            key, value = head.strip().lower(), rest.strip()
    if key:
        yield key, value


def _record(shelf: Shelf, path: str, root: str) -> tuple[PackageFile, ...] | None:
    text = shelf.text(path)
    if text is None:
        return None
    files: dict[str, PackageFile] = {}
    try:
        for row in csv.reader(text.splitlines()):
            if len(row) < 2 or not row[0]:
                continue
            place = _placed(shelf, root, root, row[0])
            if place is not None and len(files) < _MOST_FILES:
                files[place] = PackageFile(path=place, sha256=_hex(row[1]))
    except csv.Error:
        shelf.fault("malformed-metadata", path, "it is no list of files")
        return None
    return tuple(files.values())


def _placed(shelf: Shelf, root: str, folder: str, name: str) -> str | None:
    """Say where a file of a record stands in the artifact; None for one that lies outside, and for what was compiled where it ran.

    Console scripts are listed as `../../../bin/x`, right below a prefix; `pip install --target` moves them to `bin/` beside the packages.
    """
    if ".." not in name and "\\" not in name and "//" not in name and name[:1] not in {"/", "."}:
        return join(folder, name)
    name = name.replace("\\", "/")
    place = normal(folder, name)
    if place is not None and (shelf.has(place) or "../" not in name):
        return place
    tail = name.rpartition("../")[2]
    return next((one for one in (join(root, tail), tail) if tail and shelf.has(one)), place)


def _hex(digest: str) -> str:
    """Turn `sha256=<base64 without padding>` into hex; "" for another kind of digest, or none."""
    kind, _, encoded = digest.partition("=")
    if kind.lower() != "sha256":
        return ""
    try:
        raw = binascii.a2b_base64(encoded.translate(_URL_SAFE) + "=" * (-len(encoded) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        return ""
    return raw.hex() if len(raw) == 32 else ""


def _origin(shelf: Shelf, path: str) -> str:
    """Give the repository and commit a package was installed from, as package URLs have it; "" when it comes from an index."""
    found = shelf.json(path) if shelf.has(path) else None
    if found is None:
        return ""
    vcs = mapping_of(found.get("vcs_info"))
    kind, commit = text_of(vcs.get("vcs")), text_of(vcs.get("commit_id"))
    try:
        url = urlsplit(text_of(found.get("url"), 2048))
        host = url.hostname or ""
    except ValueError:
        return ""
    if not kind or not commit or url.scheme not in {"https", "http", "ssh", "git"}:
        return ""
    # Whoever installed it may have written a token into the address: only the place is kept.
    return f"{kind}+{urlunsplit((url.scheme, host, url.path, '', ''))}@{commit}"


def link(shelf: Shelf) -> None:
    """Say which of the packages found need which."""
    by_name: dict[str, list[Package]] = {}
    for package in shelf.of("pypi"):
        by_name.setdefault(package.name, []).append(package)

    def nearest(package: Package, name: str) -> str | None:
        found = by_name.get(name, [])
        beside = next((one for one in found if one.root == package.root), None)
        return (beside or found[0]).purl if found else None

    shelf.link("pypi", nearest)
