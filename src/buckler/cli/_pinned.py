"""What the commands of a lock read: targets of every kind, or the live account, as one lock."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from buckler.cli._estates import read_analyses
from buckler.cli._options import refuse_live_options
from buckler.errors import NothingToScan

if TYPE_CHECKING:
    from buckler.model.lock import Lock
    from buckler.model.result import TargetError
    from buckler.reach.analysis import Analysis


class Pinned(NamedTuple):
    """What was found."""

    lock: "Lock"
    about: "tuple[Analysis, ...]"
    errors: "tuple[TargetError, ...]"
    """Artifacts that could not be read."""
    failed: bool
    """A target could not be read; it was said which."""


def read_pinned(given: dict[str, Any]) -> Pinned:
    """Read what was named, or the live account."""
    from buckler.app.locked import make_lock, pin_artifacts
    from buckler.app.pinning import sort_targets
    from buckler.cli._entry import tell
    from buckler.config import find_config, load_config
    from buckler.sources.reference_store import ReferenceStore

    targets: tuple[Path, ...] = given["targets"]
    told = sort_targets(targets)
    if targets:
        refuse_live_options(given)
    about: tuple[Analysis, ...] = ()
    code = 0
    if told.estates or not targets:
        try:
            about, code = read_analyses({**given, "targets": told.estates})
        except NothingToScan as nothing:
            if not targets:
                raise
            # The artifacts beside it are looked at all the same.
            tell(nothing.error, cause=nothing.cause, hint=nothing.hint)
            code = 2
    signing = load_config(find_config(targets[0] if targets else Path.cwd())).signing if told.artifacts else None
    pins, errors = pin_artifacts(told.artifacts, ReferenceStore(), signing=signing)
    for one in errors:
        tell(one.error, cause=one.cause, hint=one.hint, place=one.target)
    return Pinned(make_lock(about, pins), about, errors, bool(code or errors))
