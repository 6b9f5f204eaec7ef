"""secret-in-environment: move the secret to the store the user names; code follows the reference by itself."""

from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.fixes.migrate import Destination, offer
from buckler.model.functions import Function
from buckler.model.text import shown


@remedy
def secret_in_environment(case: Case[Function]) -> Remedies:
    """Move it where `--secrets-to` says; where nobody says, point to the command that plans it."""
    name, variable = shown(case.subject.name), case.finding.key
    store = case.wishes.secrets_to
    if store is None:
        yield Advice(
            f"buckler secrets migrate {name} {variable} --to secretsmanager --out plan.json",
            "where secrets go is yours to say: here with --secrets-to",
        )
        return
    yield offer(case.analysis, case.subject, (variable,), Destination(store=store, key=case.wishes.kms_key))
