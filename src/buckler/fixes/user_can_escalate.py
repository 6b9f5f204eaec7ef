"""user-can-escalate: deny the steps that lead to administrator, and nothing else."""

from buckler.fixes._denies import no_escalation
from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.model.iam import User


@remedy
def user_can_escalate(case: Case[User]) -> Remedies:
    """Add an inline policy to the user that denies the first step of each way, found by asking again after each until none is left.

    A Deny outweighs whatever allows the step: also what the user's groups allow, which is theirs and not to be changed for one.
    """
    mend = no_escalation(case.subject, case.analysis)
    advice = case.finding.remedy.text if case.finding.remedy else "name in its policies what it needs"
    yield mend or Advice(
        advice, "it has too many ways to deny them one by one, in the 2,048 characters that a user's own policies may have"
    )
