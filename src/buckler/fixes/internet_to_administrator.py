"""internet-to-administrator: break the way at the role, by denying its first step."""

from buckler.fixes._denies import no_escalation
from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes._urls import closing
from buckler.model.functions import Function


@remedy
def internet_to_administrator(case: Case[Function]) -> Remedies:
    """Deny the role of the function the steps that lead on; else let the function's URLs ask for a signature."""
    mend = no_escalation(case.analysis.role_of(case.subject), case.analysis)
    if mend is not None:
        yield mend
    yield from closing(case.subject, case.analysis)
