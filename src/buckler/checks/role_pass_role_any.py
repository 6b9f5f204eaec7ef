"""role-pass-role-any: the role may hand any role of the account to any service."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.data.service_access import escalation_paths
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided
from buckler.reach.administrators import administrators_here, named
from buckler.reach.analysis import Analysis
from buckler.reach.roles import Powers, concerns, deciding, is_proven_administrator, powers_of

_PASS = "iam:PassRole"  # noqa: S105 - an action of IAM, no password


@check(
    Severity.MEDIUM,
    area="role",
    maps=("cis:compute-1.1/12.4", "owasp:SAS-4", "mitre:T1548.005", "mitre:T1098.003", "nist:AC-6", "nist:AC-6(10)", "pci:7.2.5"),
)
def role_pass_role_any(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag a role, one that functions run as or that deploys functions, which may pass every role to every service.

    The severity is high when one of the roles of the account is an administrator that a service may act as (it is named), or when the role
    may also make something that runs with the passed role, a function, an instance, a task: then it is as strong as the strongest of them.

    Why: `iam:PassRole` decides whose rights a new function or machine gets. On `*` it is the right to use all of them.

    Not flagged: a condition on `iam:PassedToService`, a path or name pattern in the resource, what a boundary or a Deny takes back, and
    administrators (`role-administrator` reports them).

    Fix: name the roles that may be passed, and add the condition `"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}`.

    Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
    """
    if not concerns(role, analysis):
        return
    powers = powers_of(role, analysis)
    if not powers.speaks_of(_PASS):
        powers.insist()
        return
    context = {
        "iam__PassedToService": ("example.amazonaws.com",),
        "iam__AssociatedResourceArn": (f"arn:aws:example:us-east-1:{powers.account}:example",),
    }
    resource = powers.resource("iam", "role/")
    if not powers.may(_PASS, resource, **context):
        powers.insist()
        return
    if is_proven_administrator(role, analysis):
        return
    request = powers.request(_PASS, resource, **context)
    maker = _maker(powers)
    first, *more = deciding(powers, (request,))
    strong = administrators_here(role, analysis)
    yield role_pass_role_any.finding(
        role,
        f"the role may pass any role{named(strong)}{',' * bool(strong)} to any service{f', and `{maker}` to use it' if maker else ''}",
        seen(first.origin, "iam:PassRole on every role, whoever receives it"),
        *(seen(statement.origin, "and so does this") for statement in more),
        *(seen(one.origin, f"`{shown(one.name)}` is an administrator") for one in strong[:3]),
        severity=Severity.HIGH if maker or strong else None,
        witness=powers.witness((request,)),
    )


def _maker(powers: Powers) -> str | None:
    """Name an action by which the role makes something that runs as a passed role, all the path needs being allowed."""
    for path in escalation_paths():
        others = sorted(path.actions - {_PASS})
        if _PASS in path.actions and others and all(_may(powers, action) for action in others):
            return others[0]
    return None


def _may(powers: Powers, action: str) -> bool:
    try:
        return powers.may(action, "*")
    except Undecided:
        return False
