import pytest
from tests.estates import DENIED, ask, function, layer_ref, verdict

from buckler.checks.runtime_security_extension_missing import runtime_security_extension_missing
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole, join

DATADOG = "arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:65"
INSIGHTS = "arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53"
DEFENDER = "arn:aws:lambda:eu-west-1:123456789012:layer:twistlock:1"


def in_own_account(name):
    return join("arn:aws:lambda:", hole("AWS::Region"), ":", hole("AWS::AccountId"), ":layer:", name)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, Finding, id="no-layers"),
        pytest.param({"layers": (layer_ref(DATADOG),)}, None, id="a-known-product"),
        pytest.param({"layers": (layer_ref(DEFENDER),)}, None, id="a-product-in-our-own-account"),
        pytest.param({"layers": (layer_ref(INSIGHTS),)}, Finding, id="metrics-do-not-protect"),
        pytest.param({"package_type": "Image"}, None, id="an-image-holds-its-extensions-inside"),
        pytest.param({"layers": DENIED}, Gap, id="layers-unreadable"),
        pytest.param({"layers": (layer_ref(hole("Layer")),)}, Gap, id="layer-is-a-hole"),
        pytest.param(
            {"layers": (layer_ref(join("arn:aws:lambda:", hole("AWS::Region"), ":464622532012:layer:Datadog-Extension:65")),)},
            None,
            id="region-is-a-hole",
        ),
        pytest.param({"layers": (layer_ref(INSIGHTS), layer_ref(DATADOG))}, None, id="protection-beside-metrics"),
        pytest.param(
            {"layers": (layer_ref(DEFENDER.replace("twistlock", "no-twistlock")),)}, Finding, id="a-name-that-only-holds-a-product-s"
        ),
        pytest.param(
            {"layers": (layer_ref(DATADOG.replace("464622532012", "123456789012")),)}, Finding, id="a-product-s-name-in-our-account"
        ),
        pytest.param({"layers": (layer_ref(in_own_account("twistlock:1")),)}, None, id="a-product-of-ours-in-a-template"),
        pytest.param({"layers": (layer_ref(in_own_account("tools:1")),)}, Finding, id="another-layer-of-ours-in-a-template"),
        pytest.param({"layers": (layer_ref(in_own_account(hole("Layer", "--parameter Layer=..."))),)}, Gap, id="name-is-a-hole"),
        pytest.param({"package_type": DENIED}, Gap, id="package-type-unreadable"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(runtime_security_extension_missing, function(**facts)) is expected


def test_one_finding_with_the_number_and_a_gap_for_the_unread():
    answers = ask(runtime_security_extension_missing, function("a"), function("b"), function("c", layers=DENIED))
    assert [one.message for one in answers.findings] == ["2 functions carry no runtime-security extension"]
    assert len(answers.gaps) == 1
