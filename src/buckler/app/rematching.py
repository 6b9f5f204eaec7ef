"""Known inventories against a newer database: no artifact is opened, and AWS is not asked."""

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from buckler import __version__
from buckler.app.inspecting import Inspector, inspector
from buckler.app.judging import judge_estates
from buckler.app.naming import files_of, steady_names
from buckler.app.options import ScanOptions
from buckler.app.reading import read_targets
from buckler.errors import NothingToScan, SourceError, UsageError
from buckler.model.artifact import Artifact, Inventory
from buckler.model.estate import Estate
from buckler.model.progress import Progress
from buckler.model.result import ScanResult
from buckler.model.unknown import Unknown
from buckler.sources.inventory_store import default_folder
from buckler.sources.snapshot import Snapshot, write_snapshot

_OF_A_DATABASE: Final = ("buckler db ", "a version that its ecosystem can compare")
"""How the needs begin of what only a database of vulnerabilities leaves open: the next one may not."""


def rescan_targets(targets: Sequence[Path], options: ScanOptions, progress: Progress | None = None) -> ScanResult:
    """Match the inventories in snapshots with the database that is there now, and ask every check again.

    Without targets: the accounts that were scanned last with `--code`, as they were then. Raises `NothingToScan` where nothing was kept,
    and `UsageError` for snapshots in which nobody looked into code.
    """
    started = time.monotonic()
    named = list(targets) or sorted(_kept_in().glob("*.buckler"))
    if not named:
        raise NothingToScan("there is nothing to match again", cause="no account was scanned with --code yet", hint="buckler scan --code")
    read = read_targets(named, options, progress)
    if not read.errors and not any(_is_known(one) for estate in read.estates for one in estate.artifacts):
        raise UsageError(
            "nobody looked into code there: there are no packages to match",
            cause=", ".join(str(path) for path in named),
            hint="buckler snap FILE --code, or buckler scan --code",
        )
    looking = inspector(options.signing)
    estates = tuple(rematched(estate, looking) for estate in read.estates)
    result = judge_estates(estates, options, progress, names=steady_names(files_of(estates)))
    return replace(result, errors=read.errors, seconds=round(time.monotonic() - started, 2))


def rematched(estate: Estate, inspector: Inspector) -> Estate:
    """Give the estate with what the inspector's database says of each inventory, every distinct content asked about once."""
    known: dict[str, Artifact] = {}

    def renewed(artifact: Artifact) -> Artifact:
        if isinstance(artifact.inventory, Unknown):
            return artifact
        # Layers of one content have one inventory, whatever their names.
        like = known.get(artifact.inventory.digest)
        if like is None:
            like = known[artifact.inventory.digest] = _rematched(artifact, artifact.inventory, inspector)
        return replace(artifact, inventory=like.inventory, vulnerabilities=like.vulnerabilities)

    return replace(estate, artifacts=tuple(renewed(artifact) for artifact in estate.artifacts))


def _rematched(artifact: Artifact, inventory: Inventory, inspector: Inspector) -> Artifact:
    flaws, untold = inspector.flaws(inventory)
    kept = tuple(one for one in inventory.not_assessed if not one.need.startswith(_OF_A_DATABASE))
    return replace(artifact, inventory=replace(inventory, not_assessed=(*kept, *untold)), vulnerabilities=flaws)


def _is_known(artifact: Artifact) -> bool:
    return isinstance(artifact.inventory, Inventory)


def keep_for_rescan(estate: Estate) -> None:
    """Keep what a scan with `--code` found, in the place of the last one of the same accounts and regions. It is a cache: it may fail."""
    places = "\n".join(sorted(f"{scope.account}/{scope.region}" for scope in estate.scopes))
    folder = _kept_in()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_snapshot(
            folder / f"{hashlib.sha256(places.encode()).hexdigest()[:16]}.buckler", Snapshot(estates=(estate,), version=__version__)
        )
    except (OSError, SourceError):
        return


def _kept_in() -> Path:
    return default_folder().with_name("estates")
