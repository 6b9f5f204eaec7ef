"""Whether two patterns have a string in common: the small question, without a witness.

A pattern is a row of tokens: a character, one character of some set, or a run of such.
"""

from functools import lru_cache
from typing import Final, TypeAlias

from buckler.model.value import Value


class One(Value):
    """Exactly one character, none in `without`, and when `only` is not empty one in it."""

    without: str = ""
    only: str = ""

    def holds(self, character: str) -> bool:
        """Say whether a character is of the set."""
        return character not in self.without and (not self.only or character in self.only)


class Run(One):
    """Any number of characters of the set."""


ANY: Final = Run()
ONE: Final = One()
Token: TypeAlias = str | One


def tokens(pattern: str) -> tuple[Token, ...]:
    """Read a pattern of IAM: `*` is a run of anything, `?` one character."""
    return tuple(ANY if character == "*" else ONE if character == "?" else character for character in pattern)


@lru_cache(maxsize=65536)
def overlap(left: tuple[Token, ...], right: tuple[Token, ...]) -> bool:
    """Say whether some string matches both. Time grows with the product of the lengths, whatever the stars."""
    # Cells of a row: how far `right` is read when `left` is read up to the row. A run is a loop on its own position.
    row = _spread({0}, right)
    for token in left:
        if not row:
            return False
        row = _spread(_after(token, row, right), right)
    return len(right) in row


def _spread(cells: set[int], right: tuple[Token, ...]) -> set[int]:
    """Add the positions reached by reading nothing: a run may be empty."""
    out = set(cells)
    for cell in cells:
        at = cell
        while at < len(right) and isinstance(right[at], Run):
            at += 1
            out.add(at)
    return out


def _after(token: Token, row: set[int], right: tuple[Token, ...]) -> set[int]:
    """Give the positions in `right` once `left` has read one token from each position of the row."""
    out: set[int] = set()
    if not isinstance(token, Run):
        for at in row:
            if at < len(right) and _meet(token, right[at]):
                out.add(at if isinstance(right[at], Run) else at + 1)
        return out
    waiting = list(row)
    while waiting:
        at = waiting.pop()
        if at in out:
            continue
        out.add(at)
        # Two runs meet in their empty strings already; what else they share changes no position.
        if at < len(right) and (isinstance(right[at], Run) or _meet(right[at], token)):
            waiting.append(at + 1)
    return out


def _meet(token: Token, other: Token) -> bool:
    """Say whether some character is of both."""
    if isinstance(token, str):
        return token == other if isinstance(other, str) else other.holds(token)
    if isinstance(other, str):
        return token.holds(other)
    if token.only or other.only:
        return any(token.holds(character) and other.holds(character) for character in token.only or other.only)
    # Sets that exclude a few characters have all others in common.
    return True
