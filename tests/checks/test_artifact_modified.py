import pytest
from tests.estates import DENIED, artifact, ask, verdict

from buckler.checks.artifact_modified import artifact_modified
from buckler.model.artifact import FileState
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Confidence

PURL = "pkg:pypi/requests@2.32.3"


def state(path: str, is_now: str, why: str = "its hash is not that of its package's record") -> FileState:
    return FileState(path=path, state=is_now, purl=PURL, why=why)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="everything-is-as-recorded"),
        pytest.param({"states": (state("python/requests/api.py", "modified"),)}, Finding, id="a-module-differs-from-its-record"),
        pytest.param({"states": (state("python/own.py", "unowned"),)}, None, id="a-file-of-no-package-is-another-question"),
        pytest.param({"states": (state("nodejs/x.js", "not-assessed"),)}, None, id="nothing-to-compare-with-is-no-finding"),
        pytest.param({"inventory": DENIED}, Gap, id="could-not-be-opened"),
        pytest.param({"not_assessed": (DENIED,)}, Gap, id="a-part-of-it-could-not-be-read"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(artifact_modified, artifact(**facts)) is expected


def test_one_finding_per_package_and_a_forged_record_is_surer():
    files = tuple(state(f"python/requests/{name}.py", "modified", "the reference has another file") for name in ("a", "b"))
    (finding,) = ask(artifact_modified, artifact(states=files)).findings
    assert finding.message == f"2 files of `{PURL}` are not what was published"
    assert finding.confidence is Confidence.HIGH
    assert [one.origin.path for one in finding.evidence] == ["python/requests/a.py", "python/requests/b.py"]
