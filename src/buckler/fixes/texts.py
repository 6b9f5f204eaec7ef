"""Remedies of findings in templates: the text is edited, read again as if it stood in the file, and judged again.

So a proof is what a scan of the edited file says: the finding is gone, nothing new appeared, and no trigger was lost.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from msgspec.structs import replace

from buckler.errors import BucklerError
from buckler.fixes._fix import Advice
from buckler.fixes._properties import PROPERTIES, Properties, Written
from buckler.fixes.prove import Judge, Verdict, appeared, lost_triggers
from buckler.model.estate import Estate
from buckler.model.finding import Finding
from buckler.model.fix import NO_REMEDY, Fix, Proof, TextEdit, Wishes
from buckler.reach.analysis import Analysis
from buckler.sources.cfn.editing import CannotEditError, Editor, Span, apply_spans

Reread = Callable[[str], Estate]
"""Reads a text as if it stood in the template. Raises `BucklerError`."""


@dataclass
class Template:
    """A template with what was found in it."""

    file: str
    text: str
    sha256: str
    analysis: Analysis
    reread: Reread
    findings: dict[str, Finding] = field(default_factory=dict[str, Finding])
    """By fingerprint."""


@dataclass
class _Draft:
    finding: Finding
    properties: Properties
    spans: tuple[Span, ...]


def mend(template: Template, fixes: Sequence[Fix], wishes: Wishes, judge: Judge) -> tuple[Fix, ...]:
    """Give the fixes again, those of the template with the edits that were proved."""
    try:
        editor = Editor(template.text)
    except CannotEditError as bad:
        return tuple(_advised(fix, Advice(fix.summary, str(bad))) if fix.fingerprint in template.findings else fix for fix in fixes)
    before = judge(template.analysis.estate, ())
    drafts: dict[str, _Draft] = {}
    advised: dict[str, Advice] = {}
    for fix in fixes:
        finding = template.findings.get(fix.fingerprint)
        if finding is not None and finding.check not in PROPERTIES:
            advised[fix.fingerprint] = Advice(fix.summary, NO_REMEDY)
        elif finding is not None:
            found = _draft(Written(finding, editor, wishes), template, before, judge)
            if isinstance(found, _Draft):
                drafts[fix.fingerprint] = found
            elif found is not None:
                advised[fix.fingerprint] = found
    kept = _together(template, drafts, before, judge)
    made: list[Fix] = []
    for fix in fixes:
        draft = drafts.get(fix.fingerprint)
        if draft is not None and fix.fingerprint in kept:
            made.append(_made(fix, draft, template))
        elif draft is not None:
            made.append(_advised(fix, Advice(draft.properties.summary, "together with the other fixes it brings something new")))
        else:
            made.append(_advised(fix, advised[fix.fingerprint]) if fix.fingerprint in advised else fix)
    return tuple(made)


def _draft(case: Written, template: Template, before: Verdict, judge: Judge) -> "_Draft | Advice | None":
    """Find properties that mend a finding, and prove them alone."""
    refused: Advice | None = None
    for choice in PROPERTIES[case.finding.check](case):
        if isinstance(choice, Advice):
            return choice
        try:
            spans = tuple(case.editor.set(path, value) for path, value in choice.settings)
        except CannotEditError as bad:
            refused = Advice(choice.summary, str(bad))
            continue
        trouble = _trouble(template, spans, {case.finding.fingerprint}, before, judge)
        if not trouble:
            return _Draft(case.finding, choice, spans)
        refused = Advice(choice.summary, trouble)
    return refused


def _trouble(template: Template, spans: Sequence[Span], gone: set[str], before: Verdict, judge: Judge) -> str:
    """Say why edits do not do what they are for; empty: the findings are gone, and nothing new is there."""
    try:
        estate = template.reread(apply_spans(template.text, tuple(dict.fromkeys(spans))))
    except BucklerError as bad:
        return f"the edited template could not be read: {bad.error}"
    after = judge(estate, ())
    if any(one.fingerprint in gone for one in after.findings):
        return "the finding would still be there"
    new = appeared(before, after)
    if new:
        return f"this would appear: {'; '.join(new[:3])}"
    return "; ".join(lost_triggers(template.analysis.estate, estate, template.analysis))


def _together(template: Template, drafts: dict[str, _Draft], before: Verdict, judge: Judge) -> set[str]:
    """Keep what can be made all at once; most often that is everything, else it is found out one by one."""
    every = [span for draft in drafts.values() for span in draft.spans]
    if drafts and not _clash(every) and not _trouble(template, every, set(drafts), before, judge):
        return set(drafts)
    kept: list[str] = []
    for fingerprint in drafts:
        trial = [*kept, fingerprint]
        spans = [span for one in trial for span in drafts[one].spans]
        if not _clash(spans) and not _trouble(template, spans, set(trial), before, judge):
            kept = trial
    return set(kept)


def _clash(spans: Sequence[Span]) -> bool:
    """Say whether two replacements are about the same text, and differ."""
    ordered = sorted(set(spans))
    return any(one.end > other.start or (one.start == other.start and one.end > one.start) for one, other in pairwise(ordered))


def _made(fix: Fix, draft: _Draft, template: Template) -> Fix:
    edits = tuple(_edit(span, template) for span in draft.spans)
    chosen = draft.properties
    proved = Proof(verdict="proved")
    return replace(fix, summary=chosen.summary, is_safe=chosen.is_safe, edits=edits, lost=chosen.lost, notes=(), proof=proved)


def _edit(span: Span, template: Template) -> TextEdit:
    text = template.text
    first, last = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
    last = len(text) if last < 0 else last
    return TextEdit(
        file=template.file,
        sha256=template.sha256,
        line=text.count("\n", 0, span.start) + 1,
        start=span.start,
        before=text[span.start : span.end],
        after=span.text,
        lines_before=text[first:last],
        lines_after=text[first : span.start] + span.text + text[span.end : last],
    )


def _advised(fix: Fix, advice: Advice) -> Fix:
    return replace(fix, summary=advice.summary, proof=Proof(verdict="advice", why=advice.why))


def digest_of(text: str) -> str:
    """Compute what tells a file that changed since."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def edited(text: str, edits: Sequence[TextEdit]) -> str:
    """Make edits of one file; the same edit twice counts once."""
    return apply_spans(text, tuple(dict.fromkeys(Span(one.start, one.start + len(one.before), one.after) for one in edits)))
