"""What nobody could read makes an answer UNKNOWN when it decides, and only then."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import cases
from tests.engines.iam.layered import (
    ACCOUNT,
    ALL,
    FEDERATED,
    FN,
    KEY,
    NOTHING,
    OBJECT,
    OTHER,
    ROLE,
    ROOT,
    SESSION,
    STRANGER,
    USER,
    A,
    D,
    I,
    U,
    allow,
    ask,
    deny,
    grant,
    to,
    trusting,
)

SOME = [allow("s3:*")]
INVOKE = "lambda:InvokeFunction"


@pytest.mark.parametrize(
    ("principal", "unread", "layers", "expected", "needs"),
    [
        pytest.param(USER, "identity", {}, U, ("read:identity",), id="identity-may-allow"),
        pytest.param(USER, "identity", {"resource": [to(USER)]}, U, ("read:identity",), id="identity-may-deny-what-the-resource-allows"),
        pytest.param(USER, "identity", {"scp": [SOME]}, I, (), id="the-scp-refuses-whatever-identity-says"),
        pytest.param(USER, "identity", {"boundary": SOME}, I, (), id="so-does-the-boundary"),
        pytest.param(USER, "identity", {"boundary": SOME, "resource": [to(USER)]}, U, ("read:identity",), id="not-what-the-resource-gives"),
        pytest.param(USER, "identity", {"resource": [deny(Principal="*")]}, D, (), id="the-resource-denies"),
        pytest.param("*", "identity", {"resource": [to("*")]}, A, (), id="nobody-has-no-identity"),
        pytest.param("s3.amazonaws.com", "boundary", {"resource": [to({"Service": "s3.amazonaws.com"})]}, A, (), id="services-no-boundary"),
        pytest.param(USER, "resource", {"identity": ALL}, U, ("read:resource",), id="resource-may-deny"),
        pytest.param(USER, "resource", {"identity": [deny()]}, D, (), id="identity-denies"),
        pytest.param(USER, "resource", {}, U, ("read:resource",), id="resource-may-allow"),
        pytest.param(STRANGER, "resource", {}, I, (), id="a-stranger-without-identity-gets-nowhere"),
        pytest.param(STRANGER, "identity", {}, I, (), id="a-stranger-the-resource-does-not-name"),
        pytest.param(STRANGER, "identity", {"resource": [to(OTHER)]}, U, ("read:identity",), id="a-stranger-it-names"),
        pytest.param(USER, "boundary", {"identity": ALL}, U, ("read:boundary",), id="boundary-may-refuse"),
        pytest.param(USER, "boundary", {"resource": [to(USER)]}, U, ("read:boundary",), id="boundary-may-deny"),
        pytest.param(USER, "boundary", {}, I, (), id="boundary-grants-nothing"),
        pytest.param(SESSION, "session", {"identity": ALL}, U, ("read:session",), id="session-may-refuse"),
        pytest.param(SESSION, "session", {}, I, (), id="session-grants-nothing"),
        pytest.param(USER, "scp", {"identity": ALL}, U, ("read:scp",), id="scp-may-refuse"),
        pytest.param(USER, "scp", {"identity": ALL, "scp": [ALL, ALL]}, U, ("read:scp",), id="scp-may-deny"),
        pytest.param(USER, "scp", {"identity": ALL, "scp": [SOME]}, U, ("read:scp",), id="scp-may-allow-at-that-level"),
        pytest.param(USER, "scp", {}, I, (), id="scp-grants-nothing"),
        pytest.param("*", "scp", {"resource": [to("*")]}, A, (), id="scp-does-not-speak-of-nobody"),
        pytest.param(USER, "rcp", {"identity": ALL}, A, (), id="lambda-has-no-rcp"),
        pytest.param(USER, "endpoint", {"identity": ALL}, U, ("read:endpoint",), id="endpoint-may-refuse"),
        pytest.param(USER, "endpoint", {}, I, (), id="endpoint-grants-nothing"),
        pytest.param(USER, "grant", {}, I, (), id="functions-have-no-grants"),
        pytest.param(ROOT, "identity", {}, U, ("read:identity",), id="root-is-counted-like-others"),
    ],
)
def test_one_layer_unread(principal, unread, layers, expected, needs):
    decision = ask(principal, INVOKE, FN, unread=[unread], **layers)
    assert (decision.answer, decision.needs) == (expected, needs)
    if expected is U:
        assert decision.layer == unread
        assert decision.unknowns[0].need == needs[0]


def test_an_rcp_matters_where_there_are_any():
    assert ask(USER, "s3:GetObject", OBJECT, identity=ALL, unread=["rcp"]).needs == ("read:rcp",)


def test_only_what_decides_is_named():
    needed = allow("*", Condition={"StringEquals": {"aws:x": "1"}})
    other = allow("s3:*", Condition={"StringEquals": {"aws:y": "1"}})
    decision = ask(USER, INVOKE, FN, identity=[needed, other], boundary=ALL, scp=[[needed]])
    assert (decision.answer, decision.needs) == (U, ("aws:x",))
    # The boundary refuses it, so nobody has to know.
    assert ask(USER, INVOKE, FN, identity=[needed], boundary=SOME).answer is I
    # Another way in is open, so nobody has to know.
    assert ask(USER, INVOKE, FN, identity=[needed, *ALL]).answer is A
    assert ask(USER, INVOKE, FN, identity=[needed], resource=[to(USER)]).answer is A
    # A Deny that nobody can rule out.
    decision = ask(USER, INVOKE, FN, identity=ALL, resource=[deny(Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})])
    assert (decision.answer, decision.layer, decision.needs) == (U, "resource", ("aws:SecureTransport",))


# --- exactness: every filling of the unread layers -------------------------------------------------------------------------

_OPEN = to("*")
_FILLINGS = {
    "identity": [{}, {"identity": ALL}, {"identity": [deny()]}],
    "resource": [{}, {"resource": ["self"]}, {"resource": ["account"]}, {"resource": [_OPEN]}, {"resource": [deny(Principal="*")]}],
    "boundary": [{}, {"boundary": ALL}, {"boundary": NOTHING}, {"boundary": [deny()]}],
    "session": [{}, {"session": ALL}, {"session": NOTHING}, {"session": [deny()]}],
    "scp": [{}, {"scp": [ALL]}, {"scp": [NOTHING]}, {"scp": [[deny()]]}],
    "rcp": [{}, {"rcp": [[_OPEN]]}, {"rcp": [NOTHING]}, {"rcp": [[deny(Principal="*")]]}],
    "endpoint": [{}, {"endpoint": [_OPEN]}, {"endpoint": NOTHING}, {"endpoint": [deny(Principal="*")]}],
    "grant": [{}, {"grants": ["self"]}],
}
_IDENTITY = st.sampled_from([NOTHING, ALL, SOME, [deny("s3:*"), *ALL]])
_RESOURCE = st.sampled_from(
    [None, NOTHING, [_OPEN], [to(USER)], [to(ROLE)], [to(SESSION)], [to(ACCOUNT)], [to(OTHER)], [deny(Principal="*")]]
)
_LIMIT = st.sampled_from([None, NOTHING, ALL, SOME])
_GIVEN = {
    "identity": _IDENTITY,
    "resource": _RESOURCE,
    "boundary": _LIMIT,
    "session": _LIMIT,
    "scp": st.sampled_from([[], [ALL], [ALL, SOME], [ALL, [*ALL, deny("kms:*")]]]),
    "rcp": st.sampled_from([[], [[_OPEN]], [[_OPEN], NOTHING]]),
    "endpoint": st.sampled_from([None, [_OPEN], NOTHING]),
    "grant": st.just(None),
}
_CALLERS = st.sampled_from([USER, ROLE, SESSION, FEDERATED, ROOT, STRANGER, "*", "s3.amazonaws.com"])
_ASKED = st.sampled_from([(INVOKE, FN), ("s3:GetObject", OBJECT), ("kms:Decrypt", KEY), ("sts:AssumeRole", ROLE), ("iam:GetRole", ROLE)])


def _filled(filling, principal, on):
    made = dict(filling)
    account = OTHER if principal == STRANGER else ACCOUNT
    named = {"Service": principal} if principal.endswith(".com") else principal
    for name in ("resource",):
        if name in made:
            made[name] = [{"self": to(named), "account": to(account)}.get(one, one) if isinstance(one, str) else one for one in made[name]]
    if "grants" in made:
        made["grants"] = (grant(principal, "Decrypt"),)
    if on == ROLE and "resource" in made:
        made["resource"] = [{key: value for key, value in one.items() if key != "Resource"} for one in made["resource"]]
    return made


@st.composite
def _cases(draw):
    unread = draw(st.lists(st.sampled_from(sorted(_FILLINGS)), min_size=1, max_size=3, unique=True))
    layers = {name: draw(strategy) for name, strategy in _GIVEN.items() if name not in unread and name != "grant"}
    return draw(_CALLERS), draw(_ASKED), unread, layers


@given(_cases())
@cases(100)
def test_unknown_exactly_when_some_filling_lets_it_through_and_some_does_not(case):
    principal, (action, on), unread, layers = case
    decision = ask(principal, action, on, unread=unread, **layers)
    outcomes = {
        ask(principal, action, on, **{**layers, **_filled({k: v for part in parts for k, v in part.items()}, principal, on)}).answer
        for parts in product(*(_FILLINGS[name] for name in unread))
    }
    let_through = {answer is A for answer in outcomes}
    match decision.answer:
        case answer if answer is A:
            assert let_through == {True}
        case answer if answer is U:
            assert let_through == {True, False}, decision.needs
        case answer if answer is D:
            assert outcomes == {D}
        case _:
            assert let_through == {False}


def test_a_trust_policy_nobody_could_read():
    assert ask(USER, "sts:AssumeRole", ROLE, unread=["trust"]).answer is U
    assert ask(USER, "sts:AssumeRole", ROLE, identity=ALL, unread=["trust"]).needs == ("read:trust",)
    assert ask(STRANGER, "sts:AssumeRole", ROLE, unread=["trust"]).answer is I
    assert ask(STRANGER, "sts:AssumeRole", ROLE, resource=[trusting(STRANGER)], unread=["identity"]).answer is U
    assert ask(USER, "kms:Decrypt", KEY, identity=ALL, unread=["key-policy"]).needs == ("read:key-policy",)
