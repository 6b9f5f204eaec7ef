"""Asking every question of every subject, and keeping count of what nobody could answer."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from buckler.checks._check import Check
from buckler.engines.iam import Answer, decide
from buckler.model.artifact import Artifact
from buckler.model.entity import Entity
from buckler.model.estate import Scope
from buckler.model.finding import Finding, Gap, Subject
from buckler.model.functions import Function
from buckler.model.iam import Role
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked
from buckler.model.severity import Severity
from buckler.model.subject import subject_of
from buckler.model.text import Partial, shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.model.value import Value
from buckler.reach.analysis import Analysis, collection_of
from buckler.reach.broken import BrokenProofError

if TYPE_CHECKING:
    from buckler.reach.worth import Worth

# What a depth or a kind of source does not ask is counted, never reported as a gap: it would drown the real ones.
_NOT_ASKED = {UnknownKind.NOT_ASKED, UnknownKind.OUTSIDE}


class Answers(Value):
    """What came of asking."""

    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    not_asked: tuple[NotAsked, ...]
    questions: int
    answered: int


class WitnessError(AssertionError):
    """A witness does not replay: the check claims more than its own policies show. Always our bug."""


def run(checks: Iterable[Check], analysis: Analysis) -> Answers:
    """Ask *checks* about an estate. Pure: the same estate gives the same answers in the same order."""
    findings: list[Finding] = []
    gaps: list[Gap] = []
    skipped: Counter[tuple[str, str, str]] = Counter()
    questions = answered = 0

    def miss(check: Check, subject: Subject, unknown: Unknown) -> None:
        if unknown.kind in _NOT_ASKED:
            skipped[(check.id, unknown.why, unknown.need)] += 1
        else:
            gaps.append(Gap(check=check.id, subject=subject, why=unknown.why, need=unknown.need, kind=unknown.kind))

    for check in checks:
        for subject in analysis.subjects(check.subject_type):
            questions += 1
            try:
                for finding in check(subject, analysis):
                    _replay(finding)
                    findings.append(_weighed(finding, check, subject, analysis))
            except Undecided as undecided:
                miss(check, subject_of(subject), undecided.unknown)
            except BrokenProofError as broken:
                # A bug of ours, told as such; it costs the answer to this question and to no other.
                miss(check, subject_of(subject), broken.unknown)
            else:
                answered += 1
        for where, unknown in _unreadable(check.subject_type, analysis):
            questions += 1
            miss(check, where, unknown)
    return Answers(
        findings=tuple(findings),
        gaps=tuple(dict.fromkeys(gaps)),
        not_asked=tuple(NotAsked(check=check, count=count, why=why, need=need) for (check, why, need), count in sorted(skipped.items())),
        questions=questions,
        answered=answered,
    )


def _unreadable(subject_type: type[Entity | Scope], analysis: Analysis) -> Iterable[tuple[Subject, Unknown]]:
    """Name the subjects that should have been asked but could not even be listed."""
    # What is asked of a region is asked about its functions.
    collection = "functions" if subject_type is Scope else collection_of(subject_type)
    file = next((scope.origin.file for scope in analysis.estate.scopes if isinstance(scope.origin, FileOrigin)), "")
    for missing in analysis.estate.missing:
        if missing.collection == collection:
            account, region = shown(missing.account), shown(missing.region)
            # Of a file people know its name, not the account and region that it may be deployed to.
            where = file or (f"{account}/{region}" if region else account)
            name = f"{collection.replace('_', ' ')} of {where}"
            yield Subject(kind="collection", id=name, name=name, arn="", account=account, region=region, place=file), missing.unknown
    if subject_type is Role:
        # A role nobody could read is asked through the functions that run as it.
        for function in analysis.estate.functions:
            unknown = _role_unread(function, analysis)
            if unknown is not None:
                yield subject_of(function), unknown


def _role_unread(function: Function, analysis: Analysis) -> Unknown | None:
    try:
        analysis.role_of(function)
    except Undecided as undecided:
        return undecided.unknown
    return None


# What goes wrong there hands the function to somebody else: then it is worth what the function is.
_TAKEOVER = {"exposure", "layers", "signing", "runtime"}


def _weighed(finding: Finding, check: Check, subject: Entity | Scope, analysis: Analysis) -> Finding:
    """Weigh a finding on a function by what the function leads to; see docs/why/severity.md.

    A check's severity is that on a function which touches data. Owning an administrator is worse, owning a function that for sure
    touches nothing is less bad. What lies in the environment is in the function itself, so that is not weighed.
    """
    if isinstance(subject, Artifact):
        worth = _worth_of_users(subject, analysis)
    elif isinstance(subject, Function) and check.area != "environment":
        # What is scanned may have no function in it: then nothing is walked, and the graph is not loaded.
        from buckler.reach.worth import worth_of

        worth = worth_of(subject, analysis)
    else:
        return finding
    if worth is None:
        return finding
    severity = finding.severity
    if worth.level == "administrator" and check.area in _TAKEOVER:
        severity = _step(severity, 1)
    elif worth.level == "nothing":
        severity = _step(severity, -1)
    return replace(finding, severity=severity, reach=finding.reach or worth.said)


def _worth_of_users(artifact: Artifact, analysis: Analysis) -> "Worth | None":
    """Say what a package is worth: what the function that leads furthest is. None: nobody knows who runs it."""
    users = [function for function in (analysis.functions.get(arn) for arn in artifact.used_by) if function is not None]
    if not users:
        return None
    from buckler.reach.worth import furthest

    names = [f"`{one.address if one.address and isinstance(one.name, Partial) else shown(one.name)}`" for one in users]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    worth = furthest(users, analysis)
    return replace(worth, said=f"runs in {', '.join(names[:_NAMED])}{more}" + (f": {worth.said}" if worth.said else ""))


_NAMED = 5
"""Functions that are named one by one."""


_ORDERED = sorted(Severity, key=lambda one: one.rank)


def _step(severity: Severity, by: int) -> Severity:
    return _ORDERED[min(max(_ORDERED.index(severity) + by, _ORDERED.index(Severity.LOW)), len(_ORDERED) - 1)]


def _replay(finding: Finding) -> None:
    """Let the obvious twin answer the requests of every witness again."""
    for witness in (*((finding.witness,) if finding.witness else ()), *finding.path):
        for request in witness.requests:
            got = decide(request, witness.policies if witness.layers is None else witness.layers).answer
            if got is not Answer[witness.expect]:
                place = finding.evidence[0].origin
                where = place.file if isinstance(place, FileOrigin) else place.arn
                raise WitnessError(
                    f"{finding.check} on {finding.subject.id} ({where}): {request.action} gives {got.name}, not {witness.expect}"
                )
