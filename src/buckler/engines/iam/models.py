"""Models: one resource and one context that satisfy given leaves, or a proof that none do."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from buckler.engines.iam.automata import GaveUp, intersect
from buckler.engines.iam.condition import condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.domains import Term, Trial, Values, candidates, satisfy, variables_in, variables_of, words_of
from buckler.engines.iam.formula import All, Formula, Leaf, Named, Opaque, Some
from buckler.engines.iam.globs import Glob, resource_globs
from buckler.engines.iam.kleene import Doubts, any3
from buckler.engines.iam.match import resource_matches
from buckler.engines.iam.values import ALWAYS

_TRIALS = 200
_NO_RESOURCE = Glob("*")
"""What stands for the resource in a request that has none."""


class Model:
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


class Room(NamedTuple):
    """Where a resource is looked for."""

    resource: str | None
    shapes: tuple[Glob, ...]
    within: tuple[Glob, ...]
    without: tuple[Glob, ...]


class Maker:
    """Makes models of leaves; the same leaves are solved once."""

    def __init__(self, everything: Iterable[Leaf], given: Context, room: Room, *, is_strict: bool) -> None:
        """Prepare for *everything* that may have to be satisfied."""
        self.given = given
        self.room = room
        self.is_strict = is_strict
        """Take holes for the worse: what is needed must hold whatever fills them."""
        self.doubt = ""
        """Why some leaves could be neither satisfied nor refuted."""
        self.spelling: dict[str, str] = {}
        """Keys as the policies write them."""
        self._several: set[str] = set()
        self._defaults: dict[str, Values] = {}
        self._conditions: dict[frozenset[Term], Mapping[str, Values] | GaveUp | None] = {}
        self._resources: dict[frozenset[Named], str | GaveUp | None] = {}
        for leaf in everything:
            self._note(leaf)

    def _note(self, leaf: Leaf) -> None:
        """Note the keys of a leaf that are free, and those that may have several values."""
        keys: AbstractSet[str] = frozenset()
        if isinstance(leaf, Term):
            self.spelling.setdefault(leaf.key, leaf.condition.key)
            if ":" in leaf.condition.operator:
                self._several.add(leaf.key)
            keys = {leaf.key, *variables_in(leaf.condition, leaf.version, self.given)}
        elif isinstance(leaf, Named):
            keys = self._variables((leaf,))
        for key in keys:
            if self.given.get(key) is None:
                self._defaults[key] = (ALWAYS[key],) if key in ALWAYS else ()

    def model(self, settled: Iterable[Leaf]) -> Model | None:
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
    ) -> Model | None:
        """Choose the keys that stand in resources first."""
        if self._without_variables(named) is None:
            return None
        words = [word for leaf in named for pattern in leaf.patterns if isinstance(pattern, str) for word in words_of(pattern)]
        words += words_of(self.room.resource or "x")
        choices: list[list[Values]] = []
        for key in linked:
            own = [term for term in terms if term.key == key]
            found = candidates(key, own, self.given, self._several, ["x", *words])
            choices.append(list(dict.fromkeys([*([context[key]] if context.get(key) else []), *found])))
        for values in itertools.islice(itertools.product(*choices), _TRIALS):
            chosen = dict(zip(linked, values, strict=True))
            trial = Trial(self.given, chosen)
            resource = self._known_or(named, trial)
            if resource is None:
                continue
            rest = satisfy(terms, trial, several=self._several)
            if isinstance(rest, Mapping):
                return self._made(resource, {**chosen, **rest})
        self.doubt = self.doubt or f"the answer depends on the policy variable `{linked[0]}`"
        return None

    def _without_variables(self, named: frozenset[Named]) -> str | None:
        """Refute by what does not depend on variables."""
        plain = frozenset(leaf for leaf in named if not self._variables((leaf,)))
        return self._known_or(plain, self.given)

    def _made(self, resource: str, context: Mapping[str, Values]) -> Model:
        return Model(resource, {**self._defaults, **context}, self.given)

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
                self._conditions[known] = satisfy(group, self.given, several=self._several)
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
        if self.room.resource is not None:
            model = Model(self.room.resource, {}, context)
            answers = [model.says(leaf) for leaf in named]
            return None if False in answers or (self.is_strict and None in answers) else self.room.resource
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
            if None in compiled:
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
