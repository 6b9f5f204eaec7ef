"""KMS: key policies and grants.

Source: AWS KMS Developer Guide, "KMS key access and permissions", "Default key policy", "Grants in AWS KMS"; API `GrantConstraints`.
"""

import pytest
from tests.engines.iam.layered import (
    ACCOUNT,
    ALL,
    KEY,
    NOTHING,
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
)

DECRYPT = "kms:Decrypt"
DELEGATES = [to(ROOT, "kms:*")]


@pytest.mark.parametrize(
    ("principal", "layers", "expected", "layer"),
    [
        # "No AWS principal has any permissions to a KMS key unless that permission is provided explicitly and never denied."
        pytest.param(USER, {"identity": ALL}, I, "key-policy", id="K1-identity-alone"),
        pytest.param(USER, {"identity": ALL, "resource": NOTHING}, I, "key-policy", id="K1-an-empty-key-policy"),
        pytest.param(ROOT, {"resource": NOTHING}, I, "key-policy", id="K1-not-even-root"),
        # "To use an IAM policy to allow access to a KMS key, the key policy must explicitly allow it."
        pytest.param(USER, {"identity": ALL, "resource": DELEGATES}, A, "key-policy", id="K2-delegated-and-identity"),
        pytest.param(USER, {"resource": DELEGATES}, I, "identity", id="K2-delegated-only"),
        pytest.param(ROOT, {"resource": DELEGATES}, A, "key-policy", id="K2-root"),
        pytest.param(SESSION, {"identity": ALL, "session": NOTHING, "resource": DELEGATES}, I, "session", id="K2-session"),
        pytest.param(USER, {"identity": ALL, "resource": [to(ROOT, "kms:Encrypt")]}, I, "key-policy", id="K2-delegates-something-else"),
        # "You can use the key policy alone to control access".
        pytest.param(USER, {"resource": [to(USER, DECRYPT)]}, A, "key-policy", id="K3-the-user-is-named"),
        pytest.param(ROLE, {"resource": [to(ROLE, DECRYPT)]}, A, "key-policy", id="K3-the-role-is-named"),
        pytest.param(SESSION, {"resource": [to(ROLE, DECRYPT)]}, A, "key-policy", id="K3-a-session-of-it"),
        pytest.param(
            ROLE, {"resource": [to(ROLE, DECRYPT)], "boundary": [allow("s3:*")]}, I, "boundary", id="E7-a-named-role-and-its-boundary"
        ),
        pytest.param(USER, {"resource": [to(USER, DECRYPT)], "boundary": [allow("s3:*")]}, A, "key-policy", id="E10-a-named-user"),
        pytest.param(USER, {"identity": [deny(DECRYPT)], "resource": [to(USER)]}, D, "identity", id="K1-denied"),
        pytest.param(STRANGER, {"resource": [to(OTHER, DECRYPT)]}, I, "identity", id="X1-another-account"),
        pytest.param(STRANGER, {"resource": [to(OTHER, DECRYPT)], "identity": ALL}, A, "key-policy", id="X1-both"),
        # "When authorizing access to a KMS key, grants are considered along with key policies and IAM policies."
        pytest.param(USER, {"resource": NOTHING, "grants": (grant(USER, "Decrypt"),)}, A, "grant", id="K4-a-grant"),
        pytest.param(USER, {"resource": DELEGATES, "grants": (grant(USER, "Encrypt"),)}, I, "identity", id="K4-another-operation"),
        pytest.param(USER, {"resource": NOTHING, "grants": (grant(STRANGER, "Decrypt"),)}, I, "key-policy", id="K4-another-grantee"),
        pytest.param(SESSION, {"resource": NOTHING, "grants": (grant(ROLE, "Decrypt"),)}, A, "grant", id="K4-a-session-of-the-grantee"),
        pytest.param(SESSION, {"resource": NOTHING, "grants": (grant(SESSION, "Decrypt"),)}, A, "grant", id="K4-a-session-is-the-grantee"),
        pytest.param(STRANGER, {"grants": (grant(STRANGER, "Decrypt"),)}, A, "grant", id="K4-in-another-account"),
        pytest.param("lambda.amazonaws.com", {"grants": (grant("lambda.amazonaws.com", "Decrypt"),)}, A, "grant", id="K4-a-service"),
        pytest.param(
            USER, {"grants": (grant(USER, "Decrypt"),), "resource": [deny(Principal="*")]}, D, "key-policy", id="K6-denied-by-key"
        ),
        pytest.param(USER, {"grants": (grant(USER, "Decrypt"),), "identity": [deny()]}, D, "identity", id="K6-denied-by-identity"),
        pytest.param(USER, {"grants": (grant(USER, "Decrypt"),), "scp": [NOTHING]}, I, "scp", id="K6-an-scp-limits-grants"),
    ],
)
def test_keys(principal, layers, expected, layer):
    decision = ask(principal, DECRYPT, KEY, **layers)
    assert (decision.answer, decision.layer) == (expected, layer)


