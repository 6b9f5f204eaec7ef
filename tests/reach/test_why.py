"""Why a request is allowed or not: what each layer says, what would have to change, and what nobody looked at."""

from datetime import date

import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, TODAY, allow, analysis, attached, function, on, policy
from tests.reach.attack import arn, can, deny, estate, secret, trust, user
from tests.reach.test_control import ROOT, control, organization

from buckler.reach.analysis import Analysis
from buckler.reach.why import why

SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:orders-abcdef"
READ = "secretsmanager:GetSecretValue"
ANN = arn("user", "ann")


def asked(*entities, action=READ, resource=SECRET, principal=ANN, context=None, **more):
    return why(estate(*entities, **more), principal, action, resource, context or {})


def test_an_allow_names_its_statement():
    answer = asked(user("ann", allow(READ, Sid="Read")), secret("orders"))
    assert (answer.verdict, answer.layer, answer.change) == ("allowed", "identity", ())
    assert [(one.layer, one.effect, one.speaks, one.sid) for one in answer.said] == [("identity", "Allow", True, "Read")]


def test_nothing_allows_it():
    answer = asked(user("ann", allow("s3:*")), secret("orders"))
    assert (answer.verdict, answer.layer) == ("not allowed", "identity")
    # A statement of other actions is none of its business.
    assert answer.said == ()
    assert answer.change == (f"an identity policy of the principal must allow {READ} on {SECRET}",)


