"""From targets as typed to estates; what cannot be read is told, and the rest goes on."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from buckler.app.options import ScanOptions
from buckler.engines.secrets import judge
from buckler.errors import BucklerError, NothingToScan, SourceError
from buckler.model.estate import Estate, Missing
from buckler.model.progress import Progress, Silent
from buckler.model.result import TargetError
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value
from buckler.sources.discover import Found, discover
from buckler.sources.saved import SavedFile, load, read_saved
from buckler.sources.snapshot import read_snapshot

if TYPE_CHECKING:
    from buckler.app.beside import Beside


class Read(Value):
    """What a list of targets came to."""

    estates: tuple[Estate, ...]
    errors: tuple[TargetError, ...] = ()


def read_targets(targets: Sequence[Path], options: ScanOptions, progress: Progress | None = None) -> Read:
    """Read files and folders into estates, one per template. A target that cannot be read becomes an error; the rest goes on.

    Raises `NothingToScan` when no target holds anything buckler knows and nothing went wrong either.
    """
    told = progress or Silent()
    found: list[Found] = []
    errors: list[TargetError] = []
    for target in targets:
        try:
            listed = list(discover(target, exclude=options.exclude))
            found.extend(listed or _code(target))
        except SourceError as bad:
            errors.append(_error(str(target), bad))
    if not found and not errors:
        names = ", ".join(f"`{target}`" for target in targets)
        raise NothingToScan(
            f"nothing to scan in {names}",
            cause="no SAM or CloudFormation template, Terraform plan, saved answer of AWS or buckler snapshot was found there",
            hint="name a file, or run `buckler scan` without a target to scan the live account",
        )
    told.stage("files", len(found))
    estates: list[Estate] = []
    saved: list[SavedFile] = []
    beside = _Beside(options)
    # Artifacts last: what a template named is not looked into a second time for lying there.
    for one in sorted({each.path: each for each in found}.values(), key=lambda each: each.kind == "artifact"):
        try:
            if one.kind == "artifact" and beside.has_seen(one.path):
                told.advance("files")
                continue
            if one.kind == "saved":
                saved.append(load(Path(one.path), one.path))
            elif one.kind == "terraform":
                estate, unreadable = _configuration(one, options)
                estates.append(beside.looked_into(estate))
                errors.extend(_error(bad.place, bad) for bad in unreadable)
            elif one.kind in {"snapshot", "artifact"}:
                estates.extend(_read(one, options))
            else:
                estates.extend(beside.looked_into(estate) for estate in _read(one, options))
        except BucklerError as bad:
            errors.append(_error(one.path, bad))
        told.advance("files")
    if saved:
        # Saved answers that are read together are about the same accounts: policies of one guard the functions of another.
        estate, broken = read_saved(saved, judge=judge)
        errors.extend(_error(bad.place, bad) for bad in broken)
        if estate.scopes:
            estates.append(estate)
    return Read(estates=tuple(estates), errors=tuple(errors))


class _Beside:
    """Looks into code beside templates and plans when that is asked for, and else says that nobody did."""

    def __init__(self, options: ScanOptions) -> None:
        self._options = options
        self._looking: Beside | None = None

    def has_seen(self, path: str) -> bool:
        """Say whether a template's code at a path was looked into."""
        return self._looking is not None and os.path.realpath(path) in self._looking.paths

    def looked_into(self, estate: Estate) -> Estate:
        if not has_local_code(estate):
            return estate
        if not self._options.code:
            places = dict.fromkeys((scope.account, scope.region) for scope in estate.scopes)
            missing = (Missing(collection="artifacts", account=account, region=region, unknown=_NOT_LOOKED) for account, region in places)
            return replace(estate, missing=(*estate.missing, *missing))
        if self._looking is None:
            # Artifacts bring cryptography with them: not for those who do not ask.
            from buckler.app.beside import Beside
            from buckler.app.inspecting import inspector

            self._looking = Beside(lambda: inspector(self._options.signing))
        return self._looking.look(estate)


def has_local_code(estate: Estate) -> bool:
    """Say whether a file names code that lies beside it."""
    return any(one.local_code is not None for one in estate.functions) or any(one.local_code is not None for one in estate.layers)


_NOT_LOOKED = Unknown(kind=UnknownKind.NOT_ASKED, why="the code beside the template was not looked into", need="--code")


def _code(target: Path) -> Iterator[Found]:
    """Take a folder in which nothing else was found for a function's code, a layer or an image, when it looks like one."""
    from buckler.app.opening import is_artifact

    if is_artifact(target):
        yield Found(path=str(target), kind="artifact")


def _read(found: Found, options: ScanOptions) -> Iterator[Estate]:
    path = Path(found.path)
    if found.kind == "snapshot":
        yield from read_snapshot(path).estates
        return
    if found.kind == "artifact":
        # Artifacts bring cryptography with them: not for those who scan templates.
        from buckler.app.inspecting import inspector, read_artifact

        yield read_artifact(path, inspector(options.signing))
        return
    if found.kind == "plan":
        from buckler.sources.terraform import read_plan

        yield read_plan(path, judge=judge, shown=found.path)
        return
    from buckler.sources.cfn import read_template

    yield read_template(path, judge=judge, parameters=dict(options.parameters), shown=found.path)


def _configuration(found: Found, options: ScanOptions) -> tuple[Estate, tuple[SourceError, ...]]:
    # The parser of HCL is for those who have some.
    from buckler.sources.terraform.hcl import read_folder

    return read_folder(Path(found.path), judge=judge, parameters=dict(options.parameters), shown=found.path)


def _error(target: str, bad: BucklerError) -> TargetError:
    return TargetError(target=bad.place or target, error=bad.error, cause=bad.cause, hint=bad.hint)
