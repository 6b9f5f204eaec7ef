"""From findings to a plan: the remedies of each, proved alone and together, without two of them changing one thing differently."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
from msgspec.structs import replace

from buckler import __version__
from buckler.fixes import all_remedies
from buckler.fixes._fix import Advice, Case, Mend
from buckler.fixes._places import wishes_in
from buckler.fixes.prove import Judge, News, Verdict, all_changed, appeared, doubt, lost_triggers, no_longer_allowed, widened
from buckler.fixes.state import same, slot
from buckler.model.entity import Entity
from buckler.model.estate import COLLECTIONS, Estate, Scope
from buckler.model.finding import Finding, Subject
from buckler.model.fix import NO_REMEDY, PLAN_VERSION, ApiEdit, Fix, Plan, Proof, Wishes
from buckler.model.functions import Function
from buckler.model.network import SecurityGroup
from buckler.model.progress import Progress
from buckler.model.subject import subject_of
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis


@dataclass(slots=True)
class _Draft:
    """A finding with what is left to be tried for it."""

    finding: Finding
    subject: Entity | Scope
    options: list[Mend]
    """Not tried yet, the best first."""
    advice: Advice
    chosen: Mend | None = None
    first: Mend | None = None

    def __post_init__(self) -> None:
        """Remember the best."""
        self.first = self.options[0] if self.options else None


def make_plan(analysis: Analysis, findings: Sequence[Finding], wishes: Wishes, judge: Judge, progress: Progress) -> Plan:
    """Plan a remedy for each of *findings*; where there is none, the advice of its check.

    Pure: one estate gives one plan, whatever the order of the findings.
    """
    estate = analysis.estate
    ordered = list(_ordered(findings, estate))
    along = tuple(finding for finding, _ in ordered)
    drafts = [_draft(finding, subject, analysis, wishes, along) for finding, subject in ordered]
    progress.stage("remedies proved", len(drafts))
    claimed: dict[str, tuple[ApiEdit, str]] = {}
    cleared = _cleared(drafts, estate, judge)

    def choose(draft: _Draft) -> bool:
        return _choose(draft, claimed, cleared, estate, analysis, judge)

    for draft in drafts:
        choose(draft)
        progress.advance("remedies proved")
    _together([draft for draft in drafts if draft.chosen is not None], estate, judge, choose)
    return plan_of(estate, tuple(_fix(draft, estate) for draft in drafts))


def plan_of(estate: Estate, fixes: tuple[Fix, ...]) -> Plan:
    """Put fixes of an estate into a plan, and seal it."""
    plan = Plan(
        schema=PLAN_VERSION,
        version=__version__,
        scopes=tuple(sorted(scope.name for scope in estate.scopes)),
        taken_at=estate.taken_at,
        estate=hashlib.sha256(msgspec.msgpack.encode(replace(estate, taken_at=""))).hexdigest(),
        digest="",
        fixes=fixes,
    )
    return replace(plan, digest=digest(plan))


def digest(plan: Plan) -> str:
    """Compute what `Plan.digest` must be."""
    # Sorted: parameters keep no order.
    document = json.loads(msgspec.json.encode(replace(plan, digest="")))
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _ordered(findings: Sequence[Finding], estate: Estate) -> Iterator[tuple[Finding, Entity | Scope]]:
    """Give the findings, worst first, each with the thing it is about."""
    wanted = {finding.subject for finding in findings}
    about: dict[Subject, Entity | Scope] = {}
    for collection in ("scopes", *COLLECTIONS):
        for entity in getattr(estate, collection):
            if isinstance(entity, Entity | Scope) and (subject := subject_of(entity)) in wanted:
                about.setdefault(subject, entity)
    # INVARIANT: the order of the plan is that of its findings and of nothing else.
    for finding in sorted(findings, key=lambda one: (-one.severity.rank, one.check, one.subject.id, one.key)):
        if finding.subject in about:
            yield finding, about[finding.subject]


def _draft(finding: Finding, subject: Entity | Scope, analysis: Analysis, wishes: Wishes, along: tuple[Finding, ...]) -> _Draft:
    here, elsewhere = wishes_in(wishes, shown(subject.account), shown(subject.region), analysis.estate)
    case = Case(finding, subject, analysis, here, along)
    advice = Advice(finding.remedy.text if finding.remedy else "", "no remedy of it is left that could be proved")
    if finding.subject.place:
        return _Draft(finding, subject, [], Advice(advice.summary, f"it is written in `{finding.subject.place}`, which is yours to edit"))
    remedier = all_remedies().get(finding.check)
    if remedier is None:
        return _Draft(finding, subject, [], Advice(advice.summary, NO_REMEDY))
    options: list[Mend] = []
    try:
        for offered in remedier(case):
            if isinstance(offered, Advice):
                advice = offered
            else:
                options.append(offered)
    except Undecided as undecided:
        advice = Advice(advice.summary, f"what it needs to know could not be read: {undecided.unknown.why}")
    advice = next((Advice(advice.summary, why) for option, why in elsewhere.items() if option in advice.summary), advice)
    return _Draft(finding, subject, options, advice)


def _cleared(drafts: list[_Draft], estate: Estate, judge: Judge) -> set[str]:
    """Give the findings that their first option does away with, asked once per check: remedies of one check are about different things."""
    cleared: set[str] = set()
    for check in sorted({draft.finding.check for draft in drafts}):
        mine = [draft for draft in drafts if draft.finding.check == check and draft.options]
        after = judge(all_changed(estate, [draft.first for draft in mine if draft.first is not None]), (check,))
        left = {finding.fingerprint for finding in after.findings}
        unanswered = {gap.subject for gap in after.gaps}
        cleared |= {one.finding.fingerprint for one in mine if one.finding.subject not in unanswered} - left
    return cleared


def _choose(
    draft: _Draft, claimed: dict[str, tuple[ApiEdit, str]], cleared: set[str], estate: Estate, analysis: Analysis, judge: Judge
) -> bool:
    """Take the next option that holds alone and changes nothing that another fix changes differently; False: none is left."""
    while draft.options:
        option = draft.options.pop(0)
        edits = [edit for edit in option.edits if isinstance(edit, ApiEdit)]
        rival = next((taken for edit in edits if (taken := claimed.get(slot(edit))) and not same(taken[0].after, edit.after)), None)
        why = f"the fix of {rival[1]} changes {rival[0].what} in another way" if rival else ""
        if not why and (option is not draft.first or draft.finding.fingerprint not in cleared):
            why = doubt(estate, draft.finding, option, judge)
        changed = option.change(estate)
        why = why or "; ".join((*lost_triggers(estate, changed, analysis), *widened(estate, changed)))
        if why:
            draft.advice = Advice(option.summary, why)
            continue
        draft.chosen = option
        for edit in edits:
            claimed.setdefault(slot(edit), (edit, draft.finding.check))
        return True
    return False


def _together(drafts: list[_Draft], estate: Estate, judge: Judge, choose: Callable[[_Draft], bool]) -> None:
    """Keep what, made all at once, brings nothing new. Most often that is everything.

    Else it is found out which fixes bring it, and of each the next remedy is tried. There only those checks are asked that said anything
    new, which is a small part of the work; at the end all are asked again, of all that is left.
    """
    before = judge(estate, ())
    noisy: set[str] = set()
    while drafts:
        if noisy:
            drafts = _quiet(drafts, estate, before, partial(_asked, judge, tuple(sorted(noisy))), choose)
        news = _news(before, judge(_changed(estate, drafts), ()), drafts)
        if not news:
            return
        more = {one.check for one in news} - noisy
        if not more:
            # They said nothing when they were asked without the others.
            _quiet(drafts, estate, before, partial(_asked, judge, ()), choose)
            return
        noisy |= more


def _asked(judge: Judge, checks: tuple[str, ...], estate: Estate) -> Verdict:
    return judge(estate, checks)


def _quiet(
    drafts: list[_Draft], estate: Estate, before: Verdict, judge: Callable[[Estate], Verdict], choose: Callable[[_Draft], bool]
) -> list[_Draft]:
    """Give the drafts that bring nothing new together: halves of them are tried, down to one fix, and of that its next remedy."""
    kept: list[_Draft] = []
    waiting = [drafts]
    while waiting:
        some = waiting.pop()
        trial = [*kept, *some]
        news = _news(before, judge(_changed(estate, trial)), trial)
        if not news:
            kept = trial
        elif len(some) > 1:
            # The first half first: of two that do not go together, the worse finding is mended.
            waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
        elif some[0].chosen is not None:
            why = "; ".join(one.text for one in news[:3])
            some[0].advice, some[0].chosen = Advice(some[0].chosen.summary, why), None
            if choose(some[0]):
                waiting.append(some)
    return kept


def _changed(estate: Estate, drafts: list[_Draft]) -> Estate:
    return all_changed(estate, [one.chosen for one in drafts if one.chosen is not None])


def _news(before: Verdict, after: Verdict, drafts: list[_Draft]) -> list[News]:
    """Say what speaks against making these together; empty: nothing."""
    left = {finding.fingerprint for finding in after.findings}
    still = [News("the finding would still be there", one.finding.check) for one in drafts if one.finding.fingerprint in left]
    if still:
        return still
    copies = {copy: of for draft in drafts if draft.chosen is not None for copy, of in draft.chosen.copies.items()}
    return [one._replace(text=f"this would appear: {one.text}") for one in appeared(before, after, copies)]


def _fix(draft: _Draft, estate: Estate) -> Fix:
    finding, chosen = draft.finding, draft.chosen
    return Fix(
        id=hashlib.sha256(finding.fingerprint.encode()).hexdigest()[:12],
        check=finding.check,
        severity=finding.severity,
        subject=finding.subject.id,
        name=finding.subject.name,
        fingerprint=finding.fingerprint,
        message=finding.message,
        summary=chosen.summary if chosen else draft.advice.summary,
        is_safe=chosen.is_safe if chosen else False,
        edits=chosen.edits if chosen else (),
        lost=(*chosen.lost, *no_longer_allowed(estate, chosen.change(estate))) if chosen else (),
        notes=managed(draft.subject) if chosen else (),
        proof=Proof(verdict="proved") if chosen else Proof(verdict="advice", why=draft.advice.why),
    )


_MANAGERS = {"aws:cloudformation:stack-name": "the CloudFormation stack"}


def managed(subject: Entity | Scope) -> tuple[str, ...]:
    """Warn where a template is the truth: its next deployment takes the change back."""
    tags = subject.tags if isinstance(subject, Function | SecurityGroup) else ()
    if isinstance(tags, Unknown):
        return ()
    return tuple(
        f"{_MANAGERS[tag.key]} `{tag.value}` made it: mend its template too, or a deployment that touches it takes this back"
        for tag in tags
        if isinstance(tag.key, str) and tag.key in _MANAGERS
    )
