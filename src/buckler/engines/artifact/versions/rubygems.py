"""RubyGems: the order of Gem::Version.

Source: guides.rubygems.org and the documentation of Gem::Version: segments of digits or letters; a hyphen reads `.pre.`;
zeros at the end, and before the first word, do not count; words are below numbers, and a version that goes on with a word precedes its
release.
"""

import re
from functools import lru_cache
from typing import Final

from buckler.engines.artifact.versions._key import Key, VersionError, ascii_int

_SHAPE: Final = re.compile(r"[0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
_SEGMENTS: Final = re.compile(r"[0-9]+|[A-Za-z]+")
# A zero equals the end, and what follows it decides: zeros before a word are below the end, all other numbers above.
_WORD, _ZERO_THEN_WORD, _END, _NUMBER = range(4)


@lru_cache(maxsize=65_536)
def gem_key(version: str) -> Key:
    """Give the key of a version. Raises `VersionError`. A platform (`1.2.3-x86_64-linux`) is no part of one."""
    text = version.strip()
    if _SHAPE.fullmatch(text) is None:
        raise VersionError(version)
    segments: list[str | int] = [ascii_int(part) if part.isdecimal() else part for part in _SEGMENTS.findall(text.replace("-", ".pre."))]
    word = next((index for index, part in enumerate(segments) if isinstance(part, str)), len(segments))
    segments = [*_trimmed(segments[:word]), *_trimmed(segments[word:])]
    key: list[Key] = []
    for index, part in enumerate(segments):
        if isinstance(part, str):
            key.append((_WORD, part))
        elif part == 0 and isinstance(next((one for one in segments[index:] if one != 0), 0), str):
            key.append((_ZERO_THEN_WORD,))
        else:
            key.append((_NUMBER, part))
    return (*key, (_END,))


def _trimmed(segments: list[str | int]) -> list[str | int]:
    while segments and segments[-1] == 0:
        segments = segments[:-1]
    return segments
