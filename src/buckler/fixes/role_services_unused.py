"""role-services-unused: take the services out that the role has not called for 90 days."""

from msgspec.structs import replace

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes._rewriting import Rewriting, offer
from buckler.model.iam import Role
from buckler.model.policy import Statement
from buckler.model.text import Text


@remedy
def role_services_unused(case: Case[Role]) -> Remedies:
    """Take `service:*` out of every Allow; of a managed policy the role gets a copy of its own without it.

    Single actions of the service, which somebody named, stay.
    """
    requests = case.finding.witness.requests if case.finding.witness is not None else ()
    yield offer(case.subject, _Without({one.action.partition(":")[0] for one in requests}))


class _Without(Rewriting):
    managed_by_aws = True

    def __init__(self, unused: set[str]) -> None:
        self._unused = unused
        self._said = ", ".join(f"`{one}`" for one in sorted(unused))
        super().__init__(f"take {self._said} out of the policies of the role")

    def change(self, statement: Statement) -> Statement | None:
        """Take whole services out."""
        if statement.effect != "Allow" or statement.actions is None:
            return statement
        kept = tuple(entry for entry in statement.actions if not self._is_whole(entry))
        return replace(statement, actions=kept) if kept else None

    def _is_whole(self, entry: Text) -> bool:
        service, _, verb = entry.partition(":") if isinstance(entry, str) else ("", "", "")
        return service.lower() in self._unused and bool(verb) and not verb.strip("*")

    def summary(self) -> str:
        return f"take {self._said} out of the policies of the role, which it has not called for 90 days"

    def lost(self) -> tuple[str, ...]:
        return (f"every action of {self._said}: what runs less often than once in 90 days, and was not run meanwhile",)
