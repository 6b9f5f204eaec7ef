import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, allow, layer, policy, verdict

from buckler.checks.layer_version_shared import layer_version_shared
from buckler.model.finding import Finding, Gap
from buckler.model.iam import Organization
from buckler.model.result import NotAsked

OURS = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:common:3"
FOREIGN = f"arn:aws:lambda:eu-west-1:{OTHER}:layer:agent:9"
ORGANIZATION = Organization(id="o-ours", management_account=ACCOUNT, accounts=(ACCOUNT, OTHER), policies=())


def shared(principal, **condition):
    return policy(allow("lambda:GetLayerVersion", OURS, Principal=principal, **({"Condition": condition} if condition else {})))


@pytest.mark.parametrize(
    ("arn", "document", "expected"),
    [
        pytest.param(OURS, None, None, id="no-policy"),
        pytest.param(OURS, shared({"AWS": OTHER}), Finding, id="for-a-foreign-account"),
        pytest.param(OURS, shared({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), None, id="for-our-account"),
        pytest.param(OURS, shared("*"), None, id="public-is-another-question"),
        pytest.param(OURS, shared("*", StringEquals={"aws:PrincipalOrgID": "o-elsewhere"}), NotAsked, id="for-an-organisation-nobody-read"),
        pytest.param(FOREIGN, DENIED, None, id="a-foreign-layer-is-its-owner-s-business"),
        pytest.param(OURS, DENIED, Gap, id="unreadable"),
        pytest.param(OURS, shared({"AWS": f"arn:aws:iam::{OTHER}:root"}), Finding, id="for-a-foreign-account-by-arn"),
        pytest.param(OURS, shared({"AWS": f"arn:aws-us-gov:iam::{OTHER}:root"}), Finding, id="for-a-foreign-account-of-another-partition"),
        pytest.param(OURS, shared({"AWS": [ACCOUNT, OTHER]}), Finding, id="for-ours-and-a-foreign-one"),
        pytest.param(OURS, policy(allow("lambda:ListLayerVersions", OURS, Principal={"AWS": OTHER})), None, id="only-its-name-may-be-seen"),
        pytest.param(OURS, shared({"AWS": "AIDAEXAMPLE123456789"}), None, id="for-a-deleted-user"),
    ],
)
def test_verdict(arn, document, expected):
    assert verdict(layer_version_shared, layer(arn, policy=document)) is expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(shared({"AWS": OTHER}), None, id="a-member"),
        pytest.param(shared({"AWS": "111111111111"}), Finding, id="no-member"),
        pytest.param(shared("*", StringEquals={"aws:PrincipalOrgID": "o-ours"}), None, id="our-organisation"),
        pytest.param(shared("*", StringEquals={"aws:PrincipalOrgID": "o-elsewhere"}), Finding, id="another-organisation"),
    ],
)
def test_within_an_organisation(document, expected):
    assert verdict(layer_version_shared, layer(OURS, policy=document), organizations=(ORGANIZATION,)) is expected
