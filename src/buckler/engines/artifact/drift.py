"""What was pinned, compared with what is there: both as locks, so that neither side knows more than it says."""

from collections.abc import Iterable
from datetime import date

import msgspec

from buckler.engines.artifact.drift_artifacts import compare_artifacts
from buckler.engines.artifact.drift_functions import compare_function
from buckler.engines.artifact.drift_layers import compare_layers, compare_publishers
from buckler.engines.artifact.drift_notes import Notes
from buckler.model.drift import HARMLESS, Drift, Excepted, Verified
from buckler.model.lock import ExceptionPin, FunctionPin, Lock, unknown_of
from buckler.model.unknown import Unknown, UnknownKind


def compare(locked: Lock, found: Lock, *, today: date) -> Verified:
    """Say what of *found* is not as *locked* says, and what could not be compared. Raises nothing."""
    notes = Notes()
    pairs = _pairs(locked, found, notes)
    for was, now in pairs:
        notes.file = now.file
        compare_function(was, now, locked, found, notes)
    notes.file = ""
    layers = compare_layers(locked, found, notes)
    compare_publishers(locked, found, notes)
    artifacts = compare_artifacts(locked, found, notes)
    drifts = sorted(dict.fromkeys(notes.drifts), key=lambda one: (-one.severity.rank, one.kind, one.subject, one.key))
    real = [one for one in drifts if one.kind not in HARMLESS]
    excepted = _excepted(real, locked.exceptions, today)
    used = {(one.reason, one.until) for one in excepted}
    lived_with = {one.drift.id for one in excepted}
    return Verified(
        drifts=tuple(one for one in real if one.id not in lived_with),
        harmless=tuple(one for one in drifts if one.kind in HARMLESS),
        doubts=tuple(dict.fromkeys(notes.doubts)),
        excepted=tuple(excepted),
        expired=tuple(one.id for one in locked.exceptions if (one.reason, one.until or "") not in used),
        functions=len(pairs),
        layers=layers,
        artifacts=artifacts,
    )


def _excepted(drifts: Iterable[Drift], exceptions: Iterable[ExceptionPin], today: date) -> list[Excepted]:
    counting = [one for one in exceptions if one.until is None or one.until >= today.isoformat()]
    found: list[Excepted] = []
    for drift in drifts:
        match = next((one for one in counting if one.id in {drift.id, drift.kind}), None)
        if match is not None:
            found.append(Excepted(drift=drift, reason=match.reason, until=match.until or ""))
    return found


# --- which function is which ---------------------------------------------------------------------------------------------


def _pairs(locked: Lock, found: Lock, notes: Notes) -> list[tuple[FunctionPin, FunctionPin]]:
    pairs: list[tuple[FunctionPin, FunctionPin]] = []
    left = {(one.file, one.id): one for one in locked.functions}
    by_id: dict[str, list[FunctionPin]] = {}
    by_name: dict[str, list[FunctionPin]] = {}
    by_logical_id: dict[str, list[FunctionPin]] = {}
    for one in locked.functions:
        by_id.setdefault(one.id, []).append(one)
        by_name.setdefault(one.name, []).append(one)
        if one.logical_id:
            by_logical_id.setdefault(one.logical_id, []).append(one)
    for now in found.functions:
        notes.file = now.file
        exact = [one for one in by_id.get(now.id, ()) if one.file == now.file]
        # Between a file and an account, names tell, and what CloudFormation wrote on what it made.
        named = [one for one in by_name.get(now.name, ()) if _crosses(one, now)]
        logical = [one for one in by_logical_id.get(now.logical_id, ()) if _crosses(one, now)]
        candidates = exact or named or logical or ([] if not now.file else by_id.get(now.id, []))
        if not candidates:
            notes.drift("function-new", now.id, f"the function `{now.name}` is not in the lock")
        elif len(candidates) > 1:
            why = f"it may be any of {len(candidates)} functions of the lock"
            notes.doubt(now.id, "the function", Unknown(kind=UnknownKind.UNRESOLVED, why=why, need="a template with the function's name"))
            for one in candidates:
                left.pop((one.file, one.id), None)
        else:
            pairs.append((candidates[0], _placed(now, candidates[0])))
            left.pop((candidates[0].file, candidates[0].id), None)
    notes.file = ""
    _gone(left.values(), found, notes)
    return pairs


def _crosses(was: FunctionPin, now: FunctionPin) -> bool:
    return bool(was.file) != bool(now.file)


def _placed(now: FunctionPin, was: FunctionPin) -> FunctionPin:
    """Fill in where a template would be deployed: to the account and region of the function it is compared with."""
    arn = was.id.split(":")
    if not now.file or was.file or len(arn) < 5:
        return now
    written = msgspec.json.encode(now)
    for ref, value in (("Partition", arn[1]), ("Region", arn[3]), ("AccountId", arn[4])):
        written = written.replace(f"${{AWS::{ref}}}".encode(), value.encode())
    return msgspec.json.decode(written, type=FunctionPin)


def _gone(left: Iterable[FunctionPin], found: Lock, notes: Notes) -> None:
    """Say of functions of the lock that were not found whether they should have been."""
    places = {(scope.kind in {"live", "saved"}, scope.name): scope for scope in found.scopes}
    looked_at_accounts = any(is_account for is_account, _ in places)
    for was in left:
        notes.file = was.file
        arn = was.id.split(":")
        place = (True, f"{arn[4]}/{arn[3]}") if not was.file and len(arn) > 4 else (False, was.file)
        scope = places.get(place)
        if scope is not None:
            if scope.functions_unread is not None:
                notes.doubt(was.id, "whether it is there", unknown_of(scope.functions_unread))
            else:
                notes.drift("function-gone", was.id, f"the function `{was.name}` is in the lock and nowhere else")
        elif looked_at_accounts:
            where = f"`{place[1]}`" if not was.file else "the account"
            why = f"{where} was not read" if not was.file else f"no function of {where} says that it is `{was.name}` of `{was.file}`"
            need = f"--region {arn[3]}" if not was.file and len(arn) > 4 else "a lock of the live account"
            notes.doubt(was.id, "whether it is there", Unknown(kind=UnknownKind.NOT_ASKED, why=why, need=need))
