"""Logic with three values: True, False, and None for "nobody can tell" (Kleene's strong logic)."""

from collections.abc import Iterable

from buckler.model.unknown import Unknown


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
