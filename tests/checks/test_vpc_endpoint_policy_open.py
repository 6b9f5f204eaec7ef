import pytest
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import DENIED, TODAY, allow, function, policy, role, scope

from buckler.checks import run
from buckler.checks.vpc_endpoint_policy_open import vpc_endpoint_policy_open
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked
from buckler.reach.analysis import Analysis

ANYONE = {"Principal": "*"}
OURS = {"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}


def word(found, changes="", **facts):
    net = Net(f"endpoint vpce-1 com.amazonaws.eu-west-1.s3 app; {changes}")
    estate = net.estate
    endpoints = tuple(replace(one, **found) for one in estate.endpoints)
    fn = function(**{"vpc": net.vpc_config, **facts})
    whole = replace(estate, endpoints=endpoints, functions=(fn,), roles=(role(),), scopes=(scope(),))
    told = run([vpc_endpoint_policy_open], Analysis(whole, today=TODAY))
    return Finding if told.findings else Gap if told.gaps else NotAsked if told.not_asked else None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param({"policy": policy({**allow("*"), **ANYONE})}, Finding, id="as-aws-makes-it"),
        pytest.param({"policy": policy({**allow("s3:*"), **ANYONE})}, Finding, id="all-of-the-service"),
        pytest.param({"policy": None, "origin": FileOrigin(file="t.yaml")}, Finding, id="a-template-without-policy"),
        pytest.param({"policy": policy({**allow("*", "arn:aws:s3:::shop-*"), **ANYONE})}, None, id="some-buckets"),
        pytest.param({"policy": policy({**allow("*"), "Principal": {"AWS": "arn:aws:iam::123456789012:root"}})}, None, id="own-account"),
        pytest.param({"policy": policy({**allow("s3:GetObject"), **ANYONE})}, None, id="one-action"),
        pytest.param({"policy": policy({**allow("*"), **ANYONE, "Condition": OURS})}, None, id="an-organisation"),
        pytest.param({"policy": None}, None, id="a-service-that-takes-none"),
        pytest.param({"policy": DENIED}, Gap, id="policy-unreadable"),
    ],
)
def test_verdict(found, expected):
    assert word(found) is expected


def test_endpoints_of_other_vpcs_are_not_the_functions():
    found = {"policy": policy({**allow("*"), **ANYONE}), "vpc_id": "b"}
    assert word(found) is None
