import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buckler.report.clean import clean, columns, cut, elide, wrap

# Every code point, surrogates and unassigned ones too.
anything = st.text(alphabet=st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        pytest.param("\x1b[2J", "\\x1b[2J", id="escape"),
        pytest.param("\x9b2J", "\\x9b2J", id="c1-escape"),
        pytest.param("a\r\nerror: b", "a\\r\\nerror: b", id="line-break"),
        pytest.param("a\u2028b", "a\\u2028b", id="unicode-line-break"),
        pytest.param("\u202eevil", "\\u202eevil", id="right-to-left-override"),
        pytest.param("\u2066x\u2069", "\\u2066x\\u2069", id="isolates"),
        pytest.param("a\u200bb", "a\\u200bb", id="zero-width"),
        pytest.param("\U000e0041", "\\U000e0041", id="tag-characters"),
        pytest.param("\ud800", "\\ud800", id="half-a-surrogate-pair"),
        pytest.param("a\u00a0b", "a b", id="no-break-space"),
        pytest.param("\tx", "    x", id="tab"),
        pytest.param("日本 émoji 🙂 עברית", "日本 émoji 🙂 עברית", id="writing-stays"),
    ],
)
def test_what_has_no_glyph_becomes_visible(hostile, shown):
    assert clean(hostile) == shown


@given(anything)
def test_clean_text_is_one_printable_utf8_line_and_stays_so(text):
    once = clean(text)
    assert once.isprintable()
    assert once.encode("utf-8").decode("utf-8") == once
    assert clean(once) == once


@given(anything.map(clean), st.integers(1, 60))
def test_cut_and_elide_fit(text, width):
    assert columns(cut(text, width)) <= width
    assert columns(elide(text, max(width, 4))) <= max(width, 4)
    if columns(text) <= width:
        assert cut(text, width) == elide(text, width) == text


@given(anything.map(clean), st.integers(8, 60), st.integers(8, 60))
def test_wrapped_lines_fit_and_lose_nothing(text, width, first):
    lines = wrap(text, width, first=first)
    for index, line in enumerate(lines):
        assert columns(line) <= (first if index == 0 else width) or "arn:" in line[:8]
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_an_arn_is_never_broken():
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:" + "x" * 60
    assert wrap(f"see {arn} there", 40) == ["see", arn, "there"]


def test_the_middle_is_left_out():
    assert elide("arn:aws:lambda:eu-west-1:123456789012:function:checkout", 30) == "arn:aws:lambda…nction:checkout"


def test_wide_and_combining_characters_are_measured():
    assert columns("日本") == 4
    assert columns(unicodedata.normalize("NFD", "é")) == 1
