"""Which drift from a lock belongs to which region or file, and whom it is about."""

from collections.abc import Iterator
from typing import TypeAlias

from buckler.model.artifact import Artifact
from buckler.model.drift import Doubt, Drift, Verified
from buckler.model.estate import Scope
from buckler.model.functions import Function, LayerVersion
from buckler.model.origin import FileOrigin
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis

About: TypeAlias = Function | LayerVersion | Artifact | Scope


def drifts_in(scope: Scope, locked: Verified, analysis: Analysis) -> Iterator[tuple[Drift, About]]:
    """Give the drifts of a scope with whom each is about: what is gone, and a publisher, are about the scope."""
    there = _there(scope, analysis)
    for drift in locked.drifts:
        about = _about(drift, scope, there)
        if about is not None:
            yield drift, about


def doubts_in(scope: Scope, locked: Verified, analysis: Analysis) -> tuple[Doubt, ...]:
    """Give what somebody should have looked at and could not compare."""
    there = _there(scope, analysis)
    return tuple(
        doubt
        for doubt in locked.doubts
        if doubt.is_gap and (_about(doubt, scope, there) is not None or _is_nowhere(doubt, scope, analysis))
    )


def summed_up(doubts: tuple[Doubt, ...]) -> Unknown:
    """Say in one reason what could not be compared; there is at least one."""
    first = doubts[0]
    more = f", and {len(doubts) - 1} more that `buckler verify` lists" if len(doubts) > 1 else ""
    name = first.subject.partition(":function:")[2] or first.subject.partition(":layer:")[2] or first.subject
    return Unknown(kind=first.unknown.kind, why=f"{first.what} of `{name}`: {first.unknown.why}{more}", need=first.unknown.need)


def _there(scope: Scope, analysis: Analysis) -> dict[str, About]:
    """Name what stands in a scope as locks do."""
    there: dict[str, About] = {}
    versions = {shown(one.arn): one for one in analysis.estate.layers}
    for function in analysis.estate.functions:
        if not _is_in(function, scope):
            continue
        there.setdefault(function.address or shown(function.arn), function)
        for layer in function.layers if isinstance(function.layers, tuple) else ():
            arn = shown(layer.arn)
            # Of a layer that is somebody else's nothing may be known but its name: then it is about who uses it.
            there.setdefault(arn, versions.get(arn) or function)
            there.setdefault(arn.split(":")[4] if arn.count(":") > 4 else arn, scope)
    if scope.kind == "artifact" and isinstance(scope.origin, FileOrigin):
        there.update({one.origin.file: one for one in analysis.estate.artifacts if isinstance(one.origin, FileOrigin)})
    return there


def _is_in(function: Function, scope: Scope) -> bool:
    if isinstance(scope.origin, FileOrigin) and isinstance(function.origin, FileOrigin):
        return function.origin.file == scope.origin.file
    return (function.account, function.region) == (scope.account, scope.region)


def _is_nowhere(doubt: Doubt, scope: Scope, analysis: Analysis) -> bool:
    """Say whether a doubt is about a template that was not read, in an account that was: told once, with the account's first region."""
    if scope.kind != "live" or scope != analysis.estate.scopes[0]:
        return False
    return bool(doubt.file) or not any(_is_arn_of(doubt.subject, one) for one in analysis.estate.scopes)


def _is_arn_of(arn: str, scope: Scope) -> bool:
    """Say whether an ARN is one of the region. What is gone is known by it alone."""
    parts = arn.split(":")
    return len(parts) > 6 and parts[2] == "lambda" and (parts[4], parts[3]) == (scope.account, scope.region)


def _about(one: Drift | Doubt, scope: Scope, there: dict[str, About]) -> About | None:
    file = scope.origin.file if isinstance(scope.origin, FileOrigin) else ""
    if one.file and one.file != file:
        return None
    found = there.get(one.subject)
    if found is not None:
        return found
    if one.file:
        return scope
    return scope if scope.kind in {"live", "saved"} and _is_arn_of(one.subject, scope) else None
