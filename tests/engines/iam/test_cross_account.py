"""Requests across accounts, and of those whose own policies no account has.

Source: IAM User Guide, "Cross-account policy evaluation logic" and "AWS JSON policy elements: Principal".
"""

import pytest
from tests.engines.iam.layered import (
    ACCOUNT,
    ALL,
    BUCKET,
    FN,
    KEY,
    LAYER,
    NOTHING,
    OBJECT,
    OTHER,
    QUEUE,
    SECRET,
    STRANGE_ROOT,
    STRANGER,
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
STRANGE_ROLE = f"arn:aws:iam::{OTHER}:role/reader"
STRANGE_SESSION = f"arn:aws:sts::{OTHER}:assumed-role/reader/job"


@pytest.mark.parametrize(
    ("principal", "layers", "expected", "layer"),
    [
        # The page: allowed "only if both evaluations return a decision of Allow".
        pytest.param(STRANGER, {"identity": ALL}, I, "resource", id="X1-identity-alone"),
        pytest.param(STRANGER, {"resource": [to(STRANGER)]}, I, "identity", id="X1-resource-alone-names-the-user"),
        pytest.param(STRANGER, {"resource": [to(OTHER)]}, I, "identity", id="X1-resource-alone-names-the-account"),
        pytest.param(STRANGER, {"identity": ALL, "resource": [to(STRANGER)]}, A, "resource", id="X1-both-and-the-user"),
        pytest.param(STRANGER, {"identity": ALL, "resource": [to(OTHER)]}, A, "resource", id="X1-both-and-the-account"),
        pytest.param(STRANGER, {"identity": ALL, "resource": [to(STRANGE_ROOT)]}, A, "resource", id="X1-both-and-the-root-arn"),
        pytest.param(STRANGER, {"identity": ALL, "resource": [to(ACCOUNT)]}, I, "resource", id="X1-another-account-is-named"),
        pytest.param(STRANGE_ROLE, {"identity": ALL, "resource": [to(STRANGE_ROLE)]}, A, "resource", id="X1-a-role"),
        pytest.param(STRANGE_SESSION, {"identity": ALL, "resource": [to(STRANGE_ROLE)]}, A, "resource", id="X1-a-session-of-the-role"),
        pytest.param(STRANGE_SESSION, {"identity": ALL, "resource": [to(STRANGE_SESSION)]}, A, "resource", id="X1-the-session-itself"),
        pytest.param(STRANGE_SESSION, {"resource": [to(STRANGE_SESSION)]}, I, "identity", id="X1-direct-grants-are-for-the-own-account"),
        pytest.param(STRANGER, {"identity": ALL, "resource": [to(STRANGER), deny(Principal="*")]}, D, "resource", id="X1-denied-there"),
        pytest.param(STRANGER, {"identity": [*ALL, deny()], "resource": [to(STRANGER)]}, D, "identity", id="X1-denied-at-home"),
        pytest.param(STRANGER, {"identity": ALL, "boundary": SOME, "resource": [to(STRANGER)]}, I, "boundary", id="X1-boundary-at-home"),
        pytest.param(STRANGE_ROLE, {"identity": ALL, "session": SOME, "resource": [to(OTHER)]}, I, "session", id="X1-session-at-home"),
        pytest.param(STRANGER, {"identity": ALL, "scp": [ALL, SOME], "resource": [to(OTHER)]}, I, "scp", id="X1-scp-at-home"),
        pytest.param(STRANGE_ROOT, {"resource": [to(OTHER)]}, A, "resource", id="X1-the-root-user-of-the-account"),
        pytest.param(STRANGE_ROOT, {}, I, "resource", id="X1-a-root-user-is-master-at-home-only"),
        pytest.param(OTHER, {"identity": ALL, "resource": [to(OTHER)]}, A, "resource", id="X1-somebody-of-the-account"),
        # "For principals in other accounts, they must also have identity-based permissions in their account".
        pytest.param(STRANGER, {"resource": [to("*")]}, I, "identity", id="P2-everyone-is-not-enough"),
        pytest.param(STRANGER, {"identity": ALL, "resource": [to("*")]}, A, "resource", id="P2-everyone-and-identity"),
        pytest.param(STRANGER, {"identity": ALL, "resource": NOTHING}, I, "resource", id="X1-an-empty-resource-policy"),
    ],
)
def test_across_accounts(principal, layers, expected, layer):
    decision = ask(principal, INVOKE, FN, **layers)
    assert (decision.answer, decision.layer) == (expected, layer)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        (INVOKE, FN),
        (INVOKE, f"{FN}:live"),
        (INVOKE, f"{FN}:7"),
        ("lambda:GetLayerVersion", LAYER),
        ("sqs:SendMessage", QUEUE),
        ("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"),
        ("secretsmanager:GetSecretValue", SECRET),
        ("ecr:BatchGetImage", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app"),
        ("events:PutEvents", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/main"),
        ("kinesis:PutRecord", f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"),
        ("kms:Decrypt", KEY),
    ],
)
def test_every_service_with_resource_policies_needs_both_sides(action, resource):
    both = {"identity": [allow(action, resource)], "resource": [to(OTHER, action, resource)]}
    assert ask(STRANGER, action, resource, **both).answer is A
    assert ask(STRANGER, action, resource, identity=both["identity"]).answer is I
    assert ask(STRANGER, action, resource, resource=both["resource"]).answer is I
    other = f"{resource}-other"
    assert ask(STRANGER, action, other, **both).answer is I


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        # A bucket's ARN does not tell its account, so the caller does; without, it is taken for the principal's own.
        pytest.param({"identity": ALL}, A, id="X2-nobody-said-whose-bucket-it-is"),
        pytest.param({"identity": ALL, "resource_account": ACCOUNT}, A, id="X2-ours"),
        pytest.param({"identity": ALL, "resource_account": OTHER}, I, id="X2-theirs"),
        pytest.param(
            {"identity": ALL, "resource_account": OTHER, "resource": [to(ACCOUNT, "s3:*", f"{BUCKET}/*")]}, A, id="X2-they-let-us"
        ),
        pytest.param(
            {"identity": ALL, "resource_account": OTHER, "resource": [to(ACCOUNT, "s3:*", BUCKET)]}, I, id="X2-bucket-not-objects"
        ),
        pytest.param({"resource_account": ACCOUNT, "resource": [to(USER, "s3:GetObject", f"{BUCKET}/*")]}, A, id="X2-object-arn"),
    ],
)
def test_a_bucket_has_no_account_in_its_arn(layers, expected):
    assert ask(USER, "s3:GetObject", OBJECT, **layers).answer is expected


