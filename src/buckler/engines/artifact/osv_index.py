"""Advisories ready to be asked: by ecosystem and name, aliases closed, and storable as one file that is read without being decoded.

An index is made of one source (an archive, a folder) and is valid for its digest. Advisories and what they state of packages stay encoded
until a package asks for them, so that a database of hundreds of thousands is open at once.
"""

import zlib
from collections.abc import Iterable
from typing import Final, Self

import msgspec

from buckler.engines.artifact.osv_names import indexed
from buckler.engines.artifact.osv_record import Advisory, RecordError, Stated, read_record
from buckler.engines.artifact.versions import Event

_MAGIC: Final = b"BUCKLER-OSV 1\n"
_SUM_BYTES: Final = 4


class Affected(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What an advisory says of one package, its advisory by number."""

    advisory: int
    semver: tuple[tuple[Event, ...], ...]
    native: tuple[tuple[Event, ...], ...]
    versions: tuple[str, ...]


class Unread(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An entry of the source that is no advisory."""

    entry: str
    why: str


class _Stored(msgspec.Struct, array_like=True):
    digest: str
    newest: str
    counts: dict[str, int]
    withdrawn: int
    unread: tuple[Unread, ...]
    advisories: list[msgspec.Raw]
    names: dict[str, dict[str, msgspec.Raw]]


class DamagedIndexError(ValueError):
    """A stored index is damaged, or of another version or source: make it again."""


_ENCODE: Final = msgspec.msgpack.Encoder().encode
_STORED: Final = msgspec.msgpack.Decoder(_Stored)
_ADVISORY: Final = msgspec.msgpack.Decoder(Advisory)
_AFFECTED: Final = msgspec.msgpack.Decoder(tuple[Affected, ...])


class Index:
    """The advisories of one source."""

    def __init__(self, stored: _Stored) -> None:
        self._stored = stored
        self._advisories: dict[int, Advisory] = {}
        self._affected: dict[tuple[str, str], tuple[Affected, ...]] = {}
        self.digest = stored.digest
        self.newest = stored.newest
        """When its newest advisory was changed, RFC 3339; empty when none says."""
        self.counts = stored.counts
        """Ecosystem -> how many advisories name a package of it."""
        self.withdrawn = stored.withdrawn
        self.unread = stored.unread

    @classmethod
    def build(cls, records: Iterable[tuple[str, bytes]], digest: str) -> Self:
        """Make an index of (entry, JSON). What cannot be read is listed in `unread`."""
        advisories: list[Advisory] = []
        stated: dict[str, dict[str, list[Affected]]] = {}
        counts: dict[str, int] = {}
        unread: list[Unread] = []
        withdrawn = 0
        for entry, raw in records:
            try:
                record = read_record(raw)
            except RecordError as bad:
                unread.append(Unread(entry, str(bad)))
                continue
            if record is None:
                withdrawn += 1
                continue
            advisory, packages = record
            number = len(advisories)
            advisories.append(advisory)
            for ecosystem in _keep(number, packages, stated):
                counts[ecosystem] = counts.get(ecosystem, 0) + 1
        newest = max((advisory.modified for advisory in advisories), default="")
        return cls(
            _Stored(
                digest=digest,
                newest="" if newest.startswith("0001") else newest,  # Go's zero time
                counts=dict(sorted(counts.items())),
                withdrawn=withdrawn,
                unread=tuple(unread),
                advisories=[msgspec.Raw(_ENCODE(advisory)) for advisory in _closed(advisories)],
                names={
                    ecosystem: {name: msgspec.Raw(_ENCODE(rows)) for name, rows in names.items()} for ecosystem, names in stated.items()
                },
            )
        )

    @classmethod
    def load(cls, content: bytes, digest: str) -> Self:
        """Read a stored index. Raises `DamagedIndexError` when it is not that of *digest*."""
        body = memoryview(content)[len(_MAGIC) + _SUM_BYTES :]
        if not content.startswith(_MAGIC) or content[len(_MAGIC) : len(_MAGIC) + _SUM_BYTES] != _sum(body):
            raise DamagedIndexError("it is no index of this version, or is damaged")
        try:
            stored = _STORED.decode(body)
        except msgspec.DecodeError as bad:
            raise DamagedIndexError(str(bad)) from None
        if stored.digest != digest:
            raise DamagedIndexError("it is the index of another source")
        return cls(stored)

    def with_unread(self, more: Iterable[Unread]) -> Self:
        """Give it with further entries that could not be read."""
        stored = msgspec.structs.replace(self._stored, unread=(*self._stored.unread, *more))
        return type(self)(stored)

    def dump(self) -> bytes:
        """Write it, to be read by `load`."""
        body = _ENCODE(self._stored)
        return _MAGIC + _sum(body) + body

    def affected(self, ecosystem: str, name: str) -> tuple[Affected, ...]:
        """Give what is stated of a package."""
        key = (ecosystem, name)
        found = self._affected.get(key)
        if found is None:
            raw = self._stored.names.get(ecosystem, {}).get(name)
            found = self._affected[key] = () if raw is None else _AFFECTED.decode(raw)
        return found

    def advisory(self, number: int) -> Advisory:
        """Give an advisory by its number."""
        found = self._advisories.get(number)
        if found is None:
            found = self._advisories[number] = _ADVISORY.decode(self._stored.advisories[number])
        return found


def _sum(body: bytes | memoryview) -> bytes:
    """Guard against damage, not against malice: whoever can write the index can write the archive."""
    return zlib.crc32(body).to_bytes(_SUM_BYTES, "little")


def _keep(number: int, packages: tuple[Stated, ...], stated: dict[str, dict[str, list[Affected]]]) -> set[str]:
    ecosystems: set[str] = set()
    for one in packages:
        ecosystem, name = indexed(one.ecosystem, one.name)
        stated.setdefault(ecosystem, {}).setdefault(name, []).append(Affected(number, one.semver, one.native, one.versions))
        ecosystems.add(ecosystem)
    return ecosystems


def _closed(advisories: list[Advisory]) -> list[Advisory]:
    """Give every advisory all names of its flaw: those its aliases have, and theirs.

    `related` is not followed: by the schema it is another flaw.
    """
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while (above := parents.setdefault(name, name)) != name:
            parents[name] = name = parents[above]  # halves the way each time
        return name

    for advisory in advisories:
        for alias in advisory.aliases:
            parents[root(alias)] = root(advisory.id)
    groups: dict[str, list[str]] = {}
    for name in sorted(parents):
        groups.setdefault(root(name), []).append(name)
    return [
        msgspec.structs.replace(advisory, aliases=tuple(name for name in groups[root(advisory.id)] if name != advisory.id))
        if advisory.aliases or advisory.id in parents
        else advisory
        for advisory in advisories
    ]
