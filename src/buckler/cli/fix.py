"""buckler fix."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from buckler.cli._estates import estate_options
from buckler.cli._options import (
    LIVE_OPTIONS,
    Choice,
    emit,
    journal_path,
    make_live,
    read_parameters,
    refuse_live_options,
    refuse_unwritable,
    terminal_width,
)
from buckler.errors import NothingToScan, UsageError
from buckler.model.severity import Persona

if TYPE_CHECKING:
    from buckler.fixes.apply import Outcome
    from buckler.model.estate import Estate
    from buckler.model.fix import Plan

EPILOG = """\
\b
Examples:
  buckler fix                                        what would be done, and what is lost by it
  buckler fix --only function-url-public --out plan.json
  buckler fix template.yaml --write                  edit the template
  buckler fix --project infra --write                edit the templates of what is live, and name drift
  buckler fix --apply plan.json                      do what the plan says, after asking
  buckler fix --undo plan.journal                    put everything back as it was
"""


@click.command(epilog=EPILOG)
@estate_options
@click.option("--only", multiple=True, metavar="CHECK", help="Mend only what this check found; may be repeated.")
@click.option("--function", metavar="NAME", default="", help="Mend only this function.")
@click.option("--project", type=click.Path(path_type=Path), metavar="FOLDER", help="Mend live functions in the templates that made them.")
@click.option("--safe", is_flag=True, help="Plan only what cannot break anything legitimate.")
@click.option("--persona", type=Choice([p.value for p in Persona]), default="regular", show_default=True, help="As in `buckler scan`.")
@click.option("--retention-days", type=click.IntRange(1, 3653), default=365, show_default=True, help="For log groups without a retention.")
@click.option("--reserved-concurrency", type=click.IntRange(0), metavar="N", help="For functions anyone can call.")
@click.option("--kms-key", multiple=True, metavar="ARN", help="Customer-managed key where one lacks; may be repeated, one a region.")
@click.option("--secrets-to", type=Choice(("secretsmanager", "ssm")), help="Where secrets of environment variables go.")
@click.option("--resolver-layer", metavar="NAME:N", default="", help="Layer version with the resolver, for secrets of files.")
@click.option("--trust-subject", multiple=True, metavar="SUBJECT", help="Whose tokens may become a pipeline's role; may be repeated.")
@click.option("--allow-name", multiple=True, metavar="NAME", help="What resolvers may ask for (`*.amazonaws.com`); may be repeated.")
@click.option("--allow-origin", multiple=True, metavar="URL", help="Whose scripts may call a public URL; may be repeated.")
@click.option("--timeout", type=click.IntRange(1, 899), metavar="SECONDS", help="For functions anyone can call.")
@click.option("--failure-destination", multiple=True, metavar="ARN", help="Queue or topic for what functions fail on; may be repeated.")
@click.option("--extension-layer", multiple=True, metavar="ARN", help="Layer version of your runtime-protection product; may be repeated.")
@click.option("--signing-profile", multiple=True, metavar="ARN", help="Version of the profile that signs your code; may be repeated.")
@click.option("--signing-bucket", multiple=True, metavar="NAME", help="Bucket with versions, to sign what runs unsigned; may be repeated.")
@click.option("--subnet", multiple=True, metavar="ID", help="Subnet for functions that are in no VPC; may be repeated.")
@click.option("--security-group", multiple=True, metavar="ID", help="Security group that goes with --subnet; may be repeated.")
@click.option("--guardduty", is_flag=True, help="Switch GuardDuty on, for functions only, where it is off: it is billed.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the plan here, to review and apply.")
@click.option("--format", "-f", "format_name", type=Choice(("text", "json")), default="text", show_default=True, help="How to print.")
@click.option("--write", is_flag=True, help="Make the proved edits of the templates and configurations named.")
@click.option("--dry-run", is_flag=True, help="Change nothing: the default, and with --apply: show what the plan would do.")
@click.option("--apply", "plan_file", type=click.Path(path_type=Path, dir_okay=False), metavar="PLAN", help="Make the fixes of a plan.")
@click.option("--undo", "undo_file", type=click.Path(path_type=Path, dir_okay=False), metavar="JOURNAL", help="Put back what was changed.")
@click.option("--continue", "on_file", type=click.Path(path_type=Path, dir_okay=False), metavar="JOURNAL", help="Go on with an apply.")
@click.option("--journal", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="[default: the plan's name, .journal]")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def command(**given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Plan how findings are mended, prove it, apply it, and take it back.

    Without --apply nothing is changed: each remedy is shown with its before and after, what is lost by it, and whether it is proved.
    Fixes are made in live accounts, and with --write in the CloudFormation and SAM templates and Terraform configurations named (TARGET),
    where nothing but the lines of the remedy changes. Of Terraform plans they are shown as advice. With --project a live function is
    mended in the template that declares it, and where that does not have the finding the drift is named.

    Exit code 0 when all is planned, made or undone, 1 when a step was refused, 2 when a plan or journal cannot be used.
    """
    chosen = [name for name in ("plan_file", "undo_file", "on_file") if given[name] is not None]
    if len(chosen) > 1:
        raise UsageError("--apply, --undo and --continue exclude each other", hint="buckler fix --apply plan.json")
    if not chosen:
        return _plan(given)
    if given["targets"]:
        raise UsageError("a plan or journal names what it is about, and a target was named too", hint="leave out the target")
    return {"plan_file": _apply, "undo_file": _undo, "on_file": _go_on}[chosen[0]](given)


