"""role-can-escalate: deny the steps that lead to administrator, and nothing else."""

from buckler.fixes._boundary import no_steps
from buckler.fixes._denies import no_escalation
from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.model.iam import Role


@remedy
def role_can_escalate(case: Case[Role]) -> Remedies:
    """Add an inline policy that denies the first step of each way, found by asking again after each until none is left.

    A Deny outweighs whatever allows the step: also a managed policy, which is not the role's own to change. Where that does not fit, a
    permissions boundary does it.
    """
    for offer in (no_escalation, no_steps):
        mend = offer(case.subject, case.analysis)
        if mend is not None:
            yield mend
            return
    advice = case.finding.remedy.text if case.finding.remedy else "name in its policy what it needs"
    yield Advice(advice, "it has too many ways to deny them one by one")
