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
        pytest.param(OURS, shared({"AWS": "*"}), Finding, id="public-for-all-of-aws"),
        pytest.param(OURS, shared({"AWS": f"arn:aws:iam::{OTHER}:root"}), None, id="for-an-account-by-arn"),
        pytest.param(OURS, shared("*", StringLike={"aws:PrincipalOrgID": "o-*"}), Finding, id="for-every-organisation"),
        pytest.param(OURS, policy(allow("lambda:ListLayerVersions", OURS, Principal="*")), None, id="only-its-name-may-be-seen"),
        pytest.param(OURS, policy(allow("lambda:*", OURS, Principal="*")), Finding, id="by-a-pattern-of-actions"),
        pytest.param(OURS, policy(allow("lambda:GetLayerVersion", f"{OURS}0", Principal="*")), None, id="another-version-is-named"),
        pytest.param(
            OURS,
            policy(
                allow("lambda:GetLayerVersion", OURS, Principal="*"),
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "lambda:GetLayerVersion",
                    "Resource": OURS,
                    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}},
                },
            ),
            None,
            id="taken-back-by-a-deny",
        ),
        pytest.param(OURS, shared("*", StringEqualsIfExists={"aws:PrincipalOrgID": "o-ours"}), Finding, id="for-who-has-no-organisation"),
        pytest.param(OURS, shared("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}), Finding, id="for-a-role-of-anyone"),
    ],
)
def test_verdict(arn, document, expected):
    assert verdict(layer_version_public, layer(arn, policy=document)) is expected


def test_message():
    assert (
        ask(layer_version_public, layer(OURS, policy=shared("*"))).findings[0].message
        == "anyone with an AWS account can get the layer `common`"
    )