@pytest.mark.parametrize(
    ("principal", "layers", "expected", "layer"),
    [
        # Nobody, and services, have no policies of their own: the resource's decide.
        pytest.param("*", {}, I, "resource", id="X3-nobody-and-no-policy"),
        pytest.param("*", {"resource": [to("*")]}, A, "resource", id="X3-nobody-is-everyone"),
        pytest.param("*", {"resource": [to({"AWS": "*"})]}, A, "resource", id="X3-nobody-is-everyone-as-aws"),
        pytest.param("*", {"resource": [to(ACCOUNT)]}, I, "resource", id="X3-nobody-has-no-account"),
        pytest.param("*", {"resource": [to("*"), deny(Principal="*")]}, D, "resource", id="X3-nobody-denied"),
        pytest.param("*", {"resource": [to("*")], "scp": [NOTHING]}, A, "resource", id="X3-no-scp-speaks-of-nobody"),
        pytest.param("*", {"resource": [to("*")], "endpoint": NOTHING}, I, "endpoint", id="X3-an-endpoint-does"),
        pytest.param("s3.amazonaws.com", {"resource": [to({"Service": "s3.amazonaws.com"})]}, A, "resource", id="X3-a-service"),
        pytest.param("s3.amazonaws.com", {"resource": [to("*")]}, A, "resource", id="X3-everyone-includes-services"),
        pytest.param("s3.amazonaws.com", {"resource": [to(ACCOUNT)]}, I, "resource", id="X3-a-service-is-of-no-account"),
        pytest.param("s3.amazonaws.com", {"identity": ALL}, I, "resource", id="X3-services-have-no-identity-policies"),
        pytest.param(
            "s3.amazonaws.com",
            {"resource": [to({"Service": "s3.amazonaws.com"})], "identity": [deny()], "boundary": NOTHING, "session": NOTHING},
            A,
            "resource",
            id="X3-what-is-given-for-principals-does-not-speak-of-services",
        ),
        pytest.param(
            "79a59d" * 10 + "abcd", {"resource": [to({"CanonicalUser": "79a59d" * 10 + "abcd"})]}, A, "resource", id="X3-canonical"
        ),
    ],
)
def test_principals_without_policies_of_their_own(principal, layers, expected, layer):
    decision = ask(principal, INVOKE, FN, **layers)
    assert (decision.answer, decision.layer) == (expected, layer)


def test_the_owner_s_root_user_keeps_its_hands_on_a_bucket_policy():
    """AWS: "the root principal in a bucket owner's AWS account can perform [these] even if their bucket policy explicitly denies"."""
    everybody = [deny("s3:*", "*", Principal="*")]
    root = f"arn:aws:iam::{ACCOUNT}:root"
    for action in ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"):
        assert ask(root, action, BUCKET, resource=everybody, resource_account=ACCOUNT).answer is A
        assert ask(root, action, BUCKET, resource=everybody, resource_account=OTHER).answer is D
        assert ask(USER, action, BUCKET, identity=ALL, resource=everybody).answer is D
    assert ask(root, "s3:GetObject", OBJECT, resource=everybody, resource_account=ACCOUNT).answer is D


@pytest.mark.parametrize("action", ["sqs:DeleteQueue", "sqs:SetQueueAttributes", "SQS:ADDPERMISSION", "sqs:PurgeQueue", "sqs:SendMessage"])
def test_some_actions_on_queues_never_cross_accounts(action):
    """X4. AWS: "Cross-account permissions don't apply to the following actions"."""
    crosses = action in {"sqs:PurgeQueue", "sqs:SendMessage"}
    assert ask(STRANGER, action, QUEUE, identity=ALL, resource=[to(OTHER)]).answer is (A if crosses else I)
    assert ask(USER, action, QUEUE, resource=[to(USER)]).answer is A
