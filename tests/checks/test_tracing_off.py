import pytest
from tests.estates import DENIED, function, layer_ref, verdict

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


def test_a_layer_that_measures_is_no_trace_and_an_image_traces_as_well():
    insights = layer_ref("arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53")
    assert verdict(tracing_off, function(tracing="PassThrough", layers=(insights,))) is Finding
    assert verdict(tracing_off, function(tracing="Active", package_type="Image", runtime=None)) is None
