"""PyPI: PEP 440, by the packaging library."""

from functools import lru_cache

from packaging.version import InvalidVersion, Version

from buckler.engines.artifact.versions._key import Key, VersionError


@lru_cache(maxsize=65_536)
def pypi_key(version: str) -> Key:
    """Give the key of a version, made of what packaging reads. Raises `VersionError` for what PEP 440 does not know, as `2004d`."""
    try:
        read = Version(version)
    except InvalidVersion:
        raise VersionError(version) from None
    release = read.release
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    # A development release without anything else precedes the pre-releases; nothing after a pre-release follows them.
    pre = (1, *read.pre) if read.pre is not None else (0,) if read.post is None and read.dev is not None else (2,)
    post = (0,) if read.post is None else (1, read.post)
    dev = (1,) if read.dev is None else (0, read.dev)
    local = (0,) if read.local is None else (1, *((1, int(one)) if one.isdecimal() else (0, one) for one in read.local.split(".")))
    return (read.epoch, release, pre, post, dev, local)


def public_version(version: str) -> str:
    """Give a version as advisories spell it: normalised, its local label dropped (`2.1.0+cu118` is 2.1.0 to whoever states a range).

    PEP 440, "Version matching": if the specified version is a public one, the local label of a candidate must be ignored.
    """
    try:
        return Version(version).public
    except InvalidVersion:
        return version
