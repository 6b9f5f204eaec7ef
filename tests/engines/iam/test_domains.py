"""Conditions together: values are found when some exist, and only then said not to exist when none do."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import cases

from buckler.engines.iam.automata import GaveUp
from buckler.engines.iam.condition import condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.domains import Term, Trial, satisfy
from buckler.engines.iam.kleene import Doubts
from buckler.model.finding import ContextEntry, Request
from buckler.model.policy import Condition
from buckler.model.text import Hole, Partial

VERSION = "2012-10-17"


def context(**values):
    entries = tuple(ContextEntry(key=key.replace("_", ":"), values=tuple(value)) for key, value in values.items())
    return Context(Request(principal="arn:aws:iam::111122223333:user/ann", action="", resource="", context=entries))


def term(operator, key, *values, holds=True):
    return Term(Condition(operator=operator, key=key, values=values), VERSION, holds)


def is_met(terms, chosen, given):
    return all(condition_holds(one.condition, one.version, Trial(given, chosen), Doubts()) is one.holds for one in terms)


NOTHING = context()


@pytest.mark.parametrize(
    ("terms", "key", "expected"),
    [
        pytest.param([term("StringLike", "k", "team-*"), term("StringEquals", "k", "team-x", holds=False)], "k", ("team-",), id="glob"),
        pytest.param([term("StringEqualsIgnoreCase", "k", "Blue"), term("StringLike", "k", "B*")], "k", ("Blue",), id="case"),
        pytest.param([term("NumericLessThan", "k", "10"), term("NumericGreaterThan", "k", "9")], "k", ("9.5",), id="between"),
        pytest.param(
            [term("NumericLessThan", "k", "10", holds=False), term("NumericGreaterThanEquals", "k", "10", holds=False)], "k", (), id="none"
        ),
        pytest.param(
            [
                term("NumericLessThan", "k", "9", holds=False),
                term("NumericGreaterThanEquals", "k", "9", holds=False),
                term("Null", "k", "false"),
            ],
            "k",
            ("x",),
            id="a-word-is-no-number",
        ),
        pytest.param([term("IpAddress", "aws:SourceIp", "10.0.0.0/8")], "aws:sourceip", ("10.0.0.1",), id="network"),
        pytest.param(
            [term("IpAddress", "aws:SourceIp", "10.0.0.0/8"), term("IpAddress", "aws:SourceIp", "10.0.0.0/9", holds=False)],
            "aws:sourceip",
            ("10.128.0.0",),
            id="network-within-a-network",
        ),
        pytest.param([term("Bool", "aws:SecureTransport", "true", holds=False)], "aws:securetransport", ("false",), id="bool"),
        pytest.param([term("Null", "k", "true")], "k", (), id="absent"),
        pytest.param(
            [
                term("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"),
                term("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:02Z"),
            ],
            "aws:currenttime",
            ("2026-01-01T00:00:01Z",),
            id="date",
        ),
        pytest.param([term("ArnLike", "aws:SourceArn", "arn:aws:s3:::b*")], "aws:sourcearn", None, id="no-service-no-source"),
    ],
)
def test_values_are_found(terms, key, expected):
    found = satisfy(terms, NOTHING)
    assert (found if expected is None else found[key]) == expected
    assert expected is None or is_met(terms, found, NOTHING)


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param([term("StringLike", "k", "a*"), term("StringLike", "k", "*", holds=False)], id="covered"),
        pytest.param([term("StringEquals", "k", "a"), term("StringEquals", "k", "b")], id="two-words"),
        pytest.param([term("NumericLessThan", "k", "1"), term("NumericGreaterThan", "k", "1")], id="numbers"),
        pytest.param([term("IpAddress", "k", "10.0.0.0/8"), term("NotIpAddress", "k", "10.0.0.0/7")], id="networks"),
        pytest.param([term("Bool", "aws:SecureTransport", "true", "false", holds=False)], id="always-there-and-one-of-two"),
        pytest.param(
            [term("StringEquals", "aws:PrincipalTag/t", "a"), term("ForAnyValue:StringEquals", "aws:PrincipalTag/t", "b")], id="one-value"
        ),
        pytest.param([term("StringEquals", "aws:username", "bob")], id="known-otherwise"),
        pytest.param(
            [term("Bool", "kms:GrantIsForAWSResource", flag, holds=False) for flag in ("true", "false")]
            + [term("Null", "kms:GrantIsForAWSResource", "false")],
            id="a-flag-of-a-service-is-one-of-two",
        ),
        pytest.param([term("ArnLike", "k", "arn:aws:s3:*"), term("Null", "k", "false")], id="an-arn-has-six-segments"),
    ],
)
def test_none_is_said_where_none_are(terms):
    assert satisfy(terms, NOTHING, several={"k"} if terms[0].key != "k" else frozenset()) is None


def test_a_number_that_must_also_look_like_something_is_no_proof_when_it_is_not_found():
    terms = [term("StringLike", "k", "?"), term("DateLessThan", "k", "1")]
    assert is_met(terms, {"k": ("0",)}, NOTHING)
    assert satisfy(terms, NOTHING) is not None


def test_a_set_needs_one_value_for_each_thing_asked_of_some():
    terms = [
        term("ForAllValues:StringLike", "aws:TagKeys", "a*"),
        term("ForAnyValue:StringLike", "aws:TagKeys", "*x"),
        term("ForAnyValue:StringLike", "aws:TagKeys", "*y"),
        term("ForAnyValue:StringLike", "aws:TagKeys", "*xy", holds=False),
        term("ForAllValues:StringLike", "aws:TagKeys", "*x", holds=False),
    ]
    found = satisfy(terms, NOTHING, several={"aws:tagkeys"})
    assert sorted(found["aws:tagkeys"]) == ["ax", "ay"]


def test_a_variable_takes_the_value_another_condition_asks_for():
    terms = [term("StringEquals", "aws:PrincipalTag/team", "${aws:RequestTag/team}"), term("StringLike", "aws:PrincipalTag/team", "blue-?")]
    found = satisfy([*terms, term("StringEquals", "aws:RequestTag/team", "blue-1", "red")], NOTHING)
    assert found == {"aws:requesttag/team": ("blue-1",), "aws:principaltag/team": ("blue-1",)}


def test_a_known_variable_is_its_value():
    assert satisfy([term("StringEquals", "k", "${aws:username}")], NOTHING) == {"k": ("ann",)}
    assert satisfy([term("StringEquals", "k", "${aws:username}", "b", holds=False), term("StringLike", "k", "?", "a*")], NOTHING)["k"] != (
        "ann",
    )


def test_a_hole_is_no_proof():
    gap = Partial(parts=(Hole(ref="Stage"),))
    assert isinstance(satisfy([term("StringEquals", "k", gap)], NOTHING), GaveUp)
    assert isinstance(satisfy([term("StringEquals", "k", "a"), term("StringEquals", "k", gap, holds=False)], NOTHING), GaveUp)
    assert (
        satisfy([term("StringEquals", "k", "a"), term("StringEquals", "k", "b"), term("StringEquals", "k", gap, holds=False)], NOTHING)
        is None
    )


def test_letters_beyond_ascii_without_regard_to_case_are_no_proof():
    assert isinstance(satisfy([term("StringEqualsIgnoreCase", "k", "\u03c3"), term("StringEquals", "k", "b")], NOTHING), GaveUp)


# --- against all contexts of a small world ------------------------------------------------------------------------------------------

_WORDS = [
    "",
    "a",
    "A",
    "ab",
    "b",
    "1",
    "2",
    "1.5",
    "0",
    "3",
    "9",
    "true",
    "false",
    "x",
    "zz",
    "2020-01-01",
    "2021-06-01",
    "10.0.0.1",
    "10.1.0.1",
]
_WORDS += ["10.0.0.0", "11.0.0.0", "203.0.113.7", "arn:a:b:c:d:e", "arn:a:b:c:d:f:g", "YQ==", "MA=="]
_POLICY_VALUES = st.sampled_from(
    [
        "a",
        "A",
        "a*",
        "*",
        "?",
        "1",
        "2",
        "true",
        "false",
        "2020-01-01",
        "2021-01-01",
        "10.0.0.0/16",
        "10.0.0.1",
        "arn:*:b:c:d:e*",
        "YQ==",
        "",
    ]
)
_OPERATORS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "", "ForAllValues:", "ForAnyValue:"]),
    st.sampled_from(
        [
            *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
            *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals", "DateLessThan", "DateNotEquals", "Bool"),
            *("IpAddress", "NotIpAddress", "ArnLike", "ArnNotEquals", "BinaryEquals"),
        ]
    ),
    st.sampled_from(["", "IfExists"]),
)
_CONDITIONS = st.one_of(
    st.builds(lambda operator, values: ("k", operator, values), _OPERATORS, st.lists(_POLICY_VALUES, min_size=1, max_size=2)),
    st.builds(lambda values: ("k", "Null", values), st.lists(st.sampled_from(["true", "false"]), min_size=1, max_size=2)),
)
_TERMS = st.lists(
    st.builds(lambda one, holds: term(one[1], one[0], *one[2], holds=holds), _CONDITIONS, st.booleans()), min_size=1, max_size=4
)
_SINGLES = [(), *((word,) for word in _WORDS)]
_PAIRS = [*_SINGLES, *itertools.combinations(_WORDS, 2)]


@given(_TERMS)
@cases(500)
def test_whatever_some_context_does_is_found_and_all_that_is_found_does_it(terms):
    is_several = any(":" in one.condition.operator for one in terms)
    found = satisfy(terms, NOTHING, several={"k"} if is_several else frozenset())
    if isinstance(found, GaveUp):
        # Only where texts and typed values are mixed on one key.
        assert "several types" in found.why
        return
    if found is None:
        for values in _PAIRS if is_several else _SINGLES:
            assert not is_met(terms, {"k": values}, NOTHING)
    else:
        assert is_met(terms, found, NOTHING)
        assert is_several or len(found["k"]) <= 1


@given(
    st.lists(
        st.builds(
            lambda key, operator, value, holds: term(operator, key, value, holds=holds),
            st.sampled_from(["k", "l"]),
            st.sampled_from(["StringEquals", "StringNotEquals", "StringLike"]),
            st.sampled_from(["a", "b", "${l}", "${k}b", "a${l}", "${m, 'b'}", "*"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=3,
    )
)
@cases(300)
def test_variables_are_never_wrong(terms):
    found = satisfy(terms, NOTHING)
    if isinstance(found, GaveUp):
        return
    if found is not None:
        assert is_met(terms, found, NOTHING)
        return
    worlds = [(), ("a",), ("b",), ("ab",), ("x",)]
    for first, second, third in itertools.product(worlds, repeat=3):
        assert not is_met(terms, {"k": first, "l": second, "m": third}, NOTHING)
