"""NuGet: Semantic Versioning with up to four numbers, its words the same in any case.

Source: learn.microsoft.com/nuget/concepts/package-versioning.
"""

from functools import lru_cache

from buckler.engines.artifact.versions._key import Key
from buckler.engines.artifact.versions.semver import semver_key


@lru_cache(maxsize=65_536)
def nuget_key(version: str) -> Key:
    """Give the key of a version. Raises `VersionError`."""
    return semver_key(version.lower())
