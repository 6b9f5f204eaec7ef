"""What AWS answers, case by case: each row is a sentence of the IAM User Guide."""

import pytest
from tests.estates import DENIED, allow, policy

from buckler.engines.iam import Answer, decide
from buckler.model.finding import ContextEntry, Request
from buckler.model.text import Hole, Partial, hole

A, D, I, U = Answer.ALLOW, Answer.DENY, Answer.IMPLICIT_DENY, Answer.UNKNOWN  # noqa: E741 - one letter per answer keeps the tables readable

ACCOUNT = "111122223333"
FN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
PATH_ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/x/deploy"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build-7"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OTHER_USER = "arn:aws:iam::444455556666:user/bob"


def ask(*statements, principal=USER, action="lambda:InvokeFunction", resource=FN, version="2012-10-17", **context):
    """Decide with one policy of *statements*; context keys are written `aws__SourceIp`."""
    entries = tuple(
        ContextEntry(key=key.replace("__", ":").replace("_SLASH_", "/"), values=(value,) if isinstance(value, str) else tuple(value))
        for key, value in context.items()
    )
    request = Request(principal=principal, action=action, resource=resource, context=entries)
    return decide(request, (policy(*statements, version=version),)).answer


def deny(action="*", resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([], I, id="nothing-allows-so-it-is-denied"),
        pytest.param([allow("lambda:InvokeFunction")], A, id="an-allow-overrides-the-default"),
        pytest.param([allow("*"), deny()], D, id="an-explicit-deny-overrides-any-allow"),
        pytest.param([deny(), allow("*")], D, id="whatever-the-order"),
        pytest.param([deny()], D, id="a-deny-alone-is-explicit"),
        pytest.param([deny("lambda:DeleteFunction"), allow("*")], A, id="a-deny-of-something-else-does-not-matter"),
        pytest.param([allow("lambda:*", FN, Sid="x"), allow("s3:*")], A, id="one-of-two-statements-is-enough"),
        pytest.param([{"Effect": "Allow", "Action": "*"}], I, id="an-identity-statement-without-resource-is-malformed"),
        pytest.param([{"Effect": "Permit", "Action": "*", "Resource": "*"}], I, id="an-unknown-effect-is-malformed"),
        pytest.param([{"Effect": "allow", "Action": "*", "Resource": "*"}], I, id="effects-are-case-sensitive"),
        pytest.param([{"Effect": "Allow", "Action": "*", "NotAction": "s3:*", "Resource": "*"}], I, id="action-and-notaction-is-malformed"),
        pytest.param([allow("*", Condition={"StringIs": {"aws:x": "y"}})], I, id="an-unknown-operator-is-malformed"),
        pytest.param([allow("*"), deny(Condition={"StringIs": {"aws:x": "y"}})], A, id="a-malformed-deny-denies-nothing"),
        pytest.param([allow([])], I, id="no-action-at-all"),
        pytest.param([allow("*", [])], I, id="no-resource-at-all"),
    ],
)
def test_effects(statements, expected):
    assert ask(*statements) is expected


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("lambda:InvokeFunction", "lambda:InvokeFunction", A),
        ("LAMBDA:invokefunction", "lambda:InvokeFunction", A),
        ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl", I),
        ("lambda:Invoke*", "lambda:InvokeFunctionUrl", A),
        ("lambda:*Function", "lambda:InvokeFunction", A),
        ("lambda:*Function", "lambda:InvokeFunctionUrl", I),
        ("lambda:Invoke?unction", "lambda:InvokeFunction", A),
        ("lambda:InvokeFunction?", "lambda:InvokeFunction", I),
        ("*", "lambda:InvokeFunction", A),
        ("*:*", "lambda:InvokeFunction", A),
        ("lambda", "lambda:InvokeFunction", I),
        ("lambda*", "lambda:InvokeFunction", I),
        ("lam*:*", "lambda:InvokeFunction", A),
        ("", "lambda:InvokeFunction", I),
        ("lambda:*F*n*", "lambda:InvokeFunction", A),
    ],
)
def test_action(pattern, action, expected):
    assert ask(allow(pattern), action=action) is expected


