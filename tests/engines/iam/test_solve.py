"""A witness is allowed by the obvious twin, and where none is said to exist none does."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import cases
from tests.estates import allow, policy

from buckler.engines.iam import Answer, decide
from buckler.engines.iam.automata import GaveUp
from buckler.engines.iam.context import Context
from buckler.engines.iam.globs import resource_globs
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.solve import Found, find
from buckler.model.finding import ContextEntry, Request
from buckler.model.text import Hole, Partial, join

ANN = "arn:aws:iam::111122223333:user/ann"
VERSION = "2012-10-17"


def deny(action, resource="*", **more):
    return {**allow(action, resource, **more), "Effect": "Deny"}


def given_by(**context):
    entries = tuple(ContextEntry(key=key.replace("_", ":"), values=tuple(values)) for key, values in context.items())
    return Context(Request(principal=ANN, action="", resource="", context=entries))


def asked(*statements, action="s3:GetObject", resource=None, given=None, shapes=()):
    document = policy(*statements)
    spoken = [(one, document.version) for one in document.statements]
    found = find(
        [one for one in spoken if one[0].effect == "Allow"],
        [one for one in spoken if one[0].effect == "Deny"],
        action=action,
        given=given or given_by(),
        resource=resource,
        shapes=shapes,
    )
    if isinstance(found, Found):
        request = Request(principal=ANN, action=action, resource=found.resource, context=found.context)
        assert decide(request, (document,)).answer is Answer.ALLOW
    return found


def value_of(found, key):
    return next(entry.values for entry in found.context if entry.key == key)


@pytest.mark.parametrize(
    ("statements", "resource"),
    [
        pytest.param([allow("s3:*", "arn:aws:s3:::b/*")], "arn:aws:s3:::b/x", id="allow"),
        pytest.param([allow("s3:*", "arn:aws:s3:::b/*"), deny("s3:*", "arn:aws:s3:::b/x*")], "arn:aws:s3:::b/", id="beside-the-deny"),
        pytest.param([allow("s3:*"), deny("s3:Put*")], "*", id="deny-of-another-action"),
        pytest.param([allow("s3:*", "arn:aws:s3:::${aws:username}/k")], "arn:aws:s3:::ann/k", id="known-variable"),
    ],
)
def test_a_resource_is_found(statements, resource):
    assert asked(*statements) == Found(resource=resource)


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([allow("s3:PutObject")], id="another-action"),
        pytest.param([allow("s3:*", "arn:aws:s3:::b/*"), deny("*", "arn:aws:s3:::*")], id="denied-wholly"),
        pytest.param(
            [allow("s3:*"), deny("s3:Get*", "arn:*"), {"Effect": "Deny", "Action": "*", "NotResource": "arn:*"}], id="denied-in-two-halves"
        ),
        pytest.param([allow("s3:*", Condition={"StringEquals": {"aws:username": "bob"}})], id="somebody-else"),
        pytest.param([allow("s3:*", Condition={"Unheard": {"k": "v"}})], id="unknown-operator"),
        pytest.param(
            [
                allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
                deny("s3:*", Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
            ],
            id="contexts-that-exclude-each-other",
        ),
    ],
)
def test_nothing_is_found_where_nothing_is(statements):
    assert asked(*statements) is None


def test_a_context_is_found_between_an_allow_and_its_denies():
    found = asked(
        allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringLike": {"aws:PrincipalTag/team": "b*"}}),
        deny("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/9"}}),
        deny("s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}, "Bool": {"aws:SecureTransport": "true"}}),
    )
    assert value_of(found, "aws:SourceIp") == ("10.128.0.0",)
    assert value_of(found, "aws:PrincipalTag/team") != ("blue",)


def test_a_variable_in_a_resource_takes_what_the_resource_needs():
    statement = allow("s3:*", "arn:aws:s3:::data/${aws:PrincipalTag/team}/*")
    found = asked(statement, resource="arn:aws:s3:::data/blue/k")
    assert value_of(found, "aws:principaltag/team") == ("blue",)
    assert isinstance(asked(statement, deny("*", "arn:aws:s3:::data/x/*")), Found)


def test_a_resource_has_the_shape_asked_for_where_it_can():
    shape = resource_globs("arn:*:s3:::*/*", VERSION, given_by(), Doubts())
    assert asked(allow("s3:*"), shapes=shape).resource == "arn:aws:s3:::x/x"
    assert asked(allow("s3:*", "arn:aws:sqs:*:*:q"), shapes=shape).resource.startswith("arn:aws:sqs")


def test_a_hole_neither_makes_a_witness_nor_a_proof():
    gap = Partial(parts=(Hole(ref="Bucket"),))
    arn = join("arn:aws:s3:::", gap)
    assert isinstance(asked(allow("s3:*", arn)), GaveUp)
    assert asked(allow("s3:*", arn), deny("s3:*", arn)) is None
    assert asked(allow("s3:*", arn), deny("s3:*", "arn:aws:s3:::*")) is None
    assert isinstance(asked(allow("s3:*"), deny("s3:*", arn)), Found)
    assert isinstance(asked(allow("s3:*", "arn:aws:s3:::a"), deny("s3:*", arn)), GaveUp)
    assert isinstance(asked(allow(gap)), GaveUp)
    assert isinstance(asked(allow("s3:*", Condition={"StringEquals": {"k": gap}})), GaveUp)
    assert isinstance(asked(allow("s3:*", Condition={"StringEquals": {"k": gap}}), allow("s3:Get*", "arn:aws:s3:::a")), Found)


# --- against all requests of a small world ------------------------------------------------------------------------------------------

_RESOURCES = [
    "arn:aws:s3:::a/b",
    "arn:aws:s3:::a/c:d",
    "arn:aws:s3:::b",
    "arn:aws:lambda:r:111122223333:function:f",
    "x",
    "*",
    "arn:aws:s3:::ann/1",
]
_PATTERNS = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::a/?",
        "arn:aws:lambda",
        "arn:aws:s3:::${aws:username}/*",
        "arn:aws:s3:::${k}",
        "**b",
        "arn:*",
        "?",
    ]
)
_VALUES = ["a", "b", "1", "7", "10.0.0.1", "a/b"]
_CONDITIONS = st.dictionaries(
    st.sampled_from(
        ["StringEquals", "StringNotEquals", "StringLikeIfExists", "Null", "ForAnyValue:StringLike", "ForAllValues:StringEquals"]
    ),
    st.dictionaries(st.sampled_from(["k", "l"]), st.sampled_from(["a", "b", "a*", "true", "false", "${l}"]), min_size=1, max_size=1),
    max_size=2,
)


@st.composite
def statements(draw):
    statement = {"Effect": draw(st.sampled_from(["Allow", "Deny"])), "Condition": draw(_CONDITIONS)}
    statement[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(st.sampled_from(["*", "s3:*", "s3:Put*"]))
    statement[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(st.lists(_PATTERNS, min_size=1, max_size=2))
    return statement


_WORLDS = [(), *((value,) for value in _VALUES), ("a", "b")]


@given(st.lists(statements(), min_size=1, max_size=4))
@cases(150)
def test_what_some_request_is_allowed_is_found(document):
    found = asked(*document)
    if found is not None:
        return
    parsed = policy(*document)
    for resource, first, second in itertools.product(_RESOURCES, _WORLDS, _WORLDS):
        if len(first) > 1 and not any(":" in operator and "k" in keys for one in document for operator, keys in one["Condition"].items()):
            continue
        if len(second) > 1 and not any(":" in operator and "l" in keys for one in document for operator, keys in one["Condition"].items()):
            continue
        context = (ContextEntry(key="k", values=first), ContextEntry(key="l", values=second))
        request = Request(principal=ANN, action="s3:GetObject", resource=resource, context=context)
        assert decide(request, (parsed,)).answer is not Answer.ALLOW


def test_the_search_seldom_gives_up():
    """Only where a policy variable links keys."""
    counts = {GaveUp: 0, Found: 0, type(None): 0}

    @given(
        st.lists(statements(), min_size=1, max_size=4).filter(lambda document: "${k}" not in str(document) and "${l}" not in str(document))
    )
    @cases(150, database=None)
    def ask(document):
        counts[type(asked(*document))] += 1

    ask()
    assert counts[GaveUp] == 0
    assert counts[Found] > 10
    assert counts[type(None)] > 10
