"""Artifacts on disk: told from templates, read, and pinned."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from buckler.app.opening import is_artifact, open_artifact
from buckler.app.trusting import trusted_by
from buckler.config_signing import Signing
from buckler.engines.artifact.catalog import survey
from buckler.engines.artifact.pinning import pin_artifact
from buckler.engines.artifact.signatures import verify_signature
from buckler.engines.artifact.states import assess
from buckler.errors import SourceError
from buckler.model.lock import ArtifactPin
from buckler.model.reference import Reference
from buckler.model.value import Value
from buckler.sources.discover import discover


class Sorted(Value):
    """Targets by what they are."""

    estates: tuple[Path, ...]
    artifacts: tuple[Path, ...]


def sort_targets(targets: Sequence[Path]) -> Sorted:
    """Tell artifacts from templates, plans and snapshots. A folder in which there is none of those is code."""
    artifacts = [target for target in targets if _is_artifact(target)]
    return Sorted(estates=tuple(target for target in targets if target not in artifacts), artifacts=tuple(artifacts))


def _is_artifact(target: Path) -> bool:
    if not target.is_dir():
        return is_artifact(target)
    try:
        return not list(discover(target, exclude=()))
    except SourceError:
        return is_artifact(target)  # who reads it as a folder of templates says what is wrong with it


def pin_path(path: Path, now: datetime, reference: Reference | None = None, signing: Signing | None = None) -> ArtifactPin:
    """Read an artifact and pin it. Raises `SourceError`, and `UsageError` for a key of the configuration that is none."""
    opened = open_artifact(path)
    tree, found = opened.tree, survey(opened.tree)
    return pin_artifact(
        tree,
        path=path.as_posix(),
        kind=opened.kind,
        sha256="" if opened.kind == "folder" else opened.digest,
        size_bytes=opened.size_bytes,
        packages=found.packages,
        states=assess(tree, found.packages, reference),
        signature=verify_signature(tree, opened.image, trusted_by(signing or Signing()), now),
        not_assessed=found.not_assessed,
    )
