"""Patterns as automata say the same as patterns as regular expressions, and find what there is to find."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import cases
from tests.growth import allowed

from buckler.engines.iam.automata import GaveUp, covers, intersect
from buckler.engines.iam.condition import condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.globs import action_glob, arn_glob, literal_glob, resource_globs, text_glob
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.match import action_matches, matches, resource_matches
from buckler.engines.iam.variables import Literal
from buckler.model.finding import ContextEntry, Request
from buckler.model.policy import Condition
from buckler.model.text import Hole, Partial, join

_SMALL = st.text("ab:*?", max_size=6)
_STRINGS = st.text("ab:*?", max_size=7)
_PIECES = st.lists(st.one_of(_SMALL.filter(bool), _SMALL.filter(bool).map(Literal)), max_size=3).map(tuple)
# Heads that make an ARN, whole or not, and tails that meet patterns.
_ARN_PATTERNS = st.builds(
    "{}{}".format, st.sampled_from(["arn:", "arn:aws", "arn:a:b", "arn:a:b:c:d:e", "ar", "arn:*", "arn:a:*:c:*:", "*"]), _SMALL
)
_ARNS = st.builds("{}{}".format, st.sampled_from(["arn:", "arn:aws:", "arn:a:b:c:d:e", "arn:a:b", "arn:a:a:c:b:", "ar"]), _STRINGS)
_VERSIONS = st.sampled_from(["2012-10-17", "2008-10-17"])
NOBODY = Context(Request(principal="s3.amazonaws.com", action="", resource=""))


def plain(*patterns):
    return tuple(text_glob((pattern,) if pattern else ()) for pattern in patterns)


def resource(pattern, version="2012-10-17"):
    return resource_globs(pattern, version, NOBODY, Doubts())


@given(_PIECES, _STRINGS)
@cases(1500)
def test_a_pattern_names_what_its_regular_expression_does(pieces, value):
    assert text_glob(pieces).accepts(value) is bool(matches(pieces, value, Doubts()))


@given(_ARN_PATTERNS, _ARNS, _VERSIONS)
@cases(2500)
def test_a_resource_pattern_names_what_its_regular_expression_does(pattern, value, version):
    expected = resource_matches(pattern, value, version, NOBODY, Doubts())
    assert any(glob.accepts(value) for glob in resource(pattern, version)) is expected


@given(_ARN_PATTERNS)
@cases(500)
def test_a_resource_pattern_names_itself(pattern):
    assert any(glob.accepts(pattern) for glob in resource(pattern)) is resource_matches(pattern, pattern, "2012-10-17", NOBODY, Doubts())


@given(_ARN_PATTERNS, _ARNS)
@cases(1500)
def test_an_arn_under_arnlike_is_what_the_condition_says(pattern, value):
    context = Context(Request(principal="*", action="", resource="", context=(ContextEntry(key="k", values=(value,)),)))
    condition = Condition(operator="ArnLike", key="k", values=(pattern,))
    glob = arn_glob((pattern,) if pattern else ())
    assert (glob is not None and glob.accepts(value)) is condition_holds(condition, "2012-10-17", context, Doubts())


@given(st.text("aAkK\u212a*", max_size=4), st.text("aAkK\u212a*", max_size=4))
@cases(400)
def test_case_is_ignored_as_the_condition_ignores_it(wanted, value):
    glob = literal_glob((wanted,), ignore_case=True)
    if glob is None:
        assert not wanted.isascii()
    else:
        assert glob.accepts(value) is (wanted.lower() == value.lower())


@given(st.text("aB:*?", max_size=5), st.text("abAB:", max_size=5))
@cases(600)
def test_an_action_pattern_names_what_its_regular_expression_does(pattern, action):
    glob = action_glob(pattern)
    assert (glob is not None and glob.accepts(action.lower())) is bool(action_matches(pattern, action, Doubts()))


_ALL = ["".join(letters) for length in range(7) for letters in itertools.product("ab:z", repeat=length)]
_SETS = st.lists(st.text("ab:*?", max_size=4), min_size=1, max_size=2)


@given(st.lists(_SETS, min_size=1, max_size=3), st.lists(st.text("ab:*?", max_size=4), max_size=3))
@cases(250)
def test_an_intersection_is_empty_exactly_when_no_string_is_in_it(include, exclude):
    globs, outside = [plain(*group) for group in include], plain(*exclude)
    found = intersect(globs, outside)

    def inside(value):
        return all(any(glob.accepts(value) for glob in group) for group in globs) and not any(glob.accepts(value) for glob in outside)

    if found is None:
        assert not any(map(inside, _ALL))
    else:
        assert inside(found)


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        pytest.param(["arn:aws:s3:::logs/*"], [], "arn:aws:s3:::logs/x", id="a-star-becomes-a-word"),
        pytest.param(
            ["arn:aws:lambda:*:*:function:f"], [], "arn:aws:lambda:us-east-1:111122223333:function:f", id="region-and-account-look-real"
        ),
        pytest.param(["arn:aws:s3:::a*", "arn:aws:s3:::*b"], [], "arn:aws:s3:::ab", id="both"),
        pytest.param(["arn:aws:s3:::a*"], ["arn:aws:s3:::ax*"], "arn:aws:s3:::a", id="not-the-word"),
        pytest.param(["arn:aws:s3:::a?"], ["arn:aws:s3:::ax"], None, id="another-letter"),
        pytest.param(["arn:aws:s3:::a"], ["arn:aws:s3:::*"], None, id="covered"),
        pytest.param(["arn:aws:s3:::a*"], ["arn:aws:s3:::*"], None, id="covered-by-a-wildcard"),
    ],
)
def test_a_witness_reads_like_a_resource(include, exclude, expected):
    found = intersect([resource(one) for one in include], [glob for one in exclude for glob in resource(one)])
    if expected is None and "?" in include[0]:
        assert isinstance(found, str)
        assert found != "arn:aws:s3:::ax"
    else:
        assert found == expected


def test_a_star_covers_what_has_fewer():
    assert covers(resource("arn:aws:s3:::*"), (*resource("arn:aws:s3:::a/*"), *resource("arn:aws:s3:::b")))
    assert covers(resource("arn:aws:s3:::a/*"), resource("arn:aws:s3:::*")) is False
    assert covers(resource("*"), resource("arn:aws"))


def test_a_hole_may_be_anything_and_is_remembered():
    glob = text_glob(join("a", Partial(parts=(Hole(ref="Stage"),)), "b").parts)
    assert glob.has_hole
    assert glob.accepts("aXXb")


def test_a_variable_keeps_its_stars_to_itself():
    assert intersect([(text_glob((Literal("*"),)),)]) == "*"
    assert intersect([(text_glob((Literal("*"),)),), plain("a*")]) is None


def test_what_takes_too_many_states_is_no_proof():
    question = [plain("*a" + "?" * 30)], plain("*b" + "?" * 29 + "*")
    found = intersect(*question, budget=5)
    assert isinstance(found, GaveUp | str)
    assert isinstance(intersect([plain("*a" + "?" * 18 + "b"), plain("*b" + "?" * 17 + "a")], plain("*"), budget=50), GaveUp | None)


@pytest.mark.parametrize(
    ("include", "exclude"),
    [
        (["*a" * 3000 + "*", "*b" * 3000 + "*"], []),
        (["*a" * 3000], ["*a" * 2999 + "*b*"]),
        (["*a?" * 1500], ["*a?*" * 1500]),
        (["*" * 6000], ["*" + "?" * 6000]),
        (["*a" + "?" * 40], ["*b" + "?" * 40, "*c" + "?" * 40]),
        (["*a*b*c" * 900, "*c*b*a" * 900], ["*abc*"]),
    ],
)
def test_hostile_patterns_take_bounded_time(include, exclude):
    start = time.process_time()
    intersect([plain(one) for one in include], plain(*exclude))
    assert time.process_time() - start < allowed(10)
