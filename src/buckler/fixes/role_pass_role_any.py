"""role-pass-role-any: let the role pass roles to Lambda only."""

from buckler.fixes._denies import PASS_TO_LAMBDA, denying_to
from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.model.iam import Role


@remedy
def role_pass_role_any(case: Case[Role]) -> Remedies:
    """Deny it to pass roles to any service but Lambda. Passing an administrator to Lambda is `role-can-escalate`'s to deny."""
    mend = denying_to(
        case.subject,
        [PASS_TO_LAMBDA],
        "buckler-pass-to-lambda",
        "deny the role to pass roles to other services than Lambda",
        ("the role may no longer pass a role to another service than Lambda: EC2, ECS, Glue, ...",),
    )
    yield mend or Advice("name the roles that may be passed, and to which service", "its inline policies are not known whole")
