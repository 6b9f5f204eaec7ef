import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, allow, ask, layer, policy, verdict

from buckler.checks.layer_version_public import layer_version_public
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole

OURS = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:common:3"
FOREIGN = f"arn:aws:lambda:eu-west-1:{OTHER}:layer:agent:9"


def shared(principal, **condition):
    return policy(allow("lambda:GetLayerVersion", OURS, Principal=principal, **({"Condition": condition} if condition else {})))


@pytest.mark.parametrize(
    ("arn", "document", "expected"),
    [
        pytest.param(OURS, None, None, id="no-policy"),
        pytest.param(OURS, shared("*"), Finding, id="public"),
        pytest.param(OURS, shared("*", StringEquals={"aws:PrincipalOrgID": "o-ours"}), None, id="for-an-organisation"),
        pytest.param(OURS, shared({"AWS": OTHER}), None, id="for-an-account"),
        pytest.param(FOREIGN, DENIED, None, id="a-foreign-layer-is-its-owner-s-business"),
        pytest.param(OURS, DENIED, Gap, id="unreadable"),
        pytest.param(OURS, shared({"AWS": hole("Who", "--parameter Who=...")}), Gap, id="principal-a-parameter"),
    ],
)
def test_verdict(arn, document, expected):
    assert verdict(layer_version_public, layer(arn, policy=document)) is expected


def test_message():
    assert (
        ask(layer_version_public, layer(OURS, policy=shared("*"))).findings[0].message
        == "anyone with an AWS account can get the layer `common`"
    )
