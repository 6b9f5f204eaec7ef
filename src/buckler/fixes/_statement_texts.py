"""Statements of roles written anew in a template: the entries that change, and nothing around them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from buckler.fixes._fix import Advice
from buckler.fixes._rewriting import Rewriting
from buckler.fixes._role_texts import subject_in
from buckler.fixes._written import Choice, Properties, Written
from buckler.fixes.policy_action_unknown import of_actions
from buckler.fixes.policy_condition_unknown import of_conditions
from buckler.fixes.policy_grant_impossible import of_grants
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.origin import FileOrigin
from buckler.model.policy import Condition, Policy, Statement
from buckler.model.text import Text, shown
from buckler.reach.written import written_policies
from buckler.sources.cfn.editing import CannotEditError, Setting

Path: TypeAlias = tuple[str, ...]
_LISTS: Final = {"Action": "actions", "NotAction": "not_actions", "Resource": "resources"}
_NOT_WRITTEN: Final = "the statement is not written out in the text"


def _by_statements(build: Callable[[Role, Finding], Rewriting]) -> Callable[[Written], Iterator[Choice]]:
    """Do to the statements of a template what the remedy of a live account does."""

    def choose(case: Written) -> Iterator[Choice]:
        role = subject_in(case.finding, case.analysis)
        if not isinstance(role, Role):
            return
        rewriting = build(role, case.finding)
        trust = (role.trust,) if rewriting.of_trust and isinstance(role.trust, Policy) else ()
        draft = _Draft(case)
        try:
            for policy in (*written_policies(role), *trust):
                draft.policy(policy, rewriting)
        except CannotEditError as bad:
            yield Advice(rewriting.advice, str(bad))
            return
        if rewriting.refused():
            yield Advice(rewriting.advice, rewriting.refused())
        elif draft.removals or draft.parts or draft.renames or draft.appended:
            yield draft.made(rewriting)

    return choose


class _Draft:
    """What is edited, put together statement by statement."""

    def __init__(self, case: Written) -> None:
        self._editor = case.editor
        self.removals: list[Path] = []
        self.parts: list[tuple[Path, str, str]] = []
        self.renames: list[tuple[Path, str]] = []
        self.appended: list[tuple[Path, Setting]] = []

    def made(self, rewriting: Rewriting) -> Properties:
        """Put it together."""
        return Properties(
            rewriting.summary(),
            (),
            rewriting.lost(),
            is_safe=not rewriting.lost(),
            parts=tuple(self.parts),
            renames=tuple(self.renames),
            appended=tuple(self.appended),
            removals=tuple(self.removals),
        )

    def policy(self, policy: Policy, rewriting: Rewriting) -> None:
        """Edit the statements of a policy. Raises `CannotEditError`."""
        changed = [(one, rewriting.change(one)) for one in policy.statements]
        if all(after is None for _, after in changed):
            raise CannotEditError("nothing would be left of the policy: take it out")
        for before, after in changed:
            if after != before:
                self._statement(before, after)

    def _statement(self, before: Statement, after: Statement | None) -> None:
        path = tuple(before.origin.path.split(".")) if isinstance(before.origin, FileOrigin) else ()
        if path[:1] != ("Resources",) or not self._editor.has(*path) or path[-2:-1] != ("Statement",):
            raise CannotEditError(_NOT_WRITTEN)
        if after is None:
            # What a parameter says today it need not say tomorrow.
            for element, member in _LISTS.items():
                if element != "Resource" and not self._is_plain((*path, element), getattr(before, member) or ()):
                    raise CannotEditError("its actions are not written out in the text")
            self.removals.append(path)
            return
        for element, member in _LISTS.items():
            self._list((*path, element), getattr(before, member) or (), getattr(after, member) or ())
        for condition in before.conditions:
            self._condition(path, condition, before, after)

    def _list(self, where: Path, before: Sequence[Text], after: Sequence[Text]) -> None:
        """Edit a list, or a value that stands for a list of one."""
        if tuple(before) == tuple(after):
            return
        count = self._editor.items(*where)
        if (count or 1) != len(before) or not after:
            raise CannotEditError(_NOT_WRITTEN)
        new = [one for one in after if one not in before]
        for number, one in enumerate(before):
            if one in after:
                continue
            place = where if count is None else (*where, str(number))
            if new and len(before) == len(after):
                self.parts.append((place, _plain(one), _plain(new.pop(0))))
            else:
                self.removals.append(place)
        if new and count is None:
            raise CannotEditError("it stands alone, where a list would be needed")
        self.appended += [(where, _plain(one)) for one in new]

    def _condition(self, path: Path, condition: Condition, before: Statement, after: Statement) -> None:
        if condition in after.conditions:
            return
        where = (*path, "Condition", condition.operator, condition.key)
        if not self._editor.has(*where):
            raise CannotEditError(_NOT_WRITTEN)
        same = [one for one in after.conditions if (one.operator, one.values) == (condition.operator, condition.values)]
        instead = next((one for one in same if one not in before.conditions), None)
        if instead is None:
            self.removals.append(where)
        else:
            self.renames.append((where, instead.key))

    def _is_plain(self, where: Path, values: Sequence[Text]) -> bool:
        count = self._editor.items(*where)
        places = [where] if count is None else [(*where, str(number)) for number in range(count)]
        return not values or [self._editor.scalar(*one) for one in places] == list(values)


def _plain(value: Text) -> str:
    if not isinstance(value, str):
        raise CannotEditError(f"`{shown(value)}` is made of what the template works out")
    return value


STATEMENTS: Final[dict[str, Callable[[Written], Iterator[Choice]]]] = {
    "policy-action-unknown": _by_statements(of_actions),
    "policy-condition-unknown": _by_statements(of_conditions),
    "policy-grant-impossible": _by_statements(of_grants),
}
"""By check."""
