"""buckler who-can."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._estates import estate_options, read_analyses, refuse_file_as_name
from buckler.cli._options import Choice, as_json, emit, output_options, refuse_unwritable, terminal_width, wants_color

EPILOG = """\
\b
Examples:
  buckler who-can lambda:UpdateFunctionCode checkout
  buckler who-can secretsmanager:GetSecretValue orders-db monday.buckler
  buckler who-can iam:PassRole arn:aws:iam::123456789012:role/admin account.json --format json
"""


@click.command(epilog=EPILOG)
@click.argument("action")
@click.argument("resource")
@estate_options
@output_options("console", "json")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
def command(action: str, resource: str, output: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """List everybody who may do ACTION to RESOURCE, with the statements that let them.

    RESOURCE is an ARN, the name of something in the estate, or `*`. TARGET is as for `buckler scan`.
    """
    refuse_unwritable(output)
    refuse_file_as_name("buckler who-can", given, action=action, resource=resource)
    about, code = read_analyses(given)
    from buckler import app
    from buckler.report import Context
    from buckler.report.asked import who_json, who_text

    answers = app.ask_who_can(about, action, resource)
    if given["format_name"] == "json":
        emit(as_json(who_json(answers)), output)
    else:
        color = wants_color(given["color"], output)
        emit(who_text(answers, Context(width=terminal_width(), color=color, verbose=given["verbose"] > 0)), output)
    return code
