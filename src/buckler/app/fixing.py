"""Plan fixes, apply a plan, go on with a journal, undo it: what `buckler fix` does."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from buckler.app.declared import prefer_texts
from buckler.app.judging import judge_estates
from buckler.app.options import ScanOptions, choose
from buckler.checks import run
from buckler.engines.secrets import judge as redact
from buckler.errors import Interrupted, UsageError
from buckler.fixes.apply import Hook, Outcome, apply, proved, refuse_foreign
from buckler.fixes.journal import Journal
from buckler.fixes.plan import digest, make_plan
from buckler.fixes.prove import Judge, Verdict
from buckler.fixes.texts import Template, digest_of, edited, mend, of_configuration, of_template
from buckler.fixes.undo import undo
from buckler.model.estate import Estate, merge
from buckler.model.finding import Finding
from buckler.model.fix import Plan, TextEdit, Wishes
from buckler.model.origin import FileOrigin
from buckler.model.progress import Progress, Silent
from buckler.model.secret import Judge as Judging
from buckler.model.secret import Redacted
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.sources.cfn.editing import replace_text
from buckler.sources.cfn.reading import read_text
from buckler.sources.live import LiveOptions, Patience
from buckler.sources.live.world import World


def plan_fixes(
    estates: Sequence[Estate],
    options: ScanOptions,
    wishes: Wishes | None = None,
    progress: Progress | None = None,
    *,
    function: str = "",
    only_safe: bool = False,
    project: Sequence[Estate] = (),
) -> Plan:
    """Scan *estates* as *options* say and plan a remedy for each finding that has one.

    *function*: mend only the function of this name or ARN. *project*: templates and configurations that declare live functions; what they
    declare is mended there. The proof asks every check, whatever the options leave out.
    """
    estate = merge(estates)
    today = date.fromisoformat(options.today) if options.today else datetime.now(UTC).date()
    findings = judge_estates((estate,), options, progress).findings
    judge = judge_on(today)
    chosen = [finding for finding in findings if not function or function in _names_of(finding)]
    if function and not chosen and all(function not in {one.name, one.arn} for one in estate.functions):
        raise UsageError(f"there is no function `{function}`", hint="list the findings with `buckler scan`")
    plan = make_plan(Analysis(estate, today=today), chosen, wishes or Wishes(), judge, progress or Silent())
    fixes = plan.fixes
    for template in _templates(estates, chosen, options, today):
        fixes = mend(template, fixes, wishes or Wishes(), judge)
    if project:
        told = replace(wishes or Wishes(), digests=_digests(estate))
        fixes = prefer_texts(fixes, estate, project, options, lambda declared: plan_fixes((declared,), options, told))
    made = replace(plan, fixes=tuple(fix for fix in fixes if fix.is_safe) if only_safe else fixes, digest="")
    return replace(made, digest=digest(made))


def _digests(live: Estate) -> tuple[tuple[str, str], ...]:
    """List by which digests the images of functions run."""
    images = (one.image for one in live.functions if one.image is not None and not isinstance(one.image, Unknown))
    named = {
        (shown(one.uri), shown(one.resolved_uri))
        for one in images
        if one.resolved_uri is not None and not isinstance(one.resolved_uri, Unknown)
    }
    return tuple(sorted(one for one in named if "@sha256:" in one[1] and "@" not in one[0]))


def judge_on(today: date) -> Judge:
    """Give what asks checks of an estate, whatever a scan's options leave out."""
    everything = choose(ScanOptions())

    def judge(about: Estate, checks: tuple[str, ...]) -> Verdict:
        answers = run([one for one in everything if not checks or one.id in checks], Analysis(about, today=today))
        return Verdict(findings=answers.findings, gaps=answers.gaps)

    return judge


def _templates(estates: Sequence[Estate], findings: Sequence[Finding], options: ScanOptions, today: date) -> Iterator[Template]:
    """Read the texts of templates and configurations in which something was found."""
    for estate in estates:
        scope = estate.scopes[0] if estate.scopes else None
        if scope is None or not isinstance(scope.origin, FileOrigin):
            continue
        if scope.kind == "template":
            mine = {one.fingerprint: one for one in findings if one.subject.place == scope.name}
            if mine:
                yield _template(estate, scope.name, mine, options, today)
        elif scope.kind == "plan" and Path(scope.name).is_dir():
            mine = {
                one.fingerprint: one
                for one in findings
                if Path(one.subject.place or "/").resolve().is_relative_to(Path(scope.name).resolve())
            }
            if mine:
                yield _configuration(estate, scope.name, mine, options, today)


def _template(estate: Estate, name: str, mine: dict[str, Finding], options: ScanOptions, today: date) -> Template:
    from buckler.sources.cfn import read_template

    path = Path(name)
    text = read_text(path, name)

    secrets, note = _noting()
    read_template(path, judge=note, parameters=dict(options.parameters), shown=name, text=text)

    def reread(texts: Mapping[str, str]) -> Estate:
        return read_template(path, judge=redact, parameters=dict(options.parameters), shown=name, text=texts[name])

    analysis = Analysis(estate, today=today)
    return Template({name: text}, analysis, reread, of_template(name, text, analysis, mine.values()), mine, secrets)


