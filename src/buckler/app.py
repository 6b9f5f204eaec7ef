"""The use-cases: what buckler does, as a Python API. The only module that knows all rooms; the front doors call it and print.

from buckler.app import ScanOptions, scan_targets
result = scan_targets([Path("template.yaml")], ScanOptions())
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import msgspec

from buckler import __version__
from buckler.checks import Check, all_checks, run
from buckler.config import Config, Ignore
from buckler.engines.secrets import judge, redact_line
from buckler.errors import BucklerError, NothingToScan, SourceError, UsageError
from buckler.hints import closest
from buckler.model.entity import Entity
from buckler.model.estate import COLLECTIONS, Estate, Suppression
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin, place
from buckler.model.page import CheckPage
from buckler.model.progress import Progress, Silent
from buckler.model.result import Coverage, Ignored, NotAsked, ScanResult, ScopeCount, TargetError
from buckler.model.severity import Persona, Severity
from buckler.model.text import shown
from buckler.model.unknown import UnknownKind
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.sources.discover import Found, discover
from buckler.sources.excerpt import excerpts
from buckler.sources.live import LiveOptions, Needed, Patience, collect, permissions
from buckler.sources.snapshot import Snapshot, read_snapshot, write_snapshot

__all__ = [
    "Change",
    "Difference",
    "ScanOptions",
    "compare",
    "excerpt",
    "needed_permissions",
    "pages",
    "read_targets",
    "save",
    "scan_live",
    "scan_targets",
    "snap_live",
]

excerpt: Callable[[FileOrigin], str | None] = excerpts(redact_line)
"""The line of a template a finding points at, secrets masked."""


class ScanOptions(Value):
    """How a scan judges and what it leaves out."""

    persona: Persona = Persona.REGULAR
    frameworks: tuple[str, ...] = ()
    """Ask only checks that map to these (`fsbp`, `cis`, ...), whatever their persona."""
    only: tuple[str, ...] = ()
    """Ask only these checks."""
    skip: tuple[str, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    honour_ignores: bool = True
    baseline: frozenset[str] = frozenset()
    """Fingerprints of findings that are known already."""
    min_severity: Severity = Severity.LOW
    parameters: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    today: str = ""
    """ISO date for which dated questions are answered; empty: today."""


class _Read(Value):
    """What a list of targets came to."""

    estates: tuple[Estate, ...]
    errors: tuple[TargetError, ...] = ()


# --- reading -----------------------------------------------------------------------------------------------------------


def read_targets(targets: Sequence[Path], options: ScanOptions, progress: Progress | None = None) -> _Read:
    """Read files and folders into estates, one per template. A target that cannot be read becomes an error; the rest goes on.

    Raises `NothingToScan` when no target holds anything buckler knows and nothing went wrong either.
    """
    told = progress or Silent()
    found: list[Found] = []
    errors: list[TargetError] = []
    for target in targets:
        try:
            found.extend(discover(target, exclude=options.exclude))
        except SourceError as bad:
            errors.append(_error(str(target), bad))
    if not found and not errors:
        names = ", ".join(f"`{target}`" for target in targets)
        raise NothingToScan(
            f"nothing to scan in {names}",
            cause="no SAM or CloudFormation template, Terraform plan or buckler snapshot was found there",
            hint="name a file, or run `buckler scan` without a target to scan the live account",
        )
    told.stage("files", len(found))
    estates: list[Estate] = []
    for one in {each.path: each for each in found}.values():
        try:
            estates.extend(_read(one, options))
        except BucklerError as bad:
            errors.append(_error(one.path, bad))
        told.advance("files")
    return _Read(estates=tuple(estates), errors=tuple(errors))


def _read(found: Found, options: ScanOptions) -> Iterator[Estate]:
    path = Path(found.path)
    if found.kind == "snapshot":
        yield from read_snapshot(path).estates
        return
    if found.kind == "plan":
        from buckler.sources.terraform import read_plan

        yield read_plan(path, judge=judge, shown=found.path)
        return
    from buckler.sources.cfn import read_template

    yield read_template(path, judge=judge, parameters=dict(options.parameters), shown=found.path)


def _error(target: str, bad: BucklerError) -> TargetError:
    return TargetError(target=bad.place or target, error=bad.error, cause=bad.cause, hint=bad.hint)


# --- scanning ----------------------------------------------------------------------------------------------------------


def scan_targets(targets: Sequence[Path], options: ScanOptions, progress: Progress | None = None) -> ScanResult:
    """Scan templates, plans, snapshots and folders of them."""
    started = time.monotonic()
    read = read_targets(targets, options, progress)
    result = judge_estates(read.estates, options, progress)
    return _with(result, errors=read.errors, seconds=round(time.monotonic() - started, 2))


def scan_live(
    live: LiveOptions,
    options: ScanOptions,
    progress: Progress | None = None,
    *,
    journal: Path | None = None,
    resume: bool = False,
    patience: Patience | None = None,
) -> ScanResult:
    """Scan accounts. Raises `CredentialsError`, `UsageError` or `Interrupted`; whatever else AWS refuses is a gap of the result."""
    started = time.monotonic()
    told = progress or Silent()
    collected = collect(live, judge=judge, progress=told, journal=journal, resume=resume, patience=patience)
    result = judge_estates((collected.estate,), options, progress, calls=collected.calls)
    return _with(result, seconds=round(time.monotonic() - started, 2))


def judge_estates(
    estates: Sequence[Estate], options: ScanOptions, progress: Progress | None = None, *, calls: tuple[tuple[str, int], ...] = ()
) -> ScanResult:
    """Ask every chosen check of every estate. Pure but for the clock, and that only when `options.today` is empty."""
    told = progress or Silent()
    today = date.fromisoformat(options.today) if options.today else datetime.now(UTC).date()
    chosen = _choose(options)
    findings: list[Finding] = []
    gaps: list[Gap] = []
    not_asked: Counter[tuple[str, str, str]] = Counter()
    questions = answered = 0
    told.stage("estates judged", len(estates))
    for estate in estates:
        answers = run(chosen, Analysis(estate, today=today))
        findings.extend(answers.findings)
        gaps.extend(answers.gaps)
        for one in answers.not_asked:
            not_asked[(one.check, one.why, one.need)] += one.count
        questions += answers.questions
        answered += answers.answered
        told.advance("estates judged")
    kept, ignored, expired = _ignore(findings, estates, options, today)
    known = [finding for finding in kept if finding.fingerprint in options.baseline]
    fresh = [finding for finding in kept if finding.fingerprint not in options.baseline]
    shown_to = [finding for finding in fresh if _wanted(finding, options)]
    return ScanResult(
        findings=tuple(sorted(shown_to, key=_order)),
        gaps=tuple(sorted(gaps, key=lambda gap: (gap.check, gap.subject.place, gap.subject.id, gap.why))),
        ignored=tuple(sorted(ignored, key=lambda one: _order(one.finding))),
        known=len(known),
        hidden=len(fresh) - len(shown_to),
        coverage=Coverage(
            scopes=tuple(count for estate in estates for count in _count(estate)),
            checks=tuple(one.id for one in chosen),
            questions=questions,
            answered=answered,
            not_asked=tuple(
                NotAsked(check=check, count=count, why=why, need=need) for (check, why, need), count in sorted(not_asked.items())
            ),
            calls=calls,
        ),
        expired=expired,
        taken_at=max((estate.taken_at for estate in estates), default=""),
        version=__version__,
    )


def _choose(options: ScanOptions) -> tuple[Check, ...]:
    everyone = all_checks()
    by_id = {one.id: one for one in everyone}
    for named in (*options.only, *options.skip):
        if named.replace("_", "-") not in by_id:
            raise unknown_check(named)
    only = {name.replace("_", "-") for name in options.only}
    skip = {name.replace("_", "-") for name in options.skip}
    frameworks = set(options.frameworks)
    return tuple(
        one
        for one in everyone
        if (not only or one.id in only)
        and one.id not in skip
        and (not frameworks or any(control.partition(":")[0] in frameworks for control in one.maps))
    )


def unknown_check(named: str) -> UsageError:
    """Say that there is no such check, and which one may be meant."""
    close = closest(named, [one.id for one in all_checks()])
    return UsageError(
        f"there is no check `{named}`", hint=f"a similar check exists: `{close}`" if close else "list them with `buckler checks`"
    )


def _wanted(finding: Finding, options: ScanOptions) -> bool:
    if finding.severity < options.min_severity:
        return False
    # Who names a framework or a check wants to hear it, whatever its persona.
    return finding.persona is Persona.REGULAR or options.persona is Persona.AUDITOR or bool(options.frameworks or options.only)


def _order(finding: Finding) -> tuple[int, str, str, int, str, str, str]:
    first = finding.evidence[0].origin
    line = first.line if isinstance(first, FileOrigin) else 0
    return (-finding.severity.rank, finding.check, finding.subject.place, line, finding.subject.id, finding.key, finding.message)


def _ignore(
    findings: Iterable[Finding], estates: Sequence[Estate], options: ScanOptions, today: date
) -> tuple[list[Finding], list[Ignored], tuple[str, ...]]:
    """Part findings from ignored ones, and name the ignores that no longer count or match nothing."""
    if not options.honour_ignores:
        return list(findings), [], ()
    live = [ignore for ignore in options.ignores if not ignore.has_expired(today)]
    expired = [f"{ignore.where}: the ignore of {ignore.check} ended on {ignore.until}" for ignore in options.ignores if ignore not in live]
    inline: dict[tuple[str, str], list[Suppression]] = {}
    for estate in estates:
        for one in estate.suppressions:
            file = one.origin.file if isinstance(one.origin, FileOrigin) else ""
            inline.setdefault((one.check.replace("_", "-"), file), []).append(one)
    kept: list[Finding] = []
    ignored: list[Ignored] = []
    used: set[Ignore] = set()
    for finding in findings:
        rule = next((ignore for ignore in live if ignore.matches(finding)), None)
        if rule is not None:
            used.add(rule)
            ignored.append(Ignored(finding=finding, reason=rule.reason, where=rule.where, until=rule.until))
            continue
        here = inline.get((finding.check, finding.subject.place), ())
        comment = next((one for one in here if _stands_in(one, finding)), None)
        if comment is not None:
            ignored.append(Ignored(finding=finding, reason=comment.reason, where=place(comment.origin)))
            continue
        kept.append(finding)
    unused = [f"{ignore.where}: the ignore of {ignore.check} matches nothing" for ignore in live if ignore not in used]
    return kept, ignored, (*expired, *unused)


def _stands_in(comment: Suppression, finding: Finding) -> bool:
    """Say whether an inline ignore stands in the resource a finding is about."""
    if not comment.address or comment.address == finding.subject.id:
        return True
    primary = finding.evidence[0].origin
    return isinstance(primary, FileOrigin) and primary.path.split(".")[1:2] == [comment.address]


def _count(estate: Estate) -> Iterator[ScopeCount]:
    """Count what was read, per scope; what is global (IAM) counts in the first scope of its account."""
    counts: dict[int, Counter[str]] = {}
    first_of_account: dict[object, int] = {}
    index: dict[object, int] = {}
    for number, scope in enumerate(estate.scopes):
        counts[number] = Counter()
        index.setdefault((scope.account, scope.region), number)
        first_of_account.setdefault(scope.account, number)
    for collection in COLLECTIONS:
        for entity in getattr(estate, collection):
            if isinstance(entity, Entity):
                number = index.get((entity.account, entity.region), first_of_account.get(entity.account, 0))
                counts.setdefault(number, Counter())[collection] += 1
    for number, scope in enumerate(estate.scopes):
        unread = sorted(
            (missing.collection, missing.unknown.why)
            for missing in estate.missing
            if missing.unknown.kind not in {UnknownKind.NOT_ASKED, UnknownKind.OUTSIDE}
            and missing.account in {scope.account, ""}
            and missing.region in {scope.region, ""}
        )
        yield ScopeCount(
            name=scope.name,
            kind=scope.kind,
            counts=tuple((name, counts[number][name]) for name in COLLECTIONS if counts[number][name]),
            unread=tuple(dict.fromkeys(unread)),
        )


def _with(result: ScanResult, **changes: object) -> ScanResult:
    return msgspec.structs.replace(result, **changes)


class _Printed(msgspec.Struct):
    """A finding of an earlier JSON report, as far as a baseline needs it."""

    fingerprint: str


class _PrintedIgnored(msgspec.Struct):
    finding: _Printed


class _Baseline(msgspec.Struct):
    schema: str
    findings: tuple[_Printed, ...]
    ignored: tuple[_PrintedIgnored, ...] = ()


def load_baseline(path: Path) -> frozenset[str]:
    """Read the fingerprints of an earlier `buckler scan --format json`. Raises `UsageError` when the file is something else."""
    try:
        baseline = msgspec.json.decode(path.read_bytes(), type=_Baseline)
    except OSError as bad:
        raise UsageError(f"cannot read the baseline `{path}`", cause=bad.strerror or "") from None
    except (msgspec.DecodeError, RecursionError):
        baseline = None
    if baseline is None or not baseline.schema.startswith("buckler/findings/"):
        raise UsageError(f"`{path}` is not a buckler baseline", hint=f"make one with `buckler scan --format json --output {path}`")
    return frozenset(one.fingerprint for one in (*baseline.findings, *(one.finding for one in baseline.ignored)))


# --- snapshots ---------------------------------------------------------------------------------------------------------


def snap_live(
    live: LiveOptions, path: Path, progress: Progress | None = None, *, journal: Path | None = None, resume: bool = False
) -> Snapshot:
    """Collect accounts into a snapshot file."""
    collected = collect(live, judge=judge, progress=progress or Silent(), journal=journal, resume=resume)
    return save((collected.estate,), path)


def save(estates: Sequence[Estate], path: Path) -> Snapshot:
    """Write estates as a snapshot file."""
    snapshot = Snapshot(estates=tuple(estates), version=__version__)
    write_snapshot(path, snapshot)
    return snapshot


class Change(Value):
    """One entity that is not what it was."""

    kind: str
    """`added`, `removed` or `changed`."""
    collection: str
    subject: str
    fields: tuple[str, ...] = ()
    """Names of the fields that differ; never their values, which may be anything."""


class Difference(Value):
    """What became of facts and findings between two estates."""

    changes: tuple[Change, ...]
    appeared: tuple[Finding, ...]
    disappeared: tuple[Finding, ...]
    remained: int
    gaps_appeared: tuple[Gap, ...] = ()


def compare(old: Sequence[Estate], new: Sequence[Estate], options: ScanOptions) -> Difference:
    """Say what changed in facts and findings. A finding whose question nobody could answer in *new* has not disappeared."""
    before, after = judge_estates(old, options), judge_estates(new, options)
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
    return Difference(
        changes=tuple(_changes(old, new)),
        appeared=tuple(finding for fingerprint, finding in are.items() if fingerprint not in were),
        disappeared=tuple(gone),
        remained=len(were.keys() & are.keys()),
        gaps_appeared=tuple(gap for gap in after.gaps if (gap.check, gap.subject.id) not in old_gaps),
    )


# Where and when a fact was read is not part of what it says.
_NOT_FACTS = {"origin"}


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
    found: dict[tuple[str, str, str], Entity] = {}
    for estate in estates:
        for collection in COLLECTIONS:
            for entity in getattr(estate, collection):
                if isinstance(entity, Entity):
                    file = Path(entity.origin.file).name if isinstance(entity.origin, FileOrigin) else ""
                    found[(collection, file, shown(entity.arn))] = entity
    return found


def _facts(value: object) -> object:
    """Strip origins, which differ between two readings of the same fact."""
    if isinstance(value, tuple):
        return tuple(_facts(one) for one in cast("tuple[object, ...]", value))
    if isinstance(value, Value):
        return (type(value).__name__, *(_facts(getattr(value, name)) for name in value.__struct_fields__ if name not in _NOT_FACTS))
    return value


# --- looking things up -------------------------------------------------------------------------------------------------


def pages() -> Mapping[str, CheckPage]:
    """Give the page of every check, by id."""
    return {one.id: one.page for one in all_checks()}


def needed_permissions(*, deep: bool, org: bool) -> tuple[Needed, ...]:
    """List the IAM actions a live scan uses, from the collectors' own declarations."""
    return permissions(deep=deep, org=org)


def options_of(config: Config, **changes: object) -> ScanOptions:
    """Make scan options of a configuration, with what the command line says on top."""
    base: dict[str, object] = {
        "persona": config.persona,
        "skip": config.skip,
        "ignores": config.ignores,
        "parameters": config.parameters,
        "exclude": config.exclude,
    }
    return ScanOptions(**{**base, **changes})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - names are the fields'
