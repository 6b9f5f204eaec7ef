import pytest
from tests.estates import DENIED, NOT_ASKED, artifact, ask, verdict

from buckler.checks.vulnerable_package import vulnerable_package
from buckler.model.artifact import Package, Vulnerability
from buckler.model.finding import Finding, Gap
from buckler.model.result import NotAsked
from buckler.model.severity import Severity

PURL = "pkg:pypi/urllib3@1.23"
PACKAGE = Package(purl=PURL, ecosystem="pypi", name="urllib3", version="1.23", path="python/urllib3-1.23.dist-info/METADATA")


def flaw(name: str = "CVE-2019-11324", **more) -> Vulnerability:
    return Vulnerability(id=name, purl=PURL, **{"severity": Severity.HIGH, "fixed": ("1.24.2",), **more})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="no-known-flaw"),
        pytest.param({"vulnerabilities": (flaw(),)}, Finding, id="a-known-flaw"),
        pytest.param({"vulnerabilities": (flaw(vex="not_affected"),)}, None, id="a-statement-says-it-does-not-affect-us"),
        pytest.param({"vulnerabilities": (flaw(vex="under_investigation"),)}, Finding, id="somebody-is-still-looking"),
        pytest.param({"vulnerabilities": NOT_ASKED}, NotAsked, id="without-a-database-nothing-passes"),
        pytest.param({"inventory": DENIED}, Gap, id="could-not-be-opened"),
        pytest.param({"not_assessed": (DENIED,)}, Gap, id="a-part-of-it-could-not-be-read"),
    ],
)
def test_verdict(facts, expected):
    given = facts if "inventory" in facts else {"packages": (PACKAGE,), **facts}
    assert verdict(vulnerable_package, artifact(**given)) is expected


def test_one_finding_per_package_with_the_worst_first_and_the_version_that_mends_it():
    flaws = (flaw("CVE-1", severity=Severity.LOW), flaw("CVE-2", severity=Severity.MEDIUM, is_exploited=True))
    (finding,) = ask(vulnerable_package, artifact(packages=(PACKAGE,), vulnerabilities=flaws)).findings
    assert finding.message == f"`{PURL}` has CVE-2, CVE-1"
    assert finding.severity is Severity.HIGH, "attackers use one of them"
    assert "1.24.2" in finding.remedy.text
    assert finding.evidence[0].origin.path == PACKAGE.path
