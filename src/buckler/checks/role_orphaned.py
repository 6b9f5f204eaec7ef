"""role-orphaned: a role made for Lambda that no function runs as any more."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.origin import FileOrigin
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind, known
from buckler.reach.analysis import Analysis
from buckler.reach.roles import denies_everything
from buckler.reach.usage import insist_on_every_function, is_only_for_lambda, roles_in_use


@check(Severity.LOW, area="role", maps=("fsbp:IAM.8", "owasp:SAS-11", "mitre:T1078.004", "nist:AC-2", "nist:AC-6"))
def role_orphaned(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag a role that only Lambda may assume and that no function, nor any published version, of the account runs as.

    Why: deleting a function leaves its role. Whoever may pass it, or create functions, gets its rights, and nobody misses it when it is
    used. The trail of a deleted function ends there.

    Not flagged: roles whose own inline policy denies them everything; roles that others than Lambda may assume, service-linked roles, and
    operator roles of capacity providers. Nothing is concluded unless the functions of every region of the account were read, since roles
    are global and functions are not.

    Fix: deny it everything by an inline policy, and delete it when nobody has missed it for a while. Look at `RoleLastUsed` first: a role
    that is used and belongs to no function is worth a question.

    Source: AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role"; AWS Security Hub, IAM.8.
    """
    if role.is_service_linked or role.arn in roles_in_use(analysis) or denies_everything(role):
        return
    trust = role.trust
    if not isinstance(trust, Unknown) and not is_only_for_lambda(role, trust):
        return
    if isinstance(role.origin, FileOrigin):
        why = "a file does not tell which functions elsewhere run as its roles"
        raise Undecided(Unknown(kind=UnknownKind.OUTSIDE, why=why, need="a live scan"))
    if unread := known(trust).unresolved:
        raise Undecided(unread[0])
    known(role.attached)  # one of them may make it an operator's
    insist_on_every_function(role, analysis)
    yield role_orphaned.finding(
        role,
        f"no function runs as `{shown(role.name)}`, which only Lambda may assume",
        seen(role.origin, f"last used {role.last_used[:10]}" if role.last_used else "never used, or not for 400 days"),
    )
