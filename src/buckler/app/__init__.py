"""The use-cases: what buckler does, as a Python API. The only room that knows all rooms; the front doors call it and print.

from buckler.app import ScanOptions, scan_targets
result = scan_targets([Path("template.yaml")], ScanOptions())
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from buckler import __version__
from buckler.app.asking import analyses, ask_who_can, ask_why
from buckler.app.comparing import Change, Difference, compare
from buckler.app.ignoring import load_baseline
from buckler.app.judging import judge_estates
from buckler.app.naming import files_of, steady_names
from buckler.app.options import ScanOptions, options_of, unknown_check
from buckler.app.reading import read_targets
from buckler.checks import all_checks
from buckler.config_signing import Signing
from buckler.engines.secrets import judge, redact_line
from buckler.model.estate import Estate, Missing
from buckler.model.origin import FileOrigin
from buckler.model.page import CheckPage
from buckler.model.progress import Progress, Silent
from buckler.model.result import ScanResult
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.excerpt import excerpts
from buckler.sources.live import Collected, LiveOptions, Needed, Patience, collect, permissions
from buckler.sources.snapshot import Snapshot, write_snapshot

__all__ = [
    "Change",
    "Difference",
    "ScanOptions",
    "analyses",
    "ask_who_can",
    "ask_why",
    "compare",
    "excerpt",
    "judge_estates",
    "load_baseline",
    "needed_permissions",
    "options_of",
    "pages",
    "read_live",
    "read_targets",
    "save",
    "scan_live",
    "scan_targets",
    "snap_live",
    "unknown_check",
]

excerpt: Callable[[FileOrigin], str | None] = excerpts(redact_line)
"""The line of a template a finding points at, secrets masked."""


def scan_targets(targets: Sequence[Path], options: ScanOptions, progress: Progress | None = None) -> ScanResult:
    """Scan templates, plans, snapshots and folders of them."""
    started = time.monotonic()
    read = read_targets(targets, options, progress)
    result = judge_estates(read.estates, options, progress, names=steady_names(files_of(read.estates)))
    return msgspec.structs.replace(result, errors=read.errors, seconds=round(time.monotonic() - started, 2))


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
    collected = _collected(live, options.signing, told, journal=journal, resume=resume, patience=patience)
    result = judge_estates((collected.estate,), options, progress, calls=collected.calls)
    return msgspec.structs.replace(result, seconds=round(time.monotonic() - started, 2))


def read_live(live: LiveOptions, progress: Progress | None = None, *, journal: Path | None = None, resume: bool = False) -> Estate:
    """Read accounts, and ask nothing of them yet."""
    return _collected(live, Signing(), progress or Silent(), journal=journal, resume=resume).estate


def _collected(
    live: LiveOptions,
    signing: Signing,
    progress: Progress,
    *,
    journal: Path | None = None,
    resume: bool = False,
    patience: Patience | None = None,
) -> Collected:
    """Collect accounts, and with `live.code` look into what they run; without it the estate says that nobody did."""
    collected = collect(live, judge=judge, progress=progress, journal=journal, resume=resume, patience=patience)
    if not live.code:
        return msgspec.structs.replace(collected, estate=_not_looked_into(collected.estate))
    # Artifacts bring cryptography and HTTP with them: not for those who ask for neither.
    from buckler.app.fetching import inventories, look_into
    from buckler.app.inspecting import inspector
    from buckler.app.rematching import keep_for_rescan
    from buckler.sources.live.code import CodeSource

    looking = inspector(signing)
    with CodeSource(live, progress, patience) as source:
        estate = look_into(collected.estate, source, looking, progress, inventories(looking))
        calls = Counter(dict(collected.calls)) + Counter(dict(source.calls))
    keep_for_rescan(estate)
    return Collected(estate=estate, calls=tuple(sorted(calls.items())))


def _not_looked_into(estate: Estate) -> Estate:
    """Say that nobody looked into the code: that nothing was found in it must not look like a pass."""
    unknown = Unknown(kind=UnknownKind.NOT_ASKED, why="the code of functions and layers was not fetched", need="--code")
    places = dict.fromkeys((scope.account, scope.region) for scope in estate.scopes)
    missing = (Missing(collection="artifacts", account=account, region=region, unknown=unknown) for account, region in places)
    return msgspec.structs.replace(estate, missing=(*estate.missing, *missing))


def snap_live(
    live: LiveOptions, path: Path, progress: Progress | None = None, *, journal: Path | None = None, resume: bool = False
) -> Snapshot:
    """Collect accounts into a snapshot file."""
    return save((read_live(live, progress, journal=journal, resume=resume),), path)


def save(estates: Sequence[Estate], path: Path) -> Snapshot:
    """Write estates as a snapshot file."""
    snapshot = Snapshot(estates=tuple(estates), version=__version__)
    write_snapshot(path, snapshot)
    return snapshot


def pages() -> Mapping[str, CheckPage]:
    """Give the page of every check, by id."""
    return {one.id: one.page for one in all_checks()}


def needed_permissions(*, deep: bool, org: bool) -> tuple[Needed, ...]:
    """List the IAM actions a live scan uses, from the collectors' own declarations."""
    return permissions(deep=deep, org=org)
