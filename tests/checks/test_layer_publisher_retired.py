import pytest
from tests.estates import ACCOUNT, DENIED, ask, function, layer_ref, verdict

from buckler.checks.layer_publisher_retired import layer_publisher_retired
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole, join


def arn(account):
    return f"arn:aws:lambda:eu-west-1:{account}:layer:tools:3"


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        pytest.param((), None, id="no-layers"),
        pytest.param((layer_ref(arn("066549572091")),), Finding, id="retired"),
        pytest.param((layer_ref(arn("464622532012")),), None, id="in-business"),
        pytest.param((layer_ref(arn("999999999999")),), None, id="nobody-knows-is-asked-elsewhere"),
        pytest.param((layer_ref(arn(ACCOUNT)),), None, id="our-own"),
        pytest.param(DENIED, Gap, id="unreadable"),
        pytest.param((layer_ref(hole("LayerArn")),), Gap, id="hole"),
        pytest.param((layer_ref(hole("LayerArn")), layer_ref(arn("066549572091"))), Finding, id="a-hole-hides-no-finding"),
        pytest.param((layer_ref("arn:aws-cn:lambda:cn-north-1:066549572091:layer:tools:3"),), Finding, id="retired-in-another-partition"),
        pytest.param(
            (layer_ref(join("arn:aws:lambda:", hole("AWS::Region"), ":066549572091:layer:tools:3")),), Finding, id="region-is-a-hole"
        ),
        pytest.param(
            (layer_ref("arn:aws:lambda:eu-west-1:999999999999:layer:066549572091:3"),), None, id="only-the-name-is-that-account-s"
        ),
    ],
)
def test_verdict(layers, expected):
    assert verdict(layer_publisher_retired, function(layers=layers)) is expected


def test_the_publisher_is_named():
    (finding,) = ask(layer_publisher_retired, function(layers=(layer_ref(arn("066549572091")),))).findings
    assert finding.message == "the layer is from Epsagon, which nobody maintains any more"
