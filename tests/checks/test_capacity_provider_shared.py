import pytest
from tests.estates import DENIED, ask, function, verdict

from buckler.checks.capacity_provider_shared import capacity_provider_shared
from buckler.model.finding import Finding, Gap
from buckler.model.text import Hole, hole, join

BIG = {"capacity_provider": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:big"}
SMALL = {"capacity_provider": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:small"}
ANOTHER = {"role": "arn:aws:iam::123456789012:role/orders-role"}


def made(name):
    """The ARN of a role that the template makes."""
    partition, account = (Hole(ref=f"AWS::{one}", need=f"--parameter AWS::{one}=...") for one in ("Partition", "AccountId"))
    return join("arn:", partition, ":iam::", account, ":role/", Hole(ref=name))


@pytest.mark.parametrize(
    ("functions", "expected"),
    [
        pytest.param((function(**BIG), function("orders", **BIG, **ANOTHER)), Finding, id="two-roles-on-one-provider"),
        pytest.param((function(**BIG), function("orders", **BIG)), None, id="one-role"),
        pytest.param((function(**BIG), function("orders", **SMALL, **ANOTHER)), None, id="a-provider-each"),
        pytest.param((function(), function("orders", **ANOTHER)), None, id="lambda's-own-fleet"),
        pytest.param((function(**BIG), function("orders", **BIG, role=DENIED)), Gap, id="role-unreadable"),
        pytest.param(
            (function("stock", **BIG, role=DENIED), function(**BIG), function("orders", **BIG, **ANOTHER)),
            Finding,
            id="proven-whatever-the-unread-role-is",
        ),
        pytest.param((function(**BIG),), None, id="alone-on-its-provider"),
        pytest.param((function(**BIG), function("orders", **ANOTHER)), None, id="another-role-but-not-on-the-provider"),
        pytest.param((function(**BIG), function("orders", **BIG), function("stock", **BIG, **ANOTHER)), Finding, id="one-of-three-differs"),
        pytest.param(
            (function(**BIG, role=hole("Shop.Arn")), function("orders", **BIG, role=hole("Shop.Arn"))),
            None,
            id="one-role-of-the-same-template",
        ),
        pytest.param(
            (function(**BIG, role=hole("Shop.Arn")), function("orders", **BIG, role=hole("Orders.Arn"))),
            Finding,
            id="two-roles-of-the-template",
        ),
        pytest.param(
            tuple(function(name, **BIG, role=made(name.title())) for name in ("shop", "orders")),
            Finding,
            id="two-roles-made-in-one-account-that-is-not-told",
        ),
        pytest.param(
            (function(**BIG), function("orders", **BIG, role=hole("RoleArn", "--parameter RoleArn=..."))),
            Gap,
            id="a-parameter-may-be-the-same-role",
        ),
    ],
)
def test_verdict(functions, expected):
    assert verdict(capacity_provider_shared, *functions) is expected


def test_one_finding_per_provider():
    (finding,) = ask(capacity_provider_shared, function(**BIG), function("orders", **BIG, **ANOTHER)).findings
    assert finding.message == "`big` runs functions of 2 different roles on the same machines"
    assert len(finding.evidence) == 2
