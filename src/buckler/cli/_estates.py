"""What commands that ask single questions read first: targets, or the live account."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from buckler.cli._options import (
    LIVE_OPTIONS,
    journal_path,
    live_options,
    make_live,
    parameter_options,
    read_parameters,
    refuse_live_options,
)
from buckler.errors import UsageError

if TYPE_CHECKING:
    from buckler.reach.analysis import Analysis

F = TypeVar("F", bound=Callable[..., Any])


def estate_options(function: F) -> F:
    """Add the targets, and the options that say how they, or the live account, are read."""
    function = live_options(parameter_options(function))
    function = click.option("--verbose", "-v", count=True, help="Show everything, and each API call.")(function)
    return click.argument("targets", nargs=-1, type=click.Path(path_type=Path), metavar="[TARGET]...")(function)


def read_analyses(given: dict[str, Any]) -> "tuple[tuple[Analysis, ...], int]":
    """Read what was named, or the live account; with the exit code of what could not be read (0, or 2)."""
    from buckler import app
    from buckler.cli._entry import tell
    from buckler.cli._progress import progress
    from buckler.errors import NothingToScan

    targets: tuple[Path, ...] = given["targets"]
    if targets:
        refuse_live_options(given)
    with progress(verbose=given["verbose"]) as told:
        if not targets:
            live = make_live(**{name: given[name] for name in LIVE_OPTIONS})
            return app.analyses([app.read_live(live, told, journal=journal_path(live), resume=given["resume"])]), 0
        options = app.ScanOptions(parameters=read_parameters(given["parameters"], given["parameter_file"]))
        read = app.read_targets(targets, options, told)
    for one in read.errors:
        tell(one.error, cause=one.cause, hint=one.hint, place=one.target)
    if not read.estates:
        raise NothingToScan("nothing could be read", hint="buckler scan --help")
    return app.analyses(read.estates), 2 if read.errors else 0


def refuse_file_as_name(command: str, given: dict[str, Any], **names: str) -> None:
    """Refuse a command in which a target stands where something should be named: `buckler blast template.yaml`."""
    if given["targets"]:
        return
    for what, name in names.items():
        if Path(name).is_file():
            words = " ".join(each.upper() for each in names)
            raise UsageError(f"`{name}` is a file, and stands where {what.upper()} should be named", hint=f"{command} {words} {name}")
