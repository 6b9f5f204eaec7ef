import pytest
from tests.estates import DENIED, function, layer_ref, verdict

from buckler.checks.tracing_off import tracing_off
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Persona
from buckler.model.text import hole

INSIGHTS = layer_ref("arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"tracing": "Active"}, None, id="active"),
        pytest.param({"tracing": "Active", "package_type": "Image", "runtime": None}, None, id="active-in-an-image"),
        pytest.param({"tracing": "PassThrough"}, Finding, id="pass-through-is-not-active"),
        pytest.param({"tracing": "PassThrough", "layers": (INSIGHTS,)}, Finding, id="metrics-are-no-trace"),
        pytest.param({"tracing": DENIED}, Gap, id="unreadable"),
        pytest.param({"tracing": hole("Mode")}, Gap, id="hole"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(tracing_off, function(**facts)) is expected


def test_it_is_a_question_of_taste():
    assert tracing_off.persona is Persona.AUDITOR
