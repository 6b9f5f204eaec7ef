"""Options several commands share, and how they print."""

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from buckler.errors import UsageError
from buckler.hints import closest

F = TypeVar("F", bound=Callable[..., Any])

SCAN_FORMATS = ("console", "json", "sarif", "ocsf", "asff", "csv", "junit", "markdown", "html")


class Choice(click.Choice[str]):
    """A choice whose error names the value that may be meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401, ARG002 - click's signature
        """Refuse a value that is none of the choices."""
        if value in self.choices:
            return str(value)
        close = closest(str(value), self.choices)
        hint = f"a similar value exists: `{close}`" if close else f"one of {', '.join(self.choices)}"
        name = param.opts[0] if param is not None else "value"
        raise UsageError(f"`{value}` is not a value of {name}", hint=hint)


def output_options(*formats: str) -> Callable[[F], F]:
    """Add `--format` and `--output`."""

    def decorate(function: F) -> F:
        function = click.option(
            "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead of standard output."
        )(function)
        return click.option(
            "--format", "-f", "format_name", type=Choice(formats), default=formats[0], show_default=True, help="How to print."
        )(function)

    return decorate


def live_options(function: F) -> F:
    """Add the options that say which accounts and regions are read."""
    options = (
        click.option("--profile", "profiles", multiple=True, metavar="NAME", help="AWS profile; several are scanned together."),
        click.option("--region", "regions", multiple=True, metavar="NAME", help="Region; several are scanned together."),
        click.option("--all-regions", is_flag=True, help="Every region that is enabled in the account."),
        click.option(
            "--role-arn", "role_arns", multiple=True, metavar="ARN", help="Assume this role and scan its account; may be repeated."
        ),
        click.option("--org-role", metavar="NAME", help="Assume the role of this name in every account of the organisation."),
        click.option("--external-id", metavar="ID", help="External id for --role-arn and --org-role."),
        click.option(
            "--deep",
            is_flag=True,
            help="Ask up to 8 calls per function instead of 4: async, recursion, runtime and scaling settings.",
        ),
        click.option(
            "--code", is_flag=True, help="Look into the code of functions and layers, each package once: fetched, or beside the template."
        ),
        click.option("--resume", is_flag=True, help="Go on with an interrupted live scan of the same options."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def parameter_options(function: F) -> F:
    """Add `--parameter` and `--parameter-file`."""
    options = (
        click.option(
            "--parameter", "parameters", multiple=True, metavar="KEY=VALUE", help="Value of a template parameter; may be repeated."
        ),
        click.option(
            "--parameter-file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="CloudFormation parameter file (JSON) or samconfig.toml.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


LIVE_OPTIONS = ("profiles", "regions", "all_regions", "role_arns", "org_role", "external_id", "deep", "code")


def refuse_live_options(given: Mapping[str, Any], *, but: tuple[str, ...] = ()) -> None:
    """Raise `UsageError` when an option of the live account, *but* those that mean something else too, was given beside a target."""
    chosen = next((name for name in (*LIVE_OPTIONS, "resume") if given[name] and name not in but), None)
    if chosen is not None:
        option = "--" + chosen.removesuffix("s").replace("_", "-") if chosen != "all_regions" else "--all-regions"
        raise UsageError(f"{option} is for the live account, and a target was named", hint="leave out the target, or leave out the option")


def read_parameters(pairs: tuple[str, ...], file: Path | None) -> tuple[tuple[str, str], ...]:
    """Join `--parameter-file` and `--parameter`; the latter wins."""
    values: dict[str, str] = {}
    if file is not None:
        from buckler.sources.cfn import read_parameter_file

        values.update(read_parameter_file(file))
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            # The value may be a secret: never repeat the argument.
            raise UsageError("--parameter needs KEY=VALUE", hint="--parameter Stage=prod")
        values[name] = value
    return tuple(sorted(values.items()))


def make_live(**given: Any) -> Any:  # noqa: ANN401 - LiveOptions, imported late
    """Turn the command line's live options into `LiveOptions`."""
    from buckler.sources.live import LiveOptions

    return LiveOptions(**given)


def journal_path(options: Any) -> Path:  # noqa: ANN401 - LiveOptions, imported late
    """Say where an interrupted scan of these options is kept."""
    import hashlib

    import msgspec

    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "buckler"
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as bad:
        raise UsageError(
            f"cannot make the folder `{state}`",
            cause=f"{bad.strerror}; an interrupted scan is kept there",
            hint='XDG_STATE_HOME="$PWD/.state" buckler scan',
        ) from None
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    name = hashlib.sha256(msgspec.msgpack.encode(options) + endpoint.encode()).hexdigest()[:16]
    return state / f"scan-{name}.journal"


def refuse_unwritable(*files: Path | None) -> None:
    """Raise `UsageError` for a file that could not be written, before hours of work are done for it."""
    for file in files:
        if file is None:
            continue
        folder = file.parent
        try:
            is_folder, is_there = folder.is_dir(), file.exists()
        except OSError as bad:
            raise UsageError(f"cannot write `{file}`", cause=bad.strerror or type(bad).__name__) from None
        if not is_folder:
            raise UsageError(f"cannot write `{file}`", cause=f"there is no folder `{folder}`", hint=f"mkdir -p {shlex.quote(str(folder))}")
        if not os.access(file if is_there else folder, os.W_OK):
            raise UsageError(f"cannot write `{file}`", cause="permission denied")


def emit(text: str, output: Path | None) -> None:
    """Print, or write the file whole or not at all."""
    if not text.endswith("\n"):
        text += "\n"
    if output is None:
        # Colour is in the text only when it is wanted; click would take it out again in a pipe.
        click.echo(text, nl=False, color=True)
        return
    scratch = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        if output.is_symlink() or (output.exists() and not output.is_file()):
            # /dev/null, /dev/stdout, a pipe or a link: what it leads to is written, and it stays what it is.
            output.write_text(text, encoding="utf-8")
        else:
            scratch.write_text(text, encoding="utf-8")
            scratch.replace(output)
    except OSError as bad:
        scratch.unlink(missing_ok=True)
        raise UsageError(f"cannot write `{output}`", cause=bad.strerror or "") from None


def as_json(value: Any) -> str:  # noqa: ANN401 - any value msgspec can encode
    """Write a plain structure as indented JSON."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def terminal_width() -> int:
    """Give the width to print for: the terminal's, COLUMNS, or 100 in a pipe."""
    import shutil

    return max(40, shutil.get_terminal_size((100, 24)).columns)


def wants_color(choice: str, output: Path | None) -> bool:
    """Decide on colour: asked for, forbidden (NO_COLOR), or when a terminal reads it."""
    if choice != "auto":
        return choice == "always"
    return output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
