"""buckler permissions."""

from pathlib import Path
from typing import Any

import click

from buckler.cli._options import as_json, emit, output_options


@click.command()
@output_options("console", "json", "markdown")
@click.option("--shallow", is_flag=True, help="Leave out what only `--deep` asks.")
@click.option("--org", is_flag=True, help="Add what `--org-role` and the organisation's policies need.")
def command(format_name: str, output: Path | None, *, shallow: bool, org: bool) -> int:
    """Print the exact read-only IAM policy a live scan needs, generated from the collectors' own declarations.

    \b
    Examples:
      buckler permissions > buckler-policy.json
      aws iam create-policy --policy-name BucklerRead --policy-document file://buckler-policy.json
    """
    from buckler import app

    needed = app.needed_permissions(deep=not shallow, org=org)
    if format_name == "markdown":
        lines = ["| action | what for |", "|---|---|", *(f"| `{one.action}` | {one.why} |" for one in needed)]
        emit("\n".join(lines), output)
        return 0
    policy: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "BucklerRead", "Effect": "Allow", "Action": sorted({one.action for one in needed}), "Resource": "*"},
        ],
    }
    if format_name == "json":
        emit(
            as_json(
                {
                    "schema": "buckler/permissions/1",
                    "policy": policy,
                    "actions": [{"action": one.action, "why": one.why} for one in needed],
                }
            ),
            output,
        )
    else:
        emit(as_json(policy), output)
    return 0
