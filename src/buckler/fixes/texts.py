"""Remedies of findings in templates: the text is edited, read again as if it stood in the file, and judged again.

So a proof is what a scan of the edited file says: the finding is gone, nothing new appeared, and no trigger was lost.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from dataclasses import replace as replace_data
from itertools import pairwise

from msgspec.structs import replace

from buckler.engines.secrets import MASK, redact_line
from buckler.errors import BucklerError
from buckler.fixes._argued import SHARED, Argued
from buckler.fixes._arguments import ARGUMENTS
from buckler.fixes._fix import Advice
from buckler.fixes._option import Option
from buckler.fixes._properties import PROPERTIES
from buckler.fixes._written import Properties, Written
from buckler.fixes.prove import Judge, Verdict, appeared, lost_triggers
from buckler.model.estate import Estate
from buckler.model.finding import Finding, Gap
from buckler.model.fix import NO_REMEDY, Fix, Proof, TextEdit, Wishes
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.sources.cfn.editing import CannotEditError, Editor, Placed, Span, apply_spans
from buckler.sources.terraform.hcl.editing import Configuration

Reread = Callable[[Mapping[str, str]], Estate]
"""Reads texts as if they stood in their files. Raises `BucklerError`."""
Choices = Callable[[Finding, Wishes], Iterator[Option | Advice] | None]
"""Gives the ways to mend a finding, the best first; None: nobody has written any."""


@dataclass
class Template:
    """A template, or a configuration of several files, with what was found in it."""

    texts: Mapping[str, str]
    """By file."""
    analysis: Analysis
    reread: Reread
    choices: Choices
    findings: dict[str, Finding] = field(default_factory=dict[str, Finding])
    """By fingerprint."""
    secrets: AbstractSet[str] = frozenset()
    """Values that are secrets, or may be, as the texts were read: held in memory, so that none is shown beside an edit."""
    tried: dict[frozenset[Placed], "_Tried | str"] = field(default_factory=dict[frozenset[Placed], "_Tried | str"])
    """What came of edits: one of `Globals` is the remedy of many findings, and is read and judged once."""


_LISTED = 6


@dataclass(frozen=True, slots=True)
class _Tried:
    """An edited text, read and judged."""

    after: Verdict
    lost: tuple[str, ...]
    """Triggers."""
    policies: Mapping[str, int]
    """How many each role has, by its address."""


@dataclass
class _Draft:
    finding: Finding
    option: Option
    placed: tuple[Placed, ...]


def of_template(file: str, text: str, analysis: Analysis, along: Iterable[Finding] = ()) -> Choices:
    """Give the ways to mend findings in a CloudFormation or SAM template; *along*: all that are to be mended."""
    every = tuple(along)
    try:
        editor = Editor(text)
    except CannotEditError as bad:
        why = str(bad)
        return lambda finding, _: iter((Advice(finding.remedy.text if finding.remedy else "", why),))

    def choices(finding: Finding, wishes: Wishes) -> Iterator[Option | Advice] | None:
        known = PROPERTIES.get(finding.check)
        return None if known is None else (_option(one, editor, file) for one in known(Written(finding, editor, wishes, analysis, every)))

    return choices


def _option(choice: Properties | Advice, editor: Editor, file: str) -> Option | Advice:
    if isinstance(choice, Advice):
        return choice

    def make() -> tuple[Placed, ...]:
        set_ = tuple(Placed(file, editor.set(path, value)) for path, value in choice.settings)
        rewritten = tuple(Placed(file, editor.rewrite(path, value)) for path, value in choice.rewrites)
        anew = tuple(Placed(file, editor.put(path, value)) for path, value in choice.anew)
        parts = tuple(Placed(file, editor.part(path, old, new)) for path, old, new in choice.parts)
        named = tuple(Placed(file, editor.rename(path, key)) for path, key in choice.renames)
        added = tuple(Placed(file, editor.append(path, value)) for path, value in choice.appended)
        twice = tuple(Placed(file, editor.duplicate(path, key, without)) for path, key, without in choice.duplicates)
        gone = tuple(Placed(file, span) for span in editor.remove(choice.removals))
        return (*set_, *rewritten, *anew, *parts, *named, *added, *twice, *gone)

    return Option(choice.summary, make, choice.lost, is_safe=choice.is_safe, opens=choice.opens, copies=choice.copies)


def of_configuration(texts: Mapping[str, str], analysis: Analysis, along: Iterable[Finding] = ()) -> Choices:
    """Give the ways to mend findings in a Terraform configuration; *along*: all that are to be mended. Raises `SourceError`."""
    configuration, every = Configuration(texts), tuple(along)

    def choices(finding: Finding, wishes: Wishes) -> Iterator[Option | Advice] | None:
        known = ARGUMENTS.get(finding.check)
        return None if known is None else _of_all_calls(Argued(finding, configuration, wishes, analysis, every), known)

    return choices


def _of_all_calls(case: Argued, known: Callable[[Argued], Iterator[Option | Advice]]) -> Iterator[Option | Advice]:
    is_shared = case.is_shared()
    for one in known(case):
        yield replace_data(one, lost=(*one.lost, SHARED)) if is_shared and isinstance(one, Option) else one


def mend(template: Template, fixes: Sequence[Fix], wishes: Wishes, judge: Judge) -> tuple[Fix, ...]:
    """Give the fixes again, those of the template with the edits that were proved."""
    before = judge(template.analysis.estate, ())
    drafts: dict[str, _Draft] = {}
    advised: dict[str, Advice] = {}
    for fix in fixes:
        finding = template.findings.get(fix.fingerprint)
        if finding is not None:
            choices = template.choices(finding, wishes)
            found = Advice(fix.summary, NO_REMEDY) if choices is None else _draft(finding, choices, template, before, judge)
            if isinstance(found, _Draft):
                drafts[fix.fingerprint] = found
            else:
                advised[fix.fingerprint] = found or Advice(fix.summary, "the remedy is not one for the way it is written here")
    kept = _together(template, drafts, before, judge)
    made: list[Fix] = []
    for fix in fixes:
        draft = drafts.get(fix.fingerprint)
        if draft is not None and fix.fingerprint in kept:
            made.append(_made(fix, draft, template))
        elif draft is not None:
            made.append(_advised(fix, Advice(draft.option.summary, "together with the other fixes it brings something new")))
        else:
            made.append(_advised(fix, advised[fix.fingerprint]) if fix.fingerprint in advised else fix)
    return tuple(made)


def _draft(
    finding: Finding, choices: Iterator[Option | Advice], template: Template, before: Verdict, judge: Judge
) -> "_Draft | Advice | None":
    """Find an option that mends a finding, and prove it alone."""
    refused: Advice | None = None
    for choice in choices:
        if isinstance(choice, Advice):
            return choice
        try:
            placed = choice.make()
        except CannotEditError as bad:
            refused = Advice(choice.summary, str(bad))
            continue
        trouble = _trouble(template, placed, {finding.fingerprint}, before, judge, [choice])
        if not trouble:
            return _Draft(finding, _with_questions(choice, template.tried[frozenset(placed)], before), placed)
        refused = Advice(choice.summary, trouble)
    return refused


def _with_questions(choice: Option, tried: _Tried | str, before: Verdict) -> Option:
    """Say of an option which questions it leaves to a scan of the account."""
    asked = set(before.gaps)
    after = () if isinstance(tried, str) else tried.after.gaps
    left = sorted({one.check for one in after if one not in asked and _is_about(one, choice.opens)})
    if not left:
        return choice
    named = ", ".join(f"`{one}`" for one in choice.opens)
    what = f"{', '.join(left[:_LISTED])}{f' and {len(left) - _LISTED} more' if len(left) > _LISTED else ''}"
    return replace_data(choice, lost=(*choice.lost, f"answers that only a scan of the account gives, for what {named} let through: {what}"))


def _is_about(gap: Gap, names: Sequence[str]) -> bool:
    return any(f"`{one}`" in gap.why for one in names)


def _trouble(template: Template, placed: Sequence[Placed], gone: set[str], before: Verdict, judge: Judge, chosen: Sequence[Option]) -> str:
    """Say why edits do not do what they are for; empty: the findings are gone, and nothing new is there."""
    opens = [name for one in chosen for name in one.opens]
    copies = {copy: of for one in chosen for copy, of in one.copies.items()}
    edits = frozenset(placed)
    tried = template.tried.get(edits)
    if tried is None:
        tried = template.tried[edits] = _try(template, placed, judge)
    if isinstance(tried, str):
        return tried
    if any(one.fingerprint in gone for one in tried.after.findings):
        return "the finding would still be there"
    asked = replace_data(tried.after, gaps=tuple(one for one in tried.after.gaps if not _is_about(one, opens)))
    new = appeared(before, asked, copies)
    if new:
        return f"this would appear: {'; '.join(one.text for one in new[:3])}"
    # A copy that has fewer policies would break its function, and have fewer findings.
    had = _policies(template.analysis.estate) if copies else {}
    poor = [copy for copy, of in copies.items() if tried.policies.get(copy, 0) < had.get(of, 0)]
    return "; ".join((*(f"`{one}` would not get all policies" for one in poor), *tried.lost))


def _try(template: Template, placed: Sequence[Placed], judge: Judge) -> _Tried | str:
    """Read the edited texts and judge them; or say why they cannot be read."""
    try:
        estate = template.reread({file: apply_spans(text, _spans_of(file, placed)) for file, text in template.texts.items()})
    except BucklerError as bad:
        return f"the edited text could not be read: {bad.error}"
    after = judge(estate, ())
    return _Tried(after, lost_triggers(template.analysis.estate, estate, template.analysis), _policies(estate))


def _policies(estate: Estate) -> dict[str, int]:
    lists = {one.address: (one.inline, one.attached) for one in estate.roles}
    return {name: sum(len(one) for one in both if not isinstance(one, Unknown)) for name, both in lists.items()}


def _together(template: Template, drafts: dict[str, _Draft], before: Verdict, judge: Judge) -> set[str]:
    """Keep what can be made all at once; most often that is everything, else it is found out one by one."""
    every = [one for draft in drafts.values() for one in draft.placed]
    chosen = {fingerprint: draft.option for fingerprint, draft in drafts.items()}
    if drafts and not _clash(every) and not _trouble(template, every, set(drafts), before, judge, [*chosen.values()]):
        return set(drafts)
    kept: list[str] = []
    for fingerprint in drafts:
        trial = [*kept, fingerprint]
        placed = [one for name in trial for one in drafts[name].placed]
        if not _clash(placed) and not _trouble(template, placed, set(trial), before, judge, [chosen[name] for name in trial]):
            kept = trial
    return set(kept)


def _clash(placed: Sequence[Placed]) -> bool:
    """Say whether two replacements are about the same text, and differ."""
    return any(
        one.file == other.file
        and (one.span.end > other.span.start or (one.span.start == other.span.start and one.span.end > one.span.start))
        for one, other in pairwise(sorted(set(placed)))
    )


def _spans_of(file: str, placed: Sequence[Placed]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(one.span for one in placed if one.file == file))


def _made(fix: Fix, draft: _Draft, template: Template) -> Fix:
    secrets = sorted(template.secrets, key=len, reverse=True)
    edits = tuple(_edit(one.file, one.span, template.texts[one.file], secrets) for one in sorted(draft.placed))
    chosen = draft.option
    proved = Proof(verdict="proved")
    return replace(fix, summary=chosen.summary, is_safe=chosen.is_safe, edits=edits, lost=chosen.lost, notes=(), proof=proved)


def _edit(file: str, span: Span, text: str, secrets: Sequence[str]) -> TextEdit:
    first, last = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
    last = len(text) if last < 0 else last
    pieces = (text[first : span.start], text[first : span.end], text[span.end : last], text[first:last])
    head, whole, tail, lines = (_masked(one, secrets) for one in pieces)
    return TextEdit(
        file=file,
        sha256=digest_of(text),
        line=text.count("\n", 0, span.start) + 1,
        start=span.start,
        end=span.end,
        # The name that tells a secret may stand before what is replaced.
        before=whole.removeprefix(head) if whole.startswith(head) else MASK,
        after=span.text,
        lines_before=lines,
        lines_after=head + span.text + tail,
    )


def _masked(text: str, secrets: Sequence[str]) -> str:
    """Mask the secrets of lines that are shown: a plan is a file, and goes through many hands."""
    for one in secrets:
        text = text.replace(one, MASK)
    return "\n".join(map(redact_line, text.split("\n")))


def _advised(fix: Fix, advice: Advice) -> Fix:
    return replace(fix, summary=advice.summary, proof=Proof(verdict="advice", why=advice.why))


def digest_of(text: str) -> str:
    """Compute what tells a file that changed since."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def edited(text: str, edits: Sequence[TextEdit]) -> str:
    """Make edits of one file; the same edit twice counts once."""
    return apply_spans(text, tuple(dict.fromkeys(Span(one.start, one.end, one.after) for one in edits)))
