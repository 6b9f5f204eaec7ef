"""buckler config."""

from pathlib import Path
from typing import cast

import click

from buckler.cli._options import as_json, emit, output_options


@click.command()
@click.argument("target", required=False, type=click.Path(path_type=Path))
@output_options("console", "json")
def command(target: Path | None, format_name: str, output: Path | None) -> int:
    """Show the effective configuration for TARGET (default: here) and where each value comes from.

    \b
    A buckler.toml:
      fail-on = "medium"
      exclude = ["examples/*"]
      [[ignore]]
      check = "function-url-public"
      subject = "webhook*"
      reason = "Stripe calls it; the signature is checked in code"
      until = 2027-01-31
    """
    from buckler.config import find_config, load_config

    config = load_config(find_config(target or Path.cwd()))
    origins = dict(config.origins)
    settings: dict[str, object] = {
        "fail-on": config.fail_on.value,
        "persona": config.persona.value,
        "strict": config.strict,
        "skip": list(config.skip),
        "exclude": list(config.exclude),
        "lock": config.lock,
        # A parameter may carry a secret: names only.
        "parameters": [name for name, _ in config.parameters],
        "signing": [
            f"{name.replace('_', '-')}: {one}"
            for name in ("signer_roots", "notation_certificates", "notation_authorities", "notation_signers", "cosign_keys", "revoked")
            for one in getattr(config.signing, name)
        ],
        "ignore": [
            {"check": i.check, "subject": i.subject, "reason": i.reason, "until": i.until, "where": i.where} for i in config.ignores
        ],
    }
    if format_name == "json":
        emit(as_json({"schema": "buckler/config/1", "file": config.file or None, "settings": settings, "origins": origins}), output)
        return 0
    lines = [f"file: {config.file or 'none found; all values are defaults'}", ""]
    for name, value in settings.items():
        if name == "ignore":
            continue
        text = (
            ", ".join(map(str, cast("list[object]", value))) or "-"
            if isinstance(value, list)
            else (value if name == "lock" else str(value).lower()) or "-"
        )
        lines.append(f"{name:<11} {text:<24} ({origins.get(name, 'default')})")
    for ignore in config.ignores:
        until = f", until {ignore.until}" if ignore.until else ""
        lines.append(f"ignore      {ignore.check} on {ignore.subject}: {ignore.reason}{until} ({ignore.where})")
    emit("\n".join(lines), output)
    return 0
