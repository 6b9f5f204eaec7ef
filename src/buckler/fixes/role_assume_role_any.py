"""role-assume-role-any: let the role assume only roles that name it in their trust policy."""

from typing import Any

from buckler.fixes._denies import denying_to
from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.model.iam import Role
from buckler.model.text import shown
from buckler.model.unknown import Unknown


@remedy
def role_assume_role_any(case: Case[Role]) -> Remedies:
    """Deny it to assume any role but those whose trust policy names this very role: somebody meant them to be assumed by it."""
    case.analysis.require("roles", case.subject.account, "")
    meant = sorted(shown(one.arn) for one in case.analysis.estate.roles if _names(one, case.subject))
    statement: dict[str, Any] = {"Effect": "Deny", "Action": "sts:AssumeRole"}
    statement |= {"NotResource": meant[0] if len(meant) == 1 else meant} if meant else {"Resource": "*"}
    but = f" but {', '.join(f'`{one}`' for one in meant)}" if meant else ": none that was read names it in its trust policy"
    mend = denying_to(
        case.subject,
        [statement],
        "buckler-assume-no-other",
        f"deny the role to assume any role{but}",
        (f"the role may no longer assume any role{but}",),
    )
    yield mend or Advice("name the ARNs of the roles that are needed in `Resource`", "its inline policies are not known whole")


def _names(other: Role, role: Role) -> bool:
    statements = () if isinstance(other.trust, Unknown) else other.trust.statements
    return any(one.value == role.arn for statement in statements if statement.effect == "Allow" for one in statement.principals or ())
