"""Requests within one account: which Allow is enough, and which implicit deny takes it back.

Source: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access". The ids of cases begin with the id of
their sentence in docs/why/iam-semantics.md.
"""

import pytest
from tests.engines.iam.layered import (
    ACCOUNT,
    ALL,
    FEDERATED,
    FN,
    NOTHING,
    OTHER,
    ROLE,
    ROOT,
    SESSION,
    USER,
    A,
    D,
    I,
    allow,
    ask,
    deny,
    to,
)

INVOKE = "lambda:InvokeFunction"
SOME = [allow("s3:*")]


@pytest.mark.parametrize(
    ("principal", "layers", "expected", "layer"),
    [
        # "By default, all requests are implicitly denied with the exception of the AWS account root user, which has full access."
        pytest.param(USER, {}, I, "identity", id="E1-nothing-allows-a-user"),
        pytest.param(ROLE, {}, I, "identity", id="E1-nothing-allows-a-role"),
        pytest.param(SESSION, {"resource": NOTHING}, I, "identity", id="E1-an-empty-resource-policy"),
        pytest.param(ROOT, {}, A, "identity", id="E1-root-needs-no-policy"),
        pytest.param(ROOT, {"resource": [deny(Principal="*")]}, D, "resource", id="E1-root-can-be-denied-by-the-resource"),
        pytest.param(ROOT, {"scp": [ALL, SOME]}, I, "scp", id="E1-root-is-bound-by-control-policies"),
        # "If the enforcement code finds even one explicit deny that applies" it stops there and denies.
        pytest.param(USER, {"identity": [*ALL, deny()]}, D, "identity", id="E2-deny-in-identity"),
        pytest.param(USER, {"identity": ALL, "resource": [deny(Principal="*")]}, D, "resource", id="E2-deny-in-resource"),
        pytest.param(USER, {"identity": ALL, "boundary": [*ALL, deny()]}, D, "boundary", id="E2-deny-in-boundary"),
        pytest.param(SESSION, {"identity": ALL, "session": [*ALL, deny()]}, D, "session", id="E2-deny-in-session"),
        pytest.param(USER, {"identity": ALL, "scp": [[*ALL, deny()], ALL]}, D, "scp", id="E2-deny-at-the-root-of-the-organisation"),
        pytest.param(USER, {"identity": ALL, "endpoint": [to("*"), deny(Principal="*")]}, D, "endpoint", id="E2-deny-in-endpoint"),
        pytest.param(
            USER, {"identity": [deny()], "resource": [to(USER)]}, D, "identity", id="E2-deny-beats-a-resource-that-names-the-user"
        ),
        pytest.param(
            SESSION, {"session": [deny()], "resource": [to(SESSION)]}, D, "session", id="E2-deny-beats-one-that-names-the-session"
        ),
        pytest.param(USER, {"identity": ALL, "resource": [deny(Principal={"AWS": ACCOUNT})]}, D, "resource", id="E2-deny-to-the-account"),
        pytest.param(USER, {"identity": ALL, "resource": [deny(Principal={"AWS": OTHER})]}, A, "identity", id="E2-deny-to-somebody-else"),
        # "For most resources, you only need an explicit Allow for the principal in either an identity-based policy or a resource-based policy".
        pytest.param(USER, {"identity": ALL}, A, "identity", id="E5-identity-alone"),
        pytest.param(ROLE, {"identity": ALL}, A, "identity", id="E5-identity-alone-of-a-role"),
        pytest.param(SESSION, {"identity": ALL}, A, "identity", id="E5-identity-alone-of-a-session"),
        pytest.param(USER, {"resource": [to(USER)]}, A, "resource", id="E5-resource-alone"),
        pytest.param(ROLE, {"resource": [to(ROLE)]}, A, "resource", id="E5-resource-alone-names-the-role"),
        pytest.param(SESSION, {"resource": [to(ROLE)]}, A, "resource", id="E5-the-role-of-a-session"),
        pytest.param(USER, {"identity": ALL, "resource": [to(OTHER)]}, A, "identity", id="E5-a-resource-policy-about-others"),
        pytest.param(USER, {"resource": [to(USER, "s3:*")]}, I, "identity", id="E5-a-resource-policy-about-something-else"),
        # "This delegates authority to the account": within it, that adds nothing to what identity policies say.
        pytest.param(USER, {"resource": [to(ACCOUNT)]}, I, "identity", id="P1-the-account-delegates"),
        pytest.param(USER, {"resource": [to(ROOT)]}, I, "identity", id="P1-so-does-the-root-arn"),
        pytest.param(SESSION, {"resource": [to(ROOT)]}, I, "identity", id="P1-for-sessions-too"),
        pytest.param(USER, {"resource": [to(ROOT)], "identity": ALL}, A, "identity", id="P1-with-an-identity-policy"),
        pytest.param(ROOT, {"resource": [to(ROOT)]}, A, "resource", id="P1-the-root-user-itself"),
        # "For IAM users and role principals within your account, no other permissions are required."
        pytest.param(USER, {"resource": [to("*")]}, A, "resource", id="P2-everyone"),
        pytest.param(USER, {"resource": [to({"AWS": "*"})]}, A, "resource", id="P2-everyone-as-aws"),
        pytest.param(SESSION, {"resource": [to("*")], "session": SOME}, A, "resource", id="P2-everyone-is-not-limited-by-a-session"),
        pytest.param(USER, {"resource": [to("*")], "boundary": SOME}, A, "resource", id="P2-nor-by-a-boundary"),
        pytest.param(
            USER,
            {"resource": [{"Effect": "Allow", "NotPrincipal": {"AWS": OTHER}, "Action": "*", "Resource": "*"}]},
            A,
            "resource",
            id="P2-everyone-but-somebody",
        ),
        # "Resource-based policies that grant permissions to an IAM role ARN are limited by an implicit deny in a permissions boundary or
        # session policy."
        pytest.param(ROLE, {"resource": [to(ROLE)], "boundary": SOME}, I, "boundary", id="E7-role-and-boundary"),
        pytest.param(SESSION, {"resource": [to(ROLE)], "boundary": SOME}, I, "boundary", id="E7-role-of-a-session-and-boundary"),
        pytest.param(SESSION, {"resource": [to(ROLE)], "session": SOME}, I, "session", id="E7-role-and-session-policy"),
        pytest.param(SESSION, {"resource": [to(ROLE)], "session": NOTHING}, I, "session", id="E7-role-and-an-empty-session-policy"),
        pytest.param(SESSION, {"resource": [to(ROLE)], "boundary": ALL, "session": ALL}, A, "resource", id="E7-both-leave-it"),
        pytest.param(ROLE, {"resource": [to(ROLE)], "identity": NOTHING}, A, "resource", id="E7-no-identity-policy-is-needed"),
        # "Permissions boundaries and session policies do not limit permissions granted using the aws:PrincipalArn condition key with a
        # wildcard(*) in the Principal element".
        pytest.param(
            SESSION,
            {"resource": [to("*", Condition={"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/deploy"}})], "session": SOME},
            A,
            "resource",
            id="E8-principal-arn-under-a-wildcard",
        ),
        # "Permissions granted directly to a session are not limited by an implicit deny in an identity-based policy, a permissions
        # boundary, or session policy."
        pytest.param(SESSION, {"resource": [to(SESSION)]}, A, "resource", id="E9-session-without-identity"),
        pytest.param(SESSION, {"resource": [to(SESSION)], "boundary": SOME}, A, "resource", id="E9-session-and-boundary"),
        pytest.param(SESSION, {"resource": [to(SESSION)], "session": NOTHING}, A, "resource", id="E9-session-and-session-policy"),
        pytest.param(SESSION, {"resource": [to(SESSION + "x")]}, I, "identity", id="E9-another-session"),
        # "the principal making the request is the IAM role session ARN and not the ARN of the role itself."
        pytest.param(ROLE, {"resource": [to(SESSION)]}, I, "identity", id="E9-a-role-is-not-one-of-its-sessions"),
        # "resource-based policies that grant permissions to an IAM user ARN ... are not limited by an implicit deny in an identity-based
        # policy or permissions boundary."
        pytest.param(USER, {"resource": [to(USER)], "boundary": SOME}, A, "resource", id="E10-user-and-boundary"),
        pytest.param(USER, {"resource": [to(USER)], "boundary": NOTHING}, A, "resource", id="E10-user-and-empty-boundary"),
        pytest.param(USER, {"resource": [to(USER)], "identity": SOME}, A, "resource", id="E10-user-and-identity"),
        # "resource-based policies that grant permissions to a federated user ARN grant permissions directly to the session."
        pytest.param(FEDERATED, {"resource": [to(FEDERATED)]}, A, "resource", id="E11-federated-user-without-session-policy"),
        pytest.param(FEDERATED, {"resource": [to(FEDERATED)], "session": SOME}, A, "resource", id="E11-federated-user-and-session-policy"),
        pytest.param(FEDERATED, {"resource": [to(FEDERATED)], "boundary": SOME}, A, "resource", id="E11-federated-user-and-boundary"),
        # "the request is implicitly denied" for a session principal that is no role session and has no session policy.
        pytest.param(FEDERATED, {"identity": ALL}, I, "session", id="E12-a-federated-user-has-what-its-session-policy-gives"),
        pytest.param(FEDERATED, {"identity": ALL, "session": ALL}, A, "identity", id="E12-and-its-user-may"),
        pytest.param(FEDERATED, {"identity": SOME, "session": ALL}, I, "identity", id="E12-never-more-than-its-user"),
        # "If there are no identity-based policies or no statements ... that allow the requested action, then the request is implicitly denied".
        pytest.param(USER, {"identity": SOME}, I, "identity", id="E13-identity-speaks-of-something-else"),
        # "If the policy that is used to set the permissions boundary does not allow the requested action, then the request is implicitly denied."
        pytest.param(USER, {"identity": ALL, "boundary": SOME}, I, "boundary", id="E14-user-and-boundary"),
        pytest.param(ROLE, {"identity": ALL, "boundary": NOTHING}, I, "boundary", id="E14-an-empty-boundary-leaves-nothing"),
        pytest.param(ROLE, {"identity": ALL, "boundary": [allow("lambda:*")]}, A, "identity", id="E14-a-boundary-that-leaves-it"),
        pytest.param(ROLE, {"boundary": ALL}, I, "identity", id="E14-a-boundary-grants-nothing"),
        pytest.param(ROOT, {"boundary": SOME}, A, "identity", id="E14-root-has-no-boundary"),
        # "If you didn't pass a session policy, a default session policy is created and the ... final decision of Allow."
        pytest.param(SESSION, {"identity": ALL, "session": None}, A, "identity", id="E15-no-session-policy"),
        # "If a session policy is present and does not allow the requested action, then the request is implicitly denied."
        pytest.param(SESSION, {"identity": ALL, "session": NOTHING}, I, "session", id="E16-an-empty-session-policy"),
        pytest.param(SESSION, {"identity": ALL, "session": SOME}, I, "session", id="E16-session-speaks-of-something-else"),
        pytest.param(SESSION, {"identity": ALL, "session": [allow("lambda:*")]}, A, "identity", id="E16-a-session-policy-that-leaves-it"),
        pytest.param(SESSION, {"session": ALL}, I, "identity", id="E16-a-session-policy-grants-nothing"),
        pytest.param(SESSION, {"identity": ALL, "session": ALL, "boundary": SOME}, I, "boundary", id="E16-all-three-must-leave-it"),
    ],
)
def test_within_one_account(principal, layers, expected, layer):
    decision = ask(principal, INVOKE, FN, **layers)
    assert (decision.answer, decision.layer) == (expected, layer)


