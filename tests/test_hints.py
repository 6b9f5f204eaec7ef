"""Suggestions name what was meant, or nothing."""

import pytest

from buckler.hints import closest

COMMANDS = ("scan", "snap", "diff", "explain", "checks", "permissions", "config", "demo")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        pytest.param("scna", "scan", id="swapped"),
        pytest.param("snpa", "snap", id="swapped-other"),
        pytest.param("sacn", "scan", id="swapped-middle"),
        pytest.param("chekcs", "checks", id="longer"),
        pytest.param("SCAN", "scan", id="case"),
        pytest.param("permission", "permissions", id="missing-letter"),
        pytest.param("terraform", None, id="nothing-near"),
        pytest.param("x", None, id="too-short-to-guess"),
    ],
)
def test_closest(word, meant):
    assert closest(word, COMMANDS) == meant


def test_underscores_are_hyphens():
    assert closest("function_url_public", ["function-url-public"]) == "function-url-public"


def test_no_choices_no_suggestion():
    assert closest("x", []) is None
