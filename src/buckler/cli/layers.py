"""buckler layers."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._estates import estate_options, read_analyses
from buckler.cli._options import Choice, emit, output_options, refuse_unwritable, terminal_width, wants_color

EPILOG = """\
\b
Examples:
  buckler layers --profile prod
  buckler layers template.yaml --format json
"""


@click.command(epilog=EPILOG)
@estate_options
@output_options("console", "json")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
def command(output: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """List the layer versions functions use: whose they are, how old, who shares them, who else may get them.

    TARGET is as for `buckler scan`. A layer that nobody looked into is `not assessed`, never clean.
    """
    refuse_unwritable(output)
    about, code = read_analyses(given)
    from buckler.app.layering import layers_of, unread_functions
    from buckler.report import Context
    from buckler.report.layers import layers_json, layers_text

    rows, unread = layers_of(about), unread_functions(about)
    if given["format_name"] == "json":
        emit(layers_json(rows, unread), output)
    else:
        context = Context(width=terminal_width(), color=wants_color(given["color"], output), verbose=given["verbose"] > 0)
        emit(layers_text(rows, unread, context), output)
    return code
