"""Rules that hold for all layers and requests, whatever they say."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import cases
from tests.engines.iam.layered import (
    ACCOUNT,
    FEDERATED,
    FN,
    KEY,
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
    grant,
    layers_of,
    request,
)
from tests.estates import policy

from buckler.engines.iam import decide
from buckler.model.finding import ContextEntry

_ACTIONS = ["lambda:InvokeFunction", "s3:GetObject", "kms:Decrypt", "sts:AssumeRole", "iam:PassRole"]
_RESOURCES = [FN, OBJECT, KEY, ROLE, "*"]
_CALLERS = [USER, ROLE, SESSION, FEDERATED, ROOT, STRANGER, "*", "lambda.amazonaws.com"]
_PRINCIPALS = [
    *("*", {"AWS": "*"}, {"AWS": ACCOUNT}, {"AWS": OTHER}, {"AWS": USER}, {"AWS": ROLE}, {"AWS": SESSION}, {"AWS": FEDERATED}),
    *({"AWS": ROOT}, {"AWS": STRANGER}, {"Service": "lambda.amazonaws.com"}, {"AWS": [ROLE, OTHER]}),
]
_CONDITIONS = [
    *({"StringEquals": {"aws:x": "a"}}, {"StringNotEquals": {"aws:x": "a"}}, {"Null": {"aws:x": "true"}}),
    *({"ForAllValues:StringLike": {"aws:x": ["a*", "b"]}}, {"ForAnyValue:StringEquals": {"aws:x": "a"}}),
    *({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
    *({"StringEqualsIfExists": {"aws:username": "ann"}}, {"Bool": {"aws:PrincipalIsAWSService": "true"}}),
]


@st.composite
def _statements(draw, *, principal=False, effects=("Allow", "Allow", "Deny")):
    statement = {"Effect": draw(st.sampled_from(effects))}
    statement[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(
        st.sampled_from(["*", "lambda:*", "s3:Get*", "kms:Decrypt", "sts:AssumeRole", "iam:passrole", ["s3:*", "kms:*"]])
    )
    statement[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(
        st.sampled_from(["*", FN, "arn:aws:s3:::*", f"arn:aws:*:*:{ACCOUNT}:*", ROLE, [KEY, OBJECT]])
    )
    if principal:
        key = draw(st.sampled_from(["Principal", "Principal", "Principal", "NotPrincipal"]))
        statement[key] = draw(st.sampled_from(_PRINCIPALS))
    if draw(st.integers(0, 3)) == 0:
        statement["Condition"] = draw(st.sampled_from(_CONDITIONS))
    return statement


_OWN = st.lists(_statements(), max_size=3)
_OF_RESOURCE = st.lists(_statements(principal=True), max_size=3)
_WIDE = st.one_of(st.just([allow("*")]), _OWN)
_WIDE_RESOURCE = st.one_of(st.just([allow("*", Principal="*")]), _OF_RESOURCE)


@st.composite
def _layers(draw):
    return layers_of(
        identity=draw(_WIDE),
        resource=draw(st.one_of(st.none(), _OF_RESOURCE)),
        boundary=draw(st.one_of(st.none(), st.none(), _WIDE)),
        session=draw(st.one_of(st.none(), st.none(), _WIDE)),
        scp=draw(st.lists(_WIDE, max_size=2)),
        rcp=draw(st.lists(_WIDE_RESOURCE, max_size=2)),
        endpoint=draw(st.one_of(st.none(), st.none(), _WIDE_RESOURCE)),
        grants=draw(st.sampled_from([(), (grant(USER, "Decrypt"),), (grant(ROLE, "Decrypt", subset=[("k", "v")]),)])),
        resource_account=draw(st.sampled_from(["", ACCOUNT, OTHER])),
        blocks_public=draw(st.booleans()),
        unread=draw(st.lists(st.sampled_from(["identity", "resource", "boundary", "session", "scp", "rcp", "grant"]), max_size=1)),
    )


@st.composite
def _requests(draw):
    context = draw(st.sampled_from([{}, {"aws:x": "a"}, {"aws:x": ()}, {"aws:x": ("a", "b")}, {"AWS:X": "c"}]))
    return request(draw(st.sampled_from(_CALLERS)), draw(st.sampled_from(_ACTIONS)), draw(st.sampled_from(_RESOURCES)), context)


def _more(layers, **changes):
    return msgspec.structs.replace(layers, **changes)


def _never_adds(before, after):
    """Access may be lost or come into doubt; it never appears, and no refusal becomes a perhaps."""
    if after is A:
        assert before is A
    if after is U:
        assert before in {A, U}
    if before is D:
        assert after is D


@given(_requests(), _layers(), st.sampled_from(["identity", "resource", "boundary", "session", "scp", "rcp", "endpoint"]), st.data())
@cases(250)
def test_a_deny_never_adds_access(asked, layers, layer, data):
    statement = data.draw(_statements(principal=layer in {"resource", "rcp", "endpoint"}, effects=("Deny",)))
    extra = policy(statement)
    current = getattr(layers, layer)
    if layer in {"resource", "boundary", "endpoint"}:
        if current is None:
            return
        changed = msgspec.structs.replace(current, statements=(*current.statements, *extra.statements))
    elif layer in {"scp", "rcp"}:
        if not current:
            return
        changed = ((*current[0], extra), *current[1:])
    elif current is None:
        return
    else:
        changed = (*current, extra)
    _never_adds(decide(asked, layers).answer, decide(asked, _more(layers, **{layer: changed})).answer)


@given(_requests(), _layers(), st.sampled_from(["scp", "rcp", "boundary", "endpoint", "session"]), st.data())
@cases(250)
def test_one_more_limit_never_adds_access(asked, layers, layer, data):
    limit = policy(*data.draw(_WIDE_RESOURCE if layer in {"rcp", "endpoint"} else _WIDE))
    before = decide(asked, layers).answer
    if layer in {"scp", "rcp"}:
        changed = (*getattr(layers, layer), (limit,))
    elif getattr(layers, layer) is not None:
        return
    elif layer == "session":
        if asked.principal == FEDERATED:
            # A federated user has nothing without one.
            return
        changed = (limit,)
    else:
        changed = limit
    _never_adds(before, decide(asked, _more(layers, **{layer: changed})).answer)


@given(_requests(), _layers(), st.sampled_from(["identity", "resource"]), st.data())
@cases(250)
def test_an_allow_never_takes_access_away(asked, layers, layer, data):
    extra = policy(data.draw(_statements(principal=layer == "resource", effects=("Allow",))))
    if layer == "identity":
        changed = _more(layers, identity=(*layers.identity, extra))
    else:
        # Unless it makes a bucket's policy public, which S3 then blocks.
        current = layers.resource.statements if layers.resource else ()
        changed = _more(layers, resource=msgspec.structs.replace(extra, statements=(*current, *extra.statements)), blocks_public=False)
        layers = _more(layers, blocks_public=False)
    before, after = decide(asked, layers).answer, decide(asked, changed).answer
    if before is A:
        assert after is A
    if before is U:
        assert after in {A, U}
    assert (before is D) == (after is D)


@given(_requests(), _layers())
@cases(150)
def test_the_case_of_actions_and_keys_changes_nothing(asked, layers):
    shouted = msgspec.structs.replace(
        asked,
        action=asked.action.upper(),
        context=tuple(ContextEntry(key=entry.key.upper(), values=entry.values) for entry in asked.context),
    )
    assert decide(shouted, layers).answer is decide(asked, layers).answer


@given(_requests(), _layers(), st.randoms(use_true_random=False))
@cases(150)
def test_order_changes_nothing(asked, layers, random):
    def shuffled(document):
        if document is None:
            return None
        statements = list(document.statements)
        random.shuffle(statements)
        return msgspec.structs.replace(document, statements=tuple(statements))

    def all_of(documents):
        turned = [shuffled(one) for one in documents]
        random.shuffle(turned)
        return tuple(turned)

    other = _more(
        layers,
        identity=all_of(layers.identity),
        resource=shuffled(layers.resource),
        boundary=shuffled(layers.boundary),
        session=None if layers.session is None else all_of(layers.session),
        scp=tuple(all_of(level) for level in reversed(layers.scp)),
        rcp=tuple(all_of(level) for level in reversed(layers.rcp)),
        endpoint=shuffled(layers.endpoint),
    )
    before, after = decide(asked, layers), decide(asked, other)
    assert (after.answer, sorted(after.needs), sorted(after.lacking)) == (before.answer, sorted(before.needs), sorted(before.lacking))


@given(_requests(), _layers())
@cases(150)
def test_splitting_a_policy_changes_nothing(asked, layers):
    split = _more(
        layers,
        identity=tuple(msgspec.structs.replace(one, statements=(statement,)) for one in layers.identity for statement in one.statements),
    )
    assert decide(asked, split).answer is decide(asked, layers).answer


@given(_requests(), _layers(), st.data())
@cases(250)
def test_telling_what_is_needed_settles_an_unknown(asked, layers, data):
    layers = _more(layers, unread=())
    decision = decide(asked, layers)
    told = {entry.key.lower() for entry in asked.context}
    more = tuple(
        ContextEntry(key=key, values=data.draw(st.sampled_from([(), ("a",), ("b",), ("a", "c")])))
        for key in dict.fromkeys(("aws:x", *decision.needs))
        if key.lower() not in told
    )
    after = decide(msgspec.structs.replace(asked, context=(*asked.context, *more)), layers).answer
    match decision.answer:
        case answer if answer is U:
            assert decision.needs
        case answer if answer is I:
            assert after in {I, D}
        case answer:
            assert after is answer


@given(_requests(), _layers())
@cases(150)
def test_an_answer_explains_itself(asked, layers):
    decision = decide(asked, layers)
    assert decision.layer
    match decision.answer:
        case answer if answer is A:
            assert decision.statement is None or decision.statement.effect == "Allow"
            assert any(step.matched for step in decision.trace) or decision.layer in {"grant", "identity"}
        case answer if answer is D:
            assert decision.statement.effect == "Deny"
        case answer if answer is I:
            assert decision.statement is None
            assert decision.lacking
            assert decision.layer in decision.lacking
        case _:
            assert decision.needs
