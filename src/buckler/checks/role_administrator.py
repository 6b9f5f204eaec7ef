"""role-administrator: the role may do everything in the account, or give itself the right to."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Severity
from buckler.reach.analysis import Analysis
from buckler.reach.roles import concerns, deciding, is_administrator, is_execution_role, is_public_role, powers_of, witness_of_administrator


@check(
    Severity.HIGH,
    area="role",
    maps=("fsbp:IAM.1", "cis:5.0/1.15", "cis:compute-1.1/12.9", "owasp:SAS-4", "mitre:T1078.004", "nist:AC-6", "nist:AC-6(5)", "pci:7.2.5"),
)
def role_administrator(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag an execution role that is an administrator, and a role that is one and may deploy functions.

    An administrator is who may grant every permission: write policies, attach them to any role, change any trust, make keys for any
    user and pass any role to any service. What the policy is called does not matter. The severity is critical when a function that
    anyone on the internet can invoke runs as the role.

    Why: the code of a function has the role's credentials in its environment. One bug in one function, or one poisoned dependency, is then
    worth the whole account.

    Not flagged: roles whose permissions boundary or whose Deny statements take this back, or to whom control policies of the organisation
    leave less; service-linked roles, and roles that have nothing to do with Lambda. Who can become an administrator is
    `role-can-escalate`.

    Fix: replace the policy with one that names the actions and resources the function uses. IAM Access Analyzer writes one from what
    CloudTrail recorded; until then a permissions boundary contains it.

    Source: IAM User Guide, "Security best practices in IAM"; CIS AWS Compute Services Benchmark 12.9.
    """
    if not concerns(role, analysis):
        return
    powers = powers_of(role, analysis)
    requests = is_administrator(role, analysis)
    if not requests:
        powers.insist()
        return
    runs = is_execution_role(role, analysis)
    first, *more = deciding(powers, requests)
    yield role_administrator.finding(
        role,
        f"{'functions run' if role.arn in analysis.functions_of_role else 'Lambda may run functions'} as an administrator"
        if runs
        else "who may deploy functions with this role is an administrator",
        seen(first.origin, "allows every permission to be granted"),
        *(seen(statement.origin, "and so does this") for statement in more),
        severity=Severity.CRITICAL if is_public_role(role, analysis) else Severity.HIGH if runs else Severity.LOW,
        witness=witness_of_administrator(role, requests, analysis),
    )
