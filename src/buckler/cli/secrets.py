"""buckler secrets."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from buckler.cli._estates import estate_options, read_analyses
from buckler.cli._options import (
    LIVE_OPTIONS,
    Choice,
    emit,
    live_options,
    make_live,
    output_options,
    refuse_unwritable,
    terminal_width,
    wants_color,
)
from buckler.errors import UsageError

if TYPE_CHECKING:
    from buckler.model.code import CodePatch

EPILOG = """\
\b
Examples:
  buckler secrets list                                       of the live account: who reads each, which versions keep it
  buckler secrets list template.yaml
  buckler secrets migrate checkout --to secretsmanager --out plan.json
  buckler secrets migrate checkout DB_PASSWORD --to ssm --kms-key ARN --out plan.json
  buckler secrets migrate checkout --to ssm --source src --patch code.patch --out plan.json
  buckler fix --apply plan.json
  buckler secrets resolver -o resolver.zip                   the layer that follows references, to publish it yourself
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """List the secrets in environment variables, and move them to where secrets belong.

    A value is never shown, and never written to a plan, a journal or a log.
    """


@command.command("list")
@estate_options
@output_options("console", "json")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
def list_(output: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """List each secret: who reads it through the configuration, and which published versions keep it for ever.

    TARGET is as for `buckler scan`; without one the live account is read.

    \b
    Example:
      buckler secrets list --profile prod
    """
    from buckler.app.secreting import exposed
    from buckler.report import Context
    from buckler.report.secrets import secrets_json, secrets_text

    refuse_unwritable(output)
    about, code = read_analyses(given)
    found = exposed(about)
    if given["format_name"] == "json":
        emit(secrets_json(found), output)
    else:
        context = Context(width=terminal_width(), color=wants_color(given["color"], output), verbose=given["verbose"] > 0)
        emit(secrets_text(found, context), output)
    return code


@command.command()
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE", help="Write the zip here.")
def resolver(output: Path) -> int:
    """Write the resolver as the zip of a layer: to read it, to sign it, or to publish it yourself.

    It has no dependencies, serves Python and Node.js on both architectures, and is always the same bytes.

    \b
    Example:
      buckler secrets resolver -o resolver.zip
      aws lambda publish-layer-version --layer-name buckler-resolve --zip-file fileb://resolver.zip
    """
    from buckler.app.secreting import resolver_layer

    refuse_unwritable(output)
    output.write_bytes(resolver_layer())
    click.echo(f"{output}: publish it with: aws lambda publish-layer-version --layer-name buckler-resolve --zip-file fileb://{output}")
    return 0


@command.command()
@click.argument("function")
@click.argument("variables", nargs=-1, metavar="[VARIABLE]...")
@click.option("--to", "store", type=Choice(("secretsmanager", "ssm")), required=True, help="Where the secrets go.")
@click.option("--kms-key", metavar="ARN", default="", help="Customer-managed key they are encrypted under.  [default: the service's own]")
@click.option("--prefix", default="", help="Of the names of what is made.  [default: the function's name]")
@click.option("--layer", metavar="ARN", default="", help="Layer version with the resolver, signed by you.  [default: publish buckler's]")
@click.option(
    "--source", type=click.Path(path_type=Path), metavar="FOLDER", help="Patch the code deployed from here, instead of the layer."
)
@click.option("--patch", "patch_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the patch here.")
@click.option("--project", type=click.Path(path_type=Path), metavar="FOLDER", help="Look for copies in the files of this folder.")
@click.option("--logs", type=click.IntRange(1, 3653), metavar="DAYS", help="Look for copies in the log lines of the last days.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the plan here, to review and apply.")
@click.option("--format", "-f", "format_name", type=Choice(("text", "json")), default="text", show_default=True, help="How to print.")
@live_options
@click.option("--verbose", "-v", count=True, help="Show each API call.")
def migrate(function: str, variables: tuple[str, ...], out: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Plan the move of FUNCTION's secrets, or of the VARIABLEs named, and prove it. Nothing is changed: `buckler fix --apply` does.

    Each secret is made in its store, the function's role is let read that one and nothing more, the variable is replaced by a reference,
    and a small layer puts the value in its place when the function starts, so that the code works unchanged. `buckler fix --undo` gives
    the variable its value back.

    With --source the code asks for its secrets itself: what has to change in it is shown as a patch, for Python, JavaScript and
    TypeScript. The patched code works with the value and with the reference, so deploy it first, then apply the plan.

    The plan names what else holds the same value: other functions and versions, and where asked for the files of a project and log lines
    (needs logs:FilterLogEvents). Values are compared in memory; none is sent, shown or kept.

    \b
    Examples:
      buckler secrets migrate checkout --to secretsmanager --out plan.json
      buckler secrets migrate checkout --to ssm --source src --patch code.patch --out plan.json
    """
    from buckler.app import fixing
    from buckler.app.secreting import Destination, look_for_copies, patch_for, plan_migration
    from buckler.cli._progress import progress
    from buckler.report.fix import plan_text, summary

    _refuse_at_odds(given)
    refuse_unwritable(out, given["patch_file"])
    about, code = read_analyses({**given, "targets": (), "parameters": (), "parameter_file": None})
    patch = None if given["source"] is None else patch_for(about[0], function, variables, given["source"])
    destination = Destination(store=given["store"], key=given["kms_key"], prefix=given["prefix"], layer=given["layer"], patch=patch)
    live = make_live(**{name: given[name] for name in LIVE_OPTIONS})
    with progress(verbose=given["verbose"]) as told:
        found = look_for_copies(about[0], function, variables, live, told, project=given["project"], log_days=given["logs"] or 0)
        plan = plan_migration(about[0], function, variables, destination, found)
    if out is not None:
        emit(fixing.write_plan(plan), out)
    if given["format_name"] == "json":
        emit(fixing.write_plan(plan), None)
    else:
        emit(plan_text(plan, terminal_width()), None)
    if patch is not None and patch.diff:
        _tell_patch(patch, given["patch_file"], is_shown=given["format_name"] == "text")
    if out is not None and given["format_name"] == "text":
        click.echo(f"{out}: {summary(plan)}; apply it with: buckler fix --apply {out}")
    return code


def _refuse_at_odds(given: dict[str, Any]) -> None:
    if given["patch_file"] is not None and given["source"] is None:
        raise UsageError("--patch needs the source that is patched", hint="--source FOLDER --patch FILE")
    if given["layer"] and given["source"] is not None:
        raise UsageError("--source and --layer exclude each other: either the code asks for the secret, or the layer", hint="leave out one")
    for option in ("source", "project"):
        if given[option] is not None and not given[option].is_dir():
            raise UsageError(f"`{given[option]}` is no folder", hint=f"--{option} names a folder")


def _tell_patch(patch: "CodePatch", file: Path | None, *, is_shown: bool) -> None:
    from buckler.report.patch import is_masked, patch_text

    if file is not None:
        emit(patch.diff, file)
    if not is_shown:
        return
    if file is None:
        click.echo("\n" + patch_text(patch), nl=False)
        masked = "; secrets in it are masked here, and not in the file" if is_masked(patch) else ""
        click.echo(f"\nwrite it to a file with --patch FILE, and apply that{masked}")
        return
    masked = "; it holds what the source holds of secrets" if is_masked(patch) else ""
    count = len(patch.files)
    click.echo(
        f"{file}: {count} {'file' if count == 1 else 'files'}; apply it with: patch -d {shlex.quote(patch.folder)} -p1 < {file}{masked}"
    )
