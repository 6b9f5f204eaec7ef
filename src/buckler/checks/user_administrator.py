"""user-administrator: the user may do everything in the account, or give itself the right to."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.iam import sample
from buckler.model.finding import Finding
from buckler.model.iam import User
from buckler.model.severity import Confidence, Severity
from buckler.reach.analysis import Analysis
from buckler.reach.escalations import insist
from buckler.reach.graph import Step, graph_of


@check(
    Severity.LOW,
    area="role",
    maps=("fsbp:IAM.1", "cis:5.0/1.15", "owasp:SAS-4", "mitre:T1078.004", "nist:AC-6", "nist:AC-6(5)", "pci:7.2.5"),
)
def user_administrator(user: User, analysis: Analysis) -> Iterator[Finding]:
    """Flag a user that is an administrator: who may grant every permission, whatever its policies are called.

    The policies of its groups count. The severity is low when a policy says so, everything on everything; medium when it only comes to
    that, as `iam:*` does: who wrote it may not know.

    Why: an administrator takes over every function of the account. Users have keys that do not expire, and keys end up in repositories and
    on laptops.

    Not flagged: users whose permissions boundary or whose Deny statements take this back, or to whom control policies of the organisation
    leave less. Who can become an administrator is `user-can-escalate`; roles are `role-administrator`.

    Fix: give people roles by way of IAM Identity Center, and let a session as administrator be asked for and end by itself.

    Source: IAM User Guide, "Security best practices in IAM".
    """
    graph = graph_of(analysis)
    actor = graph.actors.of(sample(user.arn))
    if graph.administers(actor) is not True:
        if graph.administers(actor) is False:
            insist(user, analysis)
        return
    edge = graph.shown_edge(Step(actor.id, f"administrator:{actor.account}", "admin"))
    is_said = any(
        statement.effect == "Allow" and "*" in (statement.actions or ()) and "*" in (statement.resources or ())
        for policy in actor.layers.identity
        for statement in policy.statements
    )
    first, *more = edge.evidence or (seen(user.origin, edge.what),)
    yield user_administrator.finding(
        user,
        "the user is an administrator"
        if is_said
        else "the user is an administrator, though no policy says so: it may grant itself everything",
        first,
        *more,
        severity=Severity.LOW if is_said else Severity.MEDIUM,
        confidence=Confidence.HIGH,
        path=edge.proof,
    )
