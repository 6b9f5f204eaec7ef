"""A definite answer for a policy with holes is the answer for every policy it may become."""

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from tests.cases import cases
from tests.estates import allow, policy

from buckler.engines.iam import Answer, decide, sample_policy, settle_policy
from buckler.model.finding import ContextEntry, Request
from buckler.model.policy import Condition, Principal
from buckler.model.text import Hole, Partial, join

_HOLES = st.sampled_from([Hole(ref="P", need="--parameter P=..."), Hole(ref="Q", need="--parameter Q=...")])
_FILLINGS = st.sampled_from(
    ["", "*", "?", "a", "s3", "s3:*", "arn:aws", "arn:aws:s3", "111122223333", "r", "x/r", ":", "Get", "true", "1", "${aws:username}"]
)


def texts(*known):
    pieces = st.lists(st.one_of(st.sampled_from(known), _HOLES), min_size=1, max_size=3)
    return pieces.map(lambda parts: join(*parts))


_ACTIONS = texts("s3:", "Get", "*", "s3:Get", "")
_RESOURCES = texts("arn:", "aws:s3", ":::", "a", "/b", "*", "arn:aws:s3:::a/", ":s3")
_PRINCIPALS = st.one_of(
    texts("*", "arn:aws:iam::111122223333:role/", "r", "1111", "22223333", "arn:aws:iam::111122223333:root", "x/").map(
        lambda text: {"AWS": text}
    ),
    texts("s3", ".amazonaws.com", "S3.").map(lambda text: {"Service": text}),
)
_VALUES = texts("a", "*", "arn:aws:s3:::", "1", "true", "A")
_OPERATORS = st.sampled_from(
    [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringEqualsIgnoreCase",
        "ArnLike",
        "ArnNotLike",
        "Bool",
        "NumericLessThan",
        "Null",
        "ForAllValues:StringLike",
    ]
)


@st.composite
def statements(draw):
    statement = {"Effect": draw(st.sampled_from(["Allow", "Deny"])), "Principal": draw(_PRINCIPALS)}
    statement[draw(st.sampled_from(["Action", "NotAction"]))] = draw(_ACTIONS)
    statement[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(_RESOURCES)
    if draw(st.booleans()):
        statement["Condition"] = {draw(_OPERATORS): {"aws:x": draw(_VALUES)}}
    return statement


_REQUESTS = st.builds(
    lambda principal, resource, values: Request(
        principal=principal, action="s3:Get", resource=resource, context=(ContextEntry(key="aws:x", values=tuple(values)),)
    ),
    st.sampled_from(["*", "s3.amazonaws.com", "arn:aws:sts::111122223333:assumed-role/r/s", "arn:aws:iam::111122223333:role/r"]),
    st.sampled_from(["arn:aws:s3:::a/b", "arn:aws:s3:::a", "*"]),
    st.lists(st.sampled_from(["a", "A", "1", "true", "arn:aws:s3:::a"]), max_size=2),
)


def filled(document, values):
    def fill(text):
        parts = text.parts if isinstance(text, Partial) else (text,)
        return "".join(values[part.ref] if isinstance(part, Hole) else part for part in parts)

    def all_of(group):
        return None if group is None else tuple(fill(one) for one in group)

    return msgspec.structs.replace(
        document,
        statements=tuple(
            msgspec.structs.replace(
                one,
                principals=tuple(Principal(kind=entry.kind, value=fill(entry.value)) for entry in one.principals),
                actions=all_of(one.actions),
                not_actions=all_of(one.not_actions),
                resources=all_of(one.resources),
                not_resources=all_of(one.not_resources),
                conditions=tuple(Condition(operator=c.operator, key=c.key, values=all_of(c.values)) for c in one.conditions),
            )
            for one in document.statements
        ),
    )


_P = Hole(ref="P", need="x")
_SESSION = Request(principal="arn:aws:sts::111122223333:assumed-role/r/s", action="s3:Get", resource="arn:aws:s3:::a")


@given(_REQUESTS, st.lists(statements(), min_size=1, max_size=3), st.fixed_dictionaries({"P": _FILLINGS, "Q": _FILLINGS}))
@example(_SESSION, [allow("*", Principal={"AWS": Partial(parts=("arn:aws:iam::111122223333:role/", _P))})], {"P": "r", "Q": ""})
@example(_SESSION, [allow("*", Principal={"AWS": Partial(parts=("1111", _P))})], {"P": "22223333", "Q": ""})
@example(_SESSION, [allow("*", Partial(parts=(_P, ":s3")), Principal="*")], {"P": "arn:aws", "Q": ""})
@cases(1500)
def test_a_definite_answer_survives_every_filling(request_, document, values):
    with_holes = policy(*document)
    before = decide(request_, (with_holes,))
    if before.answer is not Answer.UNKNOWN:
        assert decide(request_, (filled(with_holes, values),)).answer is before.answer
    elif not before.unknowns:
        assert before.needs


@given(_REQUESTS, st.lists(statements(), min_size=1, max_size=3))
@cases(300)
def test_what_is_settled_is_what_is_sampled(request_, document):
    """A witness replays: it holds the sampled policies of a verdict reached on the settled ones."""
    with_holes = policy(*document)
    settled = decide(request_, (settle_policy(with_holes),)).answer
    if settled is not Answer.UNKNOWN:
        assert decide(request_, (sample_policy(with_holes),)).answer is settled