def _configuration(estate: Estate, name: str, mine: dict[str, Finding], options: ScanOptions, today: date) -> Template:
    # The parser of HCL is for those who have some.
    from buckler.sources.terraform.hcl import configuration_files, read_folder

    folder = Path(name)
    texts = {place: read_text(Path(place), place) for place in configuration_files(folder, name)}

    secrets, note = _noting()
    read_folder(folder, judge=note, parameters=dict(options.parameters), shown=name, texts=texts)

    def reread(edited: Mapping[str, str]) -> Estate:
        found, broken = read_folder(folder, judge=redact, parameters=dict(options.parameters), shown=name, texts=edited)
        if broken:
            raise broken[0]
        return found

    analysis = Analysis(estate, today=today)
    return Template(texts, analysis, reread, of_configuration(texts, analysis, mine.values()), mine, secrets)


_SHORTEST, _SHORTEST_OPAQUE = 4, 8
"""Characters of a secret, and of a value that may be one, that are looked for: what is shorter stands everywhere by chance."""


def _noting() -> tuple[set[str], Judging]:
    """Give a judge of strings, and the set in which it notes those that are secrets, or may be."""
    secrets: set[str] = set()

    def note(name: str, value: str) -> str | Redacted:
        told = redact(name, value)
        if isinstance(told, Redacted) and len(value) >= (_SHORTEST if told.is_secret else _SHORTEST_OPAQUE):
            secrets.add(value)
        return told

    return secrets, note


def write_texts(plan: Plan) -> tuple[tuple[str, int], ...]:
    """Make the proved edits of files: (file, fixes). Raises `UsageError`, having changed nothing, when one changed since."""
    by_file: dict[str, list[TextEdit]] = {}
    counts: Counter[str] = Counter()
    for fix in plan.fixes:
        edits = [edit for edit in fix.edits if isinstance(edit, TextEdit)] if fix.proof.verdict == "proved" else []
        for edit in edits:
            by_file.setdefault(edit.file, []).append(edit)
        counts.update({edit.file for edit in edits})
    texts: dict[str, str] = {}
    for name, edits in by_file.items():
        text = read_text(Path(name), name)
        if any(edit.sha256 != digest_of(text) for edit in edits):
            raise UsageError(f"`{name}` changed since the plan was made", hint=f"make it anew: buckler fix {name}")
        texts[name] = edited(text, edits)
    for name, text in texts.items():
        try:
            replace_text(Path(name), text)
        except OSError as bad:
            raise UsageError(f"cannot write `{name}`", cause=bad.strerror or type(bad).__name__, hint=f"ls -l {name}") from None
    return tuple(sorted(counts.items()))


def _names_of(finding: Finding) -> set[str]:
    return {finding.subject.name, finding.subject.arn, finding.subject.id}


def write_plan(plan: Plan) -> str:
    """Write a plan as a file people can read."""
    return msgspec.json.format(msgspec.json.encode(plan, order="deterministic"), indent=2).decode() + "\n"


def read_plan(path: Path) -> Plan:
    """Read a plan. Raises `UsageError` for a file that is none."""
    anew = f"make it anew: buckler fix --out {path}"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Plan)
    except OSError as bad:
        raise UsageError(f"cannot read the plan `{path}`", cause=bad.strerror or "") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UsageError(f"`{path}` is not a plan of this version of buckler", hint=anew) from None


def apply_plan(
    plan: Plan,
    live: LiveOptions,
    journal: Path,
    progress: Progress | None = None,
    *,
    hook: Hook | None = None,
    patience: Patience | None = None,
) -> Outcome:
    """Make the proved fixes of a plan. Raises `UsageError`, having changed nothing, for a plan that must not be applied."""
    if not proved(plan) and any(isinstance(edit, TextEdit) for fix in plan.fixes for edit in fix.edits):
        raise UsageError("the plan edits files", hint="buckler fix TARGET --write")
    told = progress or Silent()
    with World(_where(live, plan), told, patience) as world:
        refuse_foreign(plan, world)
        with Journal.create(journal, plan) as book:
            return _interruptible(lambda: apply(world, book, told, hook), journal)


def go_on(
    journal: Path, live: LiveOptions, progress: Progress | None = None, *, hook: Hook | None = None, patience: Patience | None = None
) -> Outcome:
    """Go on with an apply that was cut off."""
    told = progress or Silent()
    with Journal.open(journal) as book, World(_where(live, book.plan), told, patience) as world:
        if book.is_ended:
            hint = f"buckler fix --undo {journal}"
            raise UsageError(f"the journal `{journal}` has come to its end: there is nothing to go on with", hint=hint)
        return _interruptible(lambda: apply(world, book, told, hook), journal)


def undo_journal(
    journal: Path, live: LiveOptions, progress: Progress | None = None, *, hook: Hook | None = None, patience: Patience | None = None
) -> Outcome:
    """Put back what a journal says was changed."""
    told = progress or Silent()
    with Journal.open(journal) as book, World(_where(live, book.plan), told, patience) as world:
        return _interruptible(lambda: undo(world, book, told, hook), journal)


def count_proved(plan: Plan) -> int:
    """Say how many fixes of a plan will be made."""
    return len(proved(plan))


def _where(live: LiveOptions, plan: Plan) -> LiveOptions:
    """Ask who we are in a region of the plan, where the command line names none."""
    regions = [edit.region for fix in plan.fixes for edit in fix.edits if not isinstance(edit, TextEdit)]
    return live if live.regions or not regions else replace(live, regions=tuple(regions[:1]), all_regions=False)


def _interruptible(work: Callable[[], Outcome], journal: Path) -> Outcome:
    try:
        return work()
    except KeyboardInterrupt:
        raise Interrupted(
            "interrupted",
            cause=f"what was done is in `{journal}`",
            hint=f"buckler fix --continue {journal}, or buckler fix --undo {journal}",
        ) from None
