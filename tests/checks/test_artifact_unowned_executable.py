import pytest
from tests.estates import DENIED, artifact, ask, verdict

from buckler.checks.artifact_unowned_executable import artifact_unowned_executable
from buckler.model.artifact import FileState
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity

AMONG = "it stands among the files of a package that does not list it"


def unowned(path: str, why: str = "no package lists it", state: str = "unowned") -> FileState:
    return FileState(path=path, state=state, why=why)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="every-file-belongs-to-a-package"),
        pytest.param({"states": (unowned("extensions/telemetry"),)}, Finding, id="an-extension-that-nobody-lists"),
        pytest.param({"states": (unowned("python/requests/_x.py", AMONG),)}, Finding, id="a-module-among-those-of-a-package"),
        pytest.param({"states": (unowned("python/shared.py"),)}, None, id="a-module-of-the-layer-s-own"),
        pytest.param(
            {"states": (unowned("app.py", "no package lists it: the function's own code, as far as anybody can tell"),)},
            None,
            id="the-function-s-own",
        ),
        pytest.param({"states": (unowned("extensions/x", state="not-assessed"),)}, None, id="not-assessed-is-no-finding"),
        pytest.param({"inventory": DENIED}, Gap, id="could-not-be-opened"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(artifact_unowned_executable, artifact(**facts)) is expected


def test_what_starts_by_itself_is_told_by_itself():
    states = (unowned("extensions/a"), unowned("python/sitecustomize.py"), unowned("python/r/x.py", AMONG), unowned("python/r/y.py", AMONG))
    findings = ask(artifact_unowned_executable, artifact(states=states)).findings
    assert [(one.key, one.severity) for one in findings] == [
        ("extensions/a", Severity.MEDIUM),
        ("python/sitecustomize.py", Severity.MEDIUM),
        ("", Severity.LOW),
    ]
