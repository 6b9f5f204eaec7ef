import pytest
from tests.estates import DENIED, ask, function, layer, layer_ref, missing, verdict

from buckler.checks.layer_version_gone import layer_version_gone
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked

ARN = "arn:aws:lambda:eu-west-1:999999999999:layer:tools:3"
OTHER_ARN = "arn:aws:lambda:eu-west-1:999999999999:layer:tools:2"
USER = function(layers=(layer_ref(ARN),))


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((layer(ARN),), None, id="exists"),
        pytest.param((layer(ARN, exists=False),), Finding, id="gone"),
        pytest.param((layer(ARN), layer(OTHER_ARN, exists=False)), None, id="another-version-is-gone"),
        pytest.param((layer(ARN, exists=DENIED),), Gap, id="we-may-not-look"),
        pytest.param((), Gap, id="not-listed"),
        pytest.param((missing("layers"),), Gap, id="layers-unreadable"),
        pytest.param((layer(ARN), layer(OTHER_ARN, exists=DENIED)), None, id="another-version-is-unreadable"),
        pytest.param((layer(ARN.replace("eu-west-1", "us-east-1"), exists=False),), Gap, id="the-same-number-gone-in-another-region"),
    ],
)
def test_verdict(others, expected):
    assert verdict(layer_version_gone, USER, *others) is expected


def test_unreadable_layers_of_a_function_are_a_gap():
    assert verdict(layer_version_gone, function(layers=DENIED)) is Gap


def test_a_foreign_layer_is_outside_a_template():
    shop = function(layers=(layer_ref(ARN),), origin=FileOrigin(file="template.yaml", line=3), address="Checkout")
    assert verdict(layer_version_gone, shop) is NotAsked


def test_one_finding_per_version_whoever_runs_it():
    (finding,) = ask(layer_version_gone, USER, function("orders", layers=(layer_ref(ARN),)), layer(ARN, exists=False)).findings
    assert finding.subject.kind == "layer-version"
    assert finding.message == "the layer version does not exist any more, but `checkout` and 1 more run it"


def test_a_function_without_layers_runs_none_that_is_gone():
    assert verdict(layer_version_gone, function(), layer(ARN, exists=False)) is None


def test_a_version_that_is_gone_is_told_beside_one_nobody_may_look_at():
    shop = function(layers=(layer_ref(OTHER_ARN), layer_ref(ARN)))
    answers = ask(layer_version_gone, shop, layer(OTHER_ARN, exists=DENIED), layer(ARN, exists=False))
    assert (len(answers.findings), len(answers.gaps)) == (1, 1)
