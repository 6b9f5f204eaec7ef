"""A definite answer over layers with holes is the answer for every policy they may become: in whatever form it then names the caller."""

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.engines.iam.layered import (
    ACCOUNT,
    ALL,
    FN,
    KEY,
    OTHER,
    ROLE,
    SESSION,
    STRANGER,
    USER,
    A,
    I,
    U,
    allow,
    ask,
    layers_of,
    request,
    to,
)
from tests.engines.iam.test_holes import filled

from buckler.engines.iam import decide
from buckler.model.text import Hole, Partial

_P = Hole(ref="P", need="--parameter P=...")
_WRITTEN = [
    Partial(parts=(_P,)),
    Partial(parts=("arn:aws:iam::", _P, ":root")),
    Partial(parts=(f"arn:aws:iam::{ACCOUNT}:", _P)),
    Partial(parts=(f"arn:aws:iam::{ACCOUNT}:role/", _P)),
    Partial(parts=(f"arn:aws:iam::{ACCOUNT}:user/", _P)),
    Partial(parts=(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/", _P)),
    Partial(parts=(f"arn:aws:iam::{OTHER}:user/", _P)),
    Partial(parts=(_P, ":root")),
    Partial(parts=("1111", _P)),
]
_FILLINGS = [
    "*",
    USER,
    ROLE,
    SESSION,
    STRANGER,
    ACCOUNT,
    OTHER,
    "ann",
    "team/deploy",
    "deploy",
    "build-7",
    "bob",
    "root",
    "22223333",
    "",
    f"arn:aws:iam::{ACCOUNT}",
]
_BESIDE = st.sampled_from([[], [], [ACCOUNT], [ROLE], [OTHER]])
_LIMITS = st.sampled_from([None, ALL, [allow("s3:*")]])


@given(
    st.sampled_from([USER, ROLE, SESSION, STRANGER, "*"]),
    st.sampled_from([("lambda:InvokeFunction", FN), ("kms:Decrypt", KEY)]),
    st.lists(st.tuples(st.sampled_from(["Allow", "Allow", "Deny"]), st.sampled_from(_WRITTEN), _BESIDE), min_size=1, max_size=2),
    st.sampled_from([[], ALL]),
    _LIMITS,
    _LIMITS,
    st.sampled_from(_FILLINGS),
)
@example(SESSION, ("lambda:InvokeFunction", FN), [("Allow", _WRITTEN[3], [])], [], None, [allow("s3:*")], "deploy")
@example(SESSION, ("kms:Decrypt", KEY), [("Allow", _WRITTEN[1], [])], ALL, None, None, ACCOUNT)
@settings(max_examples=500, deadline=None)
def test_a_definite_answer_survives_every_filling(principal, asked, written, identity, boundary, session, filling):
    statements = [{**to("*"), "Effect": effect, "Principal": {"AWS": [text, *more]}} for effect, text, more in written]
    layers = layers_of(identity=identity, resource=statements, boundary=boundary, session=session)
    before = decide(request(principal, *asked), layers)
    after = decide(request(principal, *asked), msgspec.structs.replace(layers, resource=filled(layers.resource, {"P": filling})))
    match before.answer:
        case answer if answer is U:
            assert before.unknowns
        case answer if answer is I:
            assert after.answer is not A
        case answer:
            assert after.answer is answer


def test_what_a_parameter_may_turn_out_to_name():
    anybody = [to({"AWS": Partial(parts=(_P,))})]
    assert ask(USER, "lambda:InvokeFunction", FN, resource=anybody).needs == ("--parameter P=...",)
    assert ask(USER, "lambda:InvokeFunction", FN, resource=anybody, identity=ALL).answer is A
    assert ask(STRANGER, "lambda:InvokeFunction", FN, resource=anybody).answer is I
    assert ask(STRANGER, "lambda:InvokeFunction", FN, resource=anybody, identity=ALL).answer is U
    # That the account is named is certain; whether the user is, too, is not.
    and_the_account = [to({"AWS": [Partial(parts=(_P,)), ACCOUNT]})]
    assert ask(USER, "lambda:InvokeFunction", FN, resource=and_the_account).needs == ("--parameter P=...",)
    assert ask(USER, "kms:Decrypt", KEY, resource=and_the_account, identity=ALL).answer is A
    some_role = [to({"AWS": Partial(parts=(f"arn:aws:iam::{ACCOUNT}:role/", _P))})]
    assert ask(SESSION, "lambda:InvokeFunction", FN, resource=some_role).answer is U
    assert ask(SESSION, "lambda:InvokeFunction", FN, resource=some_role, boundary=[allow("s3:*")]).answer is I
