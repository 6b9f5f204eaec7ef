"""The use-cases of a lock: read what there is as one, compare it, and accept it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from buckler.app.locking import lock_of
from buckler.app.naming import files_of, steady_names
from buckler.app.pinning import pin_path
from buckler.config_signing import Signing
from buckler.engines.artifact.drift import compare
from buckler.errors import BucklerError, UsageError
from buckler.model.drift import Verified
from buckler.model.estate import Estate
from buckler.model.lock import ArtifactPin, FunctionPin, Lock, Pin, Unread
from buckler.model.origin import FileOrigin
from buckler.model.reference import Reference
from buckler.model.result import TargetError
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.sources.reference_store import ReferenceStore

P = TypeVar("P", bound=Pin)


class Accepted(Value):
    """A lock that was brought up to date."""

    lock: Lock
    verified: Verified
    """What was not as the old one says."""


def pin_artifacts(
    paths: Iterable[Path], reference: Reference | None = None, now: datetime | None = None, signing: Signing | None = None
) -> tuple[tuple[ArtifactPin, ...], tuple[TargetError, ...]]:
    """Read artifacts; one that cannot be read is an error, and the rest goes on."""
    pins: list[ArtifactPin] = []
    errors: list[TargetError] = []
    for path in paths:
        try:
            pins.append(pin_path(path, now or datetime.now(UTC), reference, signing))
        except BucklerError as bad:
            errors.append(TargetError(target=bad.place or str(path), error=bad.error, cause=bad.cause, hint=bad.hint))
    return tuple(pins), tuple(errors)


def make_lock(about: Sequence[Analysis], artifacts: Iterable[ArtifactPin] = (), today: date | None = None) -> Lock:
    """Pin estates and artifacts."""
    return lock_of(about, artifacts, today=today or datetime.now(UTC).date())


def verify(locked: Lock, found: Lock, today: date | None = None) -> Verified:
    """Compare what there is with a lock. Raises `UsageError` when the lock is of other accounts altogether."""
    before, after = _accounts(locked), _accounts(found)
    if before and after and not before & after:
        raise UsageError(
            f"the lock is of account {_listed(before)}, and this is account {_listed(after)}",
            hint="name the lock of this account, or the --profile of the lock's",
        )
    return compare(locked, found, today=today or datetime.now(UTC).date())


def verify_estates(locked: Lock, estates: Sequence[Estate], today: date, signing: Signing) -> Verified:
    """Compare what was read with a lock; artifacts on disk are pinned first. Raises as `verify` does, and `SourceError`."""
    paths = [
        Path(scope.origin.file)
        for one in estates
        for scope in one.scopes
        if scope.kind == "artifact" and isinstance(scope.origin, FileOrigin)
    ]
    now = datetime.now(UTC)
    store = ReferenceStore() if paths else None
    pins = [pin_path(path, now, store, signing) for path in paths]
    verified = verify(locked, make_lock([Analysis(one, today=today) for one in estates], pins, today), today)
    # Locks name files by names that are the same from anywhere; findings, by the path that was typed.
    typed = {name: file for file, name in steady_names(files_of(estates)).items()}
    return replace(
        verified,
        drifts=tuple(replace(one, file=typed.get(one.file, one.file)) for one in verified.drifts),
        doubts=tuple(replace(one, file=typed.get(one.file, one.file)) for one in verified.doubts),
    )


def _accounts(lock: Lock) -> set[str]:
    return {scope.name.partition("/")[0] for scope in lock.scopes if scope.kind in {"live", "saved"}}


def _listed(accounts: Iterable[str]) -> str:
    return " and ".join(sorted(accounts))


def accept(old: Lock, found: Lock, today: date | None = None) -> Accepted:
    """Bring a lock up to date with what was found; what was not looked at stays as it was, and so do exceptions."""
    verified = verify(old, found, today)
    looked_at = {scope.name for scope in found.scopes if scope.functions_unread is None}
    kept = {(one.file, one.id): one for one in old.functions if _place(one) not in looked_at}
    before = {(one.file, one.id): one for one in old.functions}
    found_again = {(one.file, one.id): _function(before.get((one.file, one.id)), one) for one in found.functions}
    functions = sorted((kept | found_again).values(), key=lambda one: (one.file, one.id))
    used = {arn for one in functions if isinstance(one.layers, tuple) for arn in one.layers}
    were = {one.arn: one for one in old.layers}
    layers = {one.arn: _kept(were.get(one.arn), one) for one in (*old.layers, *found.layers) if one.arn in used}
    publishers = {one.account: one for one in (*found.publishers, *old.publishers) if any(_owner(arn) == one.account for arn in layers)}
    artifacts = {one.path: one for one in (*old.artifacts, *found.artifacts)}
    scopes = {f"{one.kind} {one.name}": one for one in (*old.scopes, *found.scopes)}
    lock = replace(
        found,
        scopes=_sorted(scopes),
        functions=tuple(functions),
        layers=_sorted(layers),
        # INVARIANT: of a publisher that was there already, the day stays: found first, so that the old one is kept.
        publishers=_sorted(publishers),
        artifacts=_sorted(artifacts),
        exceptions=old.exceptions,
    )
    return Accepted(lock=lock, verified=verified)


def _function(was: FunctionPin | None, now: FunctionPin) -> FunctionPin:
    made = _kept(was, now)
    if was is not None and now.code_signing_unread is not None and was.code_signing_unread is None:
        return replace(made, code_signing=was.code_signing, code_signing_unread=None)
    return made


def _kept(was: P | None, now: P) -> P:
    """Give what is there now; of facts that were pinned and could not be read now, the pin stays."""
    if was is None:
        return now
    again = {
        name: getattr(was, name)
        for name in now.__struct_fields__
        if isinstance(getattr(now, name), Unread) and not isinstance(getattr(was, name), Unread)
    }
    return replace(now, **again)


def _sorted(pins: Mapping[str, P]) -> tuple[P, ...]:
    return tuple(pins[key] for key in sorted(pins))


def _place(function: FunctionPin) -> str:
    parts = function.id.split(":")
    return function.file or (f"{parts[4]}/{parts[3]}" if len(parts) > 4 else "")


def _owner(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") >= 4 else ""
