"""What a remedy of a live account changes of roles, told so that it can be written into the text that makes them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from buckler.fixes._documents import Document, document_of
from buckler.fixes._fix import Advice, Case, Mend, Remedier
from buckler.model.entity import Entity
from buckler.model.estate import COLLECTIONS
from buckler.model.finding import Finding
from buckler.model.fix import ApiEdit, Wishes
from buckler.model.iam import Role
from buckler.model.policy import Policy
from buckler.model.subject import subject_of
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Beside:
    """A policy to write beside a role.

    Of its own, not an entry of the role: it may name functions whose role it is, and a role that names them would go round in circles.
    """

    role: Role
    name: str
    statements: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A policy of a role, or some statements of it, to take out of the text."""

    role: Role
    policy: Policy
    statements: tuple[int, ...] | None = None
    """Their numbers in the policy; None: all of it."""
    entries: tuple[tuple[int, str, str], ...] = ()
    """Entries of lists that go: the number of the statement, `Action`, `NotAction` or `Resource`, and what it says."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A way to mend a finding by what roles are allowed."""

    summary: str
    lost: tuple[str, ...]
    beside: tuple[Beside, ...]
    taken_out: tuple[TakenOut, ...]


def rewritten(remedier: Remedier, finding: Finding, analysis: Analysis, wishes: Wishes) -> Iterator[Rewritten | Advice]:
    """Give the offers of a live remedy that change nothing but policies of roles. What it advises comes last."""
    subject = subject_in(finding, analysis)
    if subject is None:
        return
    advice: list[Advice] = []
    try:
        for offer in remedier(Case(finding, subject, analysis, wishes)):
            if isinstance(offer, Advice):
                advice.append(offer)
            elif (found := _rewritten(offer, analysis)) is not None:
                yield found
    except Undecided as undecided:
        advice.append(Advice(finding.remedy.text if finding.remedy else "", f"what it needs to know is not known: {undecided.unknown.why}"))
    yield from advice


def subject_in(finding: Finding, analysis: Analysis) -> Entity | None:
    """Find what a finding is about."""
    for collection in COLLECTIONS:
        for one in getattr(analysis.estate, collection):
            if isinstance(one, Entity) and one.address == finding.subject.id and subject_of(one) == finding.subject:
                return one
    return None


def _rewritten(mend: Mend, analysis: Analysis) -> Rewritten | None:
    beside: list[Beside] = []
    out: list[TakenOut] = []
    roles = {shown(one.arn): one for one in analysis.estate.roles}
    for edit in mend.edits:
        role, change = (roles.get(edit.arn), _CHANGES.get(edit.do.operation)) if isinstance(edit, ApiEdit) else (None, None)
        if role is None or change is None or not isinstance(edit, ApiEdit):
            return None
        step = change(role, edit)
        if isinstance(step, Beside):
            beside.append(step)
        elif isinstance(step, TakenOut):
            out.append(step)
        else:
            return None
    return Rewritten(mend.summary, mend.lost, tuple(beside), tuple(out))


_LISTS: Final = ("Action", "NotAction", "Resource")


def _inline(role: Role, edit: ApiEdit) -> Beside | TakenOut | None:
    name = edit.do.parameters["PolicyName"]
    if edit.before is None:
        # Of a name that is not known yet, what is known.
        return Beside(role, re.sub(r"[^\w+=,.@-]", "", name.removeprefix("buckler-")), tuple(edit.after["Statement"]))
    policy = next((one for one in known(role.inline) if one.name == name), None)
    if policy is None:
        return None
    if edit.after is None:
        return TakenOut(role, policy)
    kept: Sequence[Document] = edit.after["Statement"]
    before = document_of(policy)
    written: Sequence[Document] = before["Statement"] if before is not None else ()
    gone: list[int] = []
    entries: list[tuple[int, str, str]] = []
    left = list(kept)
    for number, one in enumerate(written):
        less = _less(one, left[0]) if left else None
        if less is None:
            gone.append(number)
            continue
        entries += [(number, element, entry) for element, entry in less]
        left.pop(0)
    # What is written anew, and not only taken out, is no business of this.
    return TakenOut(role, policy, tuple(gone), tuple(entries)) if not left else None


def _less(before: Document, after: Document) -> list[tuple[str, str]] | None:
    """Give the entries that one statement has and the other has not; None where it is another one."""
    if {name: one for name, one in before.items() if name not in _LISTS} != {
        name: one for name, one in after.items() if name not in _LISTS
    }:
        return None
    found: list[tuple[str, str]] = []
    for element in _LISTS:
        was, now = (_listed(one.get(element, ())) for one in (before, after))
        if [one for one in was if one in now] != now or bool(was) != bool(now):
            return None
        found += [(element, one) for one in was if one not in now]
    return found


def _listed(entries: object) -> list[str]:
    return [entries] if isinstance(entries, str) else [*cast("Sequence[str]", entries)]


def _attached(role: Role, edit: ApiEdit) -> TakenOut | None:
    arn = edit.do.parameters["PolicyArn"]
    found = next((one for one in known(role.attached) if shown(one.arn) == arn), None)
    return TakenOut(role, known(found.document)) if found is not None else None


_CHANGES: dict[str, Callable[[Role, ApiEdit], Beside | TakenOut | None]] = {
    "DeleteRolePolicy": _inline,
    "DetachRolePolicy": _attached,
    "PutRolePolicy": _inline,
}
"""By operation of IAM."""
