"""Service and resource control policies, level by level, and VPC endpoints.

Source: AWS Organizations User Guide, "SCP evaluation" and "Resource control policies (RCPs)".
"""

import pytest
from tests.engines.iam.layered import (
    ACCOUNT,
    ALL,
    FN,
    KEY,
    NOTHING,
    OBJECT,
    OTHER,
    ROLE,
    ROOT,
    SECRET,
    SESSION,
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

from buckler.engines.iam.rcps import SERVICES, rcps_apply

LAMBDA, S3 = [allow("lambda:*")], [allow("s3:*")]
SERVICE_LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"


@pytest.mark.parametrize(
    ("principal", "levels", "expected"),
    [
        # "there must be an explicit Allow statement at every level from the root through each OU in the direct path to the account".
        pytest.param(USER, [], A, id="O1-none"),
        pytest.param(USER, [ALL], A, id="O1-one-level"),
        pytest.param(USER, [ALL, ALL, ALL], A, id="O1-every-level"),
        pytest.param(USER, [ALL, LAMBDA, ALL], A, id="O1-each-in-its-own-words"),
        pytest.param(USER, [NOTHING, ALL, ALL], I, id="O1-not-at-the-root"),
        pytest.param(USER, [ALL, S3, ALL], I, id="O1-not-at-the-unit"),
        pytest.param(USER, [ALL, ALL, NOTHING], I, id="O1-not-at-the-account"),
        pytest.param(USER, [S3, LAMBDA], I, id="O1-levels-are-no-union"),
        pytest.param(USER, [ALL, [*ALL, deny("lambda:*")]], D, id="O1-denied-below"),
        pytest.param(USER, [[*ALL, deny("lambda:*")], ALL], D, id="O1-denied-above"),
        pytest.param(ROLE, [ALL, S3], I, id="O1-roles"),
        pytest.param(SESSION, [ALL, S3], I, id="O1-sessions"),
        # "including the member account's root user".
        pytest.param(ROOT, [ALL, S3], I, id="O6-the-root-user"),
        pytest.param(ROOT, [ALL, ALL], A, id="O6-the-root-user-allowed"),
        # "SCPs don't affect any service-linked role."
        pytest.param(SERVICE_LINKED, [ALL, NOTHING], A, id="O2-a-service-linked-role"),
        pytest.param(SERVICE_LINKED, [[deny()]], A, id="O2-not-even-a-deny"),
    ],
)
def test_service_control_policies(principal, levels, expected):
    assert ask(principal, "lambda:InvokeFunction", FN, identity=ALL, scp=levels).answer is expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        # They limit what the principal may do, whoever grants it.
        pytest.param([to(USER)], I, id="O1-a-resource-policy-that-names-the-user"),
        pytest.param([to("*")], I, id="O1-a-resource-policy-for-everyone"),
    ],
)
def test_a_control_policy_limits_grants_of_resources_too(resource, expected):
    assert ask(USER, "lambda:InvokeFunction", FN, resource=resource, scp=[ALL, S3]).answer is expected


def test_several_policies_of_one_level_are_one():
    from tests.engines.iam.layered import request
    from tests.estates import policy

    from buckler.engines.iam import decide
    from buckler.model.layers import Layers

    level = (policy(*S3), policy(*LAMBDA))
    asked = request(USER, "lambda:InvokeFunction", FN)
    assert decide(asked, Layers(identity=(policy(*ALL),), scp=(level,))).answer is A


