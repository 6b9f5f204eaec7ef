"""buckler net."""

from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from buckler.cli._estates import estate_options, read_analyses
from buckler.cli._options import Choice, emit, output_options, refuse_unwritable, terminal_width, wants_color
from buckler.errors import UsageError
from buckler.model.closing import Endpoints

EPILOG = """\
\b
Examples:
  buckler net checkout --profile prod
  buckler net checkout --to payroll --port 5432 shop.buckler
  buckler net --to payroll shop.buckler
  buckler net checkout template.yaml --format json
  buckler net checkout shop.buckler --format svg --output net.svg
  buckler net cut checkout payroll --port 5432 shop.buckler
  buckler net close checkout --profile prod --out plan.json
  buckler net close checkout --profile prod --endpoints gateway --own-group --out plan.json
  buckler net close checkout template.yaml
  buckler net close checkout --profile prod --subnet-design cfn --output subnets.yaml
  buckler net assert connections.yaml template.yaml

\b
Exit codes: 0 answered, 1 a connection is not as the file of --assert says, or --out has nothing that may be made,
2 a target that cannot be read, 4 nobody knows.
"""


_FILES: Final = {".yaml", ".yml", ".json", ".template", ".tf", ".buckler", ".zip", ".toml"}
"""A first word that ends so is a file that is not there, not a function."""


class _Made(NamedTuple):
    """What `close` may make beside rules."""

    endpoints: Endpoints
    own_group: bool


@click.command(epilog=EPILOG)
@click.option("--to", metavar="WHAT", help="Ask about this: an interface, address, endpoint, service, security group, or `internet`.")
@click.option(
    "--assert",
    "assertions",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Check the connections in this YAML file: lists of {from, to, port, protocol} under `allowed` and `denied`.",
)
@click.option("--subnet-design", type=Choice(("cfn", "terraform")), help="Of `close`: print subnets for FUNCTION alone, in this language.")
@click.option(
    "--endpoints",
    type=Choice(("none", "gateway", "all")),
    default="none",
    show_default=True,
    help="Of `close`: make VPC endpoints for what goes over the internet: those that cost nothing, or all.",
)
@click.option("--own-group", is_flag=True, help="Of `close`: give FUNCTION a security group of its own.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Of `close`: write the plan here, to apply.")
@click.option("--why", is_flag=True, help="With --to: say it hop by hop, as is done anyway where FUNCTION is given.")
@click.option("--port", type=click.IntRange(0, 65535), help="Destination port.  [default: 443]")
@click.option("--protocol", type=Choice(("tcp", "udp", "icmp")), default="tcp", show_default=True, help="Protocol.")
@estate_options
@output_options("console", "json", "svg")
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", show_default=True, help="Colour the console output.")
def command(
    to: str | None,
    assertions: Path | None,
    port: int | None,
    protocol: str,
    output: Path | None,
    out: Path | None,
    subnet_design: str | None,
    **given: Any,  # noqa: ANN401
) -> int:
    """Say what a function's packets reach, by which rules, and what is in the way.

    `buckler net FUNCTION [TARGET]...` lists everything it reaches, with ports. With `--to` it says whether FUNCTION reaches that, hop by
    hop; without FUNCTION, who reaches it. `buckler net cut FUNCTION WHAT [TARGET]...` says what to remove so that FUNCTION no longer
    reaches WHAT (all of it, or the port of `--port`), and what else that breaks. `buckler net close FUNCTION [TARGET]...` says which
    outbound rules keep what it is configured to use, and what they close, with the endpoints and the group that `--endpoints` and
    `--own-group` let it make; the plan of `--out` is made by `buckler fix --apply`.

    FUNCTION is a name, an ARN, a logical id of a template or an address of a plan; TARGET is as for `buckler scan`.
    """
    refuse_unwritable(output)
    words = given["targets"]
    if given.pop("why") and to is None:
        raise UsageError("--why is of one target", hint="buckler net FUNCTION --to WHAT --port N --why")
    if assertions is None and words and str(words[0]) == "assert":
        if len(words) == 1:
            raise UsageError("which file?", hint="buckler net assert FILE [TARGET]...")
        assertions, given["targets"] = words[1], words[2:]
    made = _Made(given.pop("endpoints"), given.pop("own_group"))
    if assertions is not None:
        return _assert(assertions, output, given)
    if len(words) > 1 and str(words[0]) == "close" and not words[1].exists():
        return _close(str(words[1]), output, out, subnet_design, made, given)
    options = {"--out": out, "--subnet-design": subnet_design, "--own-group": made.own_group, "--endpoints": made.endpoints != "none"}
    option = next((name for name, value in options.items() if value), None)
    if option is not None:
        raise UsageError(f"{option} is for `close`", hint=f"buckler net close FUNCTION {option} ...")
    if len(words) > 2 and str(words[0]) == "cut":
        return _cut(str(words[1]), str(words[2]), protocol if protocol_given() or port is not None else None, port, output, given)
    function = str(words[0]) if words and not words[0].exists() else None
    if function is not None and (Path(function).suffix in _FILES or "/" in function):
        raise UsageError(f"`{function}` does not exist", hint="buckler net FUNCTION [TARGET]...: the function comes first")
    given["targets"] = words[1:] if function is not None else words
    if given["format_name"] == "svg" and to is not None:
        raise UsageError("the picture is of all that a function reaches", hint="buckler net FUNCTION --format svg, without --to")
    if function is None and to is None:
        raise UsageError("which function?", hint="buckler net FUNCTION [TARGET]..., or buckler net --to WHAT [TARGET]...")
    about, code = read_analyses(given)
    from buckler import app
    from buckler.app.netting import ask_connection, ask_net, ask_who
    from buckler.cli._entry import tell
    from buckler.model.unknown import Undecided
    from buckler.report import Context
    from buckler.report.net import net_json, net_text, reaches_json, who_text, why_text

    is_json = given["format_name"] == "json"
    context = Context(width=terminal_width(), color=wants_color(given["color"], output), verbose=given["verbose"] > 0, excerpt=app.excerpt)
    try:
        if function is None:
            target, found, undecided = ask_who(about, str(to))
            emit(reaches_json(found, undecided) if is_json else who_text(target, found, undecided, context), output)
        elif to is None:
            report = ask_net(about, function)
            if given["format_name"] == "svg":
                from buckler.report.net_svg import net_svg

                emit(net_svg(report), output)
            else:
                emit(net_json(report) if is_json else net_text(report, context), output)
        else:
            asked = 443 if port is None else port
            told = ask_connection(about, function, to, protocol, asked)
            emit(reaches_json([told]) if is_json else why_text(told, f"{protocol} {asked}", context), output)
    except Undecided as stop:
        tell("nobody knows what it reaches", cause=stop.unknown.why, hint=f"needs {stop.unknown.need}")
        return 4
    return code


