"""buckler secrets."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._estates import estate_options, read_analyses
from buckler.cli._options import Choice, emit, live_options, output_options, refuse_unwritable, terminal_width, wants_color

EPILOG = """\
\b
Examples:
  buckler secrets list                                       of the live account: who reads each, which versions keep it
  buckler secrets list template.yaml
  buckler secrets migrate checkout --to secretsmanager --out plan.json
  buckler secrets migrate checkout DB_PASSWORD --to ssm --kms-key ARN --out plan.json
  buckler fix --apply plan.json
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
@click.argument("function")
@click.argument("variables", nargs=-1, metavar="[VARIABLE]...")
@click.option("--to", "store", type=Choice(("secretsmanager", "ssm")), required=True, help="Where the secrets go.")
@click.option("--kms-key", metavar="ARN", default="", help="Customer-managed key they are encrypted under.  [default: the service's own]")
@click.option("--prefix", default="", help="Of the names of what is made.  [default: the function's name]")
@click.option("--layer", metavar="ARN", default="", help="Layer version with the resolver, signed by you.  [default: publish buckler's]")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the plan here, to review and apply.")
@click.option("--format", "-f", "format_name", type=Choice(("text", "json")), default="text", show_default=True, help="How to print.")
@live_options
@click.option("--verbose", "-v", count=True, help="Show each API call.")
def migrate(function: str, variables: tuple[str, ...], out: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Plan the move of FUNCTION's secrets, or of the VARIABLEs named, and prove it. Nothing is changed: `buckler fix --apply` does.

    Each secret is made in its store, the function's role is let read that one and nothing more, the variable is replaced by a reference,
    and a small layer puts the value in its place when the function starts, so that the code works unchanged. `buckler fix --undo` gives
    the variable its value back.

    \b
    Example:
      buckler secrets migrate checkout --to secretsmanager --out plan.json
    """
    from buckler.app import fixing
    from buckler.app.secreting import Destination, plan_migration
    from buckler.report.fix import plan_text, summary

    refuse_unwritable(out)
    about, code = read_analyses({**given, "targets": (), "parameters": (), "parameter_file": None})
    destination = Destination(store=given["store"], key=given["kms_key"], prefix=given["prefix"], layer=given["layer"])
    plan = plan_migration(about[0], function, variables, destination)
    if out is not None:
        emit(fixing.write_plan(plan), out)
    if given["format_name"] == "json":
        emit(fixing.write_plan(plan), None)
    else:
        emit(plan_text(plan, terminal_width()), None)
        if out is not None:
            click.echo(f"{out}: {summary(plan)}; apply it with: buckler fix --apply {out}")
    return code
