"""Debian and Ubuntu: the order of dpkg.

Source: Debian Policy Manual, 5.6.12 "Version": `[epoch:]upstream[-revision]`; each of the two is compared in turns, first
what is no digit (letters before everything else, and a tilde before all, even the end of the part), then the number.
"""

import re
from functools import lru_cache
from typing import Final

from buckler.engines.artifact.versions._key import Key, VersionError, ascii_int

_SHAPE: Final = re.compile(r"(?:([0-9]+):)?([0-9A-Za-z.+~:_-]*?)(?:-([0-9A-Za-z+.~_]+))?")
"""Underscores are none of the policy's, but some repositories have them."""
_TURNS: Final = re.compile(r"([^0-9]*)([0-9]*)")


@lru_cache(maxsize=65_536)
def debian_key(version: str) -> Key:
    """Give the key of a version. Raises `VersionError`."""
    found = _SHAPE.fullmatch(version.strip())
    if found is None or not found[2] or found[2].endswith("-") or (found[1] is None and ":" in found[2]):
        raise VersionError(version)
    # "The absence of a debian_revision is equivalent to a debian_revision of 0."
    return (ascii_int(found[1] or "0"), _part(found[2]), _part(found[3] or "0"))


def _part(text: str) -> Key:
    key: list[tuple[int, ...] | int] = []
    for word, digits in _TURNS.findall(text):
        if not word and not digits:
            break
        key.append((*(_weight(char) for char in word), 0))
        key.append(ascii_int(digits))
    return (*key, (0,))


def _weight(char: str) -> int:
    """Give where a character stands: a tilde below the end of the text (0), letters above it, everything else above letters."""
    if char == "~":
        return -1
    return ord(char) if char.isalpha() else ord(char) + 256
