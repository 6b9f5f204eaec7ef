"""The use-case of layers: each version that functions use, whose it is, and who shares it."""

from collections.abc import Iterable, Sequence
from datetime import date

from buckler.app.attacking import together
from buckler.app.locking import allowed, publisher_name
from buckler.data.layer_accounts import publisher
from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.artifact import Artifact, Inventory, Vulnerability
from buckler.model.functions import Function, LayerRef, LayerVersion
from buckler.model.layering import LayerBlast, LayerRow
from buckler.model.lock import Unread, unknown_of
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.blast_layer import blast_of_layer, users_named
from buckler.reach.layers import owner_of, users_of, version_of

_NOT_LOOKED_INTO = Unknown(kind=UnknownKind.NOT_ASKED, why="nobody looked into it", need="a scan of its zip")
_WORST_STATE = ("modified", "not-assessed", "unowned", "record-only", "verified")


def layers_of(about: Sequence[Analysis]) -> tuple[LayerRow, ...]:
    """List the layer versions that functions use, those of most functions first."""
    rows: dict[str, LayerRow] = {}
    for analysis in together(about):
        artifacts = {shown(one.arn): one for one in analysis.estate.artifacts if one.use == "layer"}
        for function in analysis.estate.functions:
            for layer in () if isinstance(function.layers, Unknown) else function.layers:
                arn = shown(layer.arn)
                if arn not in rows:
                    rows[arn] = _row(layer, function, analysis, artifacts.get(arn))
    return tuple(sorted(rows.values(), key=lambda row: (-len(row.functions), row.arn)))


def unread_functions(about: Sequence[Analysis]) -> tuple[tuple[str, Unknown], ...]:
    """Name what may use layers that are not listed: functions whose layers are not known, and regions whose functions are not."""
    found: list[tuple[str, Unknown]] = []
    for analysis in about:
        found += [(shown(one.name), one.layers) for one in analysis.estate.functions if isinstance(one.layers, Unknown)]
        for scope in analysis.estate.scopes:
            try:
                analysis.require("functions", scope.account, scope.region)
            except Undecided as stop:
                if scope.kind != "artifact":
                    found.append((scope.name, stop.unknown))
    return tuple(found)


def _row(layer: LayerRef, function: Function, analysis: Analysis, artifact: Artifact | None) -> LayerRow:
    arn = shown(layer.arn)
    users = users_of(layer, analysis)
    name, version = _split(arn)
    account, maker, is_retired = _publisher(layer, analysis)
    found = _version(layer, function, analysis)
    created = _created(found)
    return LayerRow(
        arn=arn,
        name=name,
        version=version,
        account=account,
        publisher=maker,
        is_retired=is_retired,
        functions=tuple(sorted(shown(one.name) for one in users)),
        roles=_roles(users),
        created=created,
        age_days=_age(created, analysis.today),
        newest=_newest(arn, version, analysis),
        is_there=found if isinstance(found, Unknown) else found.exists,
        signed_by=layer.signing_profile_version_arn or (found if isinstance(found, Unknown) else _signed(found)),
        allowed=_allowed(found),
        integrity=_integrity(artifact),
        worst=_vulnerability(artifact),
    )


def _split(arn: str) -> tuple[str, str]:
    head, _, last = arn.rpartition(":")
    return (head.partition(":layer:")[2], last) if last.isdigit() and ":layer:" in head else (arn, "")


def _publisher(layer: LayerRef, analysis: Analysis) -> tuple[str, str, bool]:
    try:
        account = owner_of(layer.arn)
    except Undecided:
        return "", "", False
    known = publisher(account) if isinstance(account, str) else None
    return shown(account), publisher_name(account, analysis), known is not None and known.is_retired


def _version(layer: LayerRef, function: Function, analysis: Analysis) -> LayerVersion | Unknown:
    try:
        found = version_of(layer, function, analysis)
    except Undecided as stop:
        return stop.unknown
    return found


