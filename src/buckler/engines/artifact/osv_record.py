"""One advisory in OSV's format: only the fields that matching needs are decoded.

Source: ossf.github.io/osv-schema, version 1.6 (1.7 adds `upstream`).
"""

import re
from typing import Any, Final, NamedTuple

import msgspec

from buckler.engines.artifact.versions import Event, EventKind

_SUMMARY_CHARS: Final = 200
_LONGEST_NAME: Final = 500
_KINDS: Final[tuple[EventKind, ...]] = ("introduced", "fixed", "last_affected", "limit")
_BOUND: Final = re.compile(r"\s*(<=?)\s*([^\s,]+)\s*")


class _Base(msgspec.Struct, gc=False):
    """Unknown fields are skipped, and a field that may be null is typed so: databases differ."""


class _PackageName(_Base):
    ecosystem: str = ""
    name: str = ""


class _Event(_Base):
    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class _Range(_Base):
    type: str = ""
    events: list[_Event] | None = None


class _Severity(_Base):
    type: str = ""
    score: str = ""


class _AffectedSpecific(_Base):
    last_known_affected_version_range: Any = None


class _Affected(_Base):
    package: _PackageName | None = None
    ranges: list[_Range] | None = None
    versions: list[str] | None = None
    severity: list[_Severity] | None = None
    database_specific: _AffectedSpecific | None = None


class _Specific(_Base):
    severity: Any = None


class _Record(_Base):
    id: str
    modified: str = ""
    published: str = ""
    withdrawn: str | None = None
    aliases: list[str] | None = None
    upstream: list[str] | None = None
    summary: str | None = None
    severity: list[_Severity] | None = None
    affected: list[_Affected] | None = None
    database_specific: _Specific | None = None


class Stated(NamedTuple):
    """What an advisory says of one package."""

    ecosystem: str
    name: str
    semver: tuple[tuple[Event, ...], ...]
    """Ranges that are semantic versions whatever the ecosystem."""
    native: tuple[tuple[Event, ...], ...]
    versions: tuple[str, ...]


class Advisory(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An advisory without its packages."""

    id: str
    aliases: tuple[str, ...]
    """Other names of the same flaw."""
    modified: str
    summary: str
    vectors: tuple[str, ...]
    """CVSS, as written."""
    label: str
    """The database's own word for how bad it is; empty where it has none."""


class RecordError(ValueError):
    """The JSON is no advisory in OSV's format."""


_DECODER: Final = msgspec.json.Decoder(_Record)


def read_record(raw: bytes) -> tuple[Advisory, tuple[Stated, ...]] | None:
    """Read one advisory; None for a withdrawn one. Raises `RecordError`, which repeats nothing of the content."""
    try:
        record = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as bad:
        # msgspec names the field and the byte, never a value.
        raise RecordError(str(bad)) from None
    _check(record)
    if record.withdrawn:
        return None
    affected = record.affected or []
    stated = tuple(_stated(one) for one in affected if one.package is not None and one.package.name)
    vectors = [one.score for one in record.severity or ()]
    vectors.extend(one.score for each in affected for one in each.severity or ())
    label = record.database_specific.severity if record.database_specific is not None else None
    aliases = list(record.aliases or ())
    if record.upstream and len(record.upstream) == 1:
        # A distribution's advisory for one flaw is that flaw; one for several is a collection, and merging it would make them one.
        aliases += record.upstream
    advisory = Advisory(
        id=record.id,
        aliases=tuple(dict.fromkeys(one for one in aliases if one != record.id)),
        modified=max(record.modified, record.published),
        summary="".join(char for char in " ".join((record.summary or "").split()) if char.isprintable())[:_SUMMARY_CHARS],
        vectors=tuple(dict.fromkeys(vectors)),
        label=label.lower() if isinstance(label, str) else "",
    )
    return advisory, stated


def _check(record: _Record) -> None:
    """Refuse what could not be printed: names and versions of an advisory end up on a terminal."""
    if not record.id:
        raise RecordError("its id is empty")
    texts = [record.id, *(record.aliases or ()), *(record.upstream or ())]
    for one in record.affected or ():
        texts.extend(one.versions or ())
        if one.package is not None:
            texts += (one.package.ecosystem, one.package.name)
        for range_ in one.ranges or ():
            texts.extend(
                text for event in range_.events or () for text in (event.introduced, event.fixed, event.last_affected) if text is not None
            )
    if not "".join(texts).isprintable():
        raise RecordError("a name or version of it holds control characters")
    if max(map(len, texts)) > _LONGEST_NAME:
        raise RecordError(f"a name or version of it is longer than {_LONGEST_NAME} characters")


def _stated(affected: _Affected) -> Stated:
    assert affected.package is not None  # noqa: S101 - the caller asked
    semver: list[tuple[Event, ...]] = []
    native: list[tuple[Event, ...]] = []
    for one in affected.ranges or ():
        events = _events(one, affected.database_specific)
        if not events:
            continue
        if one.type == "SEMVER":
            semver.append(events)
        elif one.type == "ECOSYSTEM":
            native.append(events)
        # GIT ranges name commits, which no package says it was built from.
    return Stated(affected.package.ecosystem, affected.package.name, tuple(semver), tuple(native), tuple(affected.versions or ()))


def _events(one: _Range, specific: _AffectedSpecific | None) -> tuple[Event, ...]:
    events = [Event(kind, version) for event in one.events or () for kind in _KINDS if (version := getattr(event, kind)) is not None]
    bound = specific.last_known_affected_version_range if specific is not None else None
    if isinstance(bound, str) and events and all(event.kind == "introduced" for event in events):
        # GitHub's database said the upper bound here before the format had `last_affected`.
        found = _BOUND.fullmatch(bound)
        if found is not None:
            events.append(Event("last_affected" if found[1] == "<=" else "fixed", found[2]))
    return tuple(events)
