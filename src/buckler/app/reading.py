"""From targets as typed to estates; what cannot be read is told, and the rest goes on."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from buckler.app.options import ScanOptions
from buckler.engines.secrets import judge
from buckler.errors import BucklerError, NothingToScan, SourceError
from buckler.model.estate import Estate
from buckler.model.progress import Progress, Silent
from buckler.model.result import TargetError
from buckler.model.value import Value
from buckler.sources.discover import Found, discover
from buckler.sources.saved import SavedFile, load, read_saved
from buckler.sources.snapshot import read_snapshot


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
    for one in {each.path: each for each in found}.values():
        try:
            if one.kind == "saved":
                saved.append(load(Path(one.path), one.path))
            elif one.kind == "terraform":
                estate, unreadable = _configuration(one, options)
                estates.append(estate)
                errors.extend(_error(bad.place, bad) for bad in unreadable)
            else:
                estates.extend(_read(one, options))
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
