"""secret-in-environment: say with which command the secret moves; where to is the user's choice, and code has to be able to follow."""

from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.model.functions import Function
from buckler.model.text import shown


@remedy
def secret_in_environment(case: Case[Function]) -> Remedies:
    """Point to the move, which is a plan of its own."""
    name, variable = shown(case.subject.name), case.finding.key
    yield Advice(
        f"buckler secrets migrate {name} {variable} --to secretsmanager --out plan.json",
        "where secrets go, and under which key, is yours to say",
    )
