"""boundary-absent: the role has no permissions boundary, though the roles of functions here have one."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Persona, Severity
from buckler.model.text import Text, shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.once import once
from buckler.reach.roles import is_execution_role

_ROLES_AT_LEAST = 4
_SHARE = 3 / 4


@check(
    Severity.LOW,
    area="role",
    persona=Persona.AUDITOR,
    maps=("owasp:SAS-4", "mitre:T1548.005", "nist:AC-6", "nist:CM-6", "pci:7.2.1"),
)
def boundary_absent(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag a role for functions without a permissions boundary in an account where at least three in four of them have one.

    Roles for functions are those that Lambda may assume or that functions run as. The account must have at least four of them, so that a
    boundary on most is a custom and no accident.

    Why: where a boundary is the custom, people rely on it: they let teams write their own roles because it holds what matters back.

    Not flagged: accounts in which boundaries are no custom of this kind, service-linked roles, and roles that have nothing to do with
    functions.

    Fix: set the boundary of the other roles on this one, and demand it with `iam:PermissionsBoundary` in whatever lets people create roles.

    Source: IAM User Guide, "Permissions boundaries for IAM entities".
    """
    if role.boundary is not None and not isinstance(role.boundary, Unknown):
        return
    custom = _customs(analysis).get(role.account)
    if custom is None or not is_execution_role(role, analysis):
        return
    known(role.boundary)
    with_one, total, usual = custom
    yield boundary_absent.finding(
        role,
        f"the role has no permissions boundary, as {with_one} of the {total} roles for functions here have",
        seen(role.origin, "no permissions boundary"),
        seen(usual.origin, f"`{shown(usual.name)}` has one"),
    )


@once
def _customs(analysis: Analysis) -> dict[Text, tuple[int, int, Role]]:
    """Give the accounts where most roles for functions have a boundary: how many of how many, and one of them."""
    having: dict[Text, list[Role]] = {}
    total: dict[Text, int] = {}
    for role in analysis.estate.roles:
        if isinstance(role.boundary, Unknown) or not _is_for_functions(role, analysis):
            continue
        total[role.account] = total.get(role.account, 0) + 1
        if role.boundary is not None:
            having.setdefault(role.account, []).append(role)
    return {
        account: (len(roles), total[account], roles[0])
        for account, roles in having.items()
        if total[account] >= _ROLES_AT_LEAST and len(roles) >= _SHARE * total[account]
    }


def _is_for_functions(role: Role, analysis: Analysis) -> bool:
    try:
        return is_execution_role(role, analysis)
    except Undecided:
        return False