def protocol_given() -> bool:
    """Say whether a protocol was asked for by name."""
    source = click.get_current_context().get_parameter_source("protocol")
    return source is not None and source.name == "COMMANDLINE"


def _cut(function: str, to: str, protocol: str | None, port: int | None, output: Path | None, given: dict[str, Any]) -> int:
    """`buckler net cut FUNCTION WHAT [TARGET]...`."""
    given["targets"] = given["targets"][3:]
    about, code = read_analyses(given)
    from buckler import app
    from buckler.app.netting import ask_cut
    from buckler.cli._entry import tell
    from buckler.model.unknown import Undecided
    from buckler.report import Context
    from buckler.report.net_cut import cut_json, cut_text

    color = wants_color(given["color"], output)
    context = Context(width=terminal_width(), color=color, verbose=given["verbose"] > 0, excerpt=app.excerpt)
    try:
        report = ask_cut(about, function, to, protocol, port)
    except Undecided as stop:
        tell("nobody knows what it reaches", cause=stop.unknown.why, hint=f"needs {stop.unknown.need}")
        return 4
    emit(cut_json(report) if given["format_name"] == "json" else cut_text(report, context), output)
    return code


def _assert(file: Path, output: Path | None, given: dict[str, Any]) -> int:
    from buckler import app
    from buckler.app.asserting import check_assertions, read_assertions
    from buckler.model.unknown import Unknown
    from buckler.report import Context
    from buckler.report.net_asserted import asserted_json, asserted_text

    wanted = read_assertions(file)
    about, code = read_analyses(given)
    told = check_assertions(about, wanted)
    color = wants_color(given["color"], output)
    context = Context(width=terminal_width(), color=color, verbose=given["verbose"] > 0, excerpt=app.excerpt)
    emit(asserted_json(told) if given["format_name"] == "json" else asserted_text(told, context), output)
    if code:
        return code
    if any(one.holds is False for one in told):
        return 1
    return 4 if any(isinstance(one.holds, Unknown) for one in told) else 0


def _close(function: str, output: Path | None, out: Path | None, language: str | None, made: _Made, given: dict[str, Any]) -> int:
    """`buckler net close FUNCTION [TARGET]...`."""
    refuse_unwritable(out)
    given["targets"] = given["targets"][2:]
    if language is not None and (out is not None or given["format_name"] != "console"):
        raise UsageError("--subnet-design writes text, and no plan", hint=f"buckler net close {function} --subnet-design {language}")
    if given["format_name"] == "svg":
        raise UsageError("rules are no picture", hint=f"buckler net close {function} --format json")
    if language is not None and (made.own_group or made.endpoints != "none"):
        raise UsageError("the design of subnets has a group and endpoints of its own", hint=f"buckler net close {function} --own-group")
    about, code = read_analyses(given)
    from buckler import app
    from buckler.app.closing import ask_close, is_written, plan_close
    from buckler.app.fixing import count_proved, write_plan
    from buckler.cli._entry import tell
    from buckler.model.unknown import Undecided
    from buckler.reach.network_rules import rules_text
    from buckler.report import Context
    from buckler.report.net_close import close_json, close_text

    color = wants_color(given["color"], output)
    context = Context(width=terminal_width(), color=color, verbose=given["verbose"] > 0, excerpt=app.excerpt)
    try:
        analysis, closing = ask_close(about, function, made.endpoints, own=made.own_group)
        if language is not None:
            from buckler.app.closing import design_close
            from buckler.report.net_design import design_text

            emit(design_text(design_close(closing, analysis), "cfn" if language == "cfn" else "terraform"), output)
            return code
        plan = plan_close(closing, analysis)
    except Undecided as stop:
        tell("nobody knows what it uses", cause=stop.unknown.why, hint=f"needs {stop.unknown.need}")
        return 4
    (fix,) = plan.fixes
    if given["format_name"] == "json":
        emit(close_json(closing, fix.proof.why), output)
    else:
        pasted = rules_text(closing) if is_written(closing) else ""
        emit(close_text(closing, fix.proof.why, context) + pasted, output)
    if out is None:
        return code
    if is_written(closing):
        raise UsageError(f"`{function}` is written in a file, and a plan is for what is live", hint="paste the rules into the file")
    if count_proved(plan) and not fix.edits:
        tell("no plan was written: there is nothing to change", hint=f"buckler net {function}")
        return code
    if not count_proved(plan):
        tell("no plan was written: it is not to be made as it is", cause=fix.proof.why, hint="buckler net close --help")
        return 1
    emit(write_plan(plan), out)
    click.echo(f"{out}: apply it with: buckler fix --apply {out}", err=output is None and given["format_name"] == "json")
    return code
