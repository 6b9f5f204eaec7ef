"""buckler demo."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from buckler.cli._options import SCAN_FORMATS, Choice, output_options
from buckler.errors import UsageError

ROLES = ("arn:aws:iam::123456789012:role/BucklerAudit", "arn:aws:iam::210987654321:role/BucklerAudit")
REGIONS = ("eu-west-1", "us-east-1")

DRAWN = "release-hook"
"""The function whose blast radius is drawn: nobody called it an administrator, and it ends as one of the other account."""


CONNECTED = "session-store"
"""The function in the misconfigured subnet: over a peering it reaches a database of others."""
SHARED = "layer:shop-http"
"""The layer somebody has tampered with, and that five functions share."""


def _next(snapshot: Path) -> str:
    return f"""\
Try next, on what was read of the shop (it is closed again):
  buckler blast {DRAWN} {snapshot}
      what follows when this function is owned, each step with its proof
  buckler blast {SHARED} {snapshot}
      who falls with the layer somebody has tampered with
  buckler paths --to 'administrator:*' {snapshot}
      every way from the internet to an administrator
  buckler explain function-url-public
      why one of these findings matters, and how to fix it
And on what is yours:
  buckler scan path/to/template.yaml
      SAM, CloudFormation or a Terraform plan; nothing leaves this machine
  buckler permissions > buckler-policy.json
      the exact read-only policy for your account; then just: buckler scan
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

    Starts moto's HTTP server on 127.0.0.1, deploys some 40 functions into two accounts and two regions of it, runs the
    real `buckler scan` against it over HTTP, and writes report.html, findings.json and findings.sarif. Then it saves what it
    read as shop.buckler, mends what can be mended, scans again and puts everything back, and draws the blast radius of one
    function as blast.svg. No AWS account is involved and nothing leaves this machine.

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
    snapshot, picture = directory / "shop.buckler", directory / "blast.svg"
    started = time.monotonic()
    with EmbeddedAws() as aws, tempfile.TemporaryDirectory(prefix="buckler-demo-") as cache:
        environment = _environment(aws.endpoint, cache)
        click.echo(f"An AWS of your own answers on {aws.endpoint}; opening the leaky shop in it ...", err=True)
        shop = deploy(aws.endpoint)
        config = _trusting(directory, shop.signer_root)
        click.echo(f"... open after {time.monotonic() - started:.1f} s: 2 accounts, 2 regions.", err=True)
        everywhere = [word for region in REGIONS for word in ("--region", region)]
        everywhere += [word for role in ROLES for word in ("--role-arn", role)]
        scan = [
            "scan",
            "--deep",
            "--code",
            "--config",
            str(config),
            *everywhere,
            *(word for report in reports for word in ("--report", str(report))),
        ]
        click.echo(f"\n$ buckler {' '.join(scan)}\n", err=True)
        flags = ["--color", color, "--format", format_name] + ["-v"] * bool(verbose)
        if output is not None:
            flags += ["--output", str(output)]
        code = _run([*scan, *flags], environment)
        if code not in {0, 1}:
            return code
        snap = ["snap", str(snapshot), "--deep", "--code", *everywhere]
        click.echo(f"\n$ buckler {' '.join(snap)}", err=True)
        # Its one line of result would stand among the findings.
        code = _run(snap, environment, quiet=True)
        if code:
            return code
        code = _mend(directory, everywhere, environment)
        if code:
            return code
    click.echo(f"$ buckler blast {DRAWN} {snapshot} --format svg --output {picture}\n", err=True)
    said = _draw(snapshot, picture)
    network = directory / "net.svg"
    click.echo(f"{said}\n  drawn: {picture}\n\n$ buckler net {CONNECTED} {snapshot} --format svg --output {network}\n", err=True)
    click.echo(f"{_network(snapshot, network)}\n  drawn: {network}\n\n$ buckler blast {SHARED} {snapshot}\n", err=True)
    click.echo(f"{_shared(snapshot)}\n", err=True)
    click.echo(
        f"Wrote {', '.join(str(one) for one in (*reports, snapshot, directory / 'plan.json'))}.\n\n{_next(snapshot)}", err=True, nl=False
    )
    return 0


