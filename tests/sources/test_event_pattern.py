"""Whose events a rule lets through."""

import pytest

from buckler.model.text import hole, join
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.event_pattern import takes_bucket, takes_sent

UNKNOWN = Unknown(kind=UnknownKind.UNRESOLVED, why="x", need="y")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["shop"]}, True),
        ({"detail-type": ["order"]}, True),
        ({"source": [{"prefix": ""}]}, True),
        ({"source": ["aws.s3", "shop"]}, True),
        ({"source": [hole("Source")]}, True),
        ({"source": UNKNOWN}, True),
        (UNKNOWN, True),
        ({"source": ["aws.s3", "aws.ec2"]}, False),
    ],
)
def test_what_anybody_can_send(pattern, expected):
    assert takes_sent(pattern) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.s3"]}, True),
        ({"source": ["aws.s3"], "detail": {"bucket": {"name": ["photos"]}}}, True),
        ({"source": ["aws.s3"], "detail": {"bucket": {"name": ["other", {"prefix": "pho"}]}}}, True),
        ({"source": ["aws.s3"], "detail": {"bucket": {"name": [join("p", hole("Rest"))]}}}, True),
        ({"source": [{"prefix": "aws."}]}, True),
        ({"detail-type": ["Object Created"]}, True),
        (UNKNOWN, True),
        ({"source": ["aws.s3"], "detail": {"bucket": {"name": ["other"]}}}, False),
        ({"source": ["aws.s3"], "detail": {"bucket": {"name": [{"prefix": "x"}]}}}, False),
        ({"source": ["aws.ec2"]}, False),
        ({"source": [{"prefix": "shop."}]}, False),
    ],
)
def test_what_s3_tells_of_a_bucket(pattern, expected):
    assert takes_bucket(pattern, "photos") is expected
