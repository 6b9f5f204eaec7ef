"""role-shared: give the functions of each purpose a role of their own."""

from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.fixes._split import split
from buckler.fixes.role_administrator import as_needed
from buckler.model.iam import Role
from buckler.reach.roles import is_administrator


@remedy
def role_shared(case: Case[Role]) -> Remedies:
    """Copy the role for all but the largest purpose, without what only the others need; leave an administrator what all of them need."""
    if is_administrator(case.subject, case.analysis):
        yield from as_needed(case.subject, case.analysis)
    mend = split(case.subject, case.analysis)
    if mend is not None:
        yield mend
    yield Advice(
        "give each function, or at least each application, a role of its own with what it needs",
        "its policies are not known whole, or a role of that name is there already",
    )
