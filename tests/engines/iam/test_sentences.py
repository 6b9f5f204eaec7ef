"""Patterns and conditions sentence by sentence; and every sentence of docs/why/iam-semantics.md has its cases."""

import re
from pathlib import Path

import pytest
from tests.engines.iam.layered import FN, USER, A, I, U, allow, ask
from tests.estates import policy

from buckler.engines.iam import decide
from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import Layers

_PAGE = Path(__file__).parents[3] / "docs" / "why" / "iam-semantics.md"
_HERE = Path(__file__).parent


def test_every_sentence_has_a_case_and_every_case_its_sentence():
    documented = set(re.findall(r"^\| ([A-Z]\d+) \|", _PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    tested = {
        found
        for file in _HERE.glob("test_*.py")
        for found in re.findall(r"""(?:id="|\"\"\")([A-Z]\d+)[-".]""", file.read_text(encoding="utf-8"))
    }
    assert documented == tested
    assert len(documented) > 40


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        pytest.param("arn:aws:lambda:us-*-1:111122223333:function:f", FN, A, id="M1-inside-a-segment"),
        pytest.param("arn:aws:lambda:us*1:function:f", FN, I, id="M1-it-stays-there"),
        pytest.param("arn:aws:lambda:us-east-?:111122223333:function:f", FN, A, id="M1-one-character"),
        pytest.param("arn:aws:lambda:us-east-1?111122223333:function:f", FN, I, id="M1-one-character-is-no-colon"),
        pytest.param("arn:aws:lambda:*:function:f", FN, A, id="M2-at-the-end-of-a-segment"),
        pytest.param("arn:aws:lambda:us-east-1:*:f", FN, A, id="M2-over-the-account-and-into-the-name"),
        pytest.param("arn:aws:*:f", FN, I, id="M3-completed-before-its-stars-are-read"),
        pytest.param("arn:aws:lambda:*:functions:f", FN, I, id="M2-what-follows-must-fit"),
        pytest.param("arn:aws:lambda", FN, A, id="M3-three-segments"),
        pytest.param("arn:aws:lambda:us-east-1", FN, A, id="M3-four-segments"),
        pytest.param("arn:aws:sqs", FN, I, id="M3-another-service"),
        pytest.param(
            "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*", "arn:aws:s3:::amzn-s3-demo-bucket/1/2/test/object.jpg", A, id="M4-slashes"
        ),
        pytest.param("arn:aws:s3:::amzn-s3-demo-bucket/*/test/*", "arn:aws:s3:::amzn-s3-demo-bucket/1-test/object.jpg", I, id="M4-not-fit"),
        pytest.param("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b", A, id="M4-colons-of-the-resource"),
    ],
)
def test_resources(pattern, resource, expected):
    assert ask(USER, "lambda:InvokeFunction", resource, identity=[allow("*", pattern)]).answer is expected


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        pytest.param({"StringEquals": {"aws:x": ["a", "b"]}}, {"aws:x": "b"}, A, id="C1-or"),
        pytest.param({"StringNotEquals": {"aws:x": ["a", "b"]}}, {"aws:x": "b"}, I, id="C1-nor"),
        pytest.param({"StringEquals": {"aws:x": "a", "aws:y": "b"}}, {"aws:x": "a", "aws:y": "c"}, I, id="C1-keys-are-and"),
        pytest.param({"StringEquals": {"AWS:X": "a"}}, {"aws:x": "a"}, A, id="C2-keys"),
        pytest.param({"stringequals": {"aws:x": "a"}}, {"aws:x": "a"}, A, id="C2-operators"),
        pytest.param({"StringEquals": {"aws:x": "A"}}, {"aws:x": "a"}, I, id="C2-not-values"),
        pytest.param({"StringLike": {"aws:x": "*"}}, {"aws:x": ()}, I, id="C3-absent-is-false"),
        pytest.param({"StringNotLike": {"aws:x": "*"}}, {"aws:x": ()}, A, id="C3-absent-and-negated-is-true"),
        pytest.param({"ArnNotLike": {"aws:x": "arn:*"}}, {"aws:x": ()}, A, id="C3-arns-too"),
        pytest.param({"StringEqualsIfExists": {"aws:x": "a"}}, {"aws:x": ()}, A, id="C4-if-exists"),
        pytest.param({"StringEqualsIfExists": {"aws:x": "a"}}, {"aws:x": "b"}, I, id="C4-and-it-does"),
        pytest.param({"Null": {"aws:x": "true"}}, {"aws:x": ()}, A, id="C5-null"),
        pytest.param({"Null": {"aws:x": "false"}}, {"aws:x": "a"}, A, id="C5-not-null"),
        pytest.param({"Null": {"aws:x": True}}, {"aws:x": "a"}, I, id="C5-a-boolean"),
        pytest.param({"ForAllValues:StringEquals": {"aws:x": "a"}}, {"aws:x": ()}, A, id="C6-no-values"),
        pytest.param({"ForAllValues:StringEquals": {"aws:x": "a"}}, {"aws:x": ""}, A, id="C6-an-empty-string"),
        pytest.param({"ForAllValues:StringEquals": {"aws:x": ["a", "b"]}}, {"aws:x": ("a", "b")}, A, id="C6-all"),
        pytest.param({"ForAllValues:StringEquals": {"aws:x": ["a", "b"]}}, {"aws:x": ("a", "c")}, I, id="C6-not-all"),
        pytest.param({"ForAnyValue:StringEquals": {"aws:x": "a"}}, {"aws:x": ()}, I, id="C7-no-values"),
        pytest.param({"ForAnyValue:StringEqualsIfExists": {"aws:x": "a"}}, {"aws:x": ()}, I, id="C7-if-exists-does-not-help"),
        pytest.param({"ForAnyValue:StringEquals": {"aws:x": "a"}}, {"aws:x": ("b", "a")}, A, id="C7-one"),
        pytest.param({"StringEquals": {"aws:x": "${aws:username}"}}, {"aws:x": "ann"}, A, id="C8-a-variable"),
        pytest.param({"StringEquals": {"aws:x": "${aws:PrincipalTag/t, 'none'}"}}, {"aws:x": "none", "aws:PrincipalTag/t": ()}, A, id="C9"),
        pytest.param(
            {"StringEquals": {"aws:x": "${aws:PrincipalTag/t, 'none'}"}}, {"aws:x": "v", "aws:PrincipalTag/t": "v"}, A, id="C9-set"
        ),
        pytest.param({"ArnLike": {"aws:x": "arn:aws:sns:*:*:t*"}}, {"aws:x": "arn:aws:sns:r:1:topic"}, A, id="C10-per-component"),
        pytest.param({"ArnLike": {"aws:x": "arn:aws:sns:*:t"}}, {"aws:x": "arn:aws:sns:r:1:t"}, I, id="C10-no-star-crosses"),
        pytest.param({"ArnLike": {"aws:x": "arn:aws:sns"}}, {"aws:x": "arn:aws:sns:r:1:t"}, I, id="C10-incomplete"),
        pytest.param({"ArnEquals": {"aws:x": "arn:aws:sns:r:1:?"}}, {"aws:x": "arn:aws:sns:r:1:t"}, A, id="C10-equals-is-like"),
        pytest.param({"StringLike": {"aws:x": "${aws:y}"}}, {"aws:x": "ab", "aws:y": "a*"}, I, id="C11-no-wildcard-from-a-value"),
        pytest.param({"StringLike": {"aws:x": "${aws:y}"}}, {"aws:x": "a", "aws:y": ("a", "b")}, I, id="C11-one-value-only"),
        pytest.param({"ArnLike": {"aws:SourceArm": "*"}}, {}, I, id="C12-no-request-has-a-misspelt-key"),
        pytest.param({"ArnLikeIfExists": {"aws:SourceArm": "arn:aws:sns:*"}}, {}, A, id="C12-if-exists"),
        pytest.param({"StringNotEquals": {"s3:prefx": "a"}}, {}, A, id="C12-negated"),
        pytest.param({"StringEquals": {"aws:SourceArm": "a"}}, {"aws:SourceArm": "a"}, A, id="C12-unless-somebody-says-it-has"),
        pytest.param({"StringEquals": {"aws:SourceVpce": "a"}}, {}, U, id="C12-a-key-that-exists-is-unknown"),
        pytest.param({"StringEquals": {"aws:x": "a"}}, {}, U, id="C12-a-key-like-no-other-may-be-new"),
    ],
)
def test_conditions(condition, context, expected):
    assert ask(USER, "lambda:InvokeFunction", FN, context, identity=[allow("*", Condition=condition)]).answer is expected


@pytest.mark.parametrize(
    ("version", "value", "expected"),
    [
        pytest.param("2012-10-17", "ann", A, id="C8-today"),
        pytest.param("2008-10-17", "ann", I, id="C8-in-2008"),
        pytest.param("2008-10-17", "${aws:username}", A, id="C8-in-2008-it-is-text"),
    ],
)
def test_versions_of_the_language(version, value, expected):
    document = policy(allow("*", Condition={"StringEquals": {"aws:x": "${aws:username}"}}), version=version)
    asked = Request(principal=USER, action="lambda:InvokeFunction", resource=FN, context=(ContextEntry(key="aws:x", values=(value,)),))
    assert decide(asked, Layers(identity=(document,))).answer is expected
