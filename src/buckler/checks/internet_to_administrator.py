"""internet-to-administrator: a way leads from the internet through the function to administrator."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Confidence, Severity
from buckler.reach.analysis import Analysis
from buckler.reach.doors import door_of, evidence_of, hops, insist, proof_of, running
from buckler.reach.escalations import escalation_of
from buckler.reach.escalations import insist as insist_on_policies
from buckler.reach.roles import is_proven_administrator


@check(
    Severity.CRITICAL,
    area="exposure",
    maps=("owasp:SAS-2", "owasp:SAS-4", "mitre:T1190", "mitre:T1548.005", "nist:AC-3", "nist:AC-6", "nist:SC-7", "pci:7.2.5"),
)
def internet_to_administrator(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function that anyone on the internet makes run and whose role can become administrator.

    The whole way is told, hop by hop, each with what proves it: the open URL, route, resource policy, or the queue, topic or bucket that
    anyone may write to; the role; each step of the escalation. The severity is high when a step rests on a condition nobody could settle.

    Why: one bug in this function, injection or a poisoned dependency, and a stranger owns the account.

    Not flagged: functions whose role is an administrator itself, which `role-administrator` reports as critical; a way that needs what a
    file does not list. `role-can-escalate` tells of that, and of the same steps as a matter of the role. A function is no door because
    other functions call it.

    Fix: take away the statement of the first step of the role; then close the door, or put something that authenticates before it.

    Source: OWASP Serverless Top 10, SAS-2 and SAS-4; pathfinding.cloud, from which most technique ids are.
    """
    door = door_of(fn, analysis)
    if not door:
        insist(fn, analysis)
        return
    role = analysis.role_of(fn)
    if is_proven_administrator(role, analysis):
        return
    found = escalation_of(role, analysis)
    if found is None or not found.is_own_and_whole:
        insist_on_policies(role, analysis)
        return
    # Counted as `buckler paths` and `buckler blast` count: that the function runs as the role is a step, too.
    edges = (*door, running(fn, role, analysis), *found.path.edges)
    is_sure = found.path.is_certain
    whose = "the account" if found.is_own else f"account `{found.account}`"
    first, *more = evidence_of(edges) or (seen(fn.origin, door[0].what),)
    yield internet_to_administrator.finding(
        fn,
        f"anyone on the internet is {len(edges)} steps from administrator of {whose}: {hops(edges)}",
        first,
        *more,
        *(seen(role.origin, f"only if {phrase}") for edge in found.path.edges for phrase in edge.only_if),
        severity=Severity.CRITICAL if is_sure else Severity.HIGH,
        confidence=Confidence.HIGH if is_sure else Confidence.MEDIUM,
        path=proof_of(edges),
    )
