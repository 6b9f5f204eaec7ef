"""user-assume-role-any: the user may try to become any role."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.iam import Answer, decide, sample
from buckler.model.finding import Finding, Witness
from buckler.model.iam import User
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided
from buckler.reach.administrators import administrators_assumable, named
from buckler.reach.analysis import Analysis
from buckler.reach.escalations import insist
from buckler.reach.graph import graph_of
from buckler.reach.roles import NAME
from buckler.reach.strangers import STRANGE_ACCOUNT

_ASSUME = "sts:AssumeRole"


@check(
    Severity.MEDIUM,
    area="role",
    maps=("owasp:SAS-4", "mitre:T1548.005", "mitre:T1199", "nist:AC-6", "nist:AC-6(10)", "pci:7.2.5"),
)
def user_assume_role_any(user: User, analysis: Analysis) -> Iterator[Finding]:
    """Flag a user that may assume every role: of every account, or of its own.

    The policies of its groups count. The severity is high when an administrator's trust policy lets it in; that role is named.

    Why: each role that trusts the account as a whole is then open to whoever finds the user's key: the roles of functions and of those who
    deploy them, and roles that partners made for us.

    Not flagged: role ARNs or name patterns in the resource, what a boundary or a Deny takes back, conditions that cannot hold, and
    administrators. Roles are `role-assume-role-any`.

    Fix: name the ARNs of the roles that are needed in `Resource`. Also narrow the trust of those roles from the account to this user.

    Source: IAM User Guide, "Grant a user permissions to switch roles"; AWS STS API reference, AssumeRole.
    """
    graph = graph_of(analysis)
    actor = graph.actors.of(sample(user.arn))
    if not actor.access.speaks_of(_ASSUME.lower()) or graph.administers(actor):
        insist(user, analysis)
        return
    layers = actor.layers
    for account in (STRANGE_ACCOUNT, actor.account):
        request = analysis.access.request(actor.arn, _ASSUME, f"arn:{actor.partition}:iam::{account}:role/{NAME}")
        # Whether a role lets it in is for the role to say: asked is what the user's side allows.
        decision = decide(request, layers.identity, boundary=layers.boundary)
        if decision.answer is Answer.UNKNOWN:
            raise Undecided(decision.doubt)
        if decision.answer is Answer.ALLOW and decision.statement is not None:
            break
    else:
        insist(user, analysis)
        return
    strong = administrators_assumable(user, analysis)
    where = "of every account" if account == STRANGE_ACCOUNT else "of the account"
    yield user_assume_role_any.finding(
        user,
        f"the user may assume every role {where} that trusts it{named(strong)}",
        seen(decision.statement.origin, "sts:AssumeRole on every role"),
        *(seen(one.origin, f"`{shown(one.name)}` is an administrator and lets it in") for one in strong[:3]),
        severity=Severity.HIGH if strong else None,
        witness=Witness(requests=(request,), policies=layers.identity) if layers.identity else None,
    )
