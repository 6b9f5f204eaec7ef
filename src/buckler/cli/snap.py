"""buckler snap."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._options import (
    LIVE_OPTIONS,
    as_json,
    emit,
    journal_path,
    live_options,
    make_live,
    output_options,
    parameter_options,
    read_parameters,
    refuse_live_options,
    refuse_unwritable,
)
from buckler.errors import UsageError


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("targets", nargs=-1, type=click.Path(path_type=Path), metavar="[TARGET]...")
@output_options("console", "json")
@parameter_options
@live_options
@click.option("--verbose", "-v", count=True, help="Show each API call.")
def command(file: Path, targets: tuple[Path, ...], format_name: str, output: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options
    """Save an estate as FILE: the live account, or the templates and plans named as TARGET.

    The snapshot holds no secret value, but it does name everything an attacker would like to know: it is written for its owner only.

    \b
    Examples:
      buckler snap monday.buckler
      buckler snap shop.buckler template.yaml
      buckler scan monday.buckler
    """
    from buckler import app
    from buckler.cli._entry import tell
    from buckler.cli._progress import progress

    if file.exists() and not file.is_file():
        raise UsageError(f"cannot write `{file}`", cause="it is not a regular file")
    refuse_unwritable(file, output)
    if targets:
        refuse_live_options(given)
    with progress(verbose=given["verbose"]) as told:
        if targets:
            options = app.ScanOptions(parameters=read_parameters(given["parameters"], given["parameter_file"]))
            read = app.read_targets(targets, options, told)
            errors = read.errors
            if not read.estates:  # an older snapshot of this name is worth more than an empty one
                for one in errors:
                    tell(one.error, cause=one.cause, hint=one.hint, place=one.target)
                return 2
            snapshot = app.save(read.estates, file)
        else:
            live = make_live(**{name: given[name] for name in LIVE_OPTIONS})
            snapshot = app.snap_live(live, file, told, journal=journal_path(live), resume=given["resume"])
            errors = ()
    functions = sum(len(estate.functions) for estate in snapshot.estates)
    unread = sum(len(estate.missing) for estate in snapshot.estates)
    summary = {
        "schema": "buckler/snap/1",
        "file": str(file),
        "bytes": file.stat().st_size,
        "estates": len(snapshot.estates),
        "functions": functions,
        "collections_not_read": unread,
        "errors": [{"target": one.target, "error": one.error, "cause": one.cause, "hint": one.hint} for one in errors],
    }
    if format_name == "json":
        emit(as_json(summary), output)
    else:
        emit(
            f"{file}: {functions} function{'' if functions == 1 else 's'}, {summary['bytes']:,} bytes; scan it with `buckler scan {file}`",
            output,
        )
        for one in errors:
            tell(one.error, cause=one.cause, hint=one.hint, place=one.target)
    return 2 if errors else 0