@pytest.mark.parametrize(
    ("excluded", "action", "expected"),
    [
        ("s3:*", "lambda:InvokeFunction", A),
        ("lambda:*", "lambda:InvokeFunction", I),
        (["s3:*", "LAMBDA:Invoke*"], "lambda:InvokeFunction", I),
        ("lambda:Delete*", "lambda:InvokeFunction", A),
        ([], "lambda:InvokeFunction", A),
    ],
)
def test_not_action(excluded, action, expected):
    assert ask({"Effect": "Allow", "NotAction": excluded, "Resource": "*"}, action=action) is expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        (FN, FN, A),
        (FN, f"{FN}:live", I),
        (f"{FN}:*", f"{FN}:live", A),
        (f"{FN}:*", FN, I),
        (f"{FN}*", f"{FN}:live", A),
        (FN.replace("function:f", "function:F"), FN, I),
        ("*", FN, A),
        (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:*", FN, A),
        (f"arn:aws:lambda:*:{ACCOUNT}:function:f", FN, A),
        (f"arn:aws:lambda:us-*-1:{ACCOUNT}:function:f", FN, A),
        # A star inside a segment stays in it; one that ends a segment goes on.
        ("arn:aws:lambda:us*1:function:f", FN, I),
        ("arn:aws:lambda:*:function:f", FN, A),
        ("arn:aws:lambda:us-east-1:*:f", FN, A),
        ("arn:aws:lambda:us-east-?:111122223333:function:f", FN, A),
        ("arn:aws:lambda:us-east-1?111122223333:function:f", FN, I),
        # An incomplete ARN is completed with stars.
        ("arn:aws:lambda", FN, A),
        ("arn:aws:lambda:us-east-1", FN, A),
        ("arn:aws:lambda:eu-west-1", FN, I),
        ("arn:aws:sqs", FN, I),
        # The resource is one segment, slashes and colons in it are plain characters.
        ("arn:aws:s3:::b/*/x", "arn:aws:s3:::b/1/2/x", A),
        ("arn:aws:s3:::b/*/x", "arn:aws:s3:::b//x", A),
        ("arn:aws:s3:::b/*/x", "arn:aws:s3:::b/x", I),
        ("arn:aws:s3:::b/a*z", "arn:aws:s3:::b/a:z", A),
        ("arn:aws:s3:::b?", "arn:aws:s3:::b1", A),
        ("arn:aws:s3:::b.c", "arn:aws:s3:::bxc", I),
        ("arn:aws:s3:::[b]*", "arn:aws:s3:::[b]1", A),
        (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:*a*b*c", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:xaxbxc", A),
        (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:*a*b*c", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:xbxaxc", I),
        ("*f", FN, A),
    ],
)
def test_resource(pattern, resource, expected):
    assert ask(allow("*", pattern), resource=resource) is expected


