"""buckler demo."""

import os
import subprocess
import sys
import time
from pathlib import Path

import click

from buckler.cli._options import SCAN_FORMATS, Choice, output_options
from buckler.errors import UsageError

ROLES = ("arn:aws:iam::123456789012:role/BucklerAudit", "arn:aws:iam::210987654321:role/BucklerAudit")
REGIONS = ("eu-west-1", "us-east-1")

NEXT = """\
Try next:
  buckler explain function-url-public           why one of these matters, and how to fix it
  buckler scan path/to/template.yaml            your own SAM, CloudFormation or Terraform plan; nothing leaves this machine
  buckler permissions > buckler-policy.json     the exact read-only policy for your account; then just: buckler scan
"""


@click.command()
@click.option(
    "--directory", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where the reports go.  [default: here]"
)
@output_options(*SCAN_FORMATS)
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
@click.option("--verbose", "-v", count=True, help="Show every finding whole.")
def command(directory: Path, format_name: str, output: Path | None, color: str, verbose: int) -> int:
    """Scan a leaky shop in an AWS embedded on this machine.

    Starts moto's HTTP server on 127.0.0.1, deploys some 25 functions into two accounts and two regions of it, runs the
    real `buckler scan` against it over HTTP, and writes report.html, findings.json and findings.sarif. No AWS account is
    involved and nothing leaves this machine.

    \b
    Example:
      buckler demo --directory demo-out
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # the shop must neither see nor touch anything of yours
    try:
        from buckler.demo.embedded import EmbeddedAws
        from buckler.demo.shop import deploy
    except ImportError as missing:
        raise UsageError(
            "the demo needs packages that are not installed", cause=f"no module named `{missing.name}`", hint="pip install 'buckler[demo]'"
        ) from None
    directory.mkdir(parents=True, exist_ok=True)
    reports = [directory / name for name in ("report.html", "findings.json", "findings.sarif")]
    started = time.monotonic()
    with EmbeddedAws() as aws:
        click.echo(f"An AWS of your own answers on {aws.endpoint}; opening the leaky shop in it ...", err=True)
        deploy(aws.endpoint)
        click.echo(f"... open after {time.monotonic() - started:.1f} s: 2 accounts, 2 regions.", err=True)
        arguments = ["scan", "--deep"]
        for region in REGIONS:
            arguments += ["--region", region]
        for role in ROLES:
            arguments += ["--role-arn", role]
        for report in reports:
            arguments += ["--report", str(report)]
        click.echo(f"\n$ buckler {' '.join(arguments)}\n", err=True)
        flags = ["--color", color, "--format", format_name] + ["-v"] * bool(verbose)
        if output is not None:
            flags += ["--output", str(output)]
        done = subprocess.run(  # noqa: S603 - our own command line, on our own arguments
            [sys.executable, "-m", "buckler.cli.main", *arguments, *flags], env=_environment(aws.endpoint), check=False
        )
    if done.returncode not in {0, 1}:
        return done.returncode
    click.echo(f"\nWrote {', '.join(str(report) for report in reports)}.\n\n{NEXT}", err=True, nl=False)
    return 0


def _environment(endpoint: str) -> dict[str, str]:
    """Point the scan at the embedded AWS, and keep it from seeing any real credentials."""
    return os.environ | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
