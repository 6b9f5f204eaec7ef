"""RPM distributions: the order of rpmvercmp.

Source: rpm.org, "Version comparison" in the documentation of spec files, and the release notes of 4.10 (`~`) and 4.15 (`^`).
Only ASCII letters and digits count, what stands between them separates. Digits are above letters, letters above the end; `~` is below the
end, `^` just above it.
"""

import re
from functools import lru_cache
from typing import Final

from buckler.engines.artifact.versions._key import Key, VersionError, ascii_int

_SEGMENTS: Final = re.compile(r"[0-9]+|[A-Za-z]+|[~^]")
_TILDE, _END, _CARET, _LETTERS, _DIGITS = range(5)


@lru_cache(maxsize=65_536)
def rpm_key(version: str) -> Key:
    """Give the key of `[epoch:]version[-release]`. Raises `VersionError` for an empty one."""
    text = version.strip()
    if not text:
        raise VersionError(version)
    epoch, colon, rest = text.partition(":")
    if not colon:
        epoch, rest = "0", text
    upstream, hyphen, release = rest.partition("-")
    return (_part(epoch), _part(upstream), (1, _part(release)) if hyphen else (0,))


def _part(text: str) -> Key:
    key: list[Key] = []
    for segment in _SEGMENTS.findall(text):
        if segment == "~":
            key.append((_TILDE,))
        elif segment == "^":
            key.append((_CARET,))
        elif segment[0].isdecimal():
            key.append((_DIGITS, ascii_int(segment)))
        else:
            key.append((_LETTERS, segment))
    return (*key, (_END,))
