"""role-assume-role-any: let the role assume only roles that name it in their trust policy."""

from buckler.fixes._denies import assume_no_other
from buckler.fixes._fix import Case, Remedies, remedy
from buckler.model.iam import Role


@remedy
def role_assume_role_any(case: Case[Role]) -> Remedies:
    """Deny it to assume any role but those whose trust policy names this very role: somebody meant them to be assumed by it."""
    yield assume_no_other(case.subject, case.analysis)
