"""policy-condition-unknown: write the key that is meant where that allows nothing more, else take out what never worked."""

from msgspec.structs import replace

from buckler.engines.iam.validity import UnknownKey, unknown_keys
from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes._rewriting import Rewriting, offer
from buckler.fixes._roles import VERSION
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.policy import Condition, Statement


@remedy
def policy_condition_unknown(case: Case[Role]) -> Remedies:
    """Write the key that is meant where the statement then allows less or denies more; else take out the condition, or the statement.

    What is taken out has no effect: a condition that holds in every request, or a statement whose condition holds in none. All of a role at
    once, its trust policy too: a policy is written as a whole, and so two fixes of it would be at odds.
    """
    yield offer(case.subject, of_conditions(case.subject, case.finding))


def of_conditions(_: Role, finding: Finding) -> Rewriting:
    """Write conditions on keys that do not exist anew."""
    return _Conditions(finding.remedy.text if finding.remedy else "write the key that is meant")


class _Conditions(Rewriting):
    of_trust = True

    def __init__(self, advice: str) -> None:
        super().__init__(advice)
        self._meant: dict[str, str] = {}
        self._gone: dict[str, None] = {}
        self._doubtful = False

    def change(self, statement: Statement) -> Statement | None:
        """Give the statement without what never worked; None: all of it never did."""
        # Whether a key exists does not depend on the version of the policy.
        wrong = {one.condition: one for one in unknown_keys(statement, VERSION)}
        conditions: list[Condition] = []
        for condition in statement.conditions:
            one = wrong.get(condition)
            if one is None:
                conditions.append(condition)
            elif one.holds is None:
                self._doubtful = True
                return statement
            elif one.meant is not None and (statement.effect == "Allow") == one.holds:
                # The statement applies to everybody and is to apply to some, or denies nobody and is to deny some.
                self._meant[condition.key] = one.meant
                conditions.append(replace(condition, key=one.meant))
            else:
                self._gone[_said(one, statement)] = None
                if not one.holds:
                    return None
        return replace(statement, conditions=tuple(conditions)) if wrong else statement

    def summary(self) -> str:
        parts = [f"write `{value}` in place of the condition key `{one}`" for one, value in self._meant.items()]
        return "; ".join((*parts, *(f"take out {one}" for one in self._gone)))

    def lost(self) -> tuple[str, ...]:
        what = "requests that the condition on `{}` keeps out, as the policy says and did not do until now"
        return tuple(what.format(value) for value in self._meant.values())

    def refused(self) -> str:
        return "a value that is not known decides what comes of it" if self._doubtful else ""


def _said(one: UnknownKey, statement: Statement) -> str:
    if one.holds:
        return f"the condition on `{one.condition.key}`, which holds in every request"
    verb = "grants" if statement.effect == "Allow" else "denies"
    return f"the statement with a condition on `{one.condition.key}`, which {verb} nothing"
