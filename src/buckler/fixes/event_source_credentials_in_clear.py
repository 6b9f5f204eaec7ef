"""event-source-credentials-in-clear: say how the credential gets into Secrets Manager; in a template its place is edited."""

from collections.abc import Iterator

from buckler.fixes._fix import Advice, Case, remedy
from buckler.model.functions import EventSourceMapping
from buckler.model.text import shown


@remedy
def event_source_credentials_in_clear(case: Case[EventSourceMapping]) -> Iterator[Advice]:
    """Name the commands. The credential is to be changed at the broker too, which is not AWS's to do."""
    mapping, kind = case.subject, case.finding.key
    yield Advice(
        "make a secret with `username` and `password` (`aws secretsmanager create-secret`), let the role read it, and name its ARN: "
        f"`aws lambda update-event-source-mapping --uuid {shown(mapping.name)} --source-access-configurations Type={kind},URI=ARN`",
        "the credential was readable and has to be changed at the broker, so the new one is yours to put into the secret",
    )
