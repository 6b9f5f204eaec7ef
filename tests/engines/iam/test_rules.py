"""Rules that hold for all policies and requests, whatever they say."""

from hypothesis import given
from hypothesis import strategies as st
from tests.cases import cases
from tests.estates import policy
from tests.growth import assert_linear

from buckler.engines.iam import Answer, decide
from buckler.model.finding import ContextEntry, Request

# A small world, so that patterns and requests meet often.
_ACTIONS = st.sampled_from(["s3:Get", "s3:Put", "lambda:Invoke", "iam:PassRole"])
_ACTION_PATTERNS = st.sampled_from(["*", "s3:*", "s3:Get", "s3:?et", "*:Put", "lambda:I*e", "iam:passrole", "S3:GET", "broken"])
_RESOURCES = st.sampled_from(["arn:aws:s3:::a/b", "arn:aws:s3:::a/c:d", "arn:aws:lambda:r:111122223333:function:f", "*"])
_PATTERNS = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::a/?",
        "arn:aws:lambda",
        "arn:aws:lambda:*:function:f",
        "arn:aws:s3:::${aws:username}/*",
        "**b",
        "arn:*",
    ]
)
_CALLERS = st.sampled_from(
    [
        "*",
        "s3.amazonaws.com",
        "arn:aws:iam::111122223333:user/a",
        "arn:aws:sts::111122223333:assumed-role/r/s",
        "arn:aws:iam::444455556666:role/p/r",
    ]
)
_PRINCIPALS = st.sampled_from(
    ["*", {"AWS": "*"}, {"AWS": "111122223333"}, {"AWS": "arn:aws:iam::111122223333:role/x/r"}, {"Service": "s3.amazonaws.com"}]
)
_KEYS = st.sampled_from(["aws:x", "aws:SourceAccount", "aws:PrincipalArn", "aws:username"])
_VALUES = st.sampled_from(["a", "A", "a*", "1", "2", "true", "111122223333", "10.0.0.1", "arn:aws:s3:::a", "${aws:x}"])
_OPERATORS = st.sampled_from(
    [
        *("StringEquals", "StringNotEquals", "StringLike", "StringNotLikeIfExists", "StringEqualsIgnoreCase", "Null", "Bool", "IpAddress"),
        *("NumericLessThan", "NumericNotEquals", "ArnLike", "ArnNotEquals", "DateGreaterThan", "ForAnyValue:StringLike"),
        *("ForAllValues:StringEquals", "ForAnyValue:StringNotEquals", "Unheard"),
    ]
)


@st.composite
def statements(draw, effects=("Allow", "Deny")):
    statement = {"Effect": draw(st.sampled_from(effects))}
    statement[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(st.lists(_ACTION_PATTERNS, max_size=2))
    statement[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(st.lists(_PATTERNS, max_size=2))
    if draw(st.booleans()):
        statement[draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))] = draw(_PRINCIPALS)
    if draw(st.booleans()):
        statement["Condition"] = {draw(_OPERATORS): {draw(_KEYS): draw(st.lists(_VALUES, min_size=1, max_size=2))}}
    return statement


@st.composite
def requests(draw):
    keys = draw(st.lists(_KEYS, max_size=2, unique=True))
    context = tuple(ContextEntry(key=key, values=tuple(draw(st.lists(_VALUES, max_size=2)))) for key in keys)
    return Request(principal=draw(_CALLERS), action=draw(_ACTIONS), resource=draw(_RESOURCES), context=context)


_DOCUMENTS = st.lists(statements(), max_size=4)


def answer(request, *documents):
    return decide(request, tuple(policy(*document) for document in documents)).answer


@given(requests(), _DOCUMENTS, statements(effects=("Deny",)))
@cases(400)
def test_a_deny_never_adds_access(request_, document, more):
    before, after = answer(request_, document), answer(request_, [*document, more])
    if after is Answer.ALLOW:
        assert before is Answer.ALLOW
    if before in {Answer.DENY, Answer.IMPLICIT_DENY}:
        assert after is not Answer.ALLOW


@given(requests(), _DOCUMENTS, statements(effects=("Allow",)))
@cases(400)
def test_an_allow_never_takes_access_away(request_, document, more):
    before, after = answer(request_, document), answer(request_, [*document, more])
    if before is Answer.ALLOW:
        assert after is Answer.ALLOW
    if before is Answer.DENY:
        assert after is Answer.DENY


@given(requests(), _DOCUMENTS, st.randoms(use_true_random=False))
@cases(300)
def test_order_does_not_matter_nor_does_the_split_into_policies(request_, document, random):
    shuffled = list(document)
    random.shuffle(shuffled)
    expected = answer(request_, document)
    assert answer(request_, shuffled) is expected
    assert answer(request_, *([statement] for statement in document)) is expected


@given(requests(), _DOCUMENTS, _DOCUMENTS)
@cases(300)
def test_a_boundary_grants_nothing(request_, identity, boundary):
    bounded = decide(request_, (policy(*identity),), boundary=policy(*boundary)).answer
    if bounded is Answer.ALLOW:
        assert answer(request_, identity) is Answer.ALLOW
        assert answer(request_, boundary) is Answer.ALLOW


@given(requests(), _DOCUMENTS, st.data())
@cases(400)
def test_telling_what_is_needed_settles_an_unknown(request_, document, data):
    """UNKNOWN covers every completion of the context; a definite answer survives each."""
    decision = decide(request_, (policy(*document),))
    told = {entry.key.lower() for entry in request_.context}
    more = tuple(
        ContextEntry(key=key, values=tuple(data.draw(st.lists(_VALUES, max_size=2))))
        for key in dict.fromkeys(decision.needs)
        if key.lower() not in told
    )
    completed = Request(
        principal=request_.principal, action=request_.action, resource=request_.resource, context=(*request_.context, *more)
    )
    after = decide(completed, (policy(*document),)).answer
    if decision.answer is Answer.UNKNOWN:
        assert decision.needs
    else:
        assert after is decision.answer


def test_many_wildcards_cost_the_product_of_both_lengths_at_the_most():
    """A matcher that backtracks would take 2 ** 400 steps."""

    def match(size: int) -> Answer:
        document = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::" + "*a" * 400 + "b"})
        asked = Request(principal="arn:aws:iam::111122223333:user/a", action="s3:Get", resource="arn:aws:s3:::" + "a" * size)
        return decide(asked, (document,)).answer

    assert match(6000) is Answer.IMPLICIT_DENY
    assert_linear(match, 1000)
