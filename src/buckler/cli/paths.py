"""buckler paths."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._estates import estate_options, read_analyses
from buckler.cli._options import Choice, emit, output_options, refuse_unwritable, terminal_width, wants_color

EPILOG = """\
\b
Examples:
  buckler paths --from internet --to 'secret:*' template.yaml
  buckler paths --from 'user:*' --to administrator account.json
  buckler paths --from function:checkout --to arn:aws:s3:::payroll --format json

\b
Exit codes: 0 no path, 1 at least one; 2 and 3 as for scan.
"""


@click.command(epilog=EPILOG)
@click.option("--from", "source", default="internet", show_default=True, metavar="WHO", help="Where paths start.")
@click.option("--to", "target", required=True, metavar="WHAT", help="Where they end.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Show so many paths at most, the shortest.")
@estate_options
@output_options("console", "json")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
def command(source: str, target: str, limit: int, output: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Find the shortest ways of an attacker from WHO to WHAT, each step proved.

    WHO and WHAT are `internet`; a kind and a pattern, as in `secret:*`, `role:deploy-*`, `administrator:*`; an ARN, or a name. A function
    that can be invoked on the way counts as owned: a path says what a bug in it would be worth. TARGET is as for `buckler scan`.
    """
    refuse_unwritable(output)
    about, code = read_analyses(given)
    from buckler import app
    from buckler.app.attacking import ask_paths
    from buckler.model.unknown import Unknown
    from buckler.report import Context
    from buckler.report.paths import paths_json, paths_text

    gaps: list[Unknown] = []
    found = ask_paths(about, source, target, at_most=limit, gaps=gaps)
    if given["format_name"] == "json":
        emit(paths_json(source, target, found, gaps), output)
    else:
        color = wants_color(given["color"], output)
        context = Context(width=terminal_width(), color=color, verbose=given["verbose"] > 0, excerpt=app.excerpt)
        emit(paths_text(source, target, found, context, gaps), output)
    return code or (1 if found else 0)