@pytest.mark.parametrize(
    ("layers", "lacking"),
    [
        ({}, ("identity",)),
        ({"identity": ALL, "boundary": SOME}, ("boundary",)),
        ({"identity": SOME, "boundary": SOME, "session": SOME}, ("identity", "boundary", "session")),
        ({"identity": ALL, "scp": [ALL, SOME], "boundary": SOME}, ("scp", "boundary")),
        ({"identity": ALL, "endpoint": NOTHING}, ("endpoint",)),
        ({"resource": [to(ROLE)], "session": SOME}, ("session",)),
    ],
)
def test_a_refusal_names_every_layer_that_would_have_to_change(layers, lacking):
    assert ask(SESSION, INVOKE, FN, **layers).lacking == lacking


@pytest.mark.parametrize(
    ("principal", "boundary", "expected"),
    [
        # "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary policy attached,
        # regardless of the values specified in the NotPrincipal element."
        pytest.param(USER, None, A, id="P3-listed-without-boundary"),
        pytest.param(USER, ALL, D, id="P3-listed-with-boundary"),
        pytest.param(f"arn:aws:iam::{ACCOUNT}:user/eve", None, D, id="P3-not-listed"),
    ],
)
def test_a_deny_to_all_but_some(principal, boundary, expected):
    everybody_but = {"Effect": "Deny", "NotPrincipal": {"AWS": [USER, ROOT]}, "Action": "*", "Resource": "*"}
    assert ask(principal, INVOKE, FN, identity=ALL, resource=[everybody_but], boundary=boundary).answer is expected


