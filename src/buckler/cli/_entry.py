"""Commands by name, loaded when used, and errors as people should see them."""

import importlib
import os
import shlex
import sys
from collections.abc import Callable

import click

from buckler.errors import BucklerError
from buckler.hints import closest

# Name -> what it is for. The module `buckler.cli.<name>` holds the command `command`; it is imported only when that command runs,
# so that `buckler --help` stays fast.
COMMANDS = {
    "scan": "Find what is wrong with functions: templates, plans, snapshots, or the live account.",
    "snap": "Save an estate as one file, to scan, compare and keep.",
    "diff": "Say what changed between two estates, in facts and findings.",
    "blast": "Say what an attacker who owns a function becomes and can touch; as text, JSON, or a picture.",
    "paths": "Find the ways of an attacker from one thing to another: from the internet to secrets.",
    "net": "Say what a function reaches over the network, by which rules, and what is in the way.",
    "why": "Say why a principal may, or may not, do something; layer by layer.",
    "who-can": "List everybody who may do something to a resource.",
    "sbom": "List what is installed in a code package, a layer or an image, as CycloneDX or SPDX.",
    "reference": "Keep what registries published, so that integrity is settled offline.",
    "db": "Keep advisories of known vulnerabilities: fetched from OSV, added from files.",
    "lock": "Pin what runs, code, layers and images, into a file that people review.",
    "verify": "Say what is not as the lock says: before deployment, or in the live account.",
    "layers": "List the layers functions use: whose, how old, who shares them.",
    "rescan": "Match what was found in code before with the advisories of today, and fetch nothing.",
    "explain": "Explain a check: what it flags, why, what it does not flag, how to fix it.",
    "checks": "List the checks.",
    "permissions": "Print the exact read-only IAM policy a live scan needs.",
    "config": "Show the effective configuration and where each value comes from.",
    "fix": "Mend findings: plan, prove, apply, undo.",
    "secrets": "List secrets in environment variables, and move them to Secrets Manager or Parameter Store.",
    "demo": "Scan a leaky shop in an AWS embedded on this machine.",
}


class Commands(click.Group):
    """A group that knows its commands' names and loads a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the names in the order people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"buckler.cli.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the command that was meant."""
        name = args[0] if args else ""
        if name and name not in COMMANDS:
            close = closest(name, COMMANDS)
            hint = f"a similar command exists: `buckler {close}`" if close else "list the commands with `buckler --help`"
            if os.path.exists(name):  # noqa: PTH110 - no pathlib import on the way to `--help`
                hint = f"`buckler scan {name}`"
            raise UsageProblem(f"there is no command `{name}`", hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


class UsageProblem(click.UsageError):
    """A usage error with a hint of its own."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


EXAMPLES = """\
\b
Examples:
  buckler scan template.yaml          a SAM or CloudFormation template
  buckler scan .                      every template, plan and snapshot below here
  buckler scan                        the live account, with your AWS credentials
  buckler scan --org-role Audit       every account of the organisation
  buckler demo                        see it work on an embedded AWS first

\b
Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage, or a target that cannot be read,
3 nothing to scan, 4 unanswered questions under --strict, 70 a bug of ours.
"""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}, epilog=EXAMPLES)
@click.version_option(message="buckler %(version)s", package_name="buckler", prog_name="buckler")
def root() -> None:
    """Security for AWS Lambda, with proof.

    What an attacker who owns a function can do, what it runs, who gets in, and how to close it.
    """


def run(arguments: list[str]) -> int:
    """Run a command line; whatever goes wrong ends in one `error:` line, its cause and a hint, never in a traceback."""
    try:
        code = root.main(args=arguments, prog_name="buckler", standalone_mode=False)
    except BucklerError as bad:
        tell(bad.error, cause=bad.cause, hint=bad.hint.replace("buckler scan --resume", _again(arguments)), place=bad.place)
        return bad.exit_code
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as bad:
        message, hint = bad.format_message(), getattr(bad, "hint", "")
        tell(_lower(message), hint=hint or _hint(bad))
        return 2
    except (KeyboardInterrupt, click.Abort):
        tell("interrupted")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as bug:  # noqa: BLE001 - the last door: a user never sees a traceback
        return _our_bug(bug)
    return code if isinstance(code, int) else 0


def _again(arguments: list[str]) -> str:
    """Write the command that goes on with an interrupted one."""
    if any(one.startswith(("--parameter", "--external-id")) for one in arguments):
        return "the same command with --resume"  # a value of these may be a secret: it is not repeated
    return shlex.join(["buckler", *arguments, *(() if "--resume" in arguments else ("--resume",))])


_HELP: Callable[[str], str] = "run `buckler {} --help`".format


def _hint(bad: click.ClickException) -> str:
    """Say where help is, naming the option that may be meant."""
    context = getattr(bad, "ctx", None)
    path = context.command_path.partition(" ")[2] if context is not None else ""
    if isinstance(bad, click.NoSuchOption) and context is not None:
        known = [name for parameter in context.command.params for name in parameter.opts]
        close = closest(bad.option_name, known)
        if close:
            return f"a similar option exists: `{close}`"
    return _HELP(path) if path else "run `buckler --help`"


def _lower(message: str) -> str:
    """Make click's sentence look like ours: lower case, no full stop, one line."""
    text = " ".join(message.split()).rstrip(".")
    return text[:1].lower() + text[1:]


def tell(error: str, *, cause: str = "", hint: str = "", place: str = "") -> None:
    """Print an error with its cause and hint to stderr. Control characters, which may come from a user's file, are dropped."""
    lines = [f"error: {place}: {error}" if place else f"error: {error}"]
    if cause:
        lines.append(f"cause: {cause}")
    if hint:
        lines.append(f"hint: {hint}")
    for line in lines:
        click.echo("".join(c if c.isprintable() else " " for c in line), err=True)


def _our_bug(bug: Exception) -> int:
    """Report a bug of ours by its kind and place; its message may hold a user's data, so it stays out unless asked for."""
    trace = bug.__traceback__
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "buckler" in code.co_filename:
            place = f"{code.co_filename.rpartition('buckler/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    tell(
        f"this is a bug in buckler ({bug.__class__.__name__} at {place or 'an unknown place'})",
        hint="please report it with this line, `buckler --version` and the command; BUCKLER_TRACEBACK=1 prints the details",
    )
    if os.environ.get("BUCKLER_TRACEBACK"):
        import traceback

        traceback.print_exception(bug)
    return 70
