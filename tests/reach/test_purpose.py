import pytest
from tests.estates import allow, analysis, function, policy

from buckler.model.entity import Tag
from buckler.reach.purpose import _family, grants_more_than_logs, purposes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop-checkout", "shop"),
        ("shop_invoice", "shop"),
        ("shopCart", "shop"),
        ("ShopCart", "shop"),
        ("SHOP-cart", "shop"),
        ("HTTPHandler", "http"),
        ("checkout", "checkout"),
        ("2fa-mail", "2fa"),
        ("___", "___"),
    ],
)
def test_the_first_word_of_a_name(name, expected):
    assert _family(function(name)) == expected


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (["logs:PutLogEvents", "xray:PutTraceSegments", "cloudwatch:PutMetricData"], False),
        (["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"], False),
        (["logs:*"], False),
        (["ec2:*"], True),
        (["s3:GetObject"], True),
        (["*"], True),
    ],
)
def test_telemetry_is_nothing_to_gain(actions, expected):
    assert grants_more_than_logs(policy(allow(actions)).statements) is expected


def test_not_action_grants_more_and_a_deny_nothing():
    assert grants_more_than_logs(policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}).statements)
    assert not grants_more_than_logs(policy({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}).statements)


def test_a_fact_some_functions_lack_tells_nothing():
    """One has a stack, the other has not: the names decide."""
    tagged = function("shop-a", tags=(Tag(key="aws:cloudformation:stack-name", value="shop"),))
    found = purposes((tagged, function("shop-b")), analysis(tagged, function("shop-b")))
    assert (found.by, len(found.groups)) == ("name", 1)
