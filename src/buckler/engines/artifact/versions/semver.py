"""Semantic Versioning 2.0.0, read as leniently as registries have accepted it.

Source: semver.org, sections 9 to 11. Beyond it: a leading `v` or `=`, missing parts (`1.2` is `1.2.0`) and a pre-release
without its hyphen (`1.2.3beta`), which npm's loose parser takes and old packages carry.
"""

import re
from functools import lru_cache
from typing import Final

from buckler.engines.artifact.versions._key import Key, VersionError, ascii_int

_SHAPE: Final = re.compile(
    r"\s*[v=]*\s*([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?((?:\.[0-9]+)*)(?:-([0-9A-Za-z.-]+)|([A-Za-z-][0-9A-Za-z.-]*))?(?:\+[0-9A-Za-z.+-]*)?\s*",
    re.IGNORECASE,
)
_RELEASE: Final[Key] = ((2, 0),)
"""Above every pre-release: identifiers have rank 0 and 1."""


@lru_cache(maxsize=65_536)
def semver_key(version: str) -> Key:
    """Give the key of a version; build metadata has no say. Raises `VersionError`."""
    found = _SHAPE.fullmatch(version)
    if found is None:
        raise VersionError(version)
    major, minor, patch, more, pre, loose = found.groups()
    numbers = [ascii_int(part or "0") for part in (major, minor, patch)]
    numbers.extend(ascii_int(part) for part in more.split(".")[1:])
    while len(numbers) > 3 and numbers[-1] == 0:
        numbers.pop()
    return (tuple(numbers), pre_release(pre or loose or ""))


def pre_release(text: str) -> Key:
    """Give the key of what follows the hyphen: numbers below words, a longer list above its beginning, nothing above all."""
    if not text:
        return _RELEASE
    return tuple((0, ascii_int(part)) if part.isascii() and part.isdecimal() else (1, part) for part in text.split("."))
