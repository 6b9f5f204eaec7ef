"""Where a package is looked for: OSV's ecosystems, and the names they use."""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

from packaging.utils import canonicalize_name

from buckler.model.artifact import Ecosystem, Package

_LANGUAGES: Final[dict[Ecosystem, str]] = {
    "pypi": "PyPI",
    "npm": "npm",
    "golang": "Go",
    "cargo": "crates.io",
    "maven": "Maven",
    "gem": "RubyGems",
    "nuget": "NuGet",
}
LANGUAGES: Final = tuple(_LANGUAGES.values())
"""Ecosystems of OSV that functions are written in."""

_DISTRIBUTIONS: Final = {
    "debian": "Debian:{major}",
    "ubuntu": "Ubuntu:{minor}",
    "alpine": "Alpine:v{minor}",
    "rocky": "Rocky Linux:{major}",
    "almalinux": "AlmaLinux:{major}",
    "wolfi": "Wolfi",
    "chainguard": "Chainguard",
    "azurelinux": "Azure Linux:{major}",
    "opensuse": "openSUSE:Leap {minor}",
    "opensuse-leap": "openSUSE:Leap {minor}",
    "mageia": "Mageia:{major}",
    "openeuler": "openEuler:{version}",
}
_FAMILIES: Final[dict[str, Ecosystem]] = {
    "Debian": "deb",
    "Ubuntu": "deb",
    "Alpine": "apk",
    "Wolfi": "apk",
    "Chainguard": "apk",
    "Alpaquita": "apk",
    "MinimOS": "apk",
    "Rocky Linux": "rpm",
    "AlmaLinux": "rpm",
    "Red Hat": "rpm",
    "SUSE": "rpm",
    "openSUSE": "rpm",
    "Mageia": "rpm",
    "openEuler": "rpm",
    "Azure Linux": "rpm",
}
_FAMILIES.update({osv: ours for ours, osv in _LANGUAGES.items()})

_SOURCE_RPM: Final = re.compile(r"(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm")


class Place(NamedTuple):
    """An ecosystem of the database and a name in it, both as they are indexed."""

    ecosystem: str
    name: str


class Sought(NamedTuple):
    """Where a package is looked for, and as which version."""

    place: Place
    version: str


def family(ecosystem: str) -> Ecosystem:
    """Say how versions of one of OSV's ecosystems are compared; `generic` when nobody does."""
    return _FAMILIES.get(ecosystem.partition(":")[0], "generic")


def indexed(ecosystem: str, name: str) -> Place:
    """Give the place under which an advisory's package is kept."""
    base = ecosystem.partition(":")[0]
    if base == "PyPI":
        return Place(base, canonicalize_name(name))
    if base in {"Go", "NuGet"}:
        return Place(base, name.lower())  # package URLs of Go are lower case, and NuGet's names are the same in any
    if base in LANGUAGES:
        return Place(base, name)  # `Maven:https://...` names another repository of the same packages
    if base == "Ubuntu":
        # `Ubuntu:22.04:LTS`, `Ubuntu:Pro:22.04:LTS`: the packages of Pro are others, with versions of their own.
        parts = [part for part in ecosystem.split(":")[1:] if part != "LTS"]
        return Place(":".join(("Ubuntu", *parts)), name)
    return Place(ecosystem, name)


def sought(package: Package) -> tuple[Sought, ...]:
    """Give every place where advisories of a package may be; empty when nobody can say, as for a distribution that OSV does not know."""
    language = _LANGUAGES.get(package.ecosystem)
    if language is not None:
        name = _maven_name(package) if package.ecosystem == "maven" else package.name
        return (Sought(indexed(language, name), package.version),)
    if package.ecosystem not in {"deb", "rpm", "apk"}:
        return ()
    namespace, qualifiers = _of_purl(package.purl)
    distribution, _, version = qualifiers.get("distro", "").rpartition("-")
    if not distribution:
        distribution, version = qualifiers.get("distro", ""), ""
    pattern = _DISTRIBUTIONS.get(distribution or namespace)
    if pattern is None or ("{" in pattern and not version):
        return ()
    numbers = version.removeprefix("v").split(".")
    ecosystem = pattern.format(major=numbers[0], minor=".".join(numbers[:2]), version=version)
    # Advisories of distributions name the source package and its versions; some name the binary one.
    source, source_version = _source(package, qualifiers.get("upstream", ""))
    found = [Sought(Place(ecosystem, package.name), package.version)]
    if source and source != package.name:
        found.append(Sought(Place(ecosystem, source), source_version))
    elif source_version != package.version:
        found = [Sought(Place(ecosystem, source), source_version)]
    return tuple(found)


def _source(package: Package, upstream: str) -> tuple[str, str]:
    """Give the source package and its version: `gcc-12@12.2.0-14` of Debian, `openssl-3.0.7-24.el9.src.rpm` of an RPM.

    A binary package that was only built again has a version of its own (`1:1.2.13.dfsg-1+b1`), which no advisory knows.
    """
    rpm = _SOURCE_RPM.fullmatch(upstream)
    if rpm is not None:
        epoch, colon, _ = package.version.partition(":")
        return rpm[1], f"{epoch}:{rpm[2]}" if colon else rpm[2]
    name, _, version = upstream.partition("@")
    return name or package.name, version or package.version


def distribution_of(package: Package) -> str:
    """Name the distribution a package says it is of, for telling that it was not assessed."""
    namespace, qualifiers = _of_purl(package.purl)
    return qualifiers.get("distro") or namespace or package.ecosystem


def _maven_name(package: Package) -> str:
    if ":" in package.name:
        return package.name
    namespace, _ = _of_purl(package.purl)
    return f"{namespace.replace('/', '.')}:{package.name.rpartition('/')[2]}" if namespace else package.name


def _of_purl(purl: str) -> tuple[str, dict[str, str]]:
    """Give the namespace and the qualifiers of a package URL."""
    path, _, tail = purl.partition("#")[0].partition("?")
    above = unquote(path.partition("@")[0] if "/@" not in path else path).split("/")[1:-1]
    pairs = (one.partition("=") for one in tail.split("&") if one)
    return "/".join(above), {key: unquote(value) for key, _, value in pairs}
