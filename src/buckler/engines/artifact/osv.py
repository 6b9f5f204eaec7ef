"""Which installed packages have known flaws: each flaw once, by every name it has."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from buckler.engines.artifact.exploited import Exploited
from buckler.engines.artifact.osv_index import Affected, Index
from buckler.engines.artifact.osv_names import Sought, distribution_of, family, sought
from buckler.engines.artifact.osv_record import Advisory
from buckler.engines.artifact.rating import score, severity_of
from buckler.engines.artifact.versions import SCHEMES, Event, Key, Scheme, VersionError, affects, semver_key
from buckler.model.artifact import Package, Vulnerability
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown, UnknownKind

_CVE: Final = re.compile(r"CVE-([0-9]{4})-([0-9]{4,})")
_MALICIOUS: Final = "MAL-"
"""OpenSSF's malicious-packages: the package itself is the attack."""
_UPDATE: Final = "buckler db update"
_NAMED: Final = 3
"""Packages that a note names; the others are counted."""


class Database(NamedTuple):
    """Everything known of flaws: advisories, and which of them are used by attackers."""

    indexes: tuple[Index, ...] = ()
    exploited: Exploited = Exploited()

    @property
    def ecosystems(self) -> frozenset[str]:
        """Ecosystems that something is known of, in OSV's words."""
        return frozenset(name for index in self.indexes for name in index.counts)


class Matched(NamedTuple):
    """What a database says of packages, and of which it can say nothing."""

    vulnerabilities: tuple[Vulnerability, ...]
    not_assessed: tuple[Unknown, ...]


class _Found(NamedTuple):
    advisory: Advisory
    fixed: tuple[str, ...]


def match(packages: Iterable[Package], database: Database | None) -> tuple[Vulnerability, ...]:
    """Give the known flaws of *packages*: see `assess`, whose other half says what nothing is known of."""
    return assess(packages, database).vulnerabilities


def assess(packages: Iterable[Package], database: Database | None) -> Matched:
    """Match packages against a database, in their order, each package URL once.

    Without a database, or without one for an ecosystem, nothing is assessed and said so: it is never "no vulnerabilities". The same holds
    for a version that is none, or an advisory whose bounds are none: nobody can say on which side they stand.
    """
    distinct = {package.purl: package for package in packages}
    if database is None or not database.indexes:
        return Matched((), _no_database(len(distinct)) if distinct else ())
    known = database.ecosystems
    out: list[Vulnerability] = []
    unplaced: dict[str, list[str]] = {}
    undecided: dict[str, list[str]] = {}
    for package in distinct.values():
        everywhere = sought(package)
        looked = [one for one in everywhere if one.place.ecosystem in known]
        if not looked:
            wanted = next((one.place.ecosystem for one in everywhere), "")
            unplaced.setdefault(wanted or f"?{distribution_of(package)}", []).append(package.purl)
            continue
        found: dict[str, _Found] = {}
        for index, one, rows in _newest(_stated(looked, database)):
            unsure = _ask(one, index, rows, found)
            for name in unsure - found.keys():
                undecided.setdefault(package.purl, []).append(name)
        if found:
            out.extend(_merged(package, found.values()))
    vulnerabilities = database.exploited.marked(tuple(out))
    return Matched(vulnerabilities, (*_of_ecosystems(unplaced), *_of_versions(undecided)))


_Stated: TypeAlias = tuple[Index, Sought, Sequence[Affected]]


def _stated(looked: Iterable[Sought], database: Database) -> list[_Stated]:
    """Give what each source states of a package."""
    return [
        (index, one, rows) for index in database.indexes for one in looked if (rows := index.affected(one.place.ecosystem, one.place.name))
    ]


def _newest(stated: list[_Stated]) -> list[_Stated]:
    """Of an advisory that several sources have, leave only what its newest edition says: an older one may have been corrected."""
    if len({index.digest for index, _, _ in stated}) < 2:
        return stated
    newest: dict[str, str] = {}
    for index, _, rows in stated:
        for row in rows:
            advisory = index.advisory(row.advisory)
            newest[advisory.id] = max(newest.get(advisory.id, ""), advisory.modified)
    return [
        (index, one, [row for row in rows if (advisory := index.advisory(row.advisory)).modified == newest[advisory.id]])
        for index, one, rows in stated
    ]


def _ask(one: Sought, index: Index, rows: Sequence[Affected], found: dict[str, _Found]) -> set[str]:
    """Add the advisories that hold for a package to *found*; give those of which nobody can say."""
    scheme = SCHEMES.get(family(one.place.ecosystem))
    public = scheme.public(one.version) if scheme is not None else one.version
    unsure: set[str] = set()
    for row in rows:
        is_listed = one.version in row.versions or public in row.versions
        try:
            holding = _holding(public, row, scheme)
            is_listed = is_listed or (
                bool(row.versions) and not row.semver and not row.native and _is_spelled_otherwise(public, row, scheme)
            )
        except VersionError:
            if not is_listed:
                unsure.add(index.advisory(row.advisory).id)
                continue
            holding = []
        if holding or is_listed:
            advisory = index.advisory(row.advisory)
            fixed = _ends(public, holding or (*row.semver, *row.native), scheme)
            before = found.get(advisory.id)
            found[advisory.id] = _Found(advisory, fixed if before is None else (*before.fixed, *fixed))
        elif not (row.semver or row.native or row.versions):
            unsure.add(index.advisory(row.advisory).id)  # it names commits only
    return unsure


