"""environment-secret-readable: move what is read to where it is not."""

from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.fixes.migrate import Destination, offer
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.reach.readers import secret_variables


@remedy
def environment_secret_readable(case: Case[Function]) -> Remedies:
    """Move every secret of the function where `--secrets-to` says."""
    store = case.wishes.secrets_to
    if store is None:
        name = shown(case.subject.name)
        yield Advice(
            f"buckler secrets migrate {name} --to secretsmanager --out plan.json",
            "where secrets go is yours to say: here with --secrets-to",
        )
        return
    names = tuple(shown(one.name) for one in secret_variables(case.subject))
    yield offer(case.analysis, case.subject, names, Destination(store=store, key=case.wishes.kms_key))
