"""buckler lock."""

import sys
from pathlib import Path
from typing import Any

import click

from buckler.cli._estates import estate_options
from buckler.cli._options import refuse_unwritable, terminal_width, wants_color
from buckler.errors import UsageError

EPILOG = """\
\b
Examples:
  buckler lock --profile prod                       what runs in the account, into lambda.lock
  buckler lock build/layer.zip build/checkout.zip   what was built
  buckler lock --update build/layer.zip             show what is different, ask, and accept it
"""


@click.command(epilog=EPILOG)
@estate_options
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), default=Path("lambda.lock"), show_default=True, help="The lock."
)
@click.option("--update", is_flag=True, help="Show what is not as the lock says, and accept it when you say so.")
@click.option("--yes", is_flag=True, help="Accept it without being asked.")
def command(output: Path, *, update: bool, yes: bool, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Pin what runs: code, layers in their order, images, runtimes, code signing and roles, into a file that people review.

    TARGET is a template, plan or snapshot, or an artifact: a zip, a folder of code, an image. Without one the live account is pinned, by
    the hashes its API tells; nothing is downloaded. What could not be read is written down as that.

    Exit code 0 when the lock is written or nothing has changed, 1 when the change was not accepted.
    """
    from buckler.app.locked import accept
    from buckler.cli._pinned import read_pinned
    from buckler.report import Context
    from buckler.report.verify import summary_of_lock, update_text
    from buckler.sources.lambda_lock import read_lock, write_lock

    refuse_unwritable(output)
    if output.exists() and not update:
        raise UsageError(f"there is a lock `{output}` already", hint="see what would change and accept it: add --update")
    old = read_lock(output) if update else None
    pinned = read_pinned(given)
    if pinned.failed:
        raise UsageError(f"`{output}` is not written", cause="a target could not be read, and what is not pinned is not guarded")
    lock = pinned.lock
    if old is not None:
        change = accept(old, lock)
        lock = change.lock
        context = Context(width=terminal_width(), color=wants_color("auto", None), verbose=given["verbose"] > 0)
        click.echo(update_text(change.verified, context), nl=False, color=True)
        if lock == old:
            click.echo(f"{output}: unchanged")
            return 0
        if not yes and not _agreed(output):
            click.echo(f"{output}: left as it is", err=True)
            return 1
    write_lock(output, lock)
    click.echo(summary_of_lock(str(output), lock))
    return 0


def _agreed(output: Path) -> bool:
    if not sys.stdin.isatty():
        click.echo("nobody is there to be asked: accept it with --yes", err=True)
        return False
    return click.confirm(f"accept all of it into {output}?", default=False)
