import pytest
from tests.estates import DENIED, allow, policy

from buckler.engines.iam import sample, sample_policy, settle_policy
from buckler.model.text import Hole, Partial, hole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        (hole("AWS::AccountId"), "111122223333"),
        (Partial(parts=("arn:", Hole(ref="AWS::Partition"), ":s3:::b-", Hole(ref="AWS::Region"))), "arn:aws:s3:::b-us-east-1"),
    ],
)
def test_pseudo_parameters_have_fixed_values(text, expected):
    assert sample(text) == expected


def test_one_hole_has_one_value_and_two_have_two():
    assert sample(hole("Table.Arn")) == sample(hole("Table.Arn"))
    assert sample(hole("Table.Arn")) != sample(hole("Table Arn"))
    assert not set(sample(hole("A*b?c:d"))) & set("*?:")


def test_settling_leaves_what_somebody_may_choose():
    chosen, given = hole("Stage", "--parameter Stage=..."), hole("Bucket.Arn")
    settled = settle_policy(policy(allow(["s3:Get", chosen], [given, chosen], Condition={"StringEquals": {"aws:x": [given, chosen]}})))
    statement = settled.statements[0]
    assert statement.actions == ("s3:Get", chosen)
    assert statement.resources == (sample(given), chosen)
    assert statement.conditions[0].values == (sample(given), chosen)


def test_the_resource_of_an_attached_policy_is_settled_whole():
    chosen = hole("Name", "--parameter Name=...")
    settled = settle_policy(policy(allow("lambda:*", chosen, Principal="*")), attached=True)
    assert settled.statements[0].resources == (sample(chosen),)


@pytest.mark.parametrize(
    ("principal", "is_settled"),
    [
        (hole("Role.Arn"), True),
        (hole("AWS::AccountId"), True),
        (hole("Fn::ImportValue:x", "the exporting stack"), False),
        (hole("aws_lambda_permission.x.principal"), False),
        (Partial(parts=("arn:aws:iam::111122223333:role/", Hole(ref="Role"))), True),
    ],
)
def test_a_principal_that_may_be_anyone_is_not_settled(principal, is_settled):
    settled = settle_policy(policy(allow("*", Principal={"AWS": principal})))
    assert isinstance(settled.statements[0].principals[0].value, str) is is_settled


def test_unread_statements_are_set_aside():
    document = policy(DENIED, allow("*"))
    assert document.unresolved
    assert sample_policy(document).unresolved == ()
    assert settle_policy(document).statements == document.statements
