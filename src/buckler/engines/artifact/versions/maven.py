"""Maven: its version order specification, which ComparableVersion implements since 3.9.

Source: maven.apache.org/pom.html, "Version Order Specification". In short: tokens between dots, hyphens and changes from
digits to letters (such a change is a hyphen); null values (0, "", ga, final, release) are dropped from the end and before each hyphen;
then `alpha < beta < milestone < rc = cr < snapshot < "" < sp < other words < -number < .number`, the shorter list padded with nulls.

Where the two differ, the specification is followed: for a dotted word that goes on, as in `4.redhat-3`, the implementation contradicts
itself (3.9.6 has `4.redhat-3 < 4-M2 < 4 < 4.redhat-3`), so no order can have its answers.
"""

import re
from functools import lru_cache
from typing import Final

from buckler.engines.artifact.versions._key import Key, ascii_int

_TOKENS: Final = re.compile(r"[0-9]+|[^0-9.-]+|[.-]")
_BEFORE_RELEASE: Final = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4}
_NULLS: Final = frozenset({"", "ga", "final", "release"})
_SHORT: Final = {"a": "alpha", "b": "beta", "m": "milestone"}

# Ranks, lowest first. The end of the list stands where its padding would: above what precedes a release, below everything else. It is below
# `.0` too, with which it would be equal, because a zero that survived trimming is followed by a number that decides for the longer list.
_EARLIER, _END, _NULL, _SP, _WORD, _HYPHEN_NUMBER, _DOT_NUMBER = range(7)

Token = tuple[str, str | int]
"""What precedes it, `.` or `-`; a word or a number."""


@lru_cache(maxsize=65_536)
def maven_key(version: str) -> Key:
    """Give the key of a version. Every text is a version to Maven."""
    ranked = [_ranked(separator, value) for separator, value in _trimmed(_tokens(version.strip().lower()))]
    return (*ranked, (_END,))


def _tokens(version: str) -> list[Token]:
    tokens: list[Token] = []
    separator, empty, previous = ".", True, ""
    parts: list[str] = _TOKENS.findall(version)
    for index, part in enumerate(parts):
        if part in {".", "-"}:
            if empty:
                tokens.append((separator, 0))  # an empty token is 0
            separator, empty, previous = part, True, part
            continue
        is_number = part[0].isascii() and part[0].isdecimal()
        if not empty:
            separator = "-"  # from digits to letters or back
        if is_number:
            tokens.append((separator, ascii_int(part)))
        else:
            following = parts[index + 1] if index + 1 < len(parts) else ""
            word: str = _SHORT.get(part, part) if following[:1].isdecimal() else part
            # `.word` and `-word` are the same; as a hyphen it also trims what stands before it.
            tokens.append(("-", word))
        empty, previous = False, part
    if empty and previous:
        tokens.append((separator, 0))
    return tokens


def _trimmed(tokens: list[Token]) -> list[Token]:
    """Drop null values from the end, and before each hyphen."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        kept.append(token)
        if index + 1 == len(tokens) or tokens[index + 1][0] == "-":
            while kept and (kept[-1][1] == 0 or kept[-1][1] in _NULLS):
                kept.pop()
    return kept


def _ranked(separator: str, value: str | int) -> Key:
    if isinstance(value, int):
        return (_HYPHEN_NUMBER if separator == "-" else _DOT_NUMBER, value)
    if value in _BEFORE_RELEASE:
        return (_EARLIER, _BEFORE_RELEASE[value])
    if value in _NULLS:
        return (_NULL,)
    return (_SP,) if value == "sp" else (_WORD, value)
