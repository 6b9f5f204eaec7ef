"""role-service-wildcard: allow what functions do with the service, in place of everything."""

from msgspec.structs import replace

from buckler.data.function_actions import narrowed
from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.fixes._rewriting import Rewriting, offer
from buckler.model.iam import Role
from buckler.model.policy import Statement


@remedy
def role_service_wildcard(case: Case[Role]) -> Remedies:
    """Write, in place of `service:*`, the actions on the service's data; of a managed policy the role gets a narrower copy of its own.

    Which resources the code needs only its owner can tell: those stay as they are.
    """
    made = offer(case.subject, _Narrower())
    if isinstance(made, Advice):
        made = Advice("name the actions and the ARNs the function uses in place of `service:*` on `*`", "what it uses only its code tells")
    yield made


class _Narrower(Rewriting):
    managed_by_aws = True

    def __init__(self) -> None:
        super().__init__()
        self._services: set[str] = set()

    def change(self, statement: Statement) -> Statement:
        """Name what functions do with a service in place of all of it."""
        if statement.effect != "Allow" or statement.actions is None:
            return statement
        return replace(statement, actions=narrowed(statement.actions, self._services))

    def summary(self) -> str:
        return f"allow of {self._said()} what functions do with it, in place of everything"

    def lost(self) -> tuple[str, ...]:
        return (f"every other action of {self._said()}: name what the code calls besides",)

    def _said(self) -> str:
        return ", ".join(f"`{one}`" for one in sorted(self._services))
