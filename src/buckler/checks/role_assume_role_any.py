"""role-assume-role-any: the role may try to become any other role."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.reach.administrators import administrators_assumable, named
from buckler.reach.analysis import Analysis
from buckler.reach.roles import NAME, concerns, deciding, is_proven_administrator, powers_of
from buckler.reach.strangers import STRANGE_ACCOUNT

_ASSUME = "sts:AssumeRole"


@check(
    Severity.MEDIUM,
    area="role",
    maps=("cis:compute-1.1/12.4", "owasp:SAS-4", "mitre:T1548.005", "mitre:T1199", "nist:AC-6", "nist:AC-6(10)", "pci:7.2.5"),
)
def role_assume_role_any(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag a role, one that functions run as or that deploys functions, which may assume every role.

    The severity is high when an administrator's trust policy lets it in; that role is named.

    Why: each role that trusts this account as a whole is then open to the function's code: deployment roles, administrators, roles that
    partners made for us.

    Not flagged: role ARNs or name patterns in the resource, what a boundary or a Deny takes back, and administrators
    (`role-administrator` reports them).

    Fix: name the ARNs of the roles that are needed in `Resource`. Also narrow the trust of those roles from the account to this role.

    Source: IAM User Guide, "Grant a user permissions to switch roles"; AWS STS API reference, AssumeRole.
    """
    if not concerns(role, analysis):
        return
    powers = powers_of(role, analysis)
    if not powers.speaks_of(_ASSUME):
        powers.insist()
        return
    anywhere = f"arn:{powers.partition}:iam::{STRANGE_ACCOUNT}:role/{NAME}"
    here = powers.resource("iam", "role/")
    where = next((resource for resource in (anywhere, here) if powers.may(_ASSUME, resource)), None)
    if where is None:
        powers.insist()
        return
    if is_proven_administrator(role, analysis):
        return
    request = powers.request(_ASSUME, where)
    first, *more = deciding(powers, (request,))
    strong = administrators_assumable(role, analysis)
    yield role_assume_role_any.finding(
        role,
        f"the role may assume every role {'of every account' if where == anywhere else 'of the account'} that trusts it{named(strong)}",
        seen(first.origin, "sts:AssumeRole on every role"),
        *(seen(statement.origin, "and so does this") for statement in more),
        *(seen(one.origin, f"`{shown(one.name)}` is an administrator and lets it in") for one in strong[:3]),
        severity=Severity.HIGH if strong else None,
        witness=powers.witness((request,)),
    )
