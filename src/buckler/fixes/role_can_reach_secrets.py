"""role-can-reach-secrets: deny the steps that lead to secrets, and nothing else."""

from typing import Final

from buckler.fixes._denies import no_way
from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.fixes._roles import Holder
from buckler.model.graph import Path
from buckler.model.iam import Role
from buckler.reach.analysis import Analysis
from buckler.reach.secrets import way_to_secrets

NO_WAY_TO_SECRETS: Final = "buckler-no-way-to-secrets"


@remedy
def role_can_reach_secrets(case: Case[Role]) -> Remedies:
    """Add an inline policy that denies the first step of each way to a secret, found by asking again after each until none is left."""

    def way(own: Holder, now: Analysis) -> Path | None:
        return way_to_secrets(own, now) if isinstance(own, Role) else None

    summary = "deny the role the steps by which it gets at secrets that it may not read itself"
    mend = no_way(case.subject, case.analysis, way, NO_WAY_TO_SECRETS, summary)
    advice = case.finding.remedy.text if case.finding.remedy else "name in its policy what it needs"
    yield mend or Advice(advice, "it has too many ways to deny them one by one")
