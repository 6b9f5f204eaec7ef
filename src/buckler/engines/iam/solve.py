"""Is there a request that does what a formula says: a resource and a context, or a proof that there are none.

The search keeps a model, a resource and context that satisfy what was settled so far, and branches only on a part of the formula that the
model violates; so a formula of hundreds of statements of which few matter costs what those few do. What is found is checked by the leaves
of the obvious twin (`resource_matches`, `condition_holds`); a proof leans on the automata and on the value classes.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from buckler.engines.iam.automata import GaveUp, intersect
from buckler.engines.iam.condition import condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.domains import Term, Trial, Values, candidates, satisfy, variables_in, variables_of, words_of
from buckler.engines.iam.formula import All, Formula, Leaf, Named, Opaque, Some, all_of, leaves, none_of, some_of, statement_formula
from buckler.engines.iam.globs import Glob, resource_globs
from buckler.engines.iam.kleene import Doubts, any3
from buckler.engines.iam.match import resource_matches
from buckler.engines.iam.values import ALWAYS
from buckler.model.finding import ContextEntry
from buckler.model.policy import Statement
from buckler.model.value import Value

STEPS = 2_000
"""Branches that are looked at before a question is given up."""
_TRIALS = 200
_NO_RESOURCE = Glob("*")
"""What stands for the resource in a request that has none."""


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
    room = _Room(resource, tuple(shapes), tuple(within), tuple(without))
    strict = _Search(formula, given, room, is_strict=True)
    found = strict.run()
    if found is None and strict.has_opaque:
        found = _Search(formula, given, room, is_strict=False).run()
    if not isinstance(found, _Model):
        return found
    if strict.has_opaque and not strict.is_witness(found):
        return GaveUp(why=strict.doubt or "the answer depends on something unread")
    entries = (ContextEntry(key=strict.spelling.get(key, key), values=values) for key, values in sorted(found.context.items()))
    return Found(resource=found.resource, context=tuple(entries))


class _Model:
    """A resource and the values of all keys."""

    def __init__(self, resource: str, context: Mapping[str, Values], given: Context) -> None:
        self.resource = resource
        self.context = context
        self._trial = Trial(given, context)
        self._known: dict[Leaf, bool | None] = {}

    def says(self, leaf: Leaf) -> bool | None:
        """Ask the leaves of the obvious twin."""
        if leaf not in self._known:
            self._known[leaf] = self._ask(leaf)
        return self._known[leaf]

    def _ask(self, leaf: Leaf) -> bool | None:
        if isinstance(leaf, Opaque):
            return None
        if isinstance(leaf, Term):
            answer = condition_holds(leaf.condition, leaf.version, self._trial, Doubts())
        else:
            answer = any3(resource_matches(pattern, self.resource, leaf.version, self._trial, Doubts()) for pattern in leaf.patterns)
        return None if answer is None else answer is leaf.holds

    def satisfies(self, formula: Formula) -> bool:
        """Say whether a formula surely holds."""
        match formula:
            case bool():
                return formula
            case All():
                return all(map(self.satisfies, formula.parts))
            case Some():
                return any(map(self.satisfies, formula.parts))
            case _:
                return self.says(formula) is True


class _Room(NamedTuple):
    """Where a resource is looked for."""

    resource: str | None
    shapes: tuple[Glob, ...]
    within: tuple[Glob, ...]
    without: tuple[Glob, ...]


class _TooLong(Exception):  # noqa: N818 - control flow inside this module
    pass


class _Search:
    """One question."""

    def __init__(self, formula: Formula, given: Context, room: _Room, *, is_strict: bool) -> None:
        self.formula = formula
        self.given = given
        self.room = room
        self.resource = room.resource
        self.is_strict = is_strict
        """Take holes for the worse: what is needed must hold whatever fills them."""
        self.doubt = ""
        self.steps = 0
        everything = tuple(dict.fromkeys(leaves(formula)))
        self.has_opaque = any(_is_open(leaf) for leaf in everything)
        self.spelling: dict[str, str] = {}
        self.several: set[str] = set()
        self.defaults: dict[str, Values] = {}
        for leaf in everything:
            self._note(leaf)
        self._conditions: dict[frozenset[Term], Mapping[str, Values] | GaveUp | None] = {}
        self._resources: dict[frozenset[Named], str | GaveUp | None] = {}

    def _note(self, leaf: Leaf) -> None:
        """Note the keys of a leaf that are free, and those that may have several values."""
        keys: AbstractSet[str] = frozenset()
        if isinstance(leaf, Term):
            self.spelling.setdefault(leaf.key, leaf.condition.key)
            if ":" in leaf.condition.operator:
                self.several.add(leaf.key)
            keys = {leaf.key, *variables_in(leaf.condition, leaf.version, self.given)}
        elif isinstance(leaf, Named):
            keys = self._variables((leaf,))
        for key in keys:
            if self.given.get(key) is None:
                self.defaults[key] = (ALWAYS[key],) if key in ALWAYS else ()

    def run(self) -> "_Model | GaveUp | None":
        """Search."""
        try:
            found = self._search({}, [self.formula])
        except _TooLong:
            return GaveUp(why=f"the policies need more than {STEPS} steps")
        if found is None and self.doubt and not (self.is_strict and self.has_opaque):
            return GaveUp(why=self.doubt)
        return found

    def is_witness(self, model: _Model) -> bool:
        """Say whether a model satisfies the formula whatever fills the holes."""
        return model.satisfies(self.formula)

    def _search(self, settled: dict[Leaf, None], todo: Iterable[Formula]) -> _Model | None:
        self.steps += 1
        if self.steps > STEPS:
            raise _TooLong
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
        if not all(self._live(part, settled) for part in pending):
            return None
        model = self._model(settled)
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
            if not isinstance(branch, All | Some | bool) and not _is_open(branch):
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

    def _is_met(self, formula: Formula, model: _Model, settled: Mapping[Leaf, None]) -> bool:
        match formula:
            case bool():
                return formula
            case All():
                return all(self._is_met(part, model, settled) for part in formula.parts)
            case Some():
                return any(self._is_met(part, model, settled) for part in formula.parts)
            case _:
                return formula in settled or model.says(formula) is True

    # --- models ------------------------------------------------------------------------------------------------------

    def _model(self, settled: Iterable[Leaf]) -> _Model | None:
        """Make a model of leaves alone."""
        terms = [leaf for leaf in settled if isinstance(leaf, Term)]
        named = frozenset(leaf for leaf in settled if isinstance(leaf, Named))
        context = self._context(terms)
        if context is None:
            return None
        linked = self._variables(named)
        if not linked:
            resource = self._known_or(named, self.given)
            return None if resource is None else self._made(resource, context)
        return self._linked_model(terms, named, context, sorted(linked))

    def _linked_model(
        self, terms: Sequence[Term], named: frozenset[Named], context: Mapping[str, Values], linked: Sequence[str]
    ) -> _Model | None:
        """Choose the keys that stand in resources first."""
        if self._without_variables(named) is None:
            return None
        words = [word for leaf in named for pattern in leaf.patterns if isinstance(pattern, str) for word in words_of(pattern)]
        words += words_of(self.resource or "x")
        choices: list[list[Values]] = []
        for key in linked:
            own = [term for term in terms if term.key == key]
            found = candidates(key, own, self.given, self.several, ["x", *words])
            choices.append(list(dict.fromkeys([*([context[key]] if context.get(key) else []), *found])))
        for values in itertools.islice(itertools.product(*choices), _TRIALS):
            chosen = dict(zip(linked, values, strict=True))
            trial = Trial(self.given, chosen)
            resource = self._known_or(named, trial)
            if resource is None:
                continue
            rest = satisfy(terms, trial, several=self.several)
            if isinstance(rest, Mapping):
                return self._made(resource, {**chosen, **rest})
        self.doubt = self.doubt or f"the answer depends on the policy variable `{linked[0]}`"
        return None

    def _without_variables(self, named: frozenset[Named]) -> str | None:
        """Refute by what does not depend on variables."""
        plain = frozenset(leaf for leaf in named if not self._variables((leaf,)))
        return self._known_or(plain, self.given)

    def _made(self, resource: str, context: Mapping[str, Values]) -> _Model:
        return _Model(resource, {**self.defaults, **context}, self.given)

    def _variables(self, named: Iterable[Named]) -> frozenset[str]:
        return frozenset(key for leaf in named for pattern in leaf.patterns for key in variables_of(pattern, leaf.version, self.given))

    def _context(self, terms: Sequence[Term]) -> Mapping[str, Values] | None:
        """Choose values, key by key where no variable links them."""
        linked = any(variables_in(term.condition, term.version, self.given) for term in terms)
        groups: dict[str, list[Term]] = {}
        for term in terms:
            groups.setdefault("" if linked else term.key, []).append(term)
        out: dict[str, Values] = {}
        for group in groups.values():
            known = frozenset(group)
            if known not in self._conditions:
                self._conditions[known] = satisfy(group, self.given, several=self.several)
            found = self._conditions[known]
            if isinstance(found, GaveUp):
                self.doubt = self.doubt or found.why
                found = None
            if found is None:
                return None
            out.update(found)
        return out

    def _known_or(self, named: frozenset[Named], context: Context) -> str | None:
        """Check the resource if it is known, else find one."""
        if self.resource is not None:
            model = _Model(self.resource, {}, context)
            answers = [model.says(leaf) for leaf in named]
            return None if False in answers or (self.is_strict and None in answers) else self.resource
        if context is not self.given:
            found = self._any_resource(named, context)
        else:
            if named not in self._resources:
                self._resources[named] = self._any_resource(named, context)
            found = self._resources[named]
        if isinstance(found, GaveUp):
            self.doubt = self.doubt or found.why
            return None
        return found

    def _any_resource(self, named: Iterable[Named], context: Context) -> str | GaveUp | None:
        include: list[tuple[Glob, ...]] = [(glob,) for glob in self.room.within]
        exclude = list(self.room.without)
        for leaf in named:
            compiled = [resource_globs(pattern, leaf.version, context, Doubts()) for pattern in leaf.patterns]
            globs = [glob for group in compiled if group is not None for glob in group]
            if len(globs) < len(compiled) and None in compiled:
                return GaveUp(why="a variable of a resource is not known")
            if leaf.holds:
                include.append(tuple(glob for glob in globs if not (self.is_strict and glob.has_hole)))
            else:
                exclude.extend(glob for glob in globs if self.is_strict or not glob.has_hole)
        found = intersect(include, exclude)
        if isinstance(found, str) and not any(shape.accepts(found) for shape in self.room.shapes):
            for shape in (*self.room.shapes, _NO_RESOURCE):
                better = intersect((*include, (shape,)), exclude)
                if isinstance(better, str):
                    return better
        return found


def _is_open(leaf: Leaf) -> bool:
    """Say whether a hole has a say in a leaf."""
    match leaf:
        case Opaque():
            return True
        case Term():
            return not all(isinstance(value, str) for value in leaf.condition.values)
        case _:
            return not all(isinstance(pattern, str) for pattern in leaf.patterns)
