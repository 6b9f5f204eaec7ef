"""Take files of users into the database: advisories, CISA's catalogue, EPSS, VEX; each told by what it holds, not by its name."""

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, TypeAlias

from buckler.app.vulndb.opening import build
from buckler.engines.artifact.exploited import ExploitedError, looks_like_epss, looks_like_known, read_epss, read_known
from buckler.engines.artifact.osv_record import RecordError, read_record
from buckler.engines.artifact.vex import VexError, looks_like_vex, read_vex
from buckler.engines.artifact.zip import looks_like_zip
from buckler.errors import SourceError
from buckler.model.value import Value
from buckler.sources.vulndb.files import write_whole
from buckler.sources.vulndb.layout import Layout

Kind: TypeAlias = Literal["advisories", "known-exploited", "epss", "vex"]
_HEAD: Final = 65_536
_LARGEST_BYTES: Final = 1024**3
_GZIP: Final = b"\x1f\x8b"
_HINT: Final = (
    "advisories are JSON in OSV's format, or zips and folders of it; also CISA's catalogue, EPSS as CSV, OpenVEX and CycloneDX VEX"
)


class Added(Value):
    """What was taken in."""

    path: str
    kind: Kind
    count: int
    """Advisories, flaws or statements."""
    unread: tuple[tuple[str, str], ...] = ()
    """Files that are nothing of it, and why."""


def add(path: Path, where: Layout) -> tuple[Added, ...]:
    """Take in a file or folder; adding it again changes nothing. Raises `SourceError`."""
    try:
        if path.is_dir():
            return _add_folder(path, where)
        content = path.read_bytes()
    except OSError as bad:
        raise SourceError(f"cannot read `{path}`", cause=bad.strerror or type(bad).__name__, place=str(path)) from None
    if content.startswith(_GZIP):
        content = _unpacked(content, path)
    if looks_like_zip(content[:4]):
        return (_add_zip(content, path, where),)
    head = content[:_HEAD]
    if looks_like_epss(head):
        return (_add_epss(content, path, where),)
    if looks_like_known(head):
        return (_add_known(content, path, where),)
    if looks_like_vex(head) or looks_like_vex(content):
        return (_add_vex(content, path, where),)
    return (_add_records([(path.name, content)], path, where),)


def _add_zip(content: bytes, path: Path, where: Layout) -> Added:
    digest = hashlib.sha256(content).hexdigest()
    index = build(path, memoryview(content), digest)
    write_whole(where.added / f"{digest[:32]}.zip", content)
    count = sum(index.counts.values())
    return Added(path=str(path), kind="advisories", count=count, unread=tuple((one.entry, one.why) for one in index.unread))


def _add_folder(path: Path, where: Layout) -> tuple[Added, ...]:
    archives = [one for one in sorted(path.rglob("*.zip")) if one.is_file() and not one.is_symlink()]
    files = [one for one in sorted(path.rglob("*.json")) if one.is_file() and not one.is_symlink()]
    added = [_add_zip(one.read_bytes(), one, where) for one in archives]
    if files or not added:
        added.append(_add_records([(one.relative_to(path).as_posix(), one.read_bytes()) for one in files], path, where))
    return tuple(added)


def _add_records(files: list[tuple[str, bytes]], path: Path, where: Layout) -> Added:
    """Keep advisories as one archive, the same bytes whenever they are added."""
    good: list[tuple[str, bytes]] = []
    unread: list[tuple[str, str]] = []
    for name, content in files:
        try:
            read_record(content)
        except RecordError as bad:
            unread.append((name, str(bad)))
        else:
            good.append((name, content))
    if not good:
        cause = f"{unread[0][0]}: {unread[0][1]}" if unread else "it holds no JSON"
        raise SourceError(f"`{path}` holds nothing of vulnerabilities", cause=cause, hint=_HINT, place=str(path))
    content = _packed(good)
    digest = hashlib.sha256(content).hexdigest()
    write_whole(where.added / f"{digest[:32]}.zip", content)
    return Added(path=str(path), kind="advisories", count=len(good), unread=tuple(unread))


def _packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(files):
            # A folder may hold names that no archive should: only the last part is kept, made distinct by its number.
            safe = "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in name.rpartition("/")[2])
            archive.writestr(zipfile.ZipInfo(f"{number:06}-{safe}", (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _add_epss(content: bytes, path: Path, where: Layout) -> Added:
    try:
        count = len(read_epss(content))
    except ExploitedError as bad:
        raise SourceError(f"`{path}` is not EPSS", cause=str(bad), place=str(path)) from None
    write_whole(where.epss, content)
    return Added(path=str(path), kind="epss", count=count)


def _add_known(content: bytes, path: Path, where: Layout) -> Added:
    try:
        count = len(read_known(content))
    except ExploitedError as bad:
        raise SourceError(f"`{path}` is not CISA's catalogue of exploited vulnerabilities", cause=str(bad), place=str(path)) from None
    write_whole(where.known_exploited, content)
    return Added(path=str(path), kind="known-exploited", count=count)


def _add_vex(content: bytes, path: Path, where: Layout) -> Added:
    try:
        count = len(read_vex(content))
    except VexError as bad:
        raise SourceError(f"`{path}` is not a VEX document", cause=str(bad), place=str(path)) from None
    write_whole(where.vex / f"{hashlib.sha256(content).hexdigest()[:32]}.json", content)
    return Added(path=str(path), kind="vex", count=count)


def _unpacked(content: bytes, path: Path) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(_LARGEST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise SourceError(f"`{path}` is damaged", cause="its compressed data breaks off or is no gzip", place=str(path)) from None
    if len(unpacked) > _LARGEST_BYTES:
        raise SourceError(f"`{path}` unpacks to more than {_LARGEST_BYTES:,} bytes", place=str(path))
    return unpacked
