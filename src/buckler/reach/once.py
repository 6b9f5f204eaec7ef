"""Indexes of an estate that belong to one question: built on first use, once per analysis."""

import functools
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from buckler.reach.analysis import Analysis

T = TypeVar("T")


def once(build: Callable[[Analysis], T]) -> Callable[[Analysis], T]:
    """Keep what *build* makes of an analysis for as long as the analysis lives."""
    kept: WeakKeyDictionary[Analysis, T] = WeakKeyDictionary()

    @functools.wraps(build)
    def index(analysis: Analysis) -> T:
        found = kept.get(analysis)
        if found is None:
            found = kept[analysis] = build(analysis)
        return found

    return index