@pytest.mark.parametrize(
    ("principal", "action", "resource", "levels", "expected"),
    [
        # "If a permission is blocked at any level above the account, a resource in the affected account does not have that permission".
        pytest.param(USER, "s3:GetObject", OBJECT, [[to("*")], [to("*")]], A, id="O5-every-level"),
        pytest.param(USER, "s3:GetObject", OBJECT, [[to("*")], NOTHING], I, id="O5-not-at-the-account"),
        pytest.param(USER, "s3:GetObject", OBJECT, [[to("*"), deny("s3:*", Principal="*")], [to("*")]], D, id="O5-denied-above"),
        # "regardless of whether the principals belong to the same organizations or not. This includes root users."
        pytest.param(STRANGER, "s3:GetObject", OBJECT, [[to("*"), deny("s3:*", Principal="*")]], D, id="O8-strangers"),
        pytest.param(ROOT, "s3:GetObject", OBJECT, [[to("*"), deny("s3:*", Principal="*")]], D, id="O8-root"),
        pytest.param("*", "s3:GetObject", OBJECT, [[to("*"), deny("s3:*", Principal="*")]], D, id="O8-nobody"),
        pytest.param("s3.amazonaws.com", "sqs:SendMessage", "arn:aws:sqs:us-east-1:1:q", [[deny(Principal="*")]], D, id="O8-services"),
        # "RCPs do not apply to calls made by service-linked roles."
        pytest.param(SERVICE_LINKED, "s3:GetObject", OBJECT, [[deny(Principal="*")]], A, id="O2-a-service-linked-role"),
        # "the service-linked role's trust policy is also not impacted by RCPs."
        pytest.param("ops.apigateway.amazonaws.com", "sts:AssumeRole", SERVICE_LINKED, [[deny(Principal="*")]], A, id="O2-its-trust"),
        # "RCPs apply to actions for the following AWS services".
        pytest.param(USER, "lambda:InvokeFunction", FN, [NOTHING], A, id="O4-lambda-has-none"),
        pytest.param(USER, "iam:GetRole", ROLE, [[deny(Principal="*")]], A, id="O4-iam-has-none"),
        pytest.param(USER, "kms:Decrypt", KEY, [[deny(Principal="*")]], D, id="O4-kms"),
        pytest.param(USER, "secretsmanager:GetSecretValue", SECRET, [NOTHING], I, id="O4-secrets"),
        pytest.param(USER, "sts:AssumeRole", ROLE, [[deny(Principal="*")]], D, id="O4-sts"),
        pytest.param(USER, "dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t", [NOTHING], I, id="O4-dynamodb"),
        pytest.param(USER, "S3:GETOBJECT", OBJECT, [NOTHING], I, id="O4-in-any-case"),
        # The page on RCPs: they "do not impact the kms:RetireGrant permission".
        pytest.param(USER, "kms:RetireGrant", KEY, [[deny(Principal="*")]], A, id="O7-retire-grant"),
        # "RCPs apply to the resources that are authorized as part of an operation request."
        pytest.param(USER, "s3:ListAllMyBuckets", "*", [[deny(Principal="*")]], A, id="O9-no-resource-no-control"),
    ],
)
def test_resource_control_policies(principal, action, resource, levels, expected):
    open_door = [to("*"), {"Effect": "Allow", "Action": "sts:*", "Principal": "*"}]
    layers = {"identity": ALL, "resource": open_door, "rcp": levels}
    assert ask(principal, action, resource, **layers).answer is expected


def test_the_table_of_services_is_the_documented_one():
    assert {"s3", "sts", "kms", "sqs", "secretsmanager", "ecr", "aoss", "dynamodb", "logs", "events"} <= SERVICES
    assert "lambda" not in SERVICES
    assert not rcps_apply("kms:RetireGrant", KEY)


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        # "An endpoint policy does not override or replace identity-based policies or resource-based policies."
        pytest.param(None, A, id="V1-none-or-the-default"),
        pytest.param([to("*")], A, id="V1-full-access"),
        pytest.param([to(ACCOUNT)], A, id="V1-our-account"),
        pytest.param([to(OTHER)], I, id="V1-others"),
        pytest.param([to("*", "s3:*")], I, id="V1-something-else"),
        pytest.param([to("*"), deny(Principal="*")], D, id="V1-denied"),
        pytest.param([to("*", "*", f"arn:aws:lambda:*:{OTHER}:*")], I, id="V1-other-functions"),
        pytest.param(NOTHING, I, id="V1-empty"),
        pytest.param([to("*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})], A, id="V1-condition"),
    ],
)
def test_endpoint_policies(endpoint, expected):
    assert ask(USER, "lambda:InvokeFunction", FN, identity=ALL, endpoint=endpoint).answer is expected
    assert ask(USER, "lambda:InvokeFunction", FN, identity=NOTHING, endpoint=endpoint).answer is not A
    assert ask(USER, "lambda:InvokeFunction", FN, resource=[to(USER)], endpoint=endpoint).answer is expected
