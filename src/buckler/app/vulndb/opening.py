"""Advisories as they lie on disk, ready to be asked; an index is kept beside each archive, by the digest of its bytes."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from buckler.engines.artifact.exploited import Epss, Exploited, ExploitedError, read_known
from buckler.engines.artifact.osv import Database, Matched, assess
from buckler.engines.artifact.osv_index import DamagedIndexError, Index, Unread
from buckler.engines.artifact.vex import Statement, VexError, apply, read_vex
from buckler.engines.artifact.zip import Limits, ZipError, read_zip
from buckler.errors import SourceError
from buckler.model.artifact import Package
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value
from buckler.sources.vulndb.files import content_of, index_of, keep_index, mapped
from buckler.sources.vulndb.layout import Layout

_LIMITS: Final = Limits(entries=2_000_000, total_bytes=16 * 1024**3)
"""The archive of npm alone has hundreds of thousands of advisories."""
_AGAIN: Final = "buckler db update"


class Source(Value):
    """One archive of advisories."""

    path: str
    digest: str
    size_bytes: int
    counts: tuple[tuple[str, int], ...]
    """Ecosystem -> advisories."""
    newest: str
    """When its newest advisory was changed; empty when none says."""
    withdrawn: int
    unread: tuple[tuple[str, str], ...]
    """Entries that are no advisories, and why."""


class Opened:
    """A database with where it comes from."""

    def __init__(self, database: Database, statements: tuple[Statement, ...], sources: tuple[Source, ...], faults: tuple[str, ...]) -> None:
        self.database = database
        self.statements = statements
        """VEX that users added."""
        self.sources = sources
        self.faults = faults
        """Files that could not be read, in words: what they hold is not assessed."""

    def assess(self, packages: Iterable[Package], about: Collection[str] = ()) -> Matched:
        """Match packages against it, with VEX applied: `vex` and `vex_why` of a vulnerability say what somebody stated.

        *about* names the artifact they are in, as VEX names products: by package URL, digest or name. A file that could not be read is
        among what was not assessed.
        """
        distinct = tuple(packages)
        matched = assess(distinct, self.database)
        stated = tuple(one.vulnerability for one in apply(matched.vulnerabilities, self.statements, about))
        faults = (Unknown(kind=UnknownKind.FAILED, why=fault, need=_AGAIN) for fault in self.faults if distinct)
        return Matched(stated, (*matched.not_assessed, *faults))


def open_database(where: Layout, ecosystems: Collection[str] | None = None) -> Opened:
    """Open what is under *where*; of fetched archives only those of *ecosystems*, when given. Nothing is fetched.

    A file that cannot be read is a fault of the result; the others are used.
    """
    indexes: list[Index] = []
    sources: list[Source] = []
    faults: list[str] = []
    for path in where.archives():
        fetched = path.name == "all.zip"
        if fetched and ecosystems is not None and path.parent.name not in ecosystems:
            continue
        try:
            index, size = open_archive(path)
        except SourceError as bad:
            faults.append(str(bad))
            continue
        indexes.append(index)
        sources.append(_source(path, index, size))
    exploited = _exploited(where, faults)
    return Opened(Database(tuple(indexes), exploited), tuple(_statements(where, faults)), tuple(sources), tuple(faults))


def _source(path: Path, index: Index, size: int) -> Source:
    return Source(
        path=str(path),
        digest=index.digest,
        size_bytes=size,
        counts=tuple(index.counts.items()),
        newest=index.newest,
        withdrawn=index.withdrawn,
        unread=tuple((one.entry, one.why) for one in index.unread),
    )


def open_archive(path: Path) -> tuple[Index, int]:
    """Open an archive of advisories: its stored index when it is that of these bytes, else one is made, and kept where that is possible.

    Raises `SourceError`.
    """
    data = mapped(path)
    digest = hashlib.sha256(data).hexdigest()
    try:
        index = Index.load(index_of(path, digest).read_bytes(), digest)
    except (OSError, DamagedIndexError):
        index = build(path, data, digest)
        keep_index(path, digest, index.dump())
    return index, len(data)


def build(path: Path, data: memoryview, digest: str) -> Index:
    """Make the index of a zip of advisories. Raises `SourceError` for what is no zip, or holds none."""
    try:
        tree = read_zip(data, limits=_LIMITS)
    except ZipError as bad:
        raise SourceError(f"`{path}` cannot be read as a zip", cause=str(bad), hint=_AGAIN, place=str(path)) from None
    faults = [Unread(fault.entry, fault.detail) for fault in tree.faults]

    def records() -> Iterator[tuple[str, bytes]]:
        for entry in tree.files():
            if not entry.path.endswith(".json"):
                continue
            try:
                yield entry.path, tree.read(entry.path)
            except (KeyError, ValueError):
                faults.append(Unread(entry.path, "its content cannot be unpacked"))

    index = Index.build(records(), digest)
    if not index.counts and not index.withdrawn:
        cause = f"{faults[0].entry}: {faults[0].why}" if faults else "no entry is an advisory in OSV's format"
        raise SourceError(f"`{path}` holds no advisories", cause=cause, hint=_AGAIN, place=str(path))
    return index.with_unread(faults)


def _exploited(where: Layout, faults: list[str]) -> Exploited:
    known: frozenset[str] = frozenset()
    epss: Epss | None = None
    has_known = False
    try:
        if (content := content_of(where.known_exploited)) is not None:
            known, has_known = read_known(content), True
    except ExploitedError as bad:
        faults.append(f"{where.known_exploited}: {bad}")
    try:
        if (content := content_of(where.epss)) is not None:
            epss = Epss(content)
    except ExploitedError as bad:
        faults.append(f"{where.epss}: {bad}")
    return Exploited(known, epss, has_known)


def _statements(where: Layout, faults: list[str]) -> Iterable[Statement]:
    for path in sorted(where.vex.glob("*.json")):
        try:
            yield from read_vex(content_of(path) or b"")
        except VexError as bad:
            faults.append(f"{path}: {bad}")
