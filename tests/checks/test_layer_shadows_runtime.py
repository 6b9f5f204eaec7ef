import pytest
from tests.estates import DENIED, artifact, ask, verdict

from buckler.checks.layer_shadows_runtime import layer_shadows_runtime
from buckler.model.artifact import Hiding
from buckler.model.finding import Finding, Gap


def hiding(kind="runtime-module", path="python/boto3", over="boto3", strange=("python/boto3/session.py",)):
    return Hiding(kind=kind, path=path, over=over, strange=strange, why="/opt/python is searched before the runtime's own folders")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="nothing-hidden"),
        pytest.param({"hides": (hiding(),)}, Finding, id="an-sdk-of-its-own"),
        pytest.param(
            {"hides": (hiding("standard-library", "python/hmac.py", "hmac", ("python/hmac.py",)),)}, Finding, id="of-python-itself"
        ),
        pytest.param(
            {"hides": (hiding("startup-module", "python/sitecustomize.py", "", ("python/sitecustomize.py",)),)}, Finding, id="start"
        ),
        pytest.param({"hides": (hiding(strange=()),)}, None, id="a-genuine-copy"),
        pytest.param({"inventory": DENIED}, Gap, id="could-not-be-opened"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(layer_shadows_runtime, artifact(**facts)) is expected


def test_it_says_what_is_hidden():
    (finding,) = ask(layer_shadows_runtime, artifact(hides=(hiding(),))).findings
    assert finding.message == "`python/boto3` is found before the runtime's own `boto3`, and is no package's"
