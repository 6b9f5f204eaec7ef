import pytest

from buckler.engines.iam.context import Context
from buckler.engines.iam.residual import phrase, residual
from buckler.model.finding import ContextEntry, Request
from buckler.model.policy import Condition
from buckler.model.text import hole


def condition(operator, key, *values):
    return Condition(operator=operator, key=key, values=values)


@pytest.mark.parametrize(
    ("one", "expected", "turned_round"),
    [
        (condition("IpAddress", "aws:SourceIp", "10.0.0.0/8"), "aws:SourceIp in 10.0.0.0/8", "aws:SourceIp not in 10.0.0.0/8"),
        (condition("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), "aws:SourceIp not in 10.0.0.0/8", "aws:SourceIp in 10.0.0.0/8"),
        (condition("StringEquals", "k", "a", "b"), "k equals `a` or `b`", "k does not equal `a` or `b`"),
        (condition("StringNotLike", "k", "a*"), "k does not match `a*`", "k matches `a*`"),
        (condition("ArnLikeIfExists", "k", "arn:*"), "k matches `arn:*`, if present", "not (k matches `arn:*`, if present)"),
        (condition("Null", "k", "true"), "k absent", "k present"),
        (condition("Null", "k", "true", "false"), "k is anything", "k is impossible"),
        (condition("Bool", "aws:SecureTransport", "true"), "aws:SecureTransport is true", "aws:SecureTransport is not true"),
        (condition("ForAnyValue:StringEquals", "k", "a"), "some value of k equals `a`", "not (some value of k equals `a`)"),
        (
            condition("ForAllValues:StringNotEquals", "k", "a"),
            "every value of k does not equal `a`",
            "not (every value of k does not equal `a`)",
        ),
        (condition("NumericLessThan", "aws:MultiFactorAuthAge", "60"), "aws:MultiFactorAuthAge < 60", "aws:MultiFactorAuthAge not < 60"),
        (condition("StringEquals", "k", hole("Stage")), "k equals `${Stage}`", "k does not equal `${Stage}`"),
        (condition("StringEquals", "k"), "k equals nothing", "k does not equal nothing"),
    ],
)
def test_a_condition_in_words(one, expected, turned_round):
    assert phrase(one) == expected
    assert phrase(one, holds=False) == turned_round


def test_what_is_known_is_taken_off():
    entries = (ContextEntry(key="k", values=("a",)),)
    given = Context(Request(principal="*", action="", resource="", context=entries))
    met, unmet, unknown = (condition("StringEquals", key, value) for key, value in (("k", "a"), ("k", "b"), ("l", "c")))
    assert residual([(met, "2012-10-17")], given) == ()
    assert residual([(met, "2012-10-17"), (unknown, "2012-10-17"), (unknown, "2012-10-17")], given) == ("l equals `c`",)
    assert residual([(unknown, "2012-10-17"), (unmet, "2012-10-17")], given) is None
    assert residual([(condition("Unheard", "k", "a"), "2012-10-17")], given) is None
