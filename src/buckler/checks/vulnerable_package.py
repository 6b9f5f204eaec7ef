"""vulnerable-package: an installed package has a known vulnerability."""

from collections.abc import Iterator

from buckler.checks._check import check
from buckler.checks._inside import inside
from buckler.engines.artifact.versions import SCHEMES, VersionError
from buckler.model.artifact import Artifact, Vulnerability
from buckler.model.finding import Evidence, Finding
from buckler.model.severity import Confidence, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.wholeness import insist_on_whole

_IGNORED_BY_VEX = {"not_affected", "fixed"}


@check(
    Severity.MEDIUM,
    area="runtime",
    maps=("owasp:SAS-6", "mitre:T1190", "nist:RA-5", "nist:SI-2", "pci:6.3.3"),
)
def vulnerable_package(artifact: Artifact, _: Analysis) -> Iterator[Finding]:
    """Flag installed packages with known vulnerabilities: one finding per package, its flaws worst first, aliases counted once.

    Severity is that of the worst flaw, as its advisory gives it; one that attackers are known to use is at least high.

    Why: most functions are taken over through what they import, not through what they say.

    Not flagged: withdrawn advisories, versions outside the affected ranges, flaws that a VEX statement says do not affect the product.
    Without a database nothing is flagged and nothing passes: the question stays open.

    Fix: install the version named, build the artifact again, and pin it with `buckler lock`.

    Source: the OSV schema; CISA, "Known Exploited Vulnerabilities Catalog".
    """
    known(artifact.inventory)
    by_package: dict[str, list[Vulnerability]] = {}
    for one in known(artifact.vulnerabilities):
        if one.vex not in _IGNORED_BY_VEX:
            by_package.setdefault(one.purl, []).append(one)
    places = {package.purl: package.path for package in known(artifact.inventory).packages}
    for purl, flaws in sorted(by_package.items()):
        flaws.sort(key=lambda one: (not one.is_exploited, -(one.severity or Severity.MEDIUM).rank, one.id))
        names = ", ".join(one.id for one in flaws[:3])
        more = f" and {len(flaws) - 3} more" if len(flaws) > 3 else ""
        fixed = _in_order(purl, {version for one in flaws for version in one.fixed})
        yield vulnerable_package.finding(
            artifact,
            f"`{purl}` has {names}{more}",
            *(Evidence(origin=inside(artifact, places.get(purl, "")), note=_note(one)) for one in flaws[:5]),
            severity=_severity(flaws),
            confidence=Confidence.HIGH,
            remedy=f"install {' or '.join(fixed[-2:])}, where these flaws are fixed" if fixed else None,
            key=purl,
        )
    insist_on_whole(known(artifact.inventory))


def _in_order(purl: str, versions: set[str]) -> list[str]:
    """Sort versions as their ecosystem does: 2.10 comes after 2.9; as text where one of them cannot be read."""
    scheme = next((scheme for name, scheme in SCHEMES.items() if purl.startswith(f"pkg:{name}/")), None)
    try:
        return sorted(versions, key=scheme.key) if scheme is not None else sorted(versions)
    except VersionError:
        return sorted(versions)


def _severity(flaws: list[Vulnerability]) -> Severity:
    worst = max((one.severity or Severity.MEDIUM for one in flaws), key=lambda one: one.rank)
    return max(worst, Severity.HIGH) if any(one.is_exploited for one in flaws) else worst


def _note(one: Vulnerability) -> str:
    aliases = f" ({', '.join(one.aliases[:3])})" if one.aliases else ""
    used = ", used by attackers" if one.is_exploited else ""
    return f"{one.id}{aliases}{used}{f': {one.summary}' if one.summary else ''}".replace("\n", " ").rstrip(".")
