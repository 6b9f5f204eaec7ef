"""Conditions together: which values of the context keys satisfy some conditions and violate others, or that none do.

Per key, the values that its conditions cannot tell apart are one class, and one value stands for it: found with automata where texts are
compared, from the values that policies name where numbers, dates and addresses are. Whatever is found is put to `condition_holds`, so that
the answer is the obvious twin's.

A key of AWS's own (`aws:`) has one value unless AWS says it may have several, and is of its documented type; any other key may have several
values where some policy asks for that with `ForAllValues` or `ForAnyValue`.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeAlias

from buckler.engines.iam.automata import GaveUp, intersect
from buckler.engines.iam.condition import UnknownOperatorError, condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.globs import Glob, arn_glob, literal_glob, text_glob
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.values import ALWAYS, Family, family_of, is_typed, may_have_several, operator_of, representatives
from buckler.engines.iam.variables import expand
from buckler.model.policy import Condition
from buckler.model.text import Text

Values: TypeAlias = tuple[str, ...]
Assignment: TypeAlias = Mapping[str, Values]
"""Key in lower case -> its values; (): AWS does not send it."""


class Term(NamedTuple):
    """One condition that must hold, or must not."""

    condition: Condition
    version: str
    holds: bool = True

    @property
    def key(self) -> str:
        """Give the key in lower case."""
        return self.condition.key.lower()

    @property
    def negation(self) -> "Term":
        """Give the opposite."""
        return self._replace(holds=not self.holds)


class Trial(Context):
    """A context in which some more keys are chosen."""

    def __init__(self, given: Context, chosen: Assignment) -> None:
        """Lay *chosen* under what is *given*: what is known of a request is not for choosing."""
        self._given = given
        self._chosen = chosen

    def get(self, key: str) -> Values | None:
        """Look a key up, without regard to case."""
        given = self._given.get(key)
        return self._chosen.get(key.lower()) if given is None else given


def variables_of(text: Text, version: str, context: Context) -> frozenset[str]:
    """List the variables in a text whose values *context* does not tell, in lower case."""
    doubts = Doubts()
    expand(text, version, context, doubts)
    return frozenset(key.lower() for key in doubts.needs)


def variables_in(condition: Condition, version: str, context: Context) -> frozenset[str]:
    """List the unknown variables that count in a condition: only where texts are compared."""
    if family_of(operator_of(condition.operator)[1]) not in {"text", "arn"}:
        return frozenset()
    return frozenset(key for value in condition.values for key in variables_of(value, version, context))


def satisfy(
    terms: Iterable[Term], given: Context, *, several: AbstractSet[str] = frozenset(), hints: Iterable[str] = ()
) -> Assignment | GaveUp | None:
    """Choose values for the keys of *terms* that *given* does not tell, so that each holds or fails as it must.

    None is a proof that there are none. Keys in *several* may have several values. *hints* are words to try for keys that stand in policy
    variables of something else (a resource). Raises `UnknownOperatorError` for an operator AWS does not have.
    """
    wanted = tuple(dict.fromkeys(terms))
    if any(term.negation in wanted for term in wanted):
        return None
    linked: set[str] = set()
    plain: list[Term] = []
    for term in wanted:
        inside = variables_in(term.condition, term.version, given)
        linked |= inside
        if not inside:
            plain.append(term)
    free = _each_key(plain, given, several)
    if not linked or not isinstance(free, dict):
        return free
    return _with_variables(wanted, sorted(linked), given, several, hints)


def _each_key(terms: Iterable[Term], given: Context, several: AbstractSet[str]) -> dict[str, Values] | GaveUp | None:
    """Choose key by key: without variables none depends on another."""
    by_key: dict[str, list[Term]] = {}
    for term in terms:
        by_key.setdefault(term.key, []).append(term)
    chosen: dict[str, Values] = {}
    gave_up: GaveUp | None = None
    for key, of_key in by_key.items():
        found = _Key(key, of_key, given, is_several=key in several).choose()
        if found is None:
            return None
        if isinstance(found, GaveUp):
            gave_up = found
        elif given.get(key) is None:
            chosen[key] = found
    return gave_up or chosen


_TRIALS = 400


def _with_variables(
    terms: Sequence[Term], linked: Sequence[str], given: Context, several: AbstractSet[str], hints: Iterable[str]
) -> Assignment | GaveUp | None:
    """Choose the keys that stand in variables first, then the rest. What fails for all that was tried is no proof."""
    words = tuple(dict.fromkeys((*hints, *itertools.chain.from_iterable(_words(term.condition) for term in terms))))
    choices = [candidates(key, [term for term in terms if term.key == key], given, several, words) for key in linked]
    for values in itertools.islice(itertools.product(*choices), _TRIALS):
        chosen = dict(zip(linked, values, strict=True))
        found = _each_key(terms, Trial(given, chosen), several)
        if isinstance(found, dict):
            return {**chosen, **found}
    return GaveUp(why=f"the answer depends on the policy variable `{linked[0]}`")


def candidates(key: str, terms: Sequence[Term], given: Context, several: AbstractSet[str], words: Iterable[str]) -> list[Values]:
    """List values for a key that stands in a variable: what its own conditions ask for, words of the other conditions, and absence."""
    out: list[Values] = []
    plain = [term for term in terms if not variables_in(term.condition, term.version, given)]
    own = _Key(key, plain, given, is_several=key in several)
    best = own.choose() if plain else None
    if isinstance(best, tuple):
        out.append(best)
    out.extend((word,) for word in words)
    if key not in ALWAYS:
        out.append(())
    return [values for values in dict.fromkeys(out) if own.holds(values)]


_WORD = re.compile(r"[^*?${}:/]+")


def _words(condition: Condition) -> Iterator[str]:
    for value in condition.values:
        if isinstance(value, str):
            yield from words_of(value)
    yield "x"


def words_of(text: str) -> Iterator[str]:
    """Give the pieces of a text that a variable in another may stand for: itself, and what stands between its delimiters."""
    if not set(text) & set("*?$"):
        yield text
    yield from _WORD.findall(text)


class _Key:
    """One key, and all that is asked of it."""

    def __init__(self, key: str, terms: Sequence[Term], given: Context, *, is_several: bool) -> None:
        self.key = key
        self.terms = terms
        self.given = given
        self.is_several = is_several and may_have_several(key)
        self.doubt = ""
        """Why a class of values could be neither taken nor ruled out."""

    def choose(self) -> Values | GaveUp | None:
        """Choose the values of the key."""
        known = self.given.get(self.key)
        if known is not None:
            return known if self.holds(known) else self._none()
        for attempt in (self._absent, self._one, self._set, self._empty):
            found = attempt()
            if found is not None:
                return found
        return self._none()

    def _none(self) -> GaveUp | None:
        return GaveUp(why=self.doubt) if self.doubt else None

    def holds(self, values: Values, terms: Sequence[Term] | None = None) -> bool:
        """Ask the obvious twin."""
        trial = Trial(self.given, {self.key: values})
        for term in self.terms if terms is None else terms:
            doubts = Doubts()
            answer = condition_holds(term.condition, term.version, trial, doubts)
            if answer is not term.holds:
                if answer is None:
                    self.doubt = doubts.unknowns[0].why if doubts.unknowns else f"`{doubts.needs[0]}` is not known"
                return False
        return True

    def _absent(self) -> Values | None:
        return () if self.key not in ALWAYS and self.holds(()) else None

    def _empty(self) -> Values | None:
        """Try the empty string, which the set operators take for no value."""
        return ("",) if self.key not in ALWAYS and not is_typed(self.key) and self.holds(("",)) else None

    def _one(self) -> Values | None:
        value = self._value(self.terms)
        return None if value is None or not self.holds((value,)) else (value,)

    def _set(self) -> Values | None:
        """Choose several values: each must pass what is asked of all, and for each thing asked of some there must be one.

        So one value for each of those is enough, and where there is none for one of them no set will do.
        """
        if not self.is_several:
            return None
        of_all = [term for term in self.terms if _asks_all(term)]
        chosen: list[str] = []
        for term in self.terms:
            if _asks_all(term):
                continue
            value = self._value((*of_all, term))
            if value is None:
                return None
            chosen.append(value)
        if set(chosen) == {""}:
            chosen += [other for other in (self._value(of_all),) if other]
        values = tuple(dict.fromkeys(chosen))
        if not values or not self.holds(values):
            return None
        for value in values:
            fewer = tuple(other for other in values if other != value)
            if fewer and self.holds(fewer):
                values = fewer
        return values

    def _value(self, terms: Sequence[Term]) -> str | None:
        """Find one value that does to each term what it must, as one of several does: the empty string is a value like others there."""
        terms = [_of_one_value(term) for term in terms]
        families: dict[Family, list[Term]] = {}
        for term in terms:
            family = family_of(operator_of(term.condition.operator)[1])
            if family is None:
                raise UnknownOperatorError(f"unknown condition operator {term.condition.operator}")
            families.setdefault("text" if family == "arn" else family, []).append(term)
        if not self.holds(("x",), families.pop("null", [])):
            return None
        texts = families.pop("text", [])
        if not families:
            return self._text(texts)
        pool: list[str] = []
        for family, of_family in families.items():
            wanted = [value for term in of_family for value in term.condition.values if isinstance(value, str)]
            candidates = list(representatives(self.key, family, wanted))
            if not any(self.holds((value,), of_family) for value in candidates):
                return None
            pool.extend(candidates)
        for value in pool:
            if self.holds((value,), terms):
                return value
        if not texts and len(families) == 1:
            return None
        found = self._text(texts)
        if found is None and not self.doubt:
            return None
        if found is not None and self.holds((found,), terms):
            return found
        self.doubt = self.doubt or f"`{self.key}` is compared as values of several types"
        return None

    def _text(self, texts: Sequence[Term]) -> str | None:
        """Find a text with automata. With a hole in what must not match, the widest meaning is tried first, then the narrowest."""
        include: list[tuple[Glob, ...]] = []
        exclude: list[Glob] = []
        for term in texts:
            globs = self._globs(term)
            if globs is None:
                return None
            if term.holds is operator_of(term.condition.operator)[2]:
                exclude.extend(globs)
            else:
                include.append(globs)
        narrow = [glob for glob in exclude if not glob.has_hole]
        for excluded in (exclude, narrow) if len(narrow) < len(exclude) else (exclude,):
            found = intersect(include, excluded)
            if isinstance(found, GaveUp):
                self.doubt = found.why
            elif found == "":
                # An empty text is a value of its own kind to the set operators: any other will do if there is one.
                longer = intersect((*include, (text_glob(("?*",)),)), excluded)
                found = longer if isinstance(longer, str) else found
            if isinstance(found, str) and self.holds((found,), texts):
                return found
        return None

    def _globs(self, term: Term) -> tuple[Glob, ...] | None:
        """Compile the values of a condition; None when that cannot be done exactly."""
        _, operator, _ = operator_of(term.condition.operator)
        out: list[Glob] = []
        for value in term.condition.values:
            pieces = expand(value, term.version, self.given, Doubts())
            if pieces is False:
                continue
            if not isinstance(pieces, tuple):
                self.doubt = f"the answer depends on the policy variables of `{term.condition.key}`"
                return None
            if operator in {"arnequals", "arnlike"}:
                glob = arn_glob(pieces)
                out.extend(() if glob is None else (glob,))
                continue
            exact = operator != "stringlike"
            glob = literal_glob(pieces, ignore_case=operator == "stringequalsignorecase") if exact else text_glob(pieces)
            if glob is None:
                self.doubt = f"`{self.key}` is compared without regard to case to letters outside ASCII"
                return None
            out.append(glob)
        return tuple(out)


def _of_one_value(term: Term) -> Term:
    """Ask of one value what a set operator asks of each."""
    operator = term.condition.operator.rpartition(":")[2]
    if operator == term.condition.operator:
        return term
    return term._replace(condition=Condition(operator=operator, key=term.condition.key, values=term.condition.values))


def _asks_all(term: Term) -> bool:
    """Say whether a term asks something of all values of the request, rather than of some."""
    quantifier, _, is_negated = operator_of(term.condition.operator)
    asks_all = quantifier == "forallvalues" or (not quantifier and is_negated)
    return asks_all is term.holds
