"""Is there a request that does what a formula says: a resource and a context, or a proof that there are none.

The search keeps a model, a resource and context that satisfy what was settled so far, and branches only on a part of the formula that the
model violates; so a formula of hundreds of statements of which few matter costs what those few do. What is found is checked by the leaves
of the obvious twin (`resource_matches`, `condition_holds`); a proof leans on the automata and on the value classes.
"""

from collections.abc import Iterable, Mapping, Sequence

from buckler.engines.iam.automata import GaveUp
from buckler.engines.iam.context import Context
from buckler.engines.iam.domains import Term
from buckler.engines.iam.formula import All, Formula, Leaf, Opaque, Some, all_of, leaves, none_of, some_of, statement_formula
from buckler.engines.iam.globs import Glob
from buckler.engines.iam.models import Maker, Model, Room
from buckler.model.finding import ContextEntry
from buckler.model.policy import Statement
from buckler.model.text import Hole, Partial, unresolved
from buckler.model.value import Value

WORK = 100_000
"""Parts of the formula that are looked at, again on each branch, before a question is given up: some seconds."""


class Found(Value):
    """A resource and the context entries that do it."""

    resource: str
    context: tuple[ContextEntry, ...] = ()
    """Only keys that the question mentions; one without values says that AWS does not send it."""


def find(
    allows: Iterable[tuple[Statement, str]],
    denies: Iterable[tuple[Statement, str]],
    *,
    action: str,
    given: Context,
    also: Formula = True,
    resource: str | None = None,
    shapes: Sequence[Glob] = (),
) -> Found | GaveUp | None:
    """Find a resource and a context in which one of *allows* speaks of *action* and none of *denies* does.

    Statements come with the version of their policy; whom they speak of is for the caller to know. None is a proof that there is nothing.
    """
    allowed = some_of(statement_formula(statement, version, action, given) for statement, version in allows)
    denied = [statement_formula(statement, version, action, given) for statement, version in denies]
    return solve(all_of((allowed, none_of(*denied), also)), given, resource=resource, shapes=shapes)


def solve(
    formula: Formula,
    given: Context,
    *,
    resource: str | None = None,
    shapes: Sequence[Glob] = (),
    within: Sequence[Glob] = (),
    without: Sequence[Glob] = (),
) -> Found | GaveUp | None:
    """Find a resource and a context that satisfy *formula*.

    *given* is what is known of the context; *resource*, where it is known. *shapes* are forms a resource should rather have (its ARN, as
    AWS writes it); all of *within* must name it, none of *without* may.
    What nobody can tell is taken for the worse first: so a witness stands whatever fills the holes. A proof stands likewise.
    """
    room = Room(resource, tuple(shapes), tuple(within), tuple(without))
    strict = _Search(formula, given, room, is_strict=True)
    found = strict.run()
    if found is None and strict.has_opaque:
        found = _Search(formula, given, room, is_strict=False).run()
    if not isinstance(found, Model):
        return found
    if not strict.is_witness(found):
        return GaveUp(why=strict.maker.doubt or strict.why)
    entries = (ContextEntry(key=strict.maker.spelling.get(key, key), values=values) for key, values in sorted(found.context.items()))
    return Found(resource=found.resource, context=tuple(entries))


class _TooLong(Exception):  # noqa: N818 - control flow inside this module
    pass


class _Search:
    """One question."""

    def __init__(self, formula: Formula, given: Context, room: Room, *, is_strict: bool) -> None:
        self.formula = formula
        self.is_strict = is_strict
        self.work = 0
        everything = tuple(dict.fromkeys(leaves(formula)))
        opened = [why for why in map(_open, everything) if why]
        self.has_opaque = bool(opened)
        self.why = opened[0] if opened else "what was found does not stand when it is checked"
        self.maker = Maker(everything, given, room, is_strict=is_strict)

    def run(self) -> Model | GaveUp | None:
        """Search."""
        try:
            found = self._search({}, [self.formula])
        except _TooLong:
            return GaveUp(why="the conditions of the policies are too many to try their combinations", is_final=True)
        if found is None and self.maker.doubt and not (self.is_strict and self.has_opaque):
            return GaveUp(why=self.maker.doubt)
        return found

    def is_witness(self, model: Model) -> bool:
        """Say whether a model satisfies the formula whatever fills the holes."""
        return model.satisfies(self.formula)

    def _search(self, settled: dict[Leaf, None], todo: Iterable[Formula]) -> Model | None:
        settled = dict(settled)
        pending: list[Some] = []
        stack = list(todo)
        while stack:
            part = stack.pop()
            match part:
                case True:
                    continue
                case False:
                    return None
                case All():
                    stack.extend(part.parts)
                case Some():
                    pending.append(part)
                case _:
                    if part.negation in settled or (self.is_strict and isinstance(part, Opaque)):
                        return None
                    settled[part] = None
        pending = [part for part in pending if not any(one in settled for one in part.parts)]
        self.work += 1 + len(pending)
        if self.work > WORK:
            raise _TooLong
        if not all(self._live(part, settled) for part in pending):
            return None
        model = self.maker.model(settled)
        if model is None:
            return None
        violated = [part for part in pending if not self._is_met(part, model, settled)]
        if not violated:
            return model
        clause = min(violated, key=lambda part: len(self._live(part, settled)))
        rest = [part for part in pending if part is not clause]
        refused: list[Formula] = []
        for branch in self._live(clause, settled):
            found = self._search(settled, [*rest, branch, *refused])
            if found is not None:
                return found
            # What failed needs not be tried again below the other branches.
            if not isinstance(branch, All | Some | bool) and not _open(branch):
                refused.append(branch.negation)
        return None

    def _live(self, clause: Some, settled: Mapping[Leaf, None]) -> list[Formula]:
        return [part for part in clause.parts if not self._is_dead(part, settled)]

    def _is_dead(self, part: Formula, settled: Mapping[Leaf, None]) -> bool:
        if isinstance(part, All):
            return any(self._is_dead(one, settled) for one in part.parts)
        if isinstance(part, Some | bool):
            return part is False
        return part.negation in settled or (self.is_strict and isinstance(part, Opaque))

    def _is_met(self, formula: Formula, model: Model, settled: Mapping[Leaf, None]) -> bool:
        match formula:
            case bool():
                return formula
            case All():
                return all(self._is_met(part, model, settled) for part in formula.parts)
            case Some():
                return any(self._is_met(part, model, settled) for part in formula.parts)
            case _:
                return formula in settled or model.says(formula) is True


def _open(leaf: Leaf) -> str:
    """Say why nobody can tell a leaf; "" when there is no hole in it."""
    if isinstance(leaf, Opaque):
        return leaf.why
    texts = leaf.condition.values if isinstance(leaf, Term) else leaf.patterns
    parts = (part for text in texts if isinstance(text, Partial) for part in text.parts if isinstance(part, Hole))
    return next((unresolved(part).why for part in parts), "")
