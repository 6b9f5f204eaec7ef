"""buckler sbom."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from buckler.cli._options import emit, output_options, refuse_unwritable
from buckler.errors import UsageError
from buckler.model.unknown import Unknown

EPILOG = """\
\b
Examples:
  buckler sbom layer.zip --output layer.cdx.json
  buckler sbom build/ --format spdx
  buckler sbom image.tar --platform linux/arm64

\b
The same artifact gives the same bytes. SOURCE_DATE_EPOCH puts a time into it.
Exit codes: 0 written; 2 no artifact; 4 under --strict, when something in it could not be looked at.
"""


@click.command(epilog=EPILOG)
@click.argument("target", type=click.Path(path_type=Path))
@output_options("cyclonedx", "spdx")
@click.option("--platform", default="", metavar="OS/ARCH", help="Which of an image's platforms.  [default: linux/amd64]")
@click.option("--strict", is_flag=True, help="Exit 4 when something could not be looked at.")
def command(target: Path, format_name: str, output: Path | None, platform: str, *, strict: bool) -> int:
    """List what is installed in a code package, a layer or an image.

    TARGET is a zip, a folder, an OCI layout, or what `docker save` wrote. Nothing is unpacked to disk, and nothing is run.
    CycloneDX is 1.6, SPDX is 2.3; both as JSON.
    """
    refuse_unwritable(output)
    created = _moment()
    from buckler.app.cataloguing import catalogue
    from buckler.report import sbom_cyclonedx, sbom_spdx

    found = catalogue(target, platform=platform)
    render = sbom_spdx.render if format_name == "spdx" else sbom_cyclonedx.render
    emit(render(found.inventory, found.name, dict(found.hashes), created), output)
    for line in _remarks(found.inventory.not_assessed):
        click.echo(f"note: {line}", err=True)
    return 4 if strict and found.inventory.not_assessed else 0


_MOST_REMARKS = 5


def _remarks(gaps: tuple[Unknown, ...]) -> list[str]:
    """Say what the list may lack."""
    from buckler.report.clean import clean

    lines = [f"not assessed: {clean(one.why)}" for one in gaps[:_MOST_REMARKS]]
    if len(gaps) > _MOST_REMARKS:
        lines.append(f"not assessed: {len(gaps) - _MOST_REMARKS} more; all are in the document")
    return lines


def _moment() -> datetime | None:
    """Read the time a build is to be dated with, as reproducible-builds.org defines it."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        return None
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError("SOURCE_DATE_EPOCH is no number of seconds", hint="SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)") from None
