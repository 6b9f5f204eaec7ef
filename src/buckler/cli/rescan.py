"""buckler rescan."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._options import SCAN_FORMATS, Choice, emit, output_options, refuse_unwritable
from buckler.cli._results import exit_code, rendered
from buckler.model.severity import Severity

EPILOG = """\
\b
Examples:
  buckler scan --code; buckler db update; buckler rescan
  buckler snap --code monday.buckler; buckler rescan monday.buckler
  buckler rescan --baseline monday.json --check vulnerable-package
"""


@click.command(epilog=EPILOG)
@click.argument("targets", nargs=-1, type=click.Path(path_type=Path), metavar="[SNAPSHOT]...")
@output_options(*SCAN_FORMATS)
@click.option(
    "--fail-on", type=Choice((*(s.value for s in Severity), "never")), help="Lowest severity that makes the exit code 1.  [default: low]"
)
@click.option("--min-severity", type=Choice([s.value for s in Severity]), default="low", show_default=True, help="Leave out what is below.")
@click.option("--check", "only", multiple=True, metavar="ID", help="Ask only this check; may be repeated.")
@click.option("--baseline", type=click.Path(path_type=Path, dir_okay=False), help="JSON of an earlier scan: report only what is new.")
@click.option("--strict", is_flag=True, help="Exit 4 when questions stay unanswered.")
@click.option("--config", "config_file", type=click.Path(path_type=Path, dir_okay=False), help="Use this buckler.toml.")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
@click.option("--verbose", "-v", count=True, help="Show every finding and gap whole.")
def command(targets: tuple[Path, ...], **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Match what was found in code before with the advisories of today.

    Nothing is fetched and no package is opened. SNAPSHOT is one that was made with `--code`; without it, the accounts that were scanned
    last with `--code` are meant, as they were then.
    """
    from buckler import app
    from buckler.app.rematching import rescan_targets
    from buckler.cli._progress import progress
    from buckler.config import find_config, load_config

    refuse_unwritable(given["output"])
    config = load_config(given["config_file"] or find_config(targets[0] if targets else Path.cwd()))
    options = app.options_of(
        config,
        only=given["only"],
        skip=config.skip,
        baseline=app.load_baseline(given["baseline"]) if given["baseline"] else frozenset[str](),
        min_severity=Severity(given["min_severity"]),
    )
    with progress(verbose=given["verbose"]) as told:
        result = rescan_targets(targets, options, told)
    emit(rendered(result, given["format_name"], given), given["output"])
    return exit_code(result, fail_on=given["fail_on"] or config.fail_on.value, strict=given["strict"] or config.strict)
