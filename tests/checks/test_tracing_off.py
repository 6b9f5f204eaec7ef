import pytest
from tests.estates import DENIED, function, verdict

from buckler.checks.tracing_off import tracing_off
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Persona
from buckler.model.text import hole


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        pytest.param("Active", None, id="active"),
        pytest.param("PassThrough", Finding, id="pass-through-is-not-active"),
        pytest.param(DENIED, Gap, id="unreadable"),
        pytest.param(hole("Mode"), Gap, id="hole"),
    ],
)
def test_verdict(mode, expected):
    assert verdict(tracing_off, function(tracing=mode)) is expected


def test_it_is_a_question_of_taste():
    assert tracing_off.persona is Persona.AUDITOR
