"""policy-action-unknown: take out what names no action, or write what was meant where that allows nothing more."""

from msgspec.structs import replace

from buckler.engines.iam.validity import UnknownAction, validity
from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes._rewriting import Rewriting, offer
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.policy import Statement
from buckler.model.text import Text


@remedy
def policy_action_unknown(case: Case[Role]) -> Remedies:
    """Take it out of an Allow, where it grants nothing; write the action that is meant where that denies more or allows less.

    All of a role at once, whichever the finding is about: a policy is written as a whole, and so two fixes of it would be at odds. What an
    Allow meant is not granted: whether the code needs it only its owner can tell.
    """
    yield offer(case.subject, of_actions(case.subject, case.finding))


def of_actions(_: Role, finding: Finding) -> Rewriting:
    """Write actions that do not exist anew."""
    return _Actions(finding.remedy.text if finding.remedy else "write the action that is meant")


class _Actions(Rewriting):
    def __init__(self, advice: str) -> None:
        super().__init__(advice)
        self._gone: dict[str, str | None] = {}
        self._meant: dict[str, str] = {}

    def change(self, statement: Statement) -> Statement | None:
        """Write the entries that are no actions anew."""
        wrong = validity(statement).unknown_actions
        if not wrong:
            return statement
        new = {one.written: _instead(one, statement) for one in wrong}
        self._gone |= {one.written: one.meant for one in wrong if new[one.written] is None}
        self._meant |= {written: value for written, value in new.items() if value is not None}
        if statement.actions is not None:
            actions = _each(statement.actions, new)
            return replace(statement, actions=actions) if actions else None
        kept = _each(statement.not_actions or (), new)
        # All but what does not exist is everything.
        return replace(statement, not_actions=kept) if kept else replace(statement, not_actions=None, actions=("*",))

    def summary(self) -> str:
        parts = [f"take out {', '.join(f'`{one}`' for one in self._gone)}, which changes nothing"] if self._gone else []
        parts += [f"write `{value}` in place of `{one}`" for one, value in self._meant.items()]
        hints = [f"; if the code calls `{value}`, grant that: `{one}` never did" for one, value in self._gone.items() if value is not None]
        return " and ".join(parts) + "".join(hints[:2])

    def lost(self) -> tuple[str, ...]:
        return tuple(f"`{value}`, as the policy says and did not do until now" for value in self._meant.values())


def _instead(one: UnknownAction, statement: Statement) -> str | None:
    """Give what to write in its place; None: it goes. Never what would allow more."""
    takes_away = (statement.effect == "Deny") == (one.element == "Action")
    return one.meant if takes_away else None


def _each(entries: tuple[Text, ...], new: dict[str, str | None]) -> tuple[Text, ...]:
    found = (new.get(entry, entry) if isinstance(entry, str) else entry for entry in entries)
    return tuple(dict.fromkeys(entry for entry in found if entry is not None))