@pytest.mark.parametrize(
    ("statement", "misses", "change"),
    [
        (allow(READ, f"{SECRET[:-13]}payroll-*"), "resource", "is for arn:aws:secretsmanager:eu-west-1:123456789012:secret:payroll-*"),
        (
            allow(READ, Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
            "condition",
            "would, if aws:RequestedRegion equals `us-east-1`",
        ),
    ],
)
def test_a_near_miss_says_by_what(statement, misses, change):
    answer = asked(user("ann", statement), secret("orders"))
    assert answer.verdict == "not allowed"
    assert [(one.speaks, one.misses) for one in answer.said] == [(False, misses)]
    assert answer.change[1].endswith(change)


def test_a_denial_names_the_statement_to_narrow():
    answer = asked(user("ann", allow(READ), deny(READ, Sid="Never")), secret("orders"))
    assert (answer.verdict, answer.layer) == ("denied", "identity")
    assert answer.change == (f"narrow the Deny `Never` of an identity policy of the principal at {_place(answer)}",)


def _place(answer):
    from buckler.model.origin import place

    return place(next(one.origin for one in answer.said if one.effect == "Deny"))


def test_a_boundary_that_does_not_allow_it():
    bound = attached(arn("policy", "limit"), policy(allow("s3:*")))
    answer = asked(user("ann", allow(READ), boundary=bound), secret("orders"))
    assert (answer.verdict, answer.layer) == ("not allowed", "boundary")
    assert "boundary" in answer.layers
    assert answer.change == (f"the permissions boundary must allow {READ} on {SECRET}",)


def test_control_policies_are_told_level_by_level():
    one = organization(
        control("root", (ROOT,), policy(allow("*"))), control("account", (ACCOUNT,), policy(allow("*"), deny(READ, Sid="NoSecrets")))
    )
    answer = asked(user("ann", allow(READ)), secret("orders"), organizations=(one,))
    assert (answer.verdict, answer.layer) == ("denied", "scp")
    assert [(said.level, said.effect, said.speaks) for said in answer.said if said.layer == "scp"] == [
        (0, "Allow", True),
        (1, "Allow", True),
        (1, "Deny", True),
    ]
    assert answer.change[0].startswith("narrow the Deny `NoSecrets` of the service control policies at ")


def test_a_trust_policy_says_for_whom_it_is():
    answer = asked(
        user("ann"), can("admin", trust=trust(service="lambda.amazonaws.com")), action="sts:AssumeRole", resource=arn("role", "admin")
    )
    assert (answer.verdict, answer.layer) == ("not allowed", "trust")
    assert any(line.endswith(" is for lambda.amazonaws.com") for line in answer.change)
    assert answer.change[-1].startswith("unless the trust policy names the principal itself: an identity policy of the principal ")


def test_across_accounts_both_sides_must_allow_it():
    theirs = can("deployer", account=OTHER, arn=arn("role", "deployer", OTHER), trust=trust(aws=arn("user", "bob")))
    answer = asked(user("ann"), theirs, action="sts:AssumeRole", resource=arn("role", "deployer", OTHER))
    assert [line.partition(" must ")[0] for line in answer.change if " must " in line] == [
        "the role's trust policy",
        "an identity policy of the principal",
    ]


def test_a_missing_key_is_asked_for_and_settles_it():
    ann = user("ann", allow(READ, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    answer = asked(ann, secret("orders"))
    assert (answer.verdict, answer.needs) == ("depends", ("aws:MultiFactorAuthPresent",))
    assert answer.change == ("the value of `aws:MultiFactorAuthPresent`: add --context aws:MultiFactorAuthPresent=VALUE",)
    assert asked(ann, secret("orders"), context={"aws:MultiFactorAuthPresent": ("true",)}).verdict == "allowed"
    assert asked(ann, secret("orders"), context={"aws:MultiFactorAuthPresent": ()}).verdict == "not allowed"


def test_what_could_not_be_read_is_told_and_never_nothing():
    answer = asked(user("ann", attached=DENIED), secret("orders"))
    assert answer.verdict == "depends"
    assert [(one.layer, one.unknown) for one in answer.unread] == [("identity", DENIED)]
    assert answer.change == ("what an identity policy of the principal says, which could not be read: grant buckler lambda:GetPolicy",)


def test_an_unread_policy_of_a_function_takes_nothing_back_and_may_add():
    """`AddPermission` only allows."""
    closed = function(policies=DENIED)
    asking = {"action": "lambda:InvokeFunction", "resource": closed.arn}
    assert asked(user("ann", allow("lambda:InvokeFunction")), closed, **asking).verdict == "allowed"
    assert asked(user("ann"), closed, **asking).verdict == "depends"


def test_the_trust_of_a_role_nobody_read_is_not_a_no():
    theirs = arn("role", "deployer", OTHER)
    answer = asked(user("ann", allow("sts:AssumeRole")), action="sts:AssumeRole", resource=theirs)
    assert answer.verdict == "depends"
    assert [one.layer for one in answer.unread] == ["trust"]
    # But where our own side does not let it, theirs does not matter.
    assert asked(user("ann"), action="sts:AssumeRole", resource=theirs).verdict == "not allowed"


def test_a_resource_nobody_read_is_said_so():
    answer = asked(user("ann", allow("s3:*")), action="s3:GetObject", resource="arn:aws:s3:::elsewhere/x")
    assert answer.verdict == "allowed"
    assert answer.notes == (
        "`arn:aws:s3:::elsewhere/x` is not among what was read: a policy of its own, should it have one, is not applied",
    )
    # What can have no policy of its own is not missing one.
    assert (
        asked(user("ann", allow("ec2:*")), action="ec2:RunInstances", resource="arn:aws:ec2:eu-west-1:123456789012:instance/*").notes == ()
    )


def test_unread_control_policies_are_a_note():
    answer = asked(user("ann", allow(READ)), secret("orders"), organizations=(organization(policies=DENIED),))
    assert answer.verdict == "allowed"
    assert answer.notes == (f"service control policies are not applied: {DENIED.why}",)


def test_an_action_that_does_not_exist_is_a_note():
    answer = asked(user("ann", allow("s3:*")), action="s3:GetObjct", resource="arn:aws:s3:::elsewhere/x")
    assert answer.notes[-1] == "`s3:GetObjct` is no action that AWS documents; did you mean `s3:GetObject`?"


def test_a_stranger_asks_the_resource_alone():
    public = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"}
    about = analysis(function(policies=(on("$LATEST", policy(public)),)))
    answer = why(about, "*", "lambda:InvokeFunction", about.estate.functions[0].arn, {})
    assert (answer.verdict, answer.layer) == ("allowed", "resource")


def test_it_is_asked_on_the_day_of_the_analysis():
    until = user("ann", allow(READ, Condition={"DateLessThan": {"aws:CurrentTime": "2026-12-01T00:00:00Z"}}))
    about = estate(until, secret("orders"))
    assert about.today == TODAY
    assert why(about, ANN, READ, SECRET, {}).verdict == "allowed"
    later = Analysis(about.estate, today=date(2027, 1, 1))
    assert why(later, ANN, READ, SECRET, {}).verdict == "not allowed"


def test_a_misspelt_condition_key_is_in_no_request():
    statement = allow(READ, Condition={"StringEquals": {"aws:SourceVpcee": "vpce-1"}})
    answer = asked(user("ann", statement), secret("orders"))
    assert answer.verdict == "not allowed"
    assert answer.notes[0] == (
        "`aws:SourceVpcee` is no condition key that AWS documents, so no request has it; did you mean `aws:SourceVpce`?"
    )


@pytest.mark.parametrize(
    ("value", "verdict"), [(None, "depends"), ((), "allowed"), (("monday",), "denied")], ids=["not-told", "absent", "there"]
)
def test_a_deny_with_a_variable_asks_for_its_value(value, verdict):
    guard = deny(READ, "arn:aws:secretsmanager:*:*:secret:${aws:SourceVpc}-*")
    holder = {} if value is None else {"aws:SourceVpc": value}
    answer = asked(user("ann", allow(READ), guard), secret("orders"), context=holder, resource=SECRET.replace("orders", "monday"))
    assert answer.verdict == verdict
    assert answer.needs == (("aws:SourceVpc",) if value is None else ())


@pytest.mark.parametrize("layer", ["session", "endpoint"])
@pytest.mark.parametrize(("granted", "verdict"), [(READ, "allowed"), ("s3:GetObject", "not allowed")], ids=["leaves-it", "refuses"])
def test_a_policy_of_the_session_or_the_endpoint_has_a_say(layer, granted, verdict):
    document = policy({**allow(granted), "Principal": "*"}) if layer == "endpoint" else policy(allow(granted))
    given = {layer: (document,) if layer == "session" else document}
    answer = why(estate(can("reader", allow(READ)), secret("orders")), arn("role", "reader"), READ, SECRET, {}, **given)
    assert answer.verdict == verdict
    if verdict == "not allowed":
        assert answer.layer == layer
