"""buckler why."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._estates import estate_options, read_analyses, refuse_file_as_name
from buckler.cli._options import Choice, as_json, emit, output_options, refuse_unwritable, terminal_width, wants_color
from buckler.errors import UsageError

EPILOG = """\
\b
Examples:
  buckler why checkout s3:GetObject arn:aws:s3:::orders/1 template.yaml
  buckler why arn:aws:iam::123456789012:role/deploy lambda:UpdateFunctionCode checkout monday.buckler
  buckler why ann sts:AssumeRole admin account.json --context aws:MultiFactorAuthPresent=true

\b
Exit codes: 0 allowed, 1 denied or not allowed, 4 depends on something; 2 and 3 as for scan.
"""


@click.command(epilog=EPILOG)
@click.argument("principal")
@click.argument("action")
@click.argument("resource")
@estate_options
@click.option(
    "--context",
    "context",
    multiple=True,
    metavar="KEY=VALUE",
    help="A condition key of the request; repeated for several values; KEY= when AWS does not send it.",
)
@click.option(
    "--session-policy",
    "session",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A policy the session was made with, as JSON; repeated for several.",
)
@click.option(
    "--endpoint-policy",
    "endpoint",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The policy of the VPC endpoint the request comes through, as JSON.",
)
@output_options("console", "json")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
def command(principal: str, action: str, resource: str, context: tuple[str, ...], output: Path | None, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Say why PRINCIPAL may, or may not, do ACTION to RESOURCE.

    PRINCIPAL is a role, a user or a function (its execution role), by name or ARN; or a service, an account, or `*`.
    RESOURCE is an ARN, the name of something in the estate, or `*`. TARGET is as for `buckler scan`.
    """
    refuse_unwritable(output)
    refuse_file_as_name("buckler why", given, principal=principal, action=action, resource=resource)
    entries = [_entry(pair) for pair in context]
    about, code = read_analyses(given)
    from buckler import app
    from buckler.report import Context
    from buckler.report.asked import why_json, why_text

    answer = app.ask_why(about, principal, action, resource, entries, session=given["session"], endpoint=given["endpoint"])
    if given["format_name"] == "json":
        emit(as_json(why_json(answer)), output)
    else:
        color = wants_color(given["color"], output)
        emit(why_text(answer, Context(width=terminal_width(), color=color, verbose=given["verbose"] > 0)), output)
    return code or {"allowed": 0, "depends": 4}.get(answer.verdict, 1)


def _entry(pair: str) -> tuple[str, str]:
    key, sign, value = pair.partition("=")
    if not sign or ":" not in key:
        raise UsageError("--context needs KEY=VALUE", hint="--context aws:SourceIp=203.0.113.7")
    return key, value