@pytest.mark.parametrize(
    ("excluded", "expected"),
    [
        (FN, I),
        ("arn:aws:s3:::*", A),
        (["arn:aws:s3:::*", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:*"], I),
        ("*", I),
        ([], A),
    ],
)
def test_not_resource(excluded, expected):
    assert ask({"Effect": "Allow", "Action": "*", "NotResource": excluded}) is expected


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ("*", USER, A),
        ("*", "*", A),
        ("*", "s3.amazonaws.com", A),
        ({"AWS": "*"}, USER, A),
        ({"AWS": "*"}, "*", A),
        ({"AWS": ACCOUNT}, USER, A),
        ({"AWS": ROOT}, USER, A),
        ({"AWS": ROOT}, SESSION, A),
        ({"AWS": ROOT}, ROOT, A),
        ({"AWS": ACCOUNT}, ACCOUNT, A),
        ({"AWS": ROOT}, OTHER_USER, I),
        ({"AWS": ROOT}, "*", I),
        ({"AWS": ROOT}, "s3.amazonaws.com", I),
        ({"AWS": USER}, USER, A),
        ({"AWS": USER}, ROOT, I),
        ({"AWS": USER.upper()}, USER, I),
        ({"AWS": ROLE}, ROLE, A),
        ({"AWS": ROLE}, SESSION, A),
        ({"AWS": PATH_ROLE}, SESSION, A),
        ({"AWS": SESSION}, SESSION, A),
        ({"AWS": SESSION}, f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/other", I),
        ({"AWS": SESSION}, ROLE, I),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}, ROLE, I),
        ({"AWS": "AROAEXAMPLE"}, ROLE, I),
        ({"AWS": [OTHER_USER, USER]}, USER, A),
        ({"Service": "s3.amazonaws.com"}, "s3.amazonaws.com", A),
        ({"Service": "S3.amazonaws.com"}, "s3.amazonaws.com", A),
        ({"Service": "s3.amazonaws.com"}, "sns.amazonaws.com", I),
        ({"Service": "*"}, "sns.amazonaws.com", I),
        ({"Service": "logs.us-east-1.amazonaws.com"}, "logs.amazonaws.com", I),
        ({"AWS": USER, "Service": "s3.amazonaws.com"}, "s3.amazonaws.com", A),
        ({"Federated": "cognito-identity.amazonaws.com"}, "cognito-identity.amazonaws.com", A),
        ({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}, f"arn:aws:iam::{ACCOUNT}:saml-provider/x", A),
        ({"Federated": "*"}, "accounts.google.com", I),
        ({"CanonicalUser": "79a59d" * 10 + "abcd"}, "79a59d" * 10 + "abcd", A),
        ({"CanonicalUser": "79a59d" * 10 + "abcd"}, USER, I),
        ({"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/z"}, f"arn:aws:sts::{ACCOUNT}:federated-user/z", A),
        ({"AWS": ROOT}, f"arn:aws:sts::{ACCOUNT}:federated-user/z", A),
        ({"Nobody": "x"}, USER, I),
    ],
)
def test_principal(principal, caller, expected):
    assert ask(allow("*", Principal=principal), principal=caller) is expected


@pytest.mark.parametrize(
    ("effect", "listed", "caller", "expected"),
    [
        ("Allow", {"AWS": USER}, USER, I),
        ("Allow", {"AWS": USER}, OTHER_USER, A),
        ("Allow", {"AWS": USER}, "*", A),
        ("Allow", {"AWS": ACCOUNT}, USER, I),
        ("Deny", {"AWS": [USER, ROOT]}, USER, A),
        ("Deny", {"AWS": [USER, ROOT]}, OTHER_USER, D),
        ("Deny", {"AWS": USER}, USER, D),
        ("Deny", {"AWS": ROOT}, USER, D),
        ("Deny", {"AWS": [SESSION, ROLE, ROOT]}, SESSION, A),
        ("Deny", {"AWS": [ROLE, ROOT]}, SESSION, D),
        ("Deny", {"Service": "s3.amazonaws.com"}, "s3.amazonaws.com", A),
        ("Deny", {"Service": "s3.amazonaws.com"}, USER, D),
        ("Deny", {"AWS": "*"}, USER, A),
    ],
)
def test_not_principal(effect, listed, caller, expected):
    statement = {"Effect": effect, "NotPrincipal": listed, "Action": "*", "Resource": "*"}
    others = [] if effect == "Allow" else [allow("*", Principal="*")]
    assert ask(*others, statement, principal=caller) is expected