def _mend(directory: Path, everywhere: list[str], environment: dict[str, str]) -> int:
    """Mend what can be mended, look again, and put everything back: of each command its last line is shown."""
    plan, journal = directory / "plan.json", directory / "plan.journal"
    journal.unlink(missing_ok=True)
    click.echo("\nWhat can be mended is mended, looked at again, and put back as it was:", err=True)
    acts = (
        ["fix", "--secrets-to", "secretsmanager", "--out", str(plan), "--deep", *everywhere],
        ["fix", "--apply", str(plan), "--yes", *everywhere],
        ["scan", "--deep", *everywhere],
        ["fix", "--undo", str(journal), "--yes", *everywhere],
    )
    for arguments in acts:
        shown = " ".join(word for word in arguments if word not in everywhere)
        click.echo(f"\n$ buckler {shown} ...", err=True)
        done = subprocess.run(  # noqa: S603 - our own command line, on our own arguments
            [sys.executable, "-m", "buckler.cli.main", *arguments], env=environment, check=False, stdout=subprocess.PIPE, text=True
        )
        if done.returncode not in {0, 1}:
            return done.returncode
        told = [line for line in done.stdout.splitlines() if line]
        counted = [line for line in told if re.match(r"\d+ findings?:|no findings", line)]
        click.echo((counted or told)[-1], err=True)
    return 0


def _run(arguments: list[str], environment: dict[str, str], *, quiet: bool = False) -> int:
    """Run one of our own commands against the embedded AWS."""
    return subprocess.run(  # noqa: S603 - our own command line, on our own arguments
        [sys.executable, "-m", "buckler.cli.main", *arguments],
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL if quiet else None,
    ).returncode


def _trusting(directory: Path, root: bytes) -> Path:
    """Write a configuration that trusts the authority the shop's packages are signed by."""
    # Not `buckler.toml`: that may be there already, and later scans would find it and trust the shop.
    (directory / "shop-signer.pem").write_bytes(root)
    config = directory / "shop.toml"
    config.write_text('[signing]\nsigner-roots = ["shop-signer.pem"]\n', encoding="utf-8")
    return config


def _draw(snapshot: Path, picture: Path) -> str:
    """Draw the blast radius of one function, and say in a sentence what it shows."""
    from buckler import app
    from buckler.app.attacking import ask_blast
    from buckler.report import Context
    from buckler.report.blast import render_blast

    found = ask_blast(app.analyses(app.read_targets([snapshot], app.ScanOptions()).estates), DRAWN)
    picture.write_text(render_blast("svg", found, Context()), encoding="utf-8")
    return f"{found.worst.value}: {found.summary}"


def _network(snapshot: Path, picture: Path) -> str:
    """Draw what one function reaches over the network, and say in a line what asks nobody."""
    from buckler import app
    from buckler.app.netting import ask_net
    from buckler.model.reachability import ports_text
    from buckler.report.net_svg import net_svg

    found = ask_net(app.analyses(app.read_targets([snapshot], app.ScanOptions()).estates), CONNECTED)
    picture.write_text(net_svg(found), encoding="utf-8")
    open_ones = [told for told in found.reached if told.target.asks_iam is False]
    return "; ".join(
        f"`{CONNECTED}` reaches {told.target.name} on {', '.join(f'{one.protocol} {ports_text(one.ports)}' for one in told.protocols)}"
        for told in open_ones
    )


def _shared(snapshot: Path) -> str:
    """Say in two lines who falls with the tampered layer."""
    from buckler import app
    from buckler.app.layering import ask_layer_blast

    found = ask_layer_blast(app.analyses(app.read_targets([snapshot], app.ScanOptions()).estates), SHARED.removeprefix("layer:"))
    names = sorted({one.name for held in found.held for one in held.functions})
    return f"{found.worst.value}: {found.summary}\n  they are: {', '.join(names)}"


def _environment(endpoint: str, cache: str) -> dict[str, str]:
    """Point the scan at the embedded AWS, keep it from seeing any real credentials, and your own `buckler rescan` from seeing the shop."""
    return os.environ | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "XDG_CACHE_HOME": cache,
    }
