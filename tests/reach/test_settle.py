"""What could not be found by trying is proved, or said to be open."""

from tests.estates import ACCOUNT, allow, policy

from buckler.model.finding import Request
from buckler.model.layers import Layers
from buckler.reach.edges_settle import settle

ME = f"arn:aws:iam::{ACCOUNT}:user/ann"


def outcome(*statements: dict[str, object]):
    request = Request(principal=ME, action="s3:GetObject", resource="arn:aws:s3:::orders/1")
    return settle(request, Layers(identity=(policy(*statements),)))


def test_conditions_that_exclude_each_other_never_hold():
    only = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    assert outcome(allow("s3:*", Condition=only), {**allow("s3:*", Condition=only), "Effect": "Deny"}).verdict == "never"


def test_a_value_that_no_policy_writes_is_found_by_proof():
    """Trying what policies ask for would have to hit a string that fits three patterns at once."""
    wants = {"StringLike": {"s3:DataAccessPointArn": "a*b?c*"}, "StringNotLike": {"s3:DataAccessPointArn": ["axb*", "ab*c", "a*bxc"]}}
    found = outcome(allow("s3:*", Condition=wants))
    assert found.verdict == "only-if"
    assert found.request.context
