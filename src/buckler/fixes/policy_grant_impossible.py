"""policy-grant-impossible: take out what grants nothing; in a Deny, name what the action acts on."""

from msgspec.structs import replace

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes._rewriting import Rewriting, offer
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.policy import Statement
from buckler.model.text import Text, shown
from buckler.reach.written import Idle, idle_in, written_statements


@remedy
def policy_grant_impossible(case: Case[Role]) -> Remedies:
    """Take actions out of an Allow that act on none of its resources, and resources that none of its actions acts on: they grant nothing.

    A Deny gets the resource that was meant instead. All of a role at once, whichever the finding is about: a policy is written as a whole,
    and so two fixes of it would be at odds.
    """
    yield offer(case.subject, of_grants(case.subject, case.finding))


def of_grants(role: Role, finding: Finding) -> Rewriting:
    """Write what is idle in statements anew."""
    return _Grants(tuple(written_statements(role)), finding.remedy.text if finding.remedy else "give the statement what the action acts on")


class _Grants(Rewriting):
    def __init__(self, statements: tuple[Statement, ...], advice: str) -> None:
        super().__init__(advice)
        self._statements = statements
        self._gone: dict[str, None] = {}
        self._denied: dict[str, None] = {}

    def change(self, statement: Statement) -> Statement | None:
        """Give the statement without what is idle in it; None: all of it is."""
        idle = idle_in(statement, self._statements)
        if not idle.actions and not idle.resources:
            return statement
        useless = self._denies(statement, idle) if statement.effect == "Deny" else self._allows(idle)
        self._gone |= dict.fromkeys(shown(one) for one in useless)
        actions = tuple(one for one in statement.actions or () if one not in useless)
        instead: dict[Text, Text] = {one.written: one.instead for one in idle.resources} if statement.effect == "Deny" else {}
        more = [one.instead for one in idle.actions if one.instead is not None] if statement.effect == "Deny" else []
        kept = [instead.get(one, one) for one in statement.resources or () if one not in useless]
        resources = tuple(dict.fromkeys((*kept, *more)))
        return replace(statement, actions=actions, resources=resources) if actions and resources else None

    def _denies(self, statement: Statement, idle: Idle) -> set[Text]:
        meant = [*(one.instead for one in idle.actions if one.instead is not None), *(one.instead for one in idle.resources)]
        self._denied |= dict.fromkeys(shown(one) for one in meant if one not in (statement.resources or ()))
        return {one.written for one in idle.actions if one.instead is None}

    @staticmethod
    def _allows(idle: Idle) -> set[Text]:
        return {*(one.written for one in idle.actions), *(one.written for one in idle.resources)}

    def summary(self) -> str:
        parts = [f"take out {', '.join(f'`{one}`' for one in self._gone)}, which changes nothing"] if self._gone else []
        parts += [f"deny it on {', '.join(f'`{one}`' for one in self._denied)}"] if self._denied else []
        needed = f". Where the code needs it: {self.advice[:1].lower()}{self.advice[1:].rstrip('.')}" if self._gone else ""
        return " and ".join(parts) + needed

    def lost(self) -> tuple[str, ...]:
        return tuple(f"what the policy says and did not do until now, on `{one}`" for one in self._denied)
