"""A difference is a request that replays, and where none is said to exist no request of a small world shows one."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import cases
from tests.engines.iam.small_world import ACTIONS, CALLERS, LAYERS, OTHER, RESOURCES, ROLE
from tests.estates import DENIED, allow, policy

from buckler.engines.iam import Answer, decide, solve
from buckler.engines.iam.compare import compare, is_no_wider
from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import Layers, Unread
from buckler.model.stores import Grant
from buckler.model.text import hole


def deny(action, resource="*", **more):
    return {**allow(action, resource, **more), "Effect": "Deny"}


def identity(*statements, **more):
    return Layers(identity=(policy(*statements),), **more)


def compared(old, new, principal=ROLE):
    found = compare(old, new, principal=principal)
    if found.verdict == "wider":
        assert decide(found.request, new).answer is Answer.ALLOW
        assert not decide(found.request, old).may_allow
    return found


# --- what is wider, and by which request ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "action", "resource"),
    [
        pytest.param([], [allow("s3:GetObject", "arn:aws:s3:::b/*")], "s3:GetObject", "arn:aws:s3:::b/x", id="from-nothing"),
        pytest.param(
            [allow("s3:GetObject", "arn:aws:s3:::b/public/*")],
            [allow("s3:GetObject", "arn:aws:s3:::b/*")],
            "s3:GetObject",
            "arn:aws:s3:::b/x",
            id="resource",
        ),
        pytest.param([allow("lambda:Get*")], [allow("lambda:*")], "lambda:InvokeFunction", None, id="action"),
        pytest.param(
            [allow("*"), deny("iam:*")], [allow("*"), deny("iam:Delete*")], "iam:AcceptDelegationRequest", None, id="smaller-deny"
        ),
        pytest.param(
            [allow("s3:*", "arn:aws:s3:::b/*")],
            [allow("s3:*", "arn:aws:s3:::b*")],
            "s3:GetObject",
            "arn:aws:s3:::bx/x",
            id="another-bucket",
        ),
        pytest.param(
            [allow("s3:Get*")], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "lambda:InvokeFunction", None, id="not-action"
        ),
    ],
)
def test_what_is_wider_is_shown_by_a_request(old, new, action, resource):
    found = compared(identity(*old), identity(*new))
    assert found.verdict == "wider"
    assert found.is_real
    assert action is None or found.request.action == action
    assert resource is None or found.request.resource == resource


def test_the_bucket_itself_is_a_resource_of_another_action():
    found = compared(identity(allow("s3:*", "arn:aws:s3:::b/*")), identity(allow("s3:*", ["arn:aws:s3:::b/*", "arn:aws:s3:::b"])))
    assert found.is_real
    assert found.request.resource == "arn:aws:s3:::b"
    assert found.request.action != "s3:GetObject"


def test_a_resource_that_no_action_acts_on_is_said_to_be_one():
    found = compared(
        identity(allow("s3:GetObject", "arn:aws:s3:::*")), identity(allow("s3:GetObject", ["arn:aws:s3:::*", "arn:aws:sqs:*:*:*"]))
    )
    assert (found.verdict, found.is_real) == ("wider", False)


def test_a_condition_that_went_away_is_shown_by_a_context():
    at_home = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    found = compared(identity(allow("s3:*", Condition=at_home)), identity(allow("s3:*")))
    assert found.verdict == "wider"
    found = compared(
        identity(allow("s3:*", Condition=at_home)), identity(allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/7"}}))
    )
    assert {entry.key: entry.values for entry in found.request.context} == {"aws:SourceIp": ("11.0.0.0",)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param([allow("s3:*")], [allow("s3:*")], id="same"),
        pytest.param([allow("s3:*")], [allow(["s3:Get*", "s3:Put*"], "arn:aws:s3:::b/*"), allow("S3:LIST*")], id="less"),
        pytest.param([allow("*")], [allow("*"), deny("iam:*")], id="one-deny-more"),
        pytest.param(
            [allow("s3:*", "arn:aws:s3:::a/*"), allow("s3:*", "arn:aws:s3:::b/*")],
            [allow("s3:*", ["arn:aws:s3:::b/*", "arn:aws:s3:::a/*"])],
            id="joined",
        ),
        pytest.param([allow("s3:*")], [allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team}/*")], id="narrowed-by-a-variable"),
        pytest.param(
            [allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team}/*")],
            [allow("s3:Get*", "arn:aws:s3:::${aws:PrincipalTag/team}/*")],
            id="same-variable",
        ),
        pytest.param(
            [allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})],
            [allow("s3:*"), deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}})],
            id="said-in-another-way",
        ),
        pytest.param(
            [allow("s3:*", Condition={"StringEquals": {"k": ["a", "b"]}})],
            [
                allow("s3:*", Condition={"StringEquals": {"k": "a"}}),
                allow("s3:Get*", Condition={"StringEquals": {"k": "b"}, "Null": {"l": "true"}}),
            ],
            id="conditions",
        ),
        pytest.param([allow("s3:*", hole("Bucket"))], [allow("s3:Get*", hole("Bucket"))], id="the-same-hole"),
        pytest.param([allow("new-service:*")], [allow("new-service:Do*")], id="actions-nobody-knows"),
        pytest.param([allow("*")], [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, allow("s3:*")], id="in-two-halves"),
    ],
)
def test_what_is_no_wider_is_proved(old, new):
    found = compared(identity(*old), identity(*new))
    assert (found.verdict, found.why) == ("no-wider", "")


def test_actions_outside_the_catalogue_count():
    found = compared(identity(allow("s3:*")), identity(allow("s3:*"), allow("brandnew:DoIt")))
    assert found.request.action == "brandnew:doit"
    everything = identity(*(allow(f"{letter}*:*") for letter in "abcdefghijklmnopqrstuvwxyz"))
    assert compared(everything, identity(allow("*"))).request.action.partition(":")[0][0] not in "abcdefghijklmnopqrstuvwxyz"


def test_an_action_nobody_knows_is_made_up_where_every_known_one_is_named_otherwise():
    old = identity(allow(["s3:GetObject", "s3:GetObject?*", "s3:GetObject*"]))
    found = compared(old, identity(allow("s3:Get*Object")))
    assert found.verdict == "wider"
    get, end = allow("s3:Get*"), allow("*:*Object")
    assert compared(identity(get), identity(get, end)).request.action.endswith("Object")
    assert compared(identity(), identity(get, end)).verdict == "wider"


def test_a_variable_is_text_in_the_older_version():
    statement = allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team}/*")
    newer = policy(statement)
    older = msgspec.structs.replace(newer, version="2008-10-17")
    assert older.statements is newer.statements
    assert compared(Layers(identity=(older,)), Layers(identity=(newer,))).verdict == "wider"
    assert compared(Layers(identity=(newer,)), Layers(identity=(older,))).verdict == "wider"


def test_a_hole_gives_neither_witness_nor_proof():
    assert compared(identity(allow("s3:Get*")), identity(allow("s3:*", hole("Bucket")))).verdict == "undecided"
    assert compared(identity(allow("s3:*", hole("Bucket"))), identity(allow("s3:*"))).verdict == "undecided"
    assert compared(identity(allow("s3:*", hole("Bucket"))), identity(allow("s3:*"), allow("sqs:*"))).verdict == "wider"
    assert compared(identity(DENIED), identity(DENIED)).verdict == "no-wider"
    assert compared(identity(), identity(DENIED)).verdict == "undecided"


# --- all layers ------------------------------------------------------------------------------------------------------------------


def test_a_boundary_a_control_policy_and_a_session_limit():
    wide = allow("*")
    assert compared(identity(allow("s3:*")), identity(wide, boundary=policy(allow("s3:*")))).verdict == "no-wider"
    assert compared(identity(allow("s3:*")), identity(wide, session=(policy(allow("s3:Get*")),))).verdict == "no-wider"
    assert compared(identity(allow("s3:*")), identity(wide, scp=((policy(wide),), (policy(allow("s3:*")),)))).verdict == "no-wider"
    assert compared(identity(wide, scp=((policy(wide), policy(deny("iam:*"))),)), identity(wide)).request.action.startswith("iam:")
    assert compared(identity(wide, boundary=policy(allow("s3:*"))), identity(wide)).verdict == "wider"
    assert compared(identity(wide), identity(wide, unread=(Unread(layer="scp", unknown=DENIED),))).verdict == "no-wider"
    assert compared(identity(allow("s3:*")), identity(wide, unread=(Unread(layer="boundary", unknown=DENIED),))).verdict == "undecided"


def test_a_resource_policy_lets_another_account_in():
    queue = "arn:aws:sqs:us-east-1:111122223333:q"
    own = identity(allow("sqs:*"))
    shared = identity(allow("sqs:*"), resource=policy(allow("sqs:SendMessage", queue, Principal={"AWS": OTHER})))
    assert compared(own, shared, principal=ROLE).verdict == "no-wider"
    found = compared(own, shared, principal=OTHER)
    assert (found.verdict, found.request.resource) == ("wider", queue)


def test_a_trust_policy_decides_who_becomes_the_role():
    target = "arn:aws:iam::111122223333:role/admin"

    def trusting(who):
        return Layers(
            identity=(policy(allow("sts:AssumeRole")),),
            resource=policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": who}}),
        )

    found = compared(trusting("arn:aws:iam::111122223333:role/else"), trusting(ROLE))
    assert (found.request.action, found.is_real) == ("sts:AssumeRole", True)
    assert decide(Request(principal=ROLE, action="sts:AssumeRole", resource=target), trusting(ROLE)).answer is Answer.ALLOW
    assert compared(trusting("111122223333"), trusting(ROLE)).verdict == "no-wider"


def test_a_grant_lets_use_a_key():
    locked = Layers(resource=policy(allow("kms:*", Principal={"AWS": "arn:aws:iam::111122223333:role/keeper"})))
    granted = Layers(resource=locked.resource, grants=(Grant(grantee=ROLE, operations=("Decrypt",), context_equals=(("app", "shop"),)),))
    found = compared(locked, granted)
    assert found.request.action == "kms:Decrypt"
    assert {entry.key.lower(): entry.values for entry in found.request.context}["kms:encryptioncontext:app"] == ("shop",)
    assert compared(granted, locked).verdict == "no-wider"


def test_policies_of_one_kind_are_compared_for_everybody_they_name():
    private = policy(allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:f", Principal={"AWS": OTHER}))
    public = policy(allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:f", Principal="*"))
    found = compared([private], [public], principal=None)
    assert found.verdict == "wider"
    assert found.request.principal != OTHER
    assert is_no_wider([public], [private])
    assert is_no_wider([private], [public]) is False


_IN_IRELAND = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
_IN_EUROPE = {"StringLike": {"aws:RequestedRegion": "eu-*"}}
_IRISH = "arn:aws:lambda:eu-west-1:*:function:*"


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        pytest.param(allow("lambda:*", Condition=_IN_IRELAND), allow("lambda:InvokeFunction", _IRISH), "no-wider", id="region-of-the-arn"),
        pytest.param(allow("lambda:*", Condition=_IN_IRELAND), allow("lambda:InvokeFunction"), "wider", id="any-region"),
        pytest.param(allow("lambda:*", Condition=_IN_IRELAND), allow("lambda:*", Condition=_IN_EUROPE), "wider", id="more-regions"),
        pytest.param(allow("lambda:*", Condition=_IN_EUROPE), allow("lambda:*", Condition=_IN_IRELAND), "no-wider", id="fewer-regions"),
        pytest.param(
            allow("lambda:*", "arn:aws:lambda:eu-*"), allow("lambda:*", "arn:*", Condition=_IN_EUROPE), "wider", id="no-region-in-the-arn"
        ),
    ],
)
def test_the_region_of_a_resource_is_the_region_asked(old, new, verdict):
    found = compared(identity(old), identity(new))
    assert found.verdict == verdict
    asked = [entry.values[0] for entry in found.request.context if entry.key == "aws:RequestedRegion"] if found.request else []
    assert found.request is None or not asked or found.request.resource.split(":")[3:4] in ([], [""])


def test_a_queue_that_never_crosses_accounts():
    queue = "arn:aws:sqs:us-east-1:111122223333:q"
    shared = identity(allow("sqs:*"), resource=policy(allow(["sqs:DeleteQueue", "sqs:TagQueue"], queue, Principal={"AWS": OTHER})))
    assert compared(identity(allow("sqs:*")), shared, principal=OTHER).verdict == "no-wider"


def test_too_many_combinations_of_conditions_are_no_proof(monkeypatch):
    keys = [f"k{number}" for number in range(9)]
    either = [allow("s3:*", Condition={"StringEquals": {key: ["a", "b"] for key in keys}})]
    some = [
        allow("s3:*", Condition={"StringEquals": {keys[n]: "ab"[n % 2], keys[n - 3]: "ab"[n % 3 % 2], keys[n - 5]: "a"}}) for n in range(9)
    ]
    assert compared(identity(*some), identity(*either)).verdict == "wider"
    monkeypatch.setattr(solve, "WORK", 8)
    found = compared(identity(*some), identity(*either))
    assert (found.verdict, "combinations" in found.why) == ("undecided", True)


# --- against all requests of a small world ------------------------------------------------------------------------------------------


@given(LAYERS, LAYERS, st.sampled_from(CALLERS))
@cases(80)
def test_no_request_shows_a_difference_where_none_is_said_to_exist(old, new, principal):
    found = compared(old, new, principal)
    assert found.verdict != "undecided" or old.unread or new.unread, found.why
    if found.verdict != "no-wider":
        return
    for action, resource, values in itertools.product(ACTIONS, RESOURCES, [(), ("a",), ("b",)]):
        request = Request(principal=principal, action=action, resource=resource, context=(ContextEntry(key="k", values=values),))
        assert decide(request, new).answer is not Answer.ALLOW or decide(request, old).answer is Answer.ALLOW, (request, old, new)