def when(operator, wanted, key="aws:x"):
    return allow("*", Condition={operator: {key: wanted}})


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        ("StringEquals", "a", "a", A),
        ("StringEquals", "a", "A", I),
        ("StringEquals", "a*", "ab", I),
        ("StringEquals", ["a", "b"], "b", A),
        ("stringequals", "a", "a", A),
        ("StringNotEquals", "a", "b", A),
        ("StringNotEquals", "a", "a", I),
        ("StringNotEquals", ["a", "b"], "b", I),
        ("StringNotEquals", "a", (), A),
        ("StringEqualsIgnoreCase", "Ab", "aB", A),
        ("StringNotEqualsIgnoreCase", "Ab", "aB", I),
        ("StringLike", "a*c", "abc", A),
        ("StringLike", "a?c", "abc", A),
        ("StringLike", "a?c", "ac", I),
        ("StringLike", "A*", "abc", I),
        ("StringNotLike", "a*", "abc", I),
        ("StringNotLike", "a*", "xbc", A),
        ("StringNotLike", "a*", (), A),
        ("StringEquals", "a", (), I),
        ("StringEqualsIfExists", "a", (), A),
        ("StringEqualsIfExists", "a", "b", I),
        ("StringNotEqualsIfExists", "a", (), A),
        ("NumericEquals", "10", "10.0", A),
        ("NumericEquals", 10, "10", A),
        ("NumericEquals", "10", "ten", I),
        ("NumericNotEquals", "10", "11", A),
        ("NumericNotEquals", "10", "10", I),
        ("NumericNotEquals", "10", "ten", I),
        ("NumericLessThan", "10", "9", A),
        ("NumericLessThan", "10", "10", I),
        ("NumericLessThanEquals", "10", "10", A),
        ("NumericGreaterThan", "10", "11", A),
        ("NumericGreaterThan", "10", "10", I),
        ("NumericGreaterThanEquals", "10", "10", A),
        ("NumericLessThanIfExists", "10", (), A),
        ("DateEquals", "2026-11-25T00:00:00Z", "2026-11-25T00:00:00+00:00", A),
        ("DateEquals", "2026-11-25", "1795564800", A),
        ("DateNotEquals", "2026-11-25", "2026-11-26", A),
        ("DateLessThan", "2026-11-25T12:00:00Z", "2026-11-25T11:59:59Z", A),
        ("DateLessThan", "2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z", I),
        ("DateLessThanEquals", "2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z", A),
        ("DateGreaterThan", "2026-11-25T12:00:00Z", "2026-11-25T14:00:00+01:00", A),
        ("DateGreaterThanEquals", "2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z", A),
        ("DateLessThan", "soon", "2026-11-25T12:00:00Z", I),
        ("Bool", "true", "true", A),
        ("Bool", True, "TRUE", A),
        ("Bool", "false", "true", I),
        ("Bool", "true", (), I),
        ("BoolIfExists", "true", (), A),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", A),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", I),
        ("BinaryEquals", "%%%", "%%%", I),
        ("IpAddress", "203.0.113.0/24", "203.0.113.7", A),
        ("IpAddress", "203.0.113.7", "203.0.113.7", A),
        ("IpAddress", "203.0.113.0/24", "203.0.114.7", I),
        ("IpAddress", ["10.0.0.0/8", "203.0.113.0/24"], "203.0.113.7", A),
        ("IpAddress", "0.0.0.0/0", "10.0.0.1", A),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", I),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", A),
        ("IpAddress", "203.0.113.7/24", "203.0.113.9", A),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", I),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.7", A),
        ("NotIpAddress", "203.0.113.0/24", (), A),
        ("ArnEquals", "arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:us-east-1:111122223333:t", A),
        ("ArnEquals", "arn:aws:sns:*:111122223333:t", "arn:aws:sns:us-east-1:111122223333:t", A),
        ("ArnLike", "arn:aws:sns:us-east-1:*:t*", "arn:aws:sns:us-east-1:111122223333:topic", A),
        ("ArnLike", "arn:aws:sns:*:t", "arn:aws:sns:us-east-1:111122223333:t", I),
        ("ArnLike", "*", "arn:aws:sns:us-east-1:111122223333:t", A),
        ("ArnLike", "arn:aws:s3:::b", "not-an-arn", I),
        ("ArnNotLike", "arn:aws:sns:*:*:t", "arn:aws:sns:us-east-1:111122223333:u", A),
        ("ArnNotEquals", "arn:aws:sns:*:*:t", "arn:aws:sns:us-east-1:111122223333:t", I),
        ("ArnNotLike", "arn:aws:sns:*:*:t", (), A),
        ("Null", "true", (), A),
        ("Null", "true", "a", I),
        ("Null", "false", "a", A),
        ("Null", False, (), I),
        ("ForAnyValue:StringEquals", ["a", "b"], ("x", "b"), A),
        ("ForAnyValue:StringEquals", ["a", "b"], ("x", "y"), I),
        ("ForAnyValue:StringEquals", "a", (), I),
        ("ForAnyValue:StringEqualsIfExists", "a", (), I),
        ("ForAnyValue:StringNotEquals", "a", ("a", "b"), A),
        ("ForAnyValue:StringNotEquals", "a", ("a",), I),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), A),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), I),
        ("ForAllValues:StringEquals", "a", (), A),
        ("ForAllValues:StringEquals", "a", ("",), A),
        ("ForAllValues:StringNotLike", "a*", ("b", "c"), A),
        ("ForAllValues:StringNotLike", "a*", ("b", "ab"), I),
        ("forallvalues:stringlike", "a*", ("ab", "ac"), A),
        ("ForSomeValues:StringEquals", "a", ("a",), I),
        ("NullIfExists", "true", (), I),
    ],
)
def test_condition(operator, wanted, given, expected):
    assert ask(when(operator, wanted), aws__x=given) is expected


