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


def test_what_the_caller_chooses_is_tried_before_what_would_have_to_be_so():
    """Two statements allow it: one by a key that nobody chooses, one by tags the caller need not send."""
    fact = allow("s3:GetObject", Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})
    choice = allow("s3:GetObject", Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}})
    for statements in ((fact, choice), (choice, fact)):
        found = outcome(*statements)
        assert (found.verdict, found.only_if) == ("always", ())
