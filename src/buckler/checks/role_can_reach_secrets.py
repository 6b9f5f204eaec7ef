"""role-can-reach-secrets: the role functions run as can act as somebody who reads secrets that it may not read."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Severity
from buckler.reach.analysis import Analysis
from buckler.reach.doors import evidence_of, proof_of
from buckler.reach.escalations import escalation_of, insist
from buckler.reach.roles import is_execution_role, is_public_role
from buckler.reach.secrets import way_to_secrets


@check(
    Severity.MEDIUM,
    area="role",
    maps=("owasp:SAS-4", "mitre:T1548.005", "mitre:T1555.006", "nist:AC-6", "nist:AC-6(10)", "pci:7.2.5"),
)
def role_can_reach_secrets(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag a role that functions run as, which by passing roles or changing principals gets at secrets that it may not read itself.

    One finding per role: the shortest way, step by step, each with the id of its technique and a request that proves it, to the first such
    secret, SecureString parameter or environment of a function. The severity is high when anyone on the internet can invoke one of the
    functions.

    Why: what the role may read is not what its code can get to, when it may start something else that reads more.

    Not flagged: roles that are administrators or can become one (`role-administrator`, `role-can-escalate`); ways that only assume roles
    which let it in, or change other functions (`function-code-writable`); steps that rest on a condition nobody could settle.

    Fix: name in `iam:PassRole` the roles that are needed, and add the condition `iam:PassedToService`; take away the statement of the first
    step.

    Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service"; pathfinding.cloud, from which most technique ids
    are.
    """
    if not is_execution_role(role, analysis):
        return
    escalation = escalation_of(role, analysis)
    if escalation is not None and escalation.is_own_and_whole:
        return
    path = way_to_secrets(role, analysis)
    if path is None:
        insist(role, analysis)
        return
    *steps, last = [f"{edge.what} ({edge.technique})" if edge.technique else edge.what for edge in path.edges]
    first, *more = evidence_of(path.edges) or (seen(role.origin, last),)
    yield role_can_reach_secrets.finding(
        role,
        f"the role can act as somebody who {last}: it {', then '.join(steps[:3])}",
        first,
        *more,
        severity=Severity.HIGH if is_public_role(role, analysis) else None,
        path=proof_of(path.edges),
    )
