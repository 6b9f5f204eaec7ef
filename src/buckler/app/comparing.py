"""What changed between two estates, in facts and findings."""

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias, cast

import msgspec

from buckler.app.asking import analyses
from buckler.app.judging import judge_estates
from buckler.app.naming import names_apart
from buckler.app.options import ScanOptions
from buckler.engines.net.ranges import union, without
from buckler.model.entity import Entity
from buckler.model.estate import COLLECTIONS, Estate
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.text import shown
from buckler.model.unknown import Undecided
from buckler.model.value import Value
from buckler.reach.network import reach_of


class Change(Value):
    """One entity that is not what it was."""

    kind: str
    """`added`, `removed` or `changed`."""
    collection: str
    subject: str
    fields: tuple[str, ...] = ()
    """Names of the fields that differ; never their values, which may be anything."""


class PathChange(Value):
    """A connection over the network that a change opens or closes."""

    kind: Literal["opened", "closed"]
    function: str
    target: str
    target_id: str
    protocol: str
    ports: tuple[tuple[int, int], ...]
    """That are open on one side only."""


class Difference(Value):
    """What became of facts and findings between two estates."""

    changes: tuple[Change, ...]
    appeared: tuple[Finding, ...]
    disappeared: tuple[Finding, ...]
    remained: int
    gaps_appeared: tuple[Gap, ...] = ()
    paths: tuple[PathChange, ...] = ()
    """Those opened first."""
    paths_unknown: tuple[str, ...] = ()
    """Functions of which nobody knows what they reach on either side, or on one."""


def compare(old: Sequence[Estate], new: Sequence[Estate], options: ScanOptions) -> Difference:
    """Say what changed in facts and findings. A finding whose question nobody could answer in *new* has not disappeared."""
    before, after = judge_estates(old, options, names=names_apart(old)), judge_estates(new, options, names=names_apart(new))
    were = {finding.fingerprint: finding for finding in before.findings}
    are = {finding.fingerprint: finding for finding in after.findings}
    unanswered = {(gap.check, gap.subject.id) for gap in after.gaps}
    checks_in_doubt = {gap.check for gap in after.gaps if gap.subject.kind == "collection"}
    old_gaps = {(gap.check, gap.subject.id) for gap in before.gaps}
    gone = [
        finding
        for fingerprint, finding in were.items()
        if fingerprint not in are and (finding.check, finding.subject.id) not in unanswered and finding.check not in checks_in_doubt
    ]
    paths, unknown = _paths(old, new)
    return Difference(
        changes=tuple(_changes(old, new)),
        appeared=tuple(finding for fingerprint, finding in are.items() if fingerprint not in were),
        disappeared=tuple(gone),
        remained=len(were.keys() & are.keys()),
        gaps_appeared=tuple(gap for gap in after.gaps if (gap.check, gap.subject.id) not in old_gaps),
        paths=paths,
        paths_unknown=unknown,
    )


# Where and when a fact was read is not part of what it says; nor is where on this machine the code lies.
_NOT_FACTS = {"origin", "local_code"}


def _changes(old: Sequence[Estate], new: Sequence[Estate]) -> Iterator[Change]:
    before, after = _entities(old), _entities(new)
    for key in sorted(before.keys() | after.keys(), key=str):
        collection, file, name = key
        subject = f"{file} {name}".strip()
        if key not in after:
            yield Change(kind="removed", collection=collection, subject=subject)
        elif key not in before:
            yield Change(kind="added", collection=collection, subject=subject)
        elif before[key] != after[key]:
            fields = tuple(
                name
                for name in before[key].__struct_fields__
                if name not in _NOT_FACTS and _facts(getattr(before[key], name)) != _facts(getattr(after[key], name, msgspec.UNSET))
            )
            if fields:
                yield Change(kind="changed", collection=collection, subject=subject, fields=fields)


def _entities(estates: Sequence[Estate]) -> dict[tuple[str, str, str], Entity]:
    names = names_apart(estates)
    found: dict[tuple[str, str, str], Entity] = {}
    for estate in estates:
        for collection in COLLECTIONS:
            for entity in getattr(estate, collection):
                if isinstance(entity, Entity):
                    file = names.get(entity.origin.file, entity.origin.file) if isinstance(entity.origin, FileOrigin) else ""
                    found[(collection, file, shown(entity.arn))] = entity
    return found


def _facts(value: object) -> object:
    """Strip origins, which differ between two readings of the same fact."""
    if isinstance(value, tuple):
        return tuple(_facts(one) for one in cast("tuple[object, ...]", value))
    if isinstance(value, Value):
        return (type(value).__name__, *(_facts(getattr(value, name)) for name in value.__struct_fields__ if name not in _NOT_FACTS))
    return value


# --- paths over the network ------------------------------------------------------------------------------------------------

_Key: TypeAlias = tuple[str, str, str]
"""Function, id of the target, protocol."""


class _Reached(Value):
    """What functions of some estates reach."""

    ports: tuple[tuple[_Key, tuple[tuple[int, int], ...]], ...]
    names: tuple[tuple[str, str], ...]
    """Of targets, by id."""
    unknown: tuple[str, ...]


def _paths(old: Sequence[Estate], new: Sequence[Estate]) -> tuple[tuple[PathChange, ...], tuple[str, ...]]:
    """Say which connections are open on one side only; of functions of which one side knows nothing, nothing is said."""
    before, after = _reached(old), _reached(new)
    unknown = tuple(sorted({*before.unknown, *after.unknown}))
    were, are = dict(before.ports), dict(after.ports)
    names = dict(before.names) | dict(after.names)
    found: list[PathChange] = []
    for key in sorted(were.keys() | are.keys()):
        function, target, protocol = key
        if function in unknown:
            continue
        for kind, ports in (
            ("opened", without(are.get(key, ()), were.get(key, ()))),
            ("closed", without(were.get(key, ()), are.get(key, ()))),
        ):
            if ports:
                found.append(
                    PathChange(kind=kind, function=function, target=names[target], target_id=target, protocol=protocol, ports=ports)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of the two
                )
    return tuple(sorted(found, key=lambda one: one.kind == "closed")), unknown


def _reached(estates: Sequence[Estate]) -> _Reached:
    ports: dict[_Key, tuple[tuple[int, int], ...]] = {}
    names: dict[str, str] = {}
    unknown: list[str] = []
    for analysis in analyses(estates):
        for function in analysis.estate.functions:
            if function.vpc is None:
                continue  # Lambda's own network: the internet, and nothing that anybody changes
            name = shown(function.name) if isinstance(function.name, str) else function.address or shown(function.name)
            try:
                report = reach_of(function, analysis)
            except Undecided:
                unknown.append(name)
                continue
            for told in report.reached:
                if told.target.kind == "resolver":
                    continue
                names[told.target.id] = told.target.name
                for one in told.protocols:
                    ports[name, told.target.id, one.protocol] = union((*ports.get((name, told.target.id, one.protocol), ()), *one.ports))
    return _Reached(ports=tuple(ports.items()), names=tuple(names.items()), unknown=tuple(unknown))
