"""Which conditions of listeners' rules ask for less than others: a rule behind one that asks for less is never met.

Paths are compared with case, names of hosts without; `*` stands for any characters, none too, and `?` for one. Headers and query strings
are compared as they are written. So are regular expressions, and what a template leaves open.

Source: Elastic Load Balancing, User Guide of Application Load Balancers, "Condition types for listener rules".
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from buckler.engines.iam.automata import covers
from buckler.engines.iam.globs import Glob, text_glob
from buckler.model.network import OR, REGEX

_WORDS: Final = ("path", "host", "method")
"""Conditions whose values hold no spaces, so that they are told apart. Every rule has at most one of each."""
_HOLE: Final = "${"


def asks_for_less(wider: Iterable[str], narrower: Iterable[str]) -> bool:
    """Say whether every request that fulfils all of *narrower* is known to fulfil all of *wider*."""
    own = tuple(narrower)
    return all(any(_implies(one, condition) for one in own) for condition in wider)


@lru_cache(maxsize=65536)
def _implies(narrower: str, wider: str) -> bool:
    if narrower == wider:
        return True
    word, _, values = wider.partition(" ")
    other, _, own = narrower.partition(" ")
    if word != other or word not in _WORDS:
        return False
    mine, plain = _values(own), _values(values)
    left = mine - plain
    if any(one.startswith(REGEX) or _HOLE in one for one in left):
        return False
    known = [one for one in plain if not one.startswith(REGEX) and _HOLE not in one]
    # Methods have no wildcards: "The method name must be all uppercase letters", and is compared as it is.
    return not left if word == "method" else covers(_globs(known, word), _globs(left, word)) is True


def _values(text: str) -> frozenset[str]:
    """Take values apart again; regular expressions come last, and stay together, since they may hold anything."""
    plain, found, regexes = text.partition(REGEX)
    values = [one for one in plain.removesuffix(OR).split(OR) if one]
    return frozenset([*values, found + regexes] if found else values)


def _globs(values: Iterable[str], word: str) -> tuple[Glob, ...]:
    return tuple(text_glob((one.lower() if word == "host" else one,)) for one in sorted(values))