def test_all_conditions_must_hold_and_keys_compare_without_case():
    both = allow("*", Condition={"StringEquals": {"AWS:x": "1", "aws:y": "2"}, "Bool": {"aws:z": "true"}})
    assert ask(both, aws__X="1", aws__y="2", aws__z="true") is A
    assert ask(both, aws__x="1", aws__y="2", aws__z="false") is I


@pytest.mark.parametrize(
    ("statement", "principal", "expected"),
    [
        (when("StringEquals", "111122223333", "aws:PrincipalAccount"), USER, A),
        (when("StringEquals", "anonymous", "aws:PrincipalAccount"), "*", A),
        (when("StringEquals", USER, "aws:PrincipalArn"), USER, A),
        (when("ArnLike", f"arn:aws:iam::{ACCOUNT}:role/*", "aws:PrincipalArn"), SESSION, A),
        (when("StringEquals", "Anonymous", "aws:PrincipalType"), "*", A),
        (when("Bool", "true", "aws:PrincipalIsAWSService"), "s3.amazonaws.com", A),
        (when("Bool", "true", "aws:PrincipalIsAWSService"), USER, I),
        (when("StringEquals", "s3.amazonaws.com", "aws:PrincipalServiceName"), "s3.amazonaws.com", A),
        (when("StringEquals", "x", "aws:SourceArn"), USER, I),
        (when("StringEquals", "x", "aws:SourceArn"), "s3.amazonaws.com", U),
        (when("StringEquals", "o-1", "aws:PrincipalOrgID"), "*", I),
        (when("StringEquals", "o-1", "aws:PrincipalOrgID"), USER, U),
        (when("StringEquals", "x", "aws:PrincipalTag/team"), "*", I),
        (when("StringEquals", "ann", "aws:username"), USER, A),
    ],
)
def test_keys_that_follow_from_the_caller(statement, principal, expected):
    assert ask({**statement, "Principal": "*"}, principal=principal) is expected