def _roles(users: Iterable[Function]) -> int | Unknown:
    roles = [one.role for one in users]
    unread = next((role for role in roles if isinstance(role, Unknown)), None)
    return unread if unread is not None else len({shown(role) for role in roles if not isinstance(role, Unknown)})


def _created(found: LayerVersion | Unknown) -> str | Unknown:
    if isinstance(found, Unknown):
        return found
    if found.created:
        return found.created[:10]
    if isinstance(found.exists, Unknown):
        return found.exists
    why = "the version is gone" if not found.exists else "it is not told when it was made"
    return Unknown(kind=UnknownKind.OUTSIDE, why=why, need="a live scan")


def _age(created: str | Unknown, today: date) -> int | Unknown:
    if isinstance(created, Unknown):
        return created
    try:
        return max((today - date.fromisoformat(created)).days, 0)
    except ValueError:
        return Unknown(kind=UnknownKind.FAILED, why="the day it was made is none", need="lambda:GetLayerVersion")


def _newest(arn: str, version: str, analysis: Analysis) -> int | None:
    if not version:
        return None
    base = arn.rpartition(":")[0]
    versions = [
        one.version
        for one in analysis.estate.layers
        if one.version is not None and one.exists is not False and shown(one.arn).rpartition(":")[0] == base
    ]
    newest = max(versions, default=int(version))
    return newest if newest > int(version) else None


def _signed(found: LayerVersion) -> str | Unknown | None:
    if isinstance(found.exists, Unknown):
        return found.exists
    return found.signing_profile_version_arn


def _allowed(found: LayerVersion | Unknown) -> tuple[str, ...] | Unknown:
    if isinstance(found, Unknown):
        return found
    told = allowed(found.policy)
    return unknown_of(told) if isinstance(told, Unread) else told


def _integrity(artifact: Artifact | None) -> str | Unknown:
    if artifact is None:
        return _NOT_LOOKED_INTO
    if isinstance(artifact.inventory, Unknown):
        return artifact.inventory
    return _worst_state(artifact.inventory)


def _worst_state(inventory: Inventory) -> str | Unknown:
    counted = {state for state, number in inventory.counted if number}
    worst = next((state for state in _WORST_STATE if state in counted), None)
    if worst is None or worst == "not-assessed":
        return Unknown(kind=UnknownKind.NOT_ASKED, why="there is nothing to compare its files with", need="buckler reference add")
    return worst


def _vulnerability(artifact: Artifact | None) -> str | Unknown | None:
    if artifact is None:
        return _NOT_LOOKED_INTO
    if isinstance(artifact.vulnerabilities, Unknown):
        return artifact.vulnerabilities
    worst = max(artifact.vulnerabilities, key=_weight, default=None)
    return None if worst is None else f"{worst.id}{f' ({worst.severity.value})' if worst.severity is not None else ''}"


def _weight(flaw: Vulnerability) -> tuple[bool, int, float, str]:
    return flaw.is_exploited, flaw.severity.rank + 1 if flaw.severity is not None else 0, flaw.cvss or 0.0, flaw.id


def ask_layer_blast(about: Sequence[Analysis], layer: str) -> LayerBlast:
    """Work out what whoever poisons a layer would hold. *layer* is an ARN with or without its version, or a name.

    Raises `UsageError` for a layer that no function uses, or a name of several.
    """
    found = [(analysis, arn, users) for analysis in together(about) for arn, users in users_named(layer, analysis).items()]
    if not found:
        rows = layers_of(about)
        close = closest(layer, sorted({call for row in rows for call in (row.arn, row.name, f"{row.name}:{row.version}")}))
        hint = f"a similar one exists: `layer:{close}`" if close else "buckler layers"
        raise UsageError(f"no function uses a layer `{layer}`", hint=hint)
    arns = sorted({arn for _, arn, _ in found})
    if len(found) > 1:
        raise UsageError(f"`{layer}` may be any of {len(found)} layers", hint=f"name it by its ARN: `layer:{arns[0]}`")
    analysis, arn, users = found[0]
    return blast_of_layer(arn, users, analysis)
