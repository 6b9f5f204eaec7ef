"""No input makes the detector slow: time grows with length only."""

import pytest
from tests.growth import assert_linear

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


UNITS = pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())


def repeated(unit: str, size: int) -> str:
    return unit * (size // len(unit))


@UNITS
def test_a_megabyte_of_anything_is_judged(unit):
    text = repeated(unit, MEGABYTE)
    assert isinstance(judge("ANY", text), Redacted)
    assert isinstance(judge("DB_PASSWORD", text), Redacted)


@UNITS
@pytest.mark.parametrize("name", ["ANY", "DB_PASSWORD"])
def test_judging_takes_time_in_proportion(name, unit):
    assert_linear(lambda size: judge(name, repeated(unit, size)), 8000)


@UNITS
def test_masking_takes_time_in_proportion(unit):
    assert_linear(lambda size: redact_line(repeated(unit, size)), 4000)


def test_masking_a_line_of_everything_takes_time_in_proportion():
    assert_linear(lambda size: redact_line(repeated(" ".join(HOSTILE.values()), size)), 8000)
