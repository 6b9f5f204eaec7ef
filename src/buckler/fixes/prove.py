"""Prove fixes on the estate before anything is changed: the finding is gone, nothing new appeared, no legitimate trigger is lost."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from buckler.engines.iam import Answer, decide
from buckler.engines.iam.compare import compare
from buckler.fixes._fix import Mend
from buckler.fixes._sources import sources_of
from buckler.model.estate import Estate
from buckler.model.finding import ContextEntry, Finding, Gap, Request
from buckler.model.functions import Function
from buckler.model.policy import Policy
from buckler.model.text import Text, shown
from buckler.reach.analysis import Analysis
from buckler.reach.exposure import invoked_arn


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all checks say of an estate."""

    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]


Judge = Callable[[Estate, tuple[str, ...]], Verdict]
"""Asks these checks of an estate, all of them when none is named. How they are asked is for the room above to know."""


def doubt(estate: Estate, finding: Finding, mend: Mend, judge: Judge) -> str:
    """Say why a mend does not do what it is for, by its own check alone; empty: the finding is gone and was answered."""
    after = judge(mend.change(estate), (finding.check,))
    if any(one.fingerprint == finding.fingerprint for one in after.findings):
        return "the finding would still be there"
    for gap in after.gaps:
        if gap.subject == finding.subject and gap not in judge(estate, (finding.check,)).gaps:
            return f"whether it is gone cannot be told: {gap.why}"
    return ""


class News(NamedTuple):
    """Something that a change brings."""

    text: str
    check: str


def appeared(before: Verdict, after: Verdict, copies: Mapping[str, str] | None = None) -> tuple[News, ...]:
    """Name what there is to be said after that was not before: a new finding, a worse one, a question that can no longer be answered.

    *copies*: what was made as a copy of what there was, by the ids of both. What is found of a copy is not new where it was found of the
    other, and still is: if that was mended, the copy would bring it back.
    """
    old = {one.fingerprint: one for one in before.findings}
    same = {(one.check, one.subject.id, one.key): old.get(one.fingerprint) for one in after.findings} if copies else {}
    new: list[News] = []
    for one in after.findings:
        known = old.get(one.fingerprint)
        if known is None and copies and one.subject.id in copies:
            known = same.get((one.check, copies[one.subject.id], one.key))
        if known is None:
            new.append(News(f"{one.check} on {one.subject.name}: {one.message}", one.check))
        elif known.severity < one.severity:
            new.append(News(f"{one.check} on {one.subject.name} becomes {one.severity.value}", one.check))
    asked = set(before.gaps)
    unanswered = {(one.check, one.subject.id) for one in before.gaps} if copies else set[tuple[str, str]]()
    new.extend(
        News(f"{one.check} on {one.subject.name} can no longer be answered: {one.why}", one.check)
        for one in after.gaps
        if one not in asked and (one.check, (copies or {}).get(one.subject.id)) not in unanswered
    )
    return tuple(sorted(new))


def changed_policies(before: Estate, after: Estate) -> Iterator[tuple[Function, Text, Policy, Policy | None]]:
    """Give every resource policy of a function that is not the same in both: (function, qualifier, old, new)."""
    new = {function.arn: function for function in after.functions}
    for function in before.functions:
        other = new.get(function.arn)
        if other is None or other == function or not isinstance(function.policies, tuple) or not isinstance(other.policies, tuple):
            continue
        policies = {entry.qualifier: entry.policy for entry in other.policies}
        for entry in function.policies:
            now = policies.get(entry.qualifier)
            if isinstance(entry.policy, Policy) and now != entry.policy and (now is None or isinstance(now, Policy)):
                yield function, entry.qualifier, entry.policy, now


def lost_triggers(before: Estate, after: Estate, analysis: Analysis) -> tuple[str, ...]:
    """Name the sources that may invoke their function before, and not after."""
    lost: list[str] = []
    for function, qualifier, old, new in changed_policies(before, after):
        for service, source in sources_of(function, analysis):
            request = _call(service, source, invoked_arn(function, qualifier), shown(function.account))
            if _answer(request, old) is Answer.ALLOW and _answer(request, new) is not Answer.ALLOW:
                lost.append(f"`{source}` could no longer invoke `{shown(function.name)}`")
    return tuple(sorted(set(lost)))


def widened(before: Estate, after: Estate) -> tuple[str, ...]:
    """Name the policies that would allow something new, or of which that cannot be told: a remedy only ever takes away."""
    said: list[str] = []
    for function, qualifier, old, new in changed_policies(before, after):
        difference = compare((old,), (new,) if new is not None else ())
        if difference.verdict != "no-wider":
            said.append(f"the policy of `{shown(function.name)}` (`{shown(qualifier)}`) might allow more than before")
    return tuple(said)


def no_longer_allowed(before: Estate, after: Estate) -> tuple[str, ...]:
    """Give, per policy that is changed, a request that it allowed and will not; by the engine, so that it is one AWS would have allowed."""
    said: list[str] = []
    for function, qualifier, old, new in changed_policies(before, after):
        difference = compare((new,) if new is not None else (), (old,))
        if difference.request is None:
            continue
        request = difference.request
        keys = ", ".join(f"{entry.key}={'|'.join(entry.values)}" for entry in request.context if entry.values)
        said.append(
            f"for example: {request.principal} may no longer {request.action} on `{shown(function.name)}` (`{shown(qualifier)}`)"
            + (f" with {keys}" if keys else "")
        )
    return tuple(said)


def _call(service: str, source: str, resource: str, account: str) -> Request:
    owner = source.split(":")[4] or account
    context = {"aws:SourceArn": source, "aws:SourceAccount": owner, "lambda:InvokedViaFunctionUrl": "false"}
    return Request(
        principal=service,
        action="lambda:InvokeFunction",
        resource=resource,
        context=tuple(ContextEntry(key=key, values=(value,)) for key, value in context.items()),
    )


def _answer(request: Request, policy: Policy | None) -> Answer:
    return Answer.IMPLICIT_DENY if policy is None else decide(request, (policy,)).answer


def all_changed(estate: Estate, mends: Iterable[Mend]) -> Estate:
    """Make every change."""
    for mend in mends:
        estate = mend.change(estate)
    return estate
