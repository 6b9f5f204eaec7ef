"""role-shared: where the role is an administrator, leave it what all its functions need."""

from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.fixes.role_administrator import as_needed
from buckler.model.iam import Role
from buckler.reach.roles import is_administrator


@remedy
def role_shared(case: Case[Role]) -> Remedies:
    """Leave an administrator what configuration needs: then nothing is left to share. Whom else to split it for, only code tells."""
    if is_administrator(case.subject, case.analysis):
        yield from as_needed(case.subject, case.analysis)
    yield Advice(
        "give each function, or at least each application, a role of its own with what it needs",
        "which of them needs what of the role, their code tells and no configuration",
    )
