"""What policies say of one action by one principal, as a formula over the resource and the context of the request.

Leaves are the things a policy can say: the resource is one of these, a condition holds, or something nobody could read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from buckler.engines.iam.condition import UnknownOperatorError, condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.domains import Term, variables_in, variables_of
from buckler.engines.iam.kleene import Doubts, any3
from buckler.engines.iam.match import action_matches
from buckler.model.policy import Statement
from buckler.model.text import Text


class Named(NamedTuple):
    """The resource is named by one of *patterns*; or, turned round, by none."""

    patterns: tuple[Text, ...]
    version: str
    holds: bool = True

    @property
    def negation(self) -> "Named":
        """Give the opposite."""
        return self._replace(holds=not self.holds)


class Opaque(NamedTuple):
    """Something that nobody can tell, but that is either so or not: a hole, an unread policy. Equal ones are one thing."""

    why: str
    what: object
    holds: bool = True

    @property
    def negation(self) -> "Opaque":
        """Give the opposite."""
        return self._replace(holds=not self.holds)


Leaf: TypeAlias = Named | Term | Opaque


@dataclass(frozen=True, slots=True)
class All:
    """Each of the parts."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the parts."""

    parts: tuple["Formula", ...]


Formula: TypeAlias = bool | Named | Term | Opaque | All | Some


def all_of(parts: Iterable[Formula]) -> Formula:
    """Join by "and"."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if part is False:
            return False
        if part is True:
            continue
        kept.update(dict.fromkeys(part.parts) if isinstance(part, All) else {part: None})
    if not kept:
        return True
    return next(iter(kept)) if len(kept) == 1 else All(tuple(kept))


def some_of(parts: Iterable[Formula]) -> Formula:
    """Join by "or"."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if part is True:
            return True
        if part is False:
            continue
        kept.update(dict.fromkeys(part.parts) if isinstance(part, Some) else {part: None})
    if not kept:
        return False
    return next(iter(kept)) if len(kept) == 1 else Some(tuple(kept))


def none_of(*parts: Formula) -> Formula:
    """Turn round: none of the parts."""
    return all_of(_negation(part) for part in parts)


def _negation(formula: Formula) -> Formula:
    match formula:
        case bool():
            return not formula
        case All():
            return some_of(_negation(part) for part in formula.parts)
        case Some():
            return all_of(_negation(part) for part in formula.parts)
        case _:
            return formula.negation


def leaves(formula: Formula) -> Iterator[Leaf]:
    """List the leaves of a formula, one that stands in it twice twice."""
    if isinstance(formula, All | Some):
        for part in formula.parts:
            yield from leaves(part)
    elif not isinstance(formula, bool):
        yield formula


def keys_of(leaf: Leaf, given: Context) -> frozenset[str]:
    """List the keys, in lower case, on which a leaf turns and that *given* does not tell."""
    match leaf:
        case Opaque():
            return frozenset()
        case Term():
            keys = {leaf.key, *variables_in(leaf.condition, leaf.version, given)}
        case _:
            keys = {key for pattern in leaf.patterns for key in variables_of(pattern, leaf.version, given)}
    return frozenset(key for key in keys if given.get(key) is None)


def statement_formula(statement: Statement, version: str, action: str, given: Context) -> Formula:
    """Say when a statement speaks of *action*, its principal set aside. False for one that AWS would reject."""
    try:
        conditions = [_condition(Term(condition, version), given) for condition in statement.conditions]
    except UnknownOperatorError:
        return False
    return all_of((_action(statement, action), _resource(statement, version), *conditions))


def _action(statement: Statement, action: str) -> Formula:
    doubts = Doubts()
    patterns = statement.actions if statement.actions is not None else statement.not_actions or ()
    named = any3(action_matches(pattern, action, doubts) for pattern in patterns)
    if named is None:
        return Opaque(why=doubts.unknowns[0].why, what=patterns, holds=statement.actions is not None)
    return named is (statement.actions is not None)


def _resource(statement: Statement, version: str) -> Formula:
    if statement.resources is not None:
        return named_by(statement.resources, version)
    if statement.not_resources is not None:
        return none_of(named_by(statement.not_resources, version))
    # As in `statement.py`: only a trust policy needs no resource.
    return statement.principals is not None or statement.not_principals is not None


def named_by(patterns: tuple[Text, ...], version: str) -> Formula:
    """Say that the resource is named by one of *patterns*."""
    if "*" in patterns:
        return True
    return Named(patterns, version) if patterns else False


def _condition(term: Term, given: Context) -> Formula:
    """Decide a condition on what is given already. Raises `UnknownOperatorError`."""
    answer = condition_holds(term.condition, term.version, given, Doubts())
    if answer is not None and given.get(term.key) is not None and not variables_in(term.condition, term.version, given):
        return answer
    return term