def _holding(version: str, row: Affected, scheme: Scheme | None) -> list[Sequence[Event]]:
    """Give the ranges that *version* is in."""
    holding: list[Sequence[Event]] = []
    if row.semver:
        key = semver_key if scheme is None else scheme.key
        holding += [events for events in row.semver if affects(version, events, key)]
    if row.native:
        if scheme is None:
            raise VersionError(version)
        holding += [events for events in row.native if affects(version, events, scheme.key)]
    return holding


def _is_spelled_otherwise(version: str, row: Affected, scheme: Scheme | None) -> bool:
    """Say whether the same version is listed in other words: PEP 440 has `1.0` and `1.0.0` for one."""
    if scheme is None:
        return False
    asked = scheme.key(version)
    return any(asked == _key_or_none(one, scheme) for one in row.versions)


def _key_or_none(version: str, scheme: Scheme) -> Key | None:
    try:
        return scheme.key(version)
    except VersionError:
        return None


def _ends(version: str, ranges: Iterable[Sequence[Event]], scheme: Scheme | None) -> tuple[str, ...]:
    """Give the versions after *version* that end one of *ranges*."""
    key = semver_key if scheme is None else scheme.key
    found: list[str] = []
    for events in ranges:
        for kind, text in events:
            try:
                if kind == "fixed" and key(text) > key(version):
                    found.append(text)
            except VersionError:
                continue
    return tuple(found)


# --- one flaw, once ----------------------------------------------------------------------------------------------------------


def _merged(package: Package, found: Iterable[_Found]) -> list[Vulnerability]:
    """Make one vulnerability of all advisories that share a name."""
    groups: list[tuple[set[str], list[_Found]]] = []
    for one in found:
        names = {one.advisory.id, *one.advisory.aliases}
        members = [one]
        apart: list[tuple[set[str], list[_Found]]] = []
        for group in groups:
            if group[0] & names:
                names |= group[0]
                members = [*group[1], *members]
            else:
                apart.append(group)
        groups = [*apart, (names, members)]
    return sorted((_vulnerability(package, names, members) for names, members in groups), key=lambda one: _by_year(one.id))


def _vulnerability(package: Package, names: set[str], members: list[_Found]) -> Vulnerability:
    advisories = sorted((one.advisory for one in members), key=lambda one: one.id)
    scores = [found for advisory in advisories if (found := score(advisory.vectors)) is not None]
    worst = max(scores, default=None)
    words = [word for advisory in advisories if (word := severity_of(None, advisory.label)) is not None]
    severity = severity_of(worst, "") or max(words, default=None)
    if any(name.startswith(_MALICIOUS) for name in names):
        severity = Severity.CRITICAL
    cves = sorted((name for name in names if _CVE.fullmatch(name)), key=_by_year)
    chosen = cves[0] if cves else next((one.id for one in advisories if one.id.startswith("GHSA-")), advisories[0].id)
    scheme = SCHEMES.get(package.ecosystem)
    fixed = sorted({version for one in members for version in one.fixed}, key=scheme.key if scheme is not None else str)
    return Vulnerability(
        id=chosen,
        aliases=tuple(sorted(names - {chosen})),
        purl=package.purl,
        severity=severity,
        cvss=worst,
        fixed=tuple(fixed),
        summary=next((one.summary for one in advisories if one.summary), ""),
    )


def _by_year(name: str) -> tuple[int, int, str]:
    found = _CVE.fullmatch(name)
    return (int(found[1]), int(found[2]), "") if found is not None else (9999, 0, name)


# --- what nobody can say -----------------------------------------------------------------------------------------------------


def _no_database(count: int) -> tuple[Unknown, ...]:
    packages = "1 package" if count == 1 else f"{count:,} packages"
    return (
        Unknown(
            kind=UnknownKind.FAILED, why=f"no advisory database is here: {packages} not assessed for known vulnerabilities", need=_UPDATE
        ),
    )


def _of_ecosystems(unplaced: dict[str, list[str]]) -> list[Unknown]:
    out: list[Unknown] = []
    for ecosystem, purls in sorted(unplaced.items()):
        if ecosystem.startswith("?"):
            why, need = f"OSV has no advisories of {ecosystem[1:]}", "an advisory source of that distribution"
        else:
            why, need = f"the advisory database has nothing of {ecosystem}", f"{_UPDATE} --ecosystem '{ecosystem}'"
        out.append(Unknown(kind=UnknownKind.FAILED, why=f"{why}: {_some(purls)} not assessed for known vulnerabilities", need=need))
    return out


def _of_versions(undecided: dict[str, list[str]]) -> list[Unknown]:
    return [
        Unknown(
            kind=UnknownKind.UNRESOLVED,
            why=f"{purl} cannot be placed in the versions of {_some(sorted(set(ids)))}",
            need="a version that its ecosystem can compare",
        )
        for purl, ids in sorted(undecided.items())
    ]


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"
