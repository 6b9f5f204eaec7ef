import pytest
from tests.estates import DENIED, NOT_ASKED, function, verdict

from buckler.checks.recursion_allowed import recursion_allowed
from buckler.model.finding import Finding, Gap
from buckler.model.result import NotAsked
from buckler.model.text import hole


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        pytest.param("Terminate", None, id="default"),
        pytest.param("Allow", Finding, id="allowed"),
        pytest.param(DENIED, Gap, id="unreadable"),
        pytest.param(NOT_ASKED, NotAsked, id="not-asked-at-this-depth"),
        pytest.param(hole("Loop"), Gap, id="hole"),
        pytest.param("Allowed", None, id="a-word-AWS-does-not-have"),
    ],
)
def test_verdict(loop, expected):
    assert verdict(recursion_allowed, function(recursive_loop=loop)) is expected
