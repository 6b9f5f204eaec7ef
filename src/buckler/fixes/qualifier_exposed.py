"""qualifier-exposed: take out the statement of the alias or version that lets strangers in."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes.policy_open_to_anyone import closing
from buckler.model.functions import Function


@remedy
def qualifier_exposed(case: Case[Function]) -> Remedies:
    """Do for an alias or a version what `policy-open-to-anyone` does for the function."""
    yield from closing(case, case.finding.key)
