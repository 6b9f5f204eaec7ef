"""Two patterns overlap when a string matches both; the twin tries all short strings."""

import itertools
import re

from hypothesis import example, given
from hypothesis import strategies as st
from tests.cases import cases

from buckler.engines.iam.overlap import ANY, ONE, One, Run, overlap, tokens

ALPHABET = "ab/:"
STRINGS = ["".join(row) for length in range(6) for row in itertools.product(ALPHABET, repeat=length)]

rows = st.lists(
    st.sampled_from(["a", "b", "/", ONE, One(without="/"), One(only="a:"), ANY, Run(without="/"), Run(without=":/"), Run(only="a/")]),
    max_size=4,
).map(tuple)


def regex(row):
    def one(token):
        if isinstance(token, str):
            return re.escape(token)
        character = "".join(c for c in ALPHABET if token.holds(c))
        return f"[{character}]" + ("*" if isinstance(token, Run) else "")

    return re.compile("".join(map(one, row)), re.DOTALL)


@cases(300)  # the twin tries 1,365 strings
@given(rows, rows)
@example((ANY, "a"), ("a", ANY))
@example((Run(without="/"),), (Run(without=":"), "/"))
@example((Run(without="/"), "a"), (Run(only="a/"), "/", ANY))
@example((), (ANY,))
def test_agrees_with_trying_all_strings(left, right):
    # A common string, if there is one, needs no more characters than both rows have tokens that must eat one: at most 4 + 1 here.
    one, other = regex(left), regex(right)
    expected = any(one.fullmatch(text) and other.fullmatch(text) for text in STRINGS)
    if expected or not overlap(left, right):
        assert overlap(left, right) is expected
    else:
        longer = ("".join(row) for length in range(6, 9) for row in itertools.product(ALPHABET, repeat=length))
        assert any(one.fullmatch(text) and other.fullmatch(text) for text in longer)


def test_is_symmetric_on_arns():
    bucket, within, objects = (tokens(arn) for arn in ("arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:*:s3:::*/*"))
    assert overlap(within, objects)
    assert overlap(objects, within)
    assert not overlap(bucket, objects)
    assert not overlap(objects, bucket)


def test_many_stars_end_soon():
    assert not overlap(tokens("*a" * 500 + "b"), tokens("*b" * 500 + "a"))
    assert overlap(tokens("*a" * 500), tokens("*a" * 300))
