"""Everybody who may: principals of the estate, and whom the resource's policy lets in besides."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.estates import ACCOUNT, DENIED, FUNCTION_ARN, OTHER, allow, analysis, function, on, policy
from tests.reach.attack import arn, can, deny, estate, group, secret, store, trust, user
from tests.reach.test_control import organization

from buckler.engines.iam import Answer
from buckler.model.estate import Missing
from buckler.reach.who import crowd_of, who_can

SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:orders-abcdef"
READ = "secretsmanager:GetSecretValue"
INVOKE = "lambda:InvokeFunction"


def told(about, action=READ, resource=SECRET):
    return [(one.principal.rpartition("/")[2], one.kind, one.is_sure) for one in who_can(about, action, resource).may]


def strangers(about, action, resource):
    return [one for one in told(about, action, resource) if one[1] not in {"role", "user"}]


def lets(principal, action=INVOKE, **more):
    return policy({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more})


def test_those_who_may_for_sure_come_first():
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    about = estate(
        user("ann", allow(READ, Condition=mfa)),
        user("bob", allow(READ)),
        user("eve"),
        can("app", allow("secretsmanager:*")),
        secret("orders"),
    )
    assert told(about) == [("app", "role", True), ("bob", "user", True), ("ann", "user", False)]
    answer = who_can(about, READ, SECRET)
    assert answer.asked == 4
    assert answer.may[2].only_if == ("aws:MultiFactorAuthPresent is true",)
    assert all(one.origins for one in answer.may)


def test_a_role_has_no_second_factor():
    about = estate(can("app", allow(READ, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})), secret("orders"))
    assert told(about) == []


def test_denied_ones_are_not_among_them():
    closed = secret("orders", policy=policy({**deny(READ), "Principal": {"AWS": arn("user", "ann")}}))
    assert told(estate(user("ann", allow(READ)), user("bob", allow(READ)), closed)) == [("bob", "user", True)]


def test_who_may_only_perhaps_says_why():
    (one,) = who_can(estate(user("ann", inline=DENIED), secret("orders")), READ, SECRET).may
    assert (one.is_sure, one.why) == (False, DENIED.why)


def test_an_unread_policy_of_a_function_takes_nothing_back_and_may_add():
    about = estate(user("ann", allow(INVOKE)), user("bob"), function(policies=DENIED))
    answer = {one.principal: one.is_sure for one in who_can(about, INVOKE, FUNCTION_ARN).may}
    assert answer == {arn("user", "ann"): True, arn("user", "bob"): False, arn("role", "checkout-role"): False}


def test_a_policy_of_the_resource_that_names_a_principal_is_enough():
    shared = secret("orders", policy=lets({"AWS": arn("role", "app")}, READ))
    assert told(estate(can("app", allow("logs:*")), can("other", allow("logs:*")), shared)) == [("app", "role", True)]


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        pytest.param("*", [("*", "anyone", True)], id="anyone"),
        pytest.param({"AWS": f"arn:aws:iam::{OTHER}:root"}, [(OTHER, "account", True)], id="account-by-root"),
        pytest.param({"AWS": OTHER}, [(OTHER, "account", True)], id="account-by-number"),
        pytest.param({"AWS": arn("role", "theirs", OTHER)}, [("theirs", "principal", True)], id="a-principal-of-theirs"),
        pytest.param({"Service": "s3.amazonaws.com"}, [("s3.amazonaws.com", "service", True)], id="service"),
        # Its principals were asked one by one, and none may.
        pytest.param({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, [], id="our-own-account"),
    ],
)
def test_whom_the_policy_lets_in_from_outside(principal, expected):
    about = analysis(function(policies=(on("$LATEST", lets(principal)),)))
    assert strangers(about, INVOKE, FUNCTION_ARN) == expected


def test_strangers_by_the_url_only_are_told_so_and_nobody_else_is_taken_for_them():
    by_url = lets("*", Condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})
    about = estate(can("app", allow("s3:*")), function(policies=(on("$LATEST", by_url),)))
    (one,) = who_can(about, INVOKE, FUNCTION_ARN).may
    assert (one.kind, one.is_sure, one.only_if) == ("anyone", False, ("lambda:InvokedViaFunctionUrl is true",))


def test_a_principal_of_the_estate_is_told_once():
    shared = secret("orders", policy=lets({"AWS": arn("user", "ann")}, READ))
    assert told(estate(user("ann", allow(READ)), shared)) == [("ann", "user", True)]


def test_a_bucket_is_asked_for_its_objects():
    open_bucket = store("bucket", "assets", policy=policy({**allow("s3:GetObject", "arn:aws:s3:::assets/*"), "Principal": "*"}))
    assert strangers(estate(open_bucket), "s3:GetObject", "arn:aws:s3:::assets/x") == [("*", "anyone", True)]
    blocked = store("bucket", "assets", policy=open_bucket.policy, blocks_public_policy=True)
    assert strangers(estate(blocked), "s3:GetObject", "arn:aws:s3:::assets/x") == []


def test_what_was_not_read_is_a_note():
    unread = Missing(collection="users", account=ACCOUNT, region="", unknown=DENIED)
    notes = who_can(estate(can("app", allow(READ)), unread, organizations=(organization(policies=DENIED),)), READ, SECRET).notes
    assert notes[0].startswith(f"`{SECRET}` is not among what was read")
    assert notes[1:] == (
        f"service control policies of {ACCOUNT} are not applied: {DENIED.why}",
        f"users of {ACCOUNT} were not read: {DENIED.why}",
    )


# --- the obvious twin asks one principal after the other -----------------------------------------------------------------

_CONDITIONS = st.sampled_from(
    [
        {},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}},
        {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
        {"Condition": {"StringLike": {"aws:PrincipalArn": "*/a*"}}},
    ]
)
_RESOURCES = st.sampled_from(["*", SECRET, f"{SECRET[:-6]}*", "arn:aws:secretsmanager:*:*:secret:payroll-*"])
_ACTIONS = st.sampled_from(["*", READ, "secretsmanager:Get*", "s3:*"])
_STATEMENTS = st.lists(
    st.builds(
        lambda effect, action, resource, condition: {"Effect": effect, "Action": action, "Resource": resource, **condition},
        st.sampled_from(["Allow", "Allow", "Deny"]), _ACTIONS, _RESOURCES, _CONDITIONS,
    ),
    max_size=3,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(people=st.lists(_STATEMENTS, min_size=1, max_size=4), ours=_STATEMENTS, guards=_STATEMENTS)
def test_the_list_is_what_asking_each_one_gives(people, ours, guards):
    users = [user(name, *statements, groups=("all",)) for name, statements in zip("abcd", people, strict=False)]
    roles = [can(f"a{number}", *statements) for number, statements in enumerate(people)] + [can("z", trust=trust(aws="*"))]
    own = policy(*({**one, "Principal": {"AWS": arn("user", "a")}} for one in guards)) if guards else None
    about = estate(*users, *roles, group("all", *ours), secret("orders", policy=own))
    expected = {}
    for identity in about.access.principals:
        answer = about.access.decide(about.access.request(identity.arn, READ, SECRET)).answer
        if answer in {Answer.ALLOW, Answer.UNKNOWN}:
            expected[identity.arn] = answer is Answer.ALLOW
    fast = {identity.arn: answer is Answer.ALLOW for identity, _, _, answer in crowd_of(about).who_can(READ, SECRET)}
    assert fast == expected
    # A condition that can be met keeps somebody in the list, one that cannot does not put them there.
    named = {one.principal: one.is_sure for one in who_can(about, READ, SECRET).may}
    assert {arn for arn, sure in named.items() if sure} == {arn for arn, sure in expected.items() if sure}
    assert set(named) <= set(expected)
