"""Findings somebody decided to live with, and those known from an earlier scan."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import msgspec

from buckler.app.options import ScanOptions
from buckler.checks import all_checks, find_check
from buckler.config import Ignore
from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.estate import Estate, Suppression
from buckler.model.finding import Finding
from buckler.model.origin import FileOrigin, place
from buckler.model.result import Ignored


def part_ignored(
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
    unused = [_unused(ignore.where, ignore.check) for ignore in live if ignore not in used]
    # Comments of other checks' findings come and go with personas and depths; one of no check at all is a slip.
    slips = [_unused(place(one.origin), one.check) for estate in estates for one in estate.suppressions if find_check(one.check) is None]
    return kept, ignored, (*expired, *unused, *slips)


def _unused(where: str, check: str) -> str:
    """Say that an ignore has no effect, and which check it may have meant."""
    if find_check(check) is not None:
        return f"{where}: the ignore of {check} matches nothing"
    close = closest(check, [one.id for one in all_checks()])
    return f"{where}: there is no check `{check}` to ignore" + (f"; a similar one exists: `{close}`" if close else "")


def _stands_in(comment: Suppression, finding: Finding) -> bool:
    """Say whether an inline ignore stands in the resource a finding is about."""
    if not comment.address or comment.address == finding.subject.id:
        return True
    primary = finding.evidence[0].origin
    return isinstance(primary, FileOrigin) and primary.path.split(".")[1:2] == [comment.address]


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
