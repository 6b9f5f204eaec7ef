"""internet-to-data: a way leads from the internet through the function to more data than the function is for."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.reach.analysis import Analysis
from buckler.reach.doors import door_of, evidence_of, hops, insist, loot_of, proof_of
from buckler.reach.escalations import escalation_of
from buckler.reach.escalations import insist as insist_on_policies
from buckler.reach.roles import is_proven_administrator


@check(
    Severity.MEDIUM,
    area="exposure",
    maps=("owasp:SAS-2", "owasp:SAS-4", "mitre:T1190", "mitre:T1530", "nist:AC-3", "nist:AC-6", "pci:7.2.5"),
)
def internet_to_data(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function that anyone on the internet makes run and that leads to every secret, bucket or table, or to another principal's.

    The whole way is told, hop by hop, each with what proves it. One finding per function, for the worst of the data; the rest is named. The
    severity is high for secrets and SecureString parameters, medium for buckets and tables.

    Why: a function that serves strangers needs few things by name. What it can read beyond them is what a bug in it gives away.

    Not flagged: secrets, buckets and tables that the role's own policies name, for a public function is there to use something; functions
    whose role is an administrator or can become one (`role-administrator`, `internet-to-administrator`); functions that other functions
    call; steps that rest on a condition nobody could settle.

    Fix: name in `Resource` the secrets, buckets and tables the function uses; take away the step to the other principal.

    Source: OWASP Serverless Top 10, SAS-2 and SAS-4; IAM User Guide, "Security best practices in IAM", least privilege.
    """
    door = door_of(fn, analysis)
    if not door:
        insist(fn, analysis)
        return
    role = analysis.role_of(fn)
    if is_proven_administrator(role, analysis):
        return
    escalation = escalation_of(role, analysis)
    if escalation is not None and escalation.is_own_and_whole and escalation.path.is_certain:
        return
    found = sorted(loot_of(fn, analysis), key=lambda one: (-one.harm.rank, one.path.steps))
    if not found:
        insist_on_policies(role, analysis)
        return
    worst = found[0]
    edges = (*door, *worst.path.edges)
    others = list(dict.fromkeys(one.said for one in found[1:] if one.said != worst.said))
    first, *more = evidence_of(edges) or (seen(fn.origin, door[0].what),)
    yield internet_to_data.finding(
        fn,
        f"from the internet to data in {len(edges)} steps: {hops(edges)}",
        first,
        *more,
        *(seen(role.origin, f"it {said} as well") for said in others[:5]),
        severity=worst.harm,
        path=proof_of(edges),
    )
