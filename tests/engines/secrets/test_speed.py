"""No input makes the detector slow: time grows with length only."""

import time

import pytest

from buckler.engines.secrets import judge, redact_line
from buckler.model.secret import Redacted

MEGABYTE = 1_000_000
HOSTILE = {
    "letters": "a",
    "capitals and digits": "A1",
    "hex": "deadbeef01",
    "jwt starts": "eyJ-",
    "jwt pieces": "eyJhbGciOi.eyJ",
    "pypi starts": "-pypi-AgEIcHlwaS5vcmc",
    "key ids": "AKIA",
    "urls": "a://b:c",
    "user info": "a://b:c@",
    "colons": "a:",
    "assignments": "password=",
    "quoted assignments": 'password="',
    "blanks": "key        ",
    "armour": "-----BEGIN PRIVATE KEY-----",
    "escapes": "\\n",
    "braces": "${",
    "brackets": "{[",
    "json open": '{"a":',
    "dashes": "-----",
    "slashes": "/a",
    "dots": "a.",
    "commas": "a,",
    "flags": "--password ",
    "basic": "Basic ",
    "bearer": "Bearer a.",
    "sig": "?sig=aaaa",
    "slack": "hooks.slack.com/services/",
    "newlines": "a: b\n",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_megabyte_of_anything_is_judged_in_bounded_time(unit):
    text = unit * (MEGABYTE // len(unit))
    start = time.process_time()
    assert isinstance(judge("ANY", text), Redacted)
    assert isinstance(judge("DB_PASSWORD", text), Redacted)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_masking_takes_time_in_proportion(unit):
    text = unit * (MEGABYTE // 5 // len(unit))
    start = time.process_time()
    redact_line(text)
    assert time.process_time() - start < 1.5


def test_a_megabyte_of_everything_is_masked():
    line = " ".join(HOSTILE.values())
    text = line * (MEGABYTE // len(line))
    start = time.process_time()
    redact_line(text)
    assert time.process_time() - start < 8


def test_ordinary_values_take_microseconds():
    ordinary = [
        ("TABLE_NAME", "orders-prod"),
        ("LOG_LEVEL", "INFO"),
        ("ARN", "arn:aws:sns:eu-west-1:123456789012:orders"),
        ("API", "https://api.example.invalid/v1"),
        ("TTL", "3600"),
    ]
    start = time.process_time()
    for _ in range(1000):
        for name, value in ordinary:
            judge(name, value)
    assert (time.process_time() - start) / 5000 < 0.0002