_FORMS: Final = {
    "kms_key": (r"arn:[^:]+:kms:[^:]+:\d{12}:(?:key|alias)/.+", "the ARN of a key", "arn:aws:kms:eu-west-1:123456789012:key/..."),
    "failure_destination": (
        r"arn:[^:]+:(?:sqs|sns):[^:]+:\d{12}:.+",
        "the ARN of a queue or topic",
        "arn:aws:sqs:eu-west-1:123456789012:failed",
    ),
    "extension_layer": (r"arn:[^:]+:lambda:[^:]+:\d{12}:layer:[^:]+:\d+", "the ARN of a layer version", "arn:aws:lambda:...:layer:NAME:1"),
    "resolver_layer": (
        r"arn:[^:]+:lambda:[^:]+:\d{12}:layer:[^:]+:\d+|[A-Za-z0-9_-]+:\d+",
        "a layer version",
        "buckler-resolve:1, or an ARN of another account",
    ),
    "signing_profile": (
        r"arn:[^:]+:signer:[^:]+:\d{12}:/signing-profiles/[^/]+/[^/]+",
        "the ARN of a version of a signing profile",
        "aws signer list-signing-profiles",
    ),
    "signing_bucket": (r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket", "my-signed-code"),
    "subnet": (
        r"subnet-[0-9a-f]+|aws_subnet\.[\w-]+|[A-Za-z0-9]+",
        "a subnet",
        "its id, or its name in the template: PrivateA, aws_subnet.a",
    ),
    "security_group": (
        r"sg-[0-9a-f]+|aws_security_group\.[\w-]+|[A-Za-z0-9]+",
        "a security group",
        "its id, or its name in the template: Group, aws_security_group.g",
    ),
    "trust_subject": (r"[^\s\"*?][^\s\"]*", "the subject of a token", "repo:acme/shop:environment:production"),
    "allow_name": (r"(?:\*\.)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?", "a name", "*.amazonaws.com"),
    "allow_origin": (r"https?://[^/\s]+", "an origin", "https://shop.example"),
}
"""Option -> how its value is written, what that is called, and an example."""


_BY_PLACE: Final = ("kms_key", "failure_destination", "extension_layer", "signing_profile", "signing_bucket")
"""What is of an account and a region, so that several may be named."""


def _refuse_nonsense(given: dict[str, Any]) -> None:
    """Raise `UsageError` for a value that AWS would refuse: what is written into a template is deployed much later."""
    for name, (form, what, example) in _FORMS.items():
        values: tuple[str, ...] = given[name] if isinstance(given[name], tuple) else (given[name],)
        for value in values:
            if value and not re.fullmatch(form, value):
                raise UsageError(f"`{value}` is not {what}, which --{name.replace('_', '-')} takes", hint=example)


def _plan(given: dict[str, Any]) -> int:
    from buckler import app
    from buckler.app import fixing
    from buckler.cli._progress import progress
    from buckler.config import find_config, load_config
    from buckler.model.fix import Wishes
    from buckler.report.fix import plan_text, summary

    refuse_unwritable(given["out"])
    if given["write"] and not given["targets"] and given["project"] is None:
        raise UsageError("--write edits templates, and none was named", hint="buckler fix template.yaml --write")
    if given["targets"] and given["project"] is not None:
        raise UsageError("--project is for the live account, and a target was named", hint="leave out one of them")
    targets: tuple[Path, ...] = given["targets"]
    config = load_config(find_config(targets[0] if targets else Path.cwd()))
    options = app.options_of(
        config,
        persona=Persona(given["persona"]),
        only=given["only"],
        parameters=tuple({**dict(config.parameters), **dict(read_parameters(given["parameters"], given["parameter_file"]))}.items()),
    )
    _refuse_nonsense(given)
    first: dict[str, str] = {name: next(iter(given[name]), "") for name in _BY_PLACE}
    wishes = Wishes(
        retention_days=given["retention_days"],
        reserved_concurrency=given["reserved_concurrency"],
        kms_key=first["kms_key"],
        failure_destination=first["failure_destination"],
        extension_layer=first["extension_layer"],
        signing_profile=first["signing_profile"],
        signing_bucket=first["signing_bucket"],
        more=tuple((name, value) for name in _BY_PLACE for value in given[name][1:]),
        secrets_to=given["secrets_to"],
        allow_origins=given["allow_origin"],
        allow_names=given["allow_name"],
        trust_subjects=given["trust_subject"],
        timeout_s=given["timeout"],
        resolver_layer=given["resolver_layer"],
        subnets=given["subnet"],
        security_groups=given["security_group"],
        guardduty=given["guardduty"],
    )
    with progress(verbose=given["verbose"]) as told:
        estates, code = _read(given, options, told)
        project, code = _project(given["project"], options, told, code)
        plan = fixing.plan_fixes(estates, options, wishes, told, function=given["function"], only_safe=given["safe"], project=project)
    if given["out"] is not None:
        emit(fixing.write_plan(plan), given["out"])
    if given["format_name"] == "json":
        emit(fixing.write_plan(plan), None)
    else:
        emit(plan_text(plan, terminal_width()), None)
        if given["out"] is not None:
            click.echo(f"{given['out']}: {summary(plan)}; apply it with: buckler fix --apply {given['out']}")
    if given["write"] and not given["dry_run"]:
        written = fixing.write_texts(plan)
        for name, count in written:
            click.echo(f"{name}: {count} {'fix' if count == 1 else 'fixes'} written", err=given["format_name"] == "json")
        if not written:
            click.echo("nothing was written: no edit of a CloudFormation or SAM template was proved", err=True)
    return code


def _read(given: dict[str, Any], options: Any, told: Any) -> "tuple[tuple[Estate, ...], int]":  # noqa: ANN401 - ScanOptions and Progress, imported late
    from msgspec.structs import replace

    from buckler import app

    if not given["targets"]:
        live = make_live(**{name: given[name] for name in LIVE_OPTIONS})
        live = replace(live, signing_profiles=given["signing_profile"])
        return (app.read_live(live, told, journal=journal_path(live), resume=given["resume"]),), 0
    refuse_live_options(given)
    return _read_files(given["targets"], options, told)


def _project(folder: Path | None, options: Any, told: Any, code: int) -> "tuple[tuple[Estate, ...], int]":  # noqa: ANN401 - as above
    if folder is None:
        return (), code
    estates, told_code = _read_files((folder,), options, told)
    return estates, code or told_code


def _read_files(targets: tuple[Path, ...], options: Any, told: Any) -> "tuple[tuple[Estate, ...], int]":  # noqa: ANN401 - as above
    from buckler import app
    from buckler.cli._entry import tell

    read = app.read_targets(targets, options, told)
    for one in read.errors:
        tell(one.error, cause=one.cause, hint=one.hint, place=one.target)
    if not read.estates:
        raise NothingToScan("nothing could be read", hint="buckler scan --help")
    return read.estates, 2 if read.errors else 0


def _apply(given: dict[str, Any]) -> int:
    from buckler.app import fixing
    from buckler.cli._progress import progress
    from buckler.report.fix import plan_text

    file: Path = given["plan_file"]
    plan = fixing.read_plan(file)
    journal: Path = given["journal"] or file.with_suffix(".journal")
    click.echo(plan_text(plan, terminal_width()), nl=False)
    count = fixing.count_proved(plan)
    if given["dry_run"] or not count:
        return 0
    if not given["yes"] and not _agreed(f"make these {count} fixes?"):
        click.echo("nothing was changed", err=True)
        return 1
    with progress(verbose=given["verbose"]) as told:
        outcome = fixing.apply_plan(plan, make_live(**{name: given[name] for name in LIVE_OPTIONS}), journal, told)
    return _told(outcome, plan, f"undo them with: buckler fix --undo {journal}")


def _go_on(given: dict[str, Any]) -> int:
    from buckler.app import fixing
    from buckler.cli._progress import progress

    journal: Path = given["on_file"]
    if not given["yes"] and not _agreed(f"go on with `{journal}`?"):
        return 1
    with progress(verbose=given["verbose"]) as told:
        outcome = fixing.go_on(journal, make_live(**{name: given[name] for name in LIVE_OPTIONS}), told)
    return _told(outcome, None, f"undo them with: buckler fix --undo {journal}")


def _undo(given: dict[str, Any]) -> int:
    from buckler.app import fixing
    from buckler.cli._progress import progress

    journal: Path = given["undo_file"]
    if given["dry_run"] or (not given["yes"] and not _agreed(f"put back what `{journal}` says was changed?")):
        click.echo("nothing was changed", err=True)
        return 0 if given["dry_run"] else 1
    with progress(verbose=given["verbose"]) as told:
        outcome = fixing.undo_journal(journal, make_live(**{name: given[name] for name in LIVE_OPTIONS}), told)
    for one in outcome.done:
        click.echo(f"undone: {one}")
    for one, why in outcome.refused:
        click.echo(f"refused: {one}: {why}", err=True)
    click.echo(f"{len(outcome.done)} steps undone, {len(outcome.refused)} refused")
    return 1 if outcome.refused else 0


def _told(outcome: "Outcome", plan: "Plan | None", undo: str) -> int:
    names = {fix.id: f"{fix.check} on {fix.name}" for fix in plan.fixes} if plan else {}
    for one in outcome.told:
        click.echo(f"note: {one}")
    for one in outcome.done:
        click.echo(f"done: {one} {names.get(one, '')}".rstrip())
    for one, why in outcome.refused:
        click.echo(f"refused: {one} {names.get(one, '')}: {why}", err=True)
    made = "1 fix" if len(outcome.done) == 1 else f"{len(outcome.done)} fixes"
    click.echo(f"{made} made, {len(outcome.refused)} refused; {undo}")
    return 1 if outcome.refused else 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        click.echo("nobody is there to be asked: add --yes", err=True)
        return False
    return click.confirm(question, default=False)