def test_the_deciding_statement_and_the_layer_of_every_step_are_told():
    decision = ask(USER, INVOKE, FN, identity=[allow("*", Sid="mine")], scp=[ALL, ALL], resource=[to(OTHER, Sid="theirs")], boundary=ALL)
    assert (decision.statement.sid, decision.layer) == ("mine", "identity")
    assert [(step.layer, step.level, step.matched) for step in decision.trace] == [
        ("scp", 0, True),
        ("scp", 1, True),
        ("resource", None, False),
        ("identity", None, True),
        ("boundary", None, True),
    ]
    denied = ask(USER, INVOKE, FN, identity=ALL, scp=[ALL, [deny(Sid="no")]])
    assert (denied.statement.sid, denied.layer) == ("no", "scp")
    assert ask(USER, INVOKE, FN).statement is None


def test_what_aws_would_reject_grants_nothing_in_any_layer_and_is_listed():
    bad = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringIs": {"a": "b"}}}
    decision = ask(USER, INVOKE, FN, identity=[bad], boundary=[{"Effect": "Permit"}], scp=[[bad]])
    assert decision.answer is I
    assert decision.lacking == ("scp", "identity", "boundary")
    assert decision.ignored == (
        "unknown condition operator StringIs",
        "unknown condition operator StringIs",
        "statement 1: Effect is neither Allow nor Deny",
    )


def test_a_statement_of_a_resource_policy_that_names_nobody_speaks_of_nobody():
    for principal in (USER, "*", "s3.amazonaws.com"):
        decision = ask(principal, INVOKE, FN, resource=ALL)
        assert (decision.answer, decision.ignored) == (I, ("a statement of a resource policy without Principal",))
    assert ask(USER, INVOKE, FN, resource=[deny()], identity=ALL).answer is A
