import pytest
from tests.estates import ACCOUNT, allow, policy

from buckler.model.text import Hole, Partial, hole
from buckler.reach.deputies import is_scoped

OWN = Partial(parts=(Hole(ref="AWS::AccountId"),))


def statement(operator, key, value):
    return policy(allow("lambda:InvokeFunction", Principal={"Service": "s3.amazonaws.com"}, Condition={operator: {key: value}})).statements[
        0
    ]


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "AWS:SourceAccount", ACCOUNT, True),
        ("StringEquals", "aws:SourceAccount", [ACCOUNT, "210987654321"], True),
        ("StringEquals", "aws:SourceAccount", OWN, True),
        ("StringEquals", "aws:SourceAccount", hole("Who", "--parameter Who=..."), False),
        ("StringLike", "aws:SourceAccount", "1234*", False),
        ("StringNotEquals", "aws:SourceAccount", ACCOUNT, False),
        ("StringEqualsIfExists", "aws:SourceAccount", ACCOUNT, False),
        ("ForAllValues:StringEquals", "aws:SourceAccount", ACCOUNT, False),
        ("ArnLike", "aws:SourceArn", f"arn:aws:sns:*:{ACCOUNT}:*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::bucket", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*", False),
        ("ArnLike", "aws:SourceArn", [f"arn:aws:sns:*:{ACCOUNT}:*", "*"], False),
        ("ArnLike", "aws:SourceArn", Partial(parts=("arn:aws:sns:r:", Hole(ref="AWS::AccountId"), ":t")), True),
        ("ArnLike", "aws:SourceArn", hole("Topic"), False),
        ("StringEquals", "aws:SourceOrgID", "o-1", True),
        ("StringEquals", "aws:SourceIp", "10.0.0.1", False),
    ],
)
def test_the_cheap_answer_is_given_only_when_it_is_sure(operator, key, value, expected):
    """Where it says no, the policy is asked; where it says yes, no stranger can meet the condition."""
    assert is_scoped(statement(operator, key, value)) is expected
