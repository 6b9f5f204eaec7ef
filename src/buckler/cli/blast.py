"""buckler blast."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from buckler.cli._estates import estate_options, read_analyses, refuse_file_as_name
from buckler.cli._options import Choice, emit, output_options, refuse_unwritable, terminal_width, wants_color
from buckler.errors import UsageError

if TYPE_CHECKING:
    from buckler.reach.analysis import Analysis

EPILOG = """\
\b
Examples:
  buckler blast checkout template.yaml
  buckler blast checkout --profile prod
  buckler blast layer:arn:aws:lambda:eu-west-1:123456789012:layer:common:7
  buckler blast aws_lambda_function.checkout plan.json --format svg --output checkout.svg
"""


@click.command(epilog=EPILOG)
@click.argument("function")
@estate_options
@output_options("console", "json", "svg")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
def command(function: str, output: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Say what follows when FUNCTION is owned: whom the attacker becomes, in how many steps, and what they can touch.

    FUNCTION is a name, an ARN, a logical id of a template or an address of a plan; or `layer:` and the ARN or name of a layer, for all
    functions and roles that fall with it. TARGET is as for `buckler scan`.
    """
    refuse_unwritable(output)
    refuse_file_as_name("buckler blast", given, function=function)
    about, code = read_analyses(given)
    if function.startswith(_LAYER):
        return _layer(function.removeprefix(_LAYER), about, code, output, given)
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


_LAYER = "layer:"


def _layer(layer: str, about: "Sequence[Analysis]", code: int, output: Path | None, given: dict[str, Any]) -> int:
    from buckler.app.layering import ask_layer_blast
    from buckler.report import Context
    from buckler.report.layers import layer_blast_json, layer_blast_text

    if given["format_name"] == "svg":
        raise UsageError("there is no picture of a layer", hint="buckler blast FUNCTION --format svg draws one of its functions")
    found = ask_layer_blast(about, layer)
    if given["format_name"] == "json":
        emit(layer_blast_json(found), output)
    else:
        context = Context(width=terminal_width(), color=wants_color(given["color"], output), verbose=given["verbose"] > 0)
        emit(layer_blast_text(found, context), output)
    return code
