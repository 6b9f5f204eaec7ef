"""Versions of each ecosystem: their exact order, and whether one lies in a range."""

from collections.abc import Callable
from typing import Final, NamedTuple

from buckler.engines.artifact.versions._key import Key, VersionError
from buckler.engines.artifact.versions.alpine import alpine_key
from buckler.engines.artifact.versions.crates import crates_key
from buckler.engines.artifact.versions.debian import debian_key
from buckler.engines.artifact.versions.golang import go_key
from buckler.engines.artifact.versions.maven import maven_key
from buckler.engines.artifact.versions.npm import npm_key
from buckler.engines.artifact.versions.nuget import nuget_key
from buckler.engines.artifact.versions.pypi import public_version, pypi_key
from buckler.engines.artifact.versions.ranges import Event, EventKind, affects
from buckler.engines.artifact.versions.rpm import rpm_key
from buckler.engines.artifact.versions.rubygems import gem_key
from buckler.engines.artifact.versions.semver import semver_key
from buckler.model.artifact import Ecosystem

__all__ = ["SCHEMES", "Event", "EventKind", "Key", "Scheme", "VersionError", "affects", "semver_key"]


class Scheme(NamedTuple):
    """How versions of an ecosystem are compared."""

    key: Callable[[str], Key]
    """Raises `VersionError`."""
    public: Callable[[str], str] = str
    """What ranges see of an installed version."""


SCHEMES: Final[dict[Ecosystem, Scheme]] = {
    "pypi": Scheme(pypi_key, public_version),
    "npm": Scheme(npm_key),
    "golang": Scheme(go_key),
    "cargo": Scheme(crates_key),
    "maven": Scheme(maven_key),
    "gem": Scheme(gem_key),
    "nuget": Scheme(nuget_key),
    "deb": Scheme(debian_key),
    "rpm": Scheme(rpm_key),
    "apk": Scheme(alpine_key),
}
"""`generic` has none: nobody says how its versions are compared."""
