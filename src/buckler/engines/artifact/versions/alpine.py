"""Alpine: the order of apk.

Source: the Alpine wiki, "APKBUILD reference", pkgver, and the manual page apk-package(5):
`number{.number}[letter]{_suffix[number]}[~hash][-rN]`, with the suffixes alpha < beta < pre < rc < (none) < cvs < svn < git < hg < p.
"""

import re
from functools import lru_cache
from typing import Final

from buckler.engines.artifact.versions._key import Key, VersionError, ascii_int

_SHAPE: Final = re.compile(
    r"([0-9]+)((?:\.[0-9]+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)(?:~([0-9a-f]+))?(?:-r([0-9]+))?"
)
_SUFFIX: Final = re.compile(r"_([a-z]+)([0-9]*)")
_BEFORE: Final = {"alpha": 0, "beta": 1, "pre": 2, "rc": 3}
_AFTER: Final = {"cvs": 0, "svn": 1, "git": 2, "hg": 3, "p": 4}

# What follows decides when one version is longer: one more number is more than a letter, a letter more than a suffix, and so on; only a
# suffix that precedes a release is less than nothing.
_EARLIER, _END, _REVISION, _HASH, _SUFFIX_NUMBER, _LATER, _LETTER, _NUMBER = range(8)


@lru_cache(maxsize=65_536)
def alpine_key(version: str) -> Key:
    """Give the key of a version. Raises `VersionError`."""
    found = _SHAPE.fullmatch(version.strip())
    if found is None:
        raise VersionError(version)
    first, others, letter, suffixes, commit, revision = found.groups()
    key: list[Key] = [(_NUMBER, 1, ascii_int(first))]
    # A number with a leading zero is a decimal fraction, compared as text: 1.06 is less than 1.1.
    key.extend((_NUMBER, 0, part) if part.startswith("0") else (_NUMBER, 1, ascii_int(part)) for part in others.split(".")[1:])
    if letter:
        key.append((_LETTER, letter))
    for name, number in _SUFFIX.findall(suffixes):
        key.append((_EARLIER, _BEFORE[name]) if name in _BEFORE else (_LATER, _AFTER[name]))
        if number:
            key.append((_SUFFIX_NUMBER, ascii_int(number)))
    if commit:
        key.append((_HASH, commit))
    if revision:
        key.append((_REVISION, ascii_int(revision)))
    return (*key, (_END,))