@pytest.mark.parametrize(
    ("resource", "version", "context", "expected"),
    [
        ("arn:aws:s3:::home/${aws:username}/*", "2012-10-17", {}, A),
        ("arn:aws:s3:::home/${aws:username}/*", "2008-10-17", {}, I),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team}/*", "2012-10-17", {"aws__PrincipalTag_SLASH_team": "ann"}, A),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team}/*", "2012-10-17", {"aws__PrincipalTag_SLASH_team": "bob"}, I),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team}/*", "2012-10-17", {"aws__PrincipalTag_SLASH_team": ()}, I),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team, 'ann'}/*", "2012-10-17", {"aws__PrincipalTag_SLASH_team": ()}, A),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team, 'ann'}/*", "2012-10-17", {"aws__PrincipalTag_SLASH_team": "bob"}, I),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team}/*", "2012-10-17", {}, U),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team}/*", "2012-10-17", {"aws__PrincipalTag_SLASH_team": "*"}, I),
        ("arn:aws:s3:::home/ann/${*}", "2012-10-17", {}, I),
        ("arn:aws:s3:::home/${aws:TagKeys}/*", "2012-10-17", {"aws__TagKeys": ("ann", "bob")}, I),
    ],
)
def test_variables(resource, version, context, expected):
    assert ask(allow("*", resource), resource="arn:aws:s3:::home/ann/x", version=version, **context) is expected


def test_a_variable_s_value_holds_no_wildcards():
    assert ask(when("StringLike", "${aws:PrincipalTag/t}"), aws__PrincipalTag_SLASH_t="a*", aws__x="ab") is I
    assert ask(when("StringLike", "${aws:PrincipalTag/t}"), aws__PrincipalTag_SLASH_t="a*", aws__x="a*") is A
    assert ask(when("StringLike", "a${*}"), aws__x="a*") is A
    assert ask(when("StringLike", "a${*}"), aws__x="ab") is I
    assert ask(when("StringEquals", "${$}{aws:username}"), aws__x="${aws:username}") is A


@pytest.mark.parametrize(
    ("statements", "expected", "needs"),
    [
        pytest.param([when("StringEquals", "a")], U, ("aws:x",), id="a-missing-key-that-matters"),
        pytest.param([when("StringEquals", "a"), allow("*")], A, (), id="a-missing-key-that-does-not"),
        pytest.param([allow("*"), {**when("StringEquals", "a"), "Effect": "Deny"}], U, ("aws:x",), id="a-deny-that-depends-on-a-key"),
        pytest.param([allow("*"), deny(), {**when("StringEquals", "a"), "Effect": "Deny"}], D, (), id="another-deny-decides"),
        pytest.param([when("StringNotEquals", "a")], U, ("aws:x",), id="negated-too"),
        pytest.param([when("StringEqualsIfExists", "a")], U, ("aws:x",), id="if-exists-too"),
        pytest.param([when("Null", "true")], U, ("aws:x",), id="null-too"),
        pytest.param([allow("s3:*", Condition={"StringEquals": {"aws:x": "a"}})], I, (), id="a-key-of-a-statement-about-something-else"),
        pytest.param([allow("*", Condition={"StringEquals": {"aws:x": "a", "aws:y": "b"}})], U, ("aws:x", "aws:y"), id="two-keys"),
    ],
)
def test_missing_context(statements, expected, needs):
    decision = decide(Request(principal=USER, action="lambda:InvokeFunction", resource=FN), (policy(*statements),))
    assert (decision.answer, decision.needs) == (expected, needs)
    assert decision.doubt.need if expected is U else True


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(allow(hole("Action")), U, id="an-action"),
        pytest.param(allow(Partial(parts=("s3:", Hole(ref="Verb")))), I, id="an-action-of-another-service"),
        pytest.param(allow(Partial(parts=("lambda:", Hole(ref="Verb")))), U, id="an-action-of-this-service"),
        pytest.param(allow("*", hole("Arn")), U, id="a-resource"),
        pytest.param(allow("*", Partial(parts=("arn:aws:s3:::", Hole(ref="Bucket")))), I, id="a-resource-of-another-service"),
        pytest.param(allow("*", Principal={"AWS": hole("Who")}), U, id="a-principal"),
        pytest.param(
            allow("*", Principal={"AWS": Partial(parts=("arn:aws:iam::444455556666:role/", Hole(ref="R")))}), I, id="a-principal-elsewhere"
        ),
        pytest.param(when("StringEquals", hole("V")), U, id="a-value"),
        pytest.param(when("StringEquals", Partial(parts=("b", Hole(ref="V")))), I, id="a-value-that-cannot-fit"),
        pytest.param(when("StringNotEquals", hole("V")), U, id="a-negated-value"),
        pytest.param(when("NumericLessThan", hole("V")), U, id="a-number"),
        pytest.param(when("ArnLike", hole("V")), I, id="an-arn-against-no-arn"),
        pytest.param(when("Null", hole("V")), U, id="null"),
        pytest.param({"Effect": "Allow", "NotAction": hole("Action"), "Resource": "*"}, U, id="not-an-action"),
    ],
)
def test_holes_are_never_guessed(statement, expected):
    assert ask(statement, aws__x="a") is expected


def test_an_unread_statement_may_be_anything():
    decision = decide(Request(principal=USER, action="s3:GetObject", resource="*"), (policy(DENIED, allow("*")),))
    assert (decision.answer, decision.unknowns) == (U, (DENIED,))
    assert decide(Request(principal=USER, action="s3:GetObject", resource="*"), (policy(DENIED, deny()),)).answer is D


@pytest.mark.parametrize(
    ("identity", "boundary", "expected"),
    [
        ([allow("*")], [allow("lambda:*")], A),
        ([allow("*")], [allow("s3:*")], I),
        ([allow("s3:*")], [allow("*")], I),
        ([allow("*")], [allow("*"), deny("lambda:*")], D),
        ([allow("*"), deny()], [allow("*")], D),
        ([allow("*")], [when("StringEquals", "a")], U),
        ([], [when("StringEquals", "a")], I),
        ([when("StringEquals", "a")], [allow("s3:*")], I),
    ],
)
def test_boundary(identity, boundary, expected):
    request = Request(principal=USER, action="lambda:InvokeFunction", resource=FN)
    assert decide(request, (policy(*identity),), boundary=policy(*boundary)).answer is expected


def test_the_statement_that_decided_is_named():
    statements = policy(allow("s3:*", Sid="a"), allow("lambda:*", Sid="b"), allow("*", Sid="c"))
    decision = decide(Request(principal=USER, action="lambda:InvokeFunction", resource=FN), (statements,))
    assert decision.statement.sid == "b"
    assert [(step.statement.sid, step.matched, step.reason) for step in decision.trace] == [
        ("a", False, "action"),
        ("b", True, ""),
        ("c", True, ""),
    ]
    bounded = decide(Request(principal=USER, action="lambda:InvokeFunction", resource=FN), (statements,), boundary=policy(deny(Sid="d")))
    assert (bounded.answer, bounded.statement.sid) == (D, "d")


def test_what_aws_would_reject_is_listed():
    bad = policy({"Effect": "Permit", "Action": "*", "Resource": "*"}, when("StringIs", "a"))
    decision = decide(Request(principal=USER, action="s3:GetObject", resource="*"), (bad,))
    assert decision.ignored == ("statement 1: Effect is neither Allow nor Deny", "unknown condition operator StringIs")


def test_several_policies_are_one_set():
    request = Request(principal=USER, action="lambda:InvokeFunction", resource=FN)
    assert decide(request, (policy(allow("*")), policy(deny()))).answer is D
    assert decide(request, (policy(), policy(allow("*")))).answer is A
    assert decide(request, ()).answer is I


def test_a_star_that_is_a_character_is_not_the_wildcard_of_the_same_spelling():
    """Compiled patterns are kept; these two were once kept as one."""
    assert ask(when("StringEquals", "q*"), aws__x="qq") is I
    assert ask(when("StringLike", "q*"), aws__x="qq") is A
