"""Conditions of listeners' rules, held against each other."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buckler.model.text import Hole, Partial
from buckler.reach.conditions import asks_for_less
from buckler.sources.listener_rules import condition


@pytest.mark.parametrize(
    ("wider", "narrower", "expected"),
    [
        pytest.param("path /a*", "path /a/b", True, id="prefix"),
        pytest.param("path /a/b", "path /a*", False, id="the-other-way"),
        pytest.param("path /a*", "path /A/b", False, id="paths-have-case"),
        pytest.param("host *.Shop.example", "host pay.shop.EXAMPLE", True, id="hosts-have-none"),
        pytest.param("path /a?", "path /a", False, id="one-character-is-not-none"),
        pytest.param("path /a*", "path /a", True, id="any-is-none-too"),
        pytest.param("path /?*", "path /*?", True, id="the-same-in-another-order"),
        pytest.param("path /a* or /b*", "path /b/1 or /a/2", True, id="each-by-some"),
        pytest.param("path /a*", "path /a/1 or /b", False, id="one-by-none"),
        pytest.param("path /a or /b or /c*", "path /b or /a", True, id="fewer"),
        pytest.param("method GET or HEAD", "method GET", True, id="fewer-methods"),
        pytest.param("method GET", "method GET or HEAD", False, id="more-methods"),
        pytest.param("method G*", "method GET", False, id="methods-have-no-wildcards"),
        pytest.param("host a*", "path a/b", False, id="something-else"),
        pytest.param("header x-v 1 or 2", "header x-v 1", False, id="headers-as-they-are"),
        pytest.param("header x-v 1", "header x-v 1", True, id="the-same-header"),
        pytest.param("path matching ^/a.*", "path /a/b", False, id="expressions-are-not-followed"),
        pytest.param("path /a* or matching ^/b", "path matching ^/b", True, id="the-same-expression"),
        pytest.param("path /*b or matching ^/b", "path /b or matching ^/b", True, id="beside-an-expression"),
        pytest.param("path /*", "path matching ^/b", False, id="what-an-expression-may-be"),
        pytest.param("path /????", "path /${A}", False, id="a-hole-is-not-its-name"),
        pytest.param("path /${A}*", "path /${A}/b", False, id="what-stands-in-a-hole-may-be-a-wildcard"),
        pytest.param("path /${A} or /b*", "path /${A} or /b/1", True, id="the-same-hole"),
    ],
)
def test_one_asks_for_less(wider, narrower, expected):
    assert asks_for_less([wider], [narrower]) is expected


def test_every_condition_counts():
    assert asks_for_less([], ["path /a"])
    assert asks_for_less(["path /a*"], ["host b", "path /a/b"])
    assert not asks_for_less(["path /a*", "host b"], ["path /a/b"])


def test_as_the_sources_write_them():
    hole = Partial(parts=("/", Hole(ref="A")))
    assert condition("path-pattern", ["/b", hole], regexes=["^/x or y$"]) == ("path /${A} or /b or matching ^/x or y$",)
    assert condition("path-pattern", [], regexes=["^/x$"]) == ("path matching ^/x$",)
    (whole,) = condition("path-pattern", ["/b"], regexes=["^/x or /c*"])
    assert not asks_for_less([whole], ["path /c/d"]), "what stands in an expression is no value"


PATTERNS = st.text("ab*?", min_size=1, max_size=5).map("/".__add__)


def fulfils(path, pattern):
    return re.fullmatch("".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern), path) is not None


@given(
    st.lists(PATTERNS, min_size=1, max_size=3, unique=True), PATTERNS, st.lists(st.text("abz/", max_size=6).map("/".__add__), max_size=30)
)
def test_no_request_that_fulfils_the_narrower_fails_the_wider(wider, narrower, paths):
    if asks_for_less(condition("path-pattern", wider), condition("path-pattern", [narrower])):
        filled = [narrower.replace("?", "z").replace("*", one) for one in ("", "z", "ab")]
        for path in (*filled, *paths):
            assert not fulfils(path, narrower) or any(fulfils(path, one) for one in wider)
    else:
        assert set(wider).isdisjoint({narrower, "/*", "*"})
