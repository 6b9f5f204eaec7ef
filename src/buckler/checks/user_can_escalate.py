"""user-can-escalate: the user can make itself an administrator."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.iam import User
from buckler.model.severity import Severity
from buckler.reach.analysis import Analysis
from buckler.reach.escalations import escalation_of, evidence_for, insist, weight


@check(
    Severity.HIGH,
    area="role",
    maps=("cis:compute-1.1/12.4", "owasp:SAS-4", "mitre:T1548.005", "mitre:T1098.003", "nist:AC-6", "nist:AC-6(10)", "pci:7.2.5"),
)
def user_can_escalate(user: User, analysis: Analysis) -> Iterator[Finding]:
    """Flag a user that is no administrator and can become one, by one or several steps that its policies allow.

    One finding per user: the shortest way, step by step, each with the id of its technique and a request that proves it; further techniques
    are named. The policies of its groups count. The severity is high when the user may deploy functions, else medium: an administrator
    takes over every function of the account too. It is one less when a step rests on a condition nobody could settle, and low when all
    that the user does is to assume a role that lets it in.

    Who cannot become one but may make any role, user or group an administrator, whatever its name, is flagged too, one less severe.

    In a file, which tells of a part of an account, a step also counts when it works on any role, function, user or group whatever its name:
    the account may hold a privileged one that the file does not list. The severity is then one less too.

    Why: users have keys that do not expire, and keys end up in repositories and on laptops. Whoever finds one gets what it can be turned
    into, and owns every function with it.

    Not flagged: administrators (`user-administrator` reports them); what a boundary, a Deny or a control policy takes back; conditions that
    cannot hold; passing roles to services they do not trust, and passing roles that lead nowhere. Roles are `role-can-escalate`.

    Fix: take away the statement of the first step, or name in it the resources that are needed. For `iam:PassRole` add the condition
    `iam:PassedToService`; for policies and new roles demand a permissions boundary.

    Source: IAM User Guide, "Policies and permissions in AWS Identity and Access Management"; pathfinding.cloud, from which most technique
    ids are.
    """
    found = escalation_of(user, analysis)
    if found is None:
        insist(user, analysis)
        return
    severity, confidence = weight(found, user, analysis)
    first, *more = evidence_for(found, user) or (seen(user.origin, found.steps[0].what),)
    yield user_can_escalate.finding(
        user,
        f"the user {found.said}",
        first,
        *more,
        severity=severity,
        confidence=confidence,
        path=found.proof,
    )
