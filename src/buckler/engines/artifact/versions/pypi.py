"""PyPI: PEP 440, by the packaging library."""

from functools import lru_cache

from packaging.version import InvalidVersion, Version

from buckler.engines.artifact.versions._key import Key, VersionError


@lru_cache(maxsize=65_536)
def pypi_key(version: str) -> Key:
    """Give the key of a version. Raises `VersionError` for what PEP 440 does not know, as `2004d`."""
    try:
        return (Version(version),)
    except InvalidVersion:
        raise VersionError(version) from None


def without_local(version: str) -> str:
    """Drop the local label: `2.1.0+cu118` is 2.1.0 to whoever states a range.

    PEP 440, "Version matching": if the specified version is a public one, the local label of a candidate must be ignored.
    """
    return version.partition("+")[0]
