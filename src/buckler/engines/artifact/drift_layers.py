"""Layers as they were pinned and as they are: which ones, in which order, what is in them, and who may get them."""

from buckler.engines.artifact.drift_notes import Notes, text_of
from buckler.model.lock import FunctionPin, LayerPin, Lock, Unread
from buckler.model.severity import Severity
from buckler.model.text import same
from buckler.model.unknown import Unknown, UnknownKind


def compare_order(was: FunctionPin, now: FunctionPin, notes: Notes) -> None:
    """Compare the layers of a function, as they lie one over the other."""
    if isinstance(was.layers, Unread) or isinstance(now.layers, Unread):
        notes.unread(now.id, "the layers", was.layers, now.layers)
        return
    if was.layers == now.layers:
        return
    if len(was.layers) == len(now.layers):
        answers = [same(text_of(one), text_of(other)) for one, other in zip(was.layers, now.layers, strict=True)]
        if False not in answers:
            open_ = next(one for one, answer in zip(now.layers, answers, strict=True) if answer is None)
            why = f"`{open_}` is not resolved"
            notes.doubt(now.id, "the layers", Unknown(kind=UnknownKind.UNRESOLVED, why=why, need="--parameter, or the live account"))
            return
    before, after = {_base(arn): arn for arn in was.layers}, {_base(arn): arn for arn in now.layers}
    name = f"`{now.name}`"
    for base in (one for one in after if one not in before):
        notes.drift("layer-added", now.id, f"{name} has a layer that is not in the lock, `{after[base]}`", key=after[base])
    for base in (one for one in before if one not in after):
        notes.drift("layer-removed", now.id, f"{name} has the layer `{before[base]}` no more", key=before[base])
    kept = [base for base in after if base in before]
    for base in kept:
        if before[base] != after[base]:
            old, new = before[base].rpartition(":")[2], after[base].rpartition(":")[2]
            message = f"the layer `{_short(base)}` of {name} is version {new}, it was {old}"
            notes.drift("layer-version-changed", now.id, message, key=base)
    if kept != [base for base in before if base in after]:
        order = ", ".join(f"`{_short(base)}`" for base in kept)
        notes.drift("layer-order", now.id, f"the layers of {name} lie in another order, later ones win: {order}")


def _base(arn: str) -> str:
    """Give the layer of a version."""
    head, _, last = arn.rpartition(":")
    return head if last.isdigit() else arn


def _short(base: str) -> str:
    return base.partition(":layer:")[2] or base


def compare_layers(locked: Lock, found: Lock, notes: Notes) -> int:
    """Compare the layer versions that are on both sides; give how many there are."""
    before = {layer.arn: layer for layer in locked.layers}
    pairs = [(before[layer.arn], layer) for layer in found.layers if layer.arn in before]
    for was, now in pairs:
        _content(was, now, notes)
        _permission(was, now, notes)
    for layer in found.layers:
        if layer.arn not in before and layer.code_sha256 is None:
            notes.drift("layer-version-gone", layer.arn, f"the layer version `{_short(layer.arn)}` is gone, and was never in the lock")
    return len(pairs)


def _content(was: LayerPin, now: LayerPin, notes: Notes) -> None:
    name = f"`{_short(now.arn)}`"
    if was.code_sha256 is not None and now.code_sha256 is None:
        message = f"the layer version {name} is gone: functions go on with their copy, and nobody can look at it any more"
        notes.drift("layer-version-gone", now.arn, message)
        return
    if was.code_sha256 is None and now.code_sha256 is None:
        return  # gone when it was locked: accepted as such
    if was.code_sha256 is None or notes.differ(now.arn, "the content of the layer", was.code_sha256, now.code_sha256):
        message = f"the layer version {name} has other content under the same number, which AWS never gives twice"
        notes.drift("layer-content-changed", now.arn, message)
    if was.signing_profile_version is not None and now.signing_profile_version is None and isinstance(now.code_sha256, str):
        notes.drift("signature-lost", now.arn, f"the layer version {name} was signed when it was locked, and is not any more")


def _permission(was: LayerPin, now: LayerPin, notes: Notes) -> None:
    if isinstance(was.allowed, Unread) or isinstance(now.allowed, Unread):
        notes.unread(now.arn, "who may get the layer", was.allowed, now.allowed)
        return
    for who in sorted(set(now.allowed) - set(was.allowed)):
        severity = Severity.HIGH if who == "*" else None
        message = f"the layer version `{_short(now.arn)}` may be had by `{who}` now"
        notes.drift("layer-permission-opened", now.arn, message, key=who, severity=severity)


def compare_publishers(locked: Lock, found: Lock, notes: Notes) -> None:
    """Name accounts whose layers are used and that nobody has accepted."""
    accepted = {one.account for one in locked.publishers}
    for one in found.publishers:
        if one.account in accepted or one.name == "own":
            continue
        layers = [layer.arn for layer in found.layers if layer.arn.split(":")[4:5] == [one.account]]
        who = f"account {one.account} ({one.name})" if one.name else f"account {one.account}, which nobody knows"
        first = f", `{_short(layers[0])}`" if layers else ""
        severity = Severity.MEDIUM if one.name else None
        message = (
            f"layers of {who}, are used and not in the lock{first}"
            if not one.name
            else f"layers of {who} are used and not in the lock{first}"
        )
        notes.drift("publisher-unknown", one.account, message, severity=severity)
