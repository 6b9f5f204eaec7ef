"""buckler verify."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._estates import estate_options
from buckler.cli._options import Choice, emit, output_options, refuse_unwritable, terminal_width, wants_color
from buckler.errors import UsageError

EPILOG = """\
\b
Examples:
  buckler verify --profile prod              the live account, by the hashes its API tells
  buckler verify build/checkout.zip          a package, before it is deployed
  buckler verify template.yaml --strict      a template: layers, images, runtimes, code signing, roles

\b
Exit codes: 0 as the lock says, 1 drift, 2 usage, or a target that cannot be read, 4 not assessed under --strict.
"""


@click.command(epilog=EPILOG)
@estate_options
@click.option(
    "--lock", "lock_file", type=click.Path(path_type=Path, dir_okay=False), default=Path("lambda.lock"), show_default=True, help="The lock."
)
@click.option("--strict", is_flag=True, help="Fail when something could not be compared.")
@output_options("console", "json")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
def command(lock_file: Path, *, strict: bool, output: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Say what is not as the lock says.

    TARGET is a template, plan or snapshot, or an artifact: a zip, a folder of code, an image. Without one the live account is compared, by
    the hashes its API tells; nothing is downloaded. A first TARGET named `*.lock` is the lock. Content that was only zipped again is no
    drift.
    """
    from buckler.app.locked import verify
    from buckler.cli._pinned import read_pinned
    from buckler.report import Context
    from buckler.report.verify import verify_json, verify_text
    from buckler.sources.lambda_lock import read_lock

    refuse_unwritable(output)
    targets: tuple[Path, ...] = given["targets"]
    if targets and targets[0].suffix == ".lock":
        if lock_file != Path("lambda.lock") and lock_file != targets[0]:
            raise UsageError(f"two locks are named, `{lock_file}` and `{targets[0]}`", hint=f"buckler verify {targets[0]}")
        lock_file, given["targets"] = targets[0], targets[1:]
    locked = read_lock(lock_file)
    found = read_pinned(given)
    verified = verify(locked, found.lock)
    if given["format_name"] == "json":
        text = verify_json(str(lock_file), verified, found.errors)
    else:
        context = Context(width=terminal_width(), color=wants_color(given["color"], output), verbose=given["verbose"] > 0)
        text = verify_text(str(lock_file), verified, context)
    emit(text, output)
    if found.failed:
        return 2
    if verified.drifts:
        return 1
    return 4 if strict and any(doubt.is_gap for doubt in verified.doubts) else 0
