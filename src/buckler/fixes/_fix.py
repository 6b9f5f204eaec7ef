"""The decorator that turns a generator into the remedy of the check of the same name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar, get_args, get_type_hints

from buckler.model.entity import Entity
from buckler.model.estate import Estate, Scope
from buckler.model.finding import Finding
from buckler.model.fix import Edit, Wishes
from buckler.reach.analysis import Analysis

S = TypeVar("S", bound=Entity | Scope)


@dataclass(frozen=True, slots=True)
class Case(Generic[S]):
    """What a remedy is given."""

    finding: Finding
    subject: S
    analysis: Analysis
    wishes: Wishes
    along: tuple[Finding, ...] = ()
    """All that is planned with it, itself included: for what can only be done to several at once."""


@dataclass(frozen=True, slots=True)
class Mend:
    """A way to mend it: the same change twice, of the estate (for the proof) and of the world (the edits)."""

    summary: str
    edits: tuple[Edit, ...]
    change: Callable[[Estate], Estate]
    """INVARIANT: changes of different mends may be made in any order; it looks at the estate it is given, never at a remembered one."""
    lost: tuple[str, ...] = ()
    is_safe: bool = False
    copies: Mapping[str, str] = field(default_factory=dict[str, str])
    """What it makes as a copy of what there is, by the ids of both: what is found of the one is found of the other, and not new."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do where buckler cannot do it, or not without being told more."""

    summary: str
    why: str


Remedies: TypeAlias = Iterator[Mend | Advice]
"""Alternatives, the best first: the first that can be proved is planned."""


class Remedier:
    """The remedy of one check."""

    def __init__(self, mend: Callable[[Case[Any]], Remedies]) -> None:
        self.check = mend.__name__.replace("_", "-")
        self.mend = mend
        self.__doc__ = mend.__doc__
        hints = get_type_hints(mend)
        self.subject_type: type[Entity | Scope] = get_args(hints["case"])[0]
        self.only_advises = all(Mend not in (some, *get_args(some)) for some in get_args(hints["return"]))
        """True where nothing can be done but by hand: what it gives is typed so."""

    def __repr__(self) -> str:
        return f"<remedy of {self.check}>"

    def __call__(self, case: Case[Any]) -> Remedies:
        """Offer remedies. Raises `Undecided` (while iterated) when a fact it needs could not be read."""
        return self.mend(case)


def remedy(mend: Callable[[Case[Any]], Remedies]) -> Remedier:
    """Turn a generator of mends into the remedy of the check of its name; its parameter is `case: Case[Function]` (or another subject)."""
    return Remedier(mend)
