"""Logic with three values: True, False, and None for "nobody can tell" (Kleene's strong logic)."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from buckler.model.layers import LayerName
from buckler.model.policy import Statement
from buckler.model.unknown import Unknown

T = TypeVar("T", bound=Hashable)


def any3(answers: Iterable[bool | None]) -> bool | None:
    """Say whether one of them holds; one that does outweighs every doubt."""
    doubt = False
    for answer in answers:
        if answer:
            return True
        doubt = doubt or answer is None
    return None if doubt else False


def all3(answers: Iterable[bool | None]) -> bool | None:
    """Say whether all of them hold; one that does not outweighs every doubt."""
    doubt = False
    for answer in answers:
        if answer is False:
            return False
        doubt = doubt or answer is None
    return None if doubt else True


def not3(answer: bool | None) -> bool | None:  # noqa: FBT001 - a verdict of three values, not a flag
    """Turn it round; a doubt stays one."""
    return None if answer is None else not answer


class Doubts:
    """What would have to be known, collected while a statement is matched. Counts only when the outcome is None."""

    def __init__(self) -> None:
        self.needs: list[str] = []
        """Condition keys and other facts by name."""
        self.unknowns: list[Unknown] = []
        """Holes of a template, statements nobody could read."""

    def key(self, name: str) -> None:
        """Miss a key of the request context."""
        self.needs.append(name)

    def unknown(self, unknown: Unknown) -> None:
        """Miss a fact of the source."""
        self.unknowns.append(unknown)
        self.needs.append(unknown.need)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer of three values that remembers who gave it, and what it still depends on."""

    holds: bool | None
    layer: LayerName | None = None
    """Who gave it. None for one that no layer has a say in."""
    statement: Statement | None = None
    """The one that made it True."""
    grants: bool = False
    """Says of a True that it gives access, and is no mere limit that was kept."""
    lacking: tuple[LayerName, ...] = ()
    """Of a False: the layers without which it is one."""
    needs: tuple[str, ...] = ()
    """Of a None: keys and facts by name."""
    unknowns: tuple[Unknown, ...] = ()


def both(*verdicts: Verdict) -> Verdict:
    """Hold when all hold. The first that does not decides; when all do, the one that grants."""
    refused = [verdict for verdict in verdicts if verdict.holds is False]
    if refused:
        return Verdict(holds=False, layer=refused[0].layer, lacking=_merged(verdict.lacking for verdict in refused))
    open_ones = [verdict for verdict in verdicts if verdict.holds is None]
    if open_ones:
        return _open(open_ones)
    return next((verdict for verdict in verdicts if verdict.grants), verdicts[0])


def either(*verdicts: Verdict) -> Verdict:
    """Hold when one holds. The first that does decides; when none does, the last says what is lacking."""
    for verdict in verdicts:
        if verdict.holds:
            return verdict
    open_ones = [verdict for verdict in verdicts if verdict.holds is None]
    return _open(open_ones) if open_ones else verdicts[-1]


def _open(verdicts: list[Verdict]) -> Verdict:
    return Verdict(
        holds=None,
        layer=verdicts[0].layer,
        needs=_merged(verdict.needs for verdict in verdicts),
        unknowns=_merged(verdict.unknowns for verdict in verdicts),
    )


def _merged(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))
