"""What packages say of their own files: RECORD of wheels, file by file, against what is there.

A record can be forged together with the file, so agreement is `record-only`, never `verified`: that takes a reference.
Source: packaging.python.org, "Recording installed projects" (RECORD, INSTALLER, REQUESTED), read 2026-11-26.
"""

import base64
import binascii
import csv
import hashlib
import posixpath
from collections.abc import Iterable, Mapping
from typing import Final

from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Package
from buckler.model.value import Value

_STRONGER: Final = {"sha384": 48, "sha512": 64}
_BOOKKEEPING: Final = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
"""Of a dist-info: what installers write beside what the wheel brought; no code, and read by nothing that runs."""
_CODE: Final = (".py", ".pyd", ".so", ".pth", ".dll", ".dylib")
_SYSTEM: Final = frozenset({"deb", "rpm", "apk"})
DIFFERS: Final = "its hash is not that of its package's record"
UNHASHED: Final = "its package's record gives no hash for it, though for its other files"


class Recorded(Value):
    """What the records of an artifact's packages say, by path."""

    agreed: Mapping[str, str]
    """Path -> package URL of an owner whose hash is that of the file."""
    differing: Mapping[str, tuple[str, str]]
    """Path -> (package URL, why): no owner's hash is that of the file."""
    unhashed: Mapping[str, str]
    """Path -> package URL: listed without a hash by packages that give none for any file."""
    missing: Mapping[str, str]
    """Path -> package URL: listed, but not there."""


def by_record(tree: Tree, packages: Iterable[Package]) -> Recorded:
    """Compare the files of *packages* with what their records say. A file that several claim is right when one of them is."""
    agreed: dict[str, str] = {}
    differing: dict[str, tuple[str, str]] = {}
    unhashed: dict[str, str] = {}
    missing: dict[str, str] = {}
    installed: dict[tuple[str, str], int] = {}
    listed = [one for one in packages if one.files is not None]
    for package in listed:
        key = (package.name, package.root)
        installed[key] = installed.get(key, 0) + 1
    entries = tree.entries
    for package in listed:
        files = package.files or ()
        hashes = sum(1 for file in files if file.sha256)
        others: dict[str, tuple[str, bytes]] | None = None
        # `pip install --target --upgrade` leaves the metadata of the older release: its files went with it.
        is_leftover = installed[package.name, package.root] > 1
        for file in files:
            path = file.path
            entry = entries.get(path)
            if entry is None:
                if not is_leftover:
                    missing[path] = package.purl
                continue
            if entry.kind not in {"file", "hardlink"}:
                if entry.kind == "symlink" and path not in agreed:
                    differing.setdefault(path, (package.purl, "its package lists a file, and it is a link"))
                continue
            if package.ecosystem in _SYSTEM and path.startswith("etc/"):
                # What people configure; its package expects it.
                unhashed[path] = package.purl
                continue
            if file.sha256:
                digest = entry.sha256
                if entry.kind == "hardlink" and not digest and entry.target in entries:
                    digest = entries[entry.target].sha256
                if digest == file.sha256:
                    agreed[path] = package.purl
                else:
                    differing.setdefault(path, (package.purl, DIFFERS))
                continue
            if path.endswith(".pyc"):
                continue
            if is_bookkeeping(path):
                agreed.setdefault(path, package.purl)
                continue
            if others is None:
                others = _stronger(tree, package)
            if path in others:
                if _equals(tree, path, others[path]):
                    agreed[path] = package.purl
                else:
                    differing.setdefault(path, (package.purl, DIFFERS))
            elif (hashes or others) and path.endswith(_CODE):
                # Taking the hash out of a row is the cheapest forgery.
                differing.setdefault(path, (package.purl, UNHASHED))
            else:
                unhashed[path] = package.purl
    for path in agreed:
        differing.pop(path, None)
        unhashed.pop(path, None)
    return Recorded(agreed=agreed, differing=differing, unhashed=unhashed, missing=missing)


def is_bookkeeping(path: str) -> bool:
    """Say whether a file is one that installers write into a dist-info."""
    folder, _, name = path.rpartition("/")
    return name in _BOOKKEEPING and folder.endswith(".dist-info")


def _stronger(tree: Tree, package: Package) -> dict[str, tuple[str, bytes]]:
    """Give the rows of a RECORD that hash with more than sha256, which the catalogue leaves out: path -> (algorithm, digest)."""
    path = posixpath.join(posixpath.dirname(package.path), "RECORD")
    found: dict[str, tuple[str, bytes]] = {}
    if path not in tree:
        return found
    try:
        text = tree.read(path).decode("utf-8", "replace")
        if not any(f"{kind}=" in text for kind in _STRONGER):
            return found
        for row in csv.reader(text.splitlines()):
            kind, _, digest = row[1].partition("=") if len(row) > 1 else ("", "", "")
            if kind.lower() in _STRONGER:
                raw = base64.b64decode(digest + "=" * (-len(digest) % 4), altchars=b"-_", validate=True)
                found[posixpath.normpath(posixpath.join(package.root, row[0]))] = (kind.lower(), raw)
    except (KeyError, ValueError, csv.Error, binascii.Error):
        # What cannot be read vouches for nothing; the catalogue has named it.
        return found
    return found


def _equals(tree: Tree, path: str, expected: tuple[str, bytes]) -> bool:
    kind, digest = expected
    try:
        return hashlib.new(kind, tree.read(path)).digest() == digest
    except KeyError:
        return False
