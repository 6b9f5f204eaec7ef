"""Policies written to hurt: bounded time, and the rest is still answered."""

import pytest
from tests.engines.iam.layered import ALL, FN, NOTHING, USER, A, I, allow, ask, layers_of, request, to
from tests.estates import at
from tests.growth import assert_linear

from buckler.engines.iam import decide
from buckler.model.layers import Layers
from buckler.model.policy import parse_policy

# What AWS accepts at most as a managed policy.
_LONGEST = 6144


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("*a" * (_LONGEST // 2), id="any-arn"),
        pytest.param("arn:aws:s3:::" + "*a" * (_LONGEST // 2) + "b", id="in-the-resource"),
        pytest.param("arn:aws:lambda:" + "*a" * (_LONGEST // 2) + "b:1:function:f", id="inside-the-region"),
        pytest.param("arn:" + "*a:*b" * 4 + "*a" * (_LONGEST // 4) + "?" * 20 + "c", id="in-every-segment"),
        pytest.param("arn:" + "?*" * (_LONGEST // 2), id="question-marks-and-stars"),
        pytest.param("arn:aws:s3:::" + "*?" * 500 + "b", id="many-that-fit"),
        pytest.param("arn:" + ":*a" * 1000 + "b", id="colons"),
    ],
)
def test_wildcards_upon_wildcards(pattern):
    for resource in ("arn:aws:s3:::" + "a" * 2000, "arn:aws:lambda:" + "a" * 2000 + ":1:function:f", "arn:" + "a:" * 900):
        statement = allow("*", [pattern], Condition={"StringLike": {"aws:x": pattern}, "ArnLike": {"aws:y": pattern}})
        context = {"aws:x": resource, "aws:y": resource}
        assert ask(USER, "s3:GetObject", resource, context, identity=[statement]).answer in {A, I}


def test_stars_inside_a_segment_cost_the_product_of_both_lengths_at_the_most():
    """A matcher that backtracks would take 2 ** 200 steps."""
    layers = layers_of(identity=[allow("*", "arn:aws:lambda:" + "*a" * 200 + "b:1:function:f")])

    def match(size: int) -> object:
        return decide(request(USER, "lambda:InvokeFunction", "arn:aws:lambda:" + "a" * size + ":1:function:f"), layers).answer

    assert match(4000) is I
    assert_linear(match, 1000)


def test_a_star_inside_a_segment_still_finds_every_match():
    for pattern, resource, expected in [
        ("arn:aws:lambda:us*west*1:1:function:f", "arn:aws:lambda:us-west-west-1:1:function:f", A),
        ("arn:aws:lambda:*a*b:1:function:f", "arn:aws:lambda:aabab:1:function:f", A),
        ("arn:aws:lambda:*a*b:1:function:f", "arn:aws:lambda:aaba:1:function:f", I),
        ("arn:*:x*y:z:1:f", "arn:q:xa:xby:z:1:f", A),
        ("arn:aws:lambda:*ab*ab:*:*", "arn:aws:lambda:ab:ab:function:f", I),
        ("arn:aws:lambda:*ab*ab:*:*", "arn:aws:lambda:xabyab:ab:function:f", A),
    ]:
        assert ask(USER, "lambda:InvokeFunction", resource, identity=[allow("*", pattern)]).answer is expected, pattern


@pytest.mark.parametrize("pattern", ["*a" * 500_000, "a" * 1_000_000, "*" * 1_000_000 + "b", "arn:aws:s3:::" + "?" * 1_000_000])
def test_a_megabyte_in_one_pattern(pattern):
    assert ask(USER, "lambda:InvokeFunction", FN, identity=[allow(pattern, pattern), allow("s3:*", pattern)]).answer is I
    assert ask(USER, "lambda:InvokeFunction", FN, identity=[allow("s3:*", pattern), *ALL]).answer is A


def test_a_megabyte_of_statements():
    def match(count: int) -> object:
        return ask(USER, "lambda:InvokeFunction", FN, identity=[allow(f"s3:Get{n}", f"arn:aws:s3:::b{n}/*") for n in range(count)]).answer

    assert match(8000) is I
    assert_linear(match, 500)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringIs": {"aws:x": "1"}},
        {"ForSomeValues:StringEquals": {"aws:x": "1"}},
        {"NullIfExists": {"aws:x": "true"}},
        {"": {"aws:x": "1"}},
        {"ForAllValues:": {"aws:x": "1"}},
        {"IfExists": {"aws:x": "1"}},
        {"StringEquals:ForAnyValue": {"aws:x": "1"}},
    ],
)
def test_operators_aws_does_not_have_are_named_and_the_rest_is_answered(condition):
    bad = allow("*", Condition=condition)
    decision = ask(USER, "lambda:InvokeFunction", FN, {"aws:x": "1"}, identity=[bad], resource=[to(USER)])
    assert decision.answer is A
    assert decision.ignored
    assert ask(USER, "lambda:InvokeFunction", FN, {"aws:x": "1"}, identity=[bad]).answer is I


@pytest.mark.parametrize(
    "document", [None, [], "text", 17, {}, {"Statement": None}, {"Statement": [17, "x", None, {}]}, {"Statement": {"Effect": "Allow"}}]
)
def test_documents_that_are_none(document):
    made = parse_policy(document, at("iam:GetPolicy"))
    decision = decide(request(USER, "lambda:InvokeFunction", FN), Layers(identity=(made,), resource=made, boundary=made))
    assert decision.answer is I
    assert decision.ignored


@pytest.mark.parametrize("value", ["9" * 10_000, "1e999999999", "-1e999999999", "nan", "inf", "1_000", " 1 ", "", "٣", "0x10"])
@pytest.mark.parametrize(
    "operator", ["NumericEquals", "NumericNotEquals", "NumericLessThan", "DateLessThan", "IpAddress", "Bool", "BinaryEquals"]
)
def test_values_that_are_hardly_any(operator, value):
    statement = allow("*", Condition={operator: {"aws:x": value}})
    for given in (value, "1", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"):
        assert ask(USER, "lambda:InvokeFunction", FN, {"aws:x": given}, identity=[statement]).answer in {A, I}


@pytest.mark.parametrize(("value", "expected"), [("1_000", I), (" 1000", I), ("nan", I), ("1000", A), ("+1000.0", A), ("1e3", A)])
def test_numbers_are_written_plainly(value, expected):
    statement = allow("*", Condition={"NumericEquals": {"aws:x": "1000"}})
    assert ask(USER, "lambda:InvokeFunction", FN, {"aws:x": value}, identity=[statement]).answer is expected


@pytest.mark.parametrize("principal", ["", "arn:", "arn:aws:iam::1:user/x", "a" * 100_000, "*/*", "arn:aws:iam::111122223333:user/", "\n"])
def test_callers_that_are_hardly_any(principal):
    assert ask(principal, "lambda:InvokeFunction", FN, identity=NOTHING, resource=[to("arn:aws:iam::444455556666:user/x")]).answer is I
