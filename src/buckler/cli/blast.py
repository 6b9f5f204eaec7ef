"""buckler blast."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._estates import estate_options, read_analyses, refuse_file_as_name
from buckler.cli._options import Choice, emit, output_options, refuse_unwritable, terminal_width, wants_color

EPILOG = """\
\b
Examples:
  buckler blast checkout template.yaml
  buckler blast checkout --profile prod
  buckler blast aws_lambda_function.checkout plan.json --format svg --output checkout.svg
"""


@click.command(epilog=EPILOG)
@click.argument("function")
@estate_options
@output_options("console", "json", "svg")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
def command(function: str, output: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Say what follows when FUNCTION is owned: whom the attacker becomes, in how many steps, and what they can touch.

    FUNCTION is a name, an ARN, a logical id of a template or an address of a plan. TARGET is as for `buckler scan`.
    """
    refuse_unwritable(output)
    refuse_file_as_name("buckler blast", given, function=function)
    about, code = read_analyses(given)
    from buckler import app
    from buckler.app.attacking import ask_blast
    from buckler.report import Context
    from buckler.report.blast import render_blast

    found = ask_blast(about, function)
    color = wants_color(given["color"], output)
    context = Context(
        width=terminal_width(), color=color, verbose=given["verbose"] > 0, excerpt=app.excerpt, targets=tuple(map(str, given["targets"]))
    )
    emit(render_blast(given["format_name"], found, context), output)
    return code
