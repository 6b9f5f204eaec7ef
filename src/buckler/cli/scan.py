"""buckler scan."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from buckler.cli._options import (
    LIVE_OPTIONS,
    SCAN_FORMATS,
    Choice,
    emit,
    journal_path,
    live_options,
    make_live,
    output_options,
    parameter_options,
    read_parameters,
    refuse_live_options,
    refuse_unwritable,
)
from buckler.cli._results import exit_code, rendered, saw_nothing
from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.severity import Persona, Severity

if TYPE_CHECKING:
    from buckler.model.lock import Lock

EPILOG = """\
\b
Examples:
  buckler scan template.yaml --parameter Stage=prod
  buckler scan . --format sarif --output buckler.sarif
  sam build && buckler scan .aws-sam/build/template.yaml --code
  terraform show -json plan > plan.json && buckler scan plan.json
  buckler scan --profile prod --all-regions --deep
  buckler scan --org-role BucklerAudit --format html --output report.html
  buckler scan --format json --output baseline.json; buckler scan --baseline baseline.json
"""


@click.command(epilog=EPILOG)
@click.argument("targets", nargs=-1, type=click.Path(path_type=Path), metavar="[TARGET]...")
@output_options(*SCAN_FORMATS)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write this file too, its format told by its name (.html .json .sarif .csv .md .xml, .ocsf.json, .asff.json); may be repeated.",
)
@click.option(
    "--fail-on", type=Choice((*(s.value for s in Severity), "never")), help="Lowest severity that makes the exit code 1.  [default: low]"
)
@click.option("--min-severity", type=Choice([s.value for s in Severity]), default="low", show_default=True, help="Leave out what is below.")
@click.option("--persona", type=Choice([p.value for p in Persona]), help="`auditor` adds questions of good practice.  [default: regular]")
@click.option(
    "--framework", "frameworks", multiple=True, metavar="NAME", help="Ask only checks that map to fsbp, cis, owasp, mitre, nist or pci."
)
@click.option("--check", "only", multiple=True, metavar="ID", help="Ask only this check; may be repeated.")
@click.option("--skip", multiple=True, metavar="ID", help="Do not ask this check; may be repeated.")
@click.option("--baseline", type=click.Path(path_type=Path, dir_okay=False), help="JSON of an earlier scan: report only what is new.")
@click.option("--lock", "lock_file", type=click.Path(path_type=Path, dir_okay=False), help="Say what is not as this lock says.")
@click.option("--strict", is_flag=True, help="Exit 4 when questions stay unanswered.")
@click.option("--no-ignores", is_flag=True, help="Report ignored findings too.")
@click.option("--config", "config_file", type=click.Path(path_type=Path, dir_okay=False), help="Use this buckler.toml.")
@parameter_options
@live_options
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
@click.option("--verbose", "-v", count=True, help="Show every finding and gap whole, and each API call.")
def command(targets: tuple[Path, ...], **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Find what is wrong with functions.

    TARGET is a SAM or CloudFormation template, a Terraform plan (terraform show -json), a snapshot, or a folder of them.
    Without a target the live account is scanned, with the AWS credentials of your environment.
    """
    from buckler import app
    from buckler.cli._entry import tell
    from buckler.cli._progress import progress
    from buckler.config import find_config, load_config
    from buckler.report import remarks

    wanted = {file: _format_of(file) for file in given["reports"]}
    refuse_unwritable(given["output"], *wanted)
    config = load_config(given["config_file"] or find_config(targets[0] if targets else Path.cwd()))
    _check_frameworks(given["frameworks"])
    options = app.options_of(
        config,
        persona=Persona(given["persona"]) if given["persona"] else config.persona,
        frameworks=given["frameworks"],
        only=given["only"],
        skip=(*config.skip, *given["skip"]),
        honour_ignores=not given["no_ignores"],
        baseline=app.load_baseline(given["baseline"]) if given["baseline"] else frozenset[str](),
        min_severity=Severity(given["min_severity"]),
        code=given["code"],
        lock=_lock_of(given["lock_file"], config.lock),
        parameters=tuple({**dict(config.parameters), **dict(read_parameters(given["parameters"], given["parameter_file"]))}.items()),
    )
    if targets:
        refuse_live_options(given, but=("code",))
    with progress(verbose=given["verbose"]) as told:
        if targets:
            result = app.scan_targets(targets, options, told)
        else:
            live = make_live(**{name: given[name] for name in LIVE_OPTIONS})
            result = app.scan_live(live, options, told, journal=journal_path(live), resume=given["resume"])
    emit(rendered(result, given["format_name"], given), given["output"])
    for format_name in dict.fromkeys((given["format_name"], *wanted.values())):
        for remark in remarks(format_name, result):
            click.echo(f"note: {remark}", err=True)
    for file, format_name in wanted.items():
        emit(rendered(result, format_name, given), file)
    if not result.findings and saw_nothing(result):
        tell(
            "no function could be listed",
            cause=next(why for name, why in result.coverage.scopes[0].unread if name == "functions"),
            hint="buckler permissions > buckler-policy.json",
        )
    return exit_code(
        result,
        fail_on=given["fail_on"] or config.fail_on.value,
        strict=given["strict"] or config.strict,
    )


def _lock_of(named: Path | None, configured: str) -> "Lock | None":
    if named is None and not configured:
        return None
    from buckler.sources.lambda_lock import read_lock

    return read_lock(named or Path(configured))


_FORMATS_BY_SUFFIX = {
    ".ocsf.json": "ocsf",
    ".asff.json": "asff",
    ".sarif.json": "sarif",
    ".sarif": "sarif",
    ".json": "json",
    ".html": "html",
    ".csv": "csv",
    ".md": "markdown",
    ".xml": "junit",
    ".txt": "console",
}


def _format_of(file: Path) -> str:
    """Tell the format of a report by its file's name."""
    name = next((format_name for suffix, format_name in _FORMATS_BY_SUFFIX.items() if file.name.endswith(suffix)), None)
    if name is None:
        raise UsageError(
            f"cannot tell the format of `{file}` from its name",
            hint=f"use one of {' '.join(_FORMATS_BY_SUFFIX)}, or --format NAME --output {file}",
        )
    return name


def _check_frameworks(names: tuple[str, ...]) -> None:
    from buckler.data.frameworks import FRAMEWORKS

    for name in names:
        if name not in FRAMEWORKS:
            close = closest(name, FRAMEWORKS)
            raise UsageError(
                f"there is no framework `{name}`",
                hint=f"a similar one exists: `{close}`" if close else f"one of {', '.join(FRAMEWORKS)}",
            )