PAIR = ("Department", "IT")


@pytest.mark.parametrize(
    ("constraint", "operation", "context", "expected"),
    [
        pytest.param({"subset": [PAIR]}, "Decrypt", {"kms:EncryptionContext:Department": "IT"}, A, id="K5-subset"),
        pytest.param({"subset": [PAIR]}, "Decrypt", {"kms:EncryptionContext:Department": "HR"}, I, id="K5-another-value"),
        pytest.param({"subset": [PAIR]}, "Decrypt", {"kms:EncryptionContext:Department": ()}, I, id="K5-absent"),
        pytest.param({"subset": [PAIR]}, "Decrypt", {}, U, id="K5-not-told"),
        # "the key in each key-value pair is not case sensitive, but the value is case sensitive."
        pytest.param({"subset": [PAIR]}, "Decrypt", {"kms:EncryptionContext:department": "IT"}, A, id="K5-key-in-any-case"),
        pytest.param({"subset": [PAIR]}, "Decrypt", {"kms:EncryptionContext:Department": "it"}, I, id="K5-value-in-its-case"),
        pytest.param(
            {"equals": [PAIR]},
            "Decrypt",
            {"kms:EncryptionContext:Department": "IT", "kms:EncryptionContextKeys": ("Department",)},
            A,
            id="K5-equals",
        ),
        pytest.param(
            {"equals": [PAIR]},
            "Decrypt",
            {"kms:EncryptionContext:Department": "IT", "kms:EncryptionContextKeys": ("Department", "x")},
            I,
            id="K5-equals-with-one-more",
        ),
        pytest.param({"equals": [PAIR]}, "Decrypt", {"kms:EncryptionContext:Department": "IT"}, U, id="K5-equals-keys-not-told"),
        pytest.param({"equals": [PAIR]}, "Decrypt", {"kms:EncryptionContext:Department": "HR"}, I, id="K5-equals-refuted-anyhow"),
        # "Grant constraints are not applied to operations that do not support an encryption context, such as ... DescribeKey".
        pytest.param({"subset": [PAIR]}, "DescribeKey", {}, A, id="K5-describe-is-not-constrained"),
        pytest.param({"equals": [PAIR]}, "GenerateDataKey", {"kms:EncryptionContext:Department": ()}, I, id="K5-data-keys-are"),
    ],
)
def test_constraints_of_grants(constraint, operation, context, expected):
    asked = ask(USER, f"kms:{operation}", KEY, context, resource=NOTHING, grants=(grant(USER, operation, **constraint),))
    assert asked.answer is expected


def test_one_grant_of_several_is_enough_and_what_is_missing_is_named():
    constrained, free = grant(USER, "Decrypt", subset=[PAIR]), grant(USER, "Decrypt")
    assert ask(USER, DECRYPT, KEY, resource=NOTHING, grants=(constrained, free)).answer is A
    open_one = ask(USER, DECRYPT, KEY, resource=NOTHING, grants=(constrained,))
    assert (open_one.answer, open_one.needs) == (U, ("kms:EncryptionContext:Department",))
    assert ask(USER, DECRYPT, KEY, resource=DELEGATES, identity=ALL, unread=["grant"]).answer is A
    assert ask(USER, DECRYPT, KEY, resource=NOTHING, unread=["grant"]).needs == ("read:grant",)


@pytest.mark.parametrize(
    ("action", "resource"),
    [("kms:ListKeys", "*"), ("kms:CreateKey", "*"), ("kms:DeleteAlias", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/x")],
)
def test_what_is_not_asked_of_a_key_is_judged_by_identity_alone(action, resource):
    assert ask(USER, action, resource, identity=ALL).answer is A


def test_the_account_of_the_caller_follows():
    only_ours = to("*", Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})
    assert ask(USER, DECRYPT, KEY, resource=[only_ours]).answer is A
    assert ask(STRANGER, DECRYPT, KEY, identity=ALL, resource=[only_ours]).answer is I
