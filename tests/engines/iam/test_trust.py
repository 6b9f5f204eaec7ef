"""Becoming a role: trust policies, and the conditions they set.

Source: IAM User Guide, "IAM role trust policies" and "IAM and AWS STS condition context keys"; STS API Reference.
"""

import pytest
from tests.engines.iam.layered import (
    ACCOUNT,
    ALL,
    NOTHING,
    OTHER,
    ROLE,
    ROOT,
    SESSION,
    STRANGE_ROOT,
    STRANGER,
    USER,
    A,
    D,
    I,
    U,
    allow,
    ask,
    deny,
    trusting,
)

ASSUME = "sts:AssumeRole"
TARGET = f"arn:aws:iam::{ACCOUNT}:role/target"
MAY = [allow(ASSUME, TARGET)]
GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"


@pytest.mark.parametrize(
    ("principal", "layers", "expected", "layer"),
    [
        # "IAM role trust policies and KMS key policies are exceptions to this logic, because they must explicitly allow access for
        # principals."
        pytest.param(USER, {"identity": ALL}, I, "trust", id="E6-identity-alone"),
        pytest.param(USER, {"identity": ALL, "resource": NOTHING}, I, "trust", id="E6-an-empty-trust"),
        pytest.param(USER, {"identity": ALL, "resource": [trusting(STRANGER)]}, I, "trust", id="E6-somebody-else-is-trusted"),
        pytest.param(USER, {"resource": [trusting(USER)]}, A, "trust", id="E6-the-user-is-named"),
        pytest.param(ROLE, {"resource": [trusting(ROLE)]}, A, "trust", id="E6-the-role-is-named"),
        pytest.param(SESSION, {"resource": [trusting(ROLE)]}, A, "trust", id="E6-a-session-of-it"),
        pytest.param(SESSION, {"resource": [trusting(SESSION)]}, A, "trust", id="E6-the-session-is-named"),
        pytest.param(USER, {"resource": [trusting("*")]}, A, "trust", id="P2-everyone-of-the-account"),
        pytest.param(USER, {"resource": [trusting(ROOT)]}, I, "identity", id="P1-the-account-delegates"),
        pytest.param(USER, {"resource": [trusting(ACCOUNT)], "identity": MAY}, A, "trust", id="P1-and-identity-takes-it-up"),
        pytest.param(SESSION, {"resource": [trusting(ROOT)], "identity": MAY}, A, "trust", id="P1-for-sessions"),
        pytest.param(SESSION, {"resource": [trusting(ROOT)], "identity": MAY, "session": NOTHING}, I, "session", id="P1-session-policy"),
        pytest.param(ROLE, {"resource": [trusting(ROLE)], "boundary": [allow("s3:*")]}, I, "boundary", id="E7-boundary-of-a-named-role"),
        pytest.param(USER, {"resource": [trusting(USER)], "boundary": [allow("s3:*")]}, A, "trust", id="E10-boundary-of-a-named-user"),
        pytest.param(USER, {"resource": [trusting(USER)], "identity": [deny(ASSUME)]}, D, "identity", id="E2-denied-by-identity"),
        pytest.param(USER, {"resource": [trusting(USER), {**trusting(USER), "Effect": "Deny"}]}, D, "trust", id="E2-denied-by-trust"),
        pytest.param(USER, {"resource": [trusting(USER)], "scp": [ALL, [*ALL, deny(ASSUME)]]}, D, "scp", id="E2-denied-by-scp"),
        pytest.param(STRANGER, {"resource": [trusting(STRANGER)]}, I, "identity", id="X1-another-account-must-allow-it-too"),
        pytest.param(STRANGER, {"resource": [trusting(OTHER)], "identity": MAY}, A, "trust", id="X1-both-sides"),
        pytest.param(STRANGER, {"resource": [trusting(STRANGE_ROOT)], "identity": MAY}, A, "trust", id="X1-both-sides-root-arn"),
        pytest.param(STRANGER, {"resource": [trusting("*")], "identity": MAY}, A, "trust", id="X1-everyone-and-identity"),
        pytest.param(STRANGER, {"resource": [trusting("*")]}, I, "identity", id="X1-everyone-without-identity"),
        pytest.param("lambda.amazonaws.com", {"resource": [trusting({"Service": "lambda.amazonaws.com"})]}, A, "trust", id="X3-a-service"),
        pytest.param(
            "ec2.amazonaws.com", {"resource": [trusting({"Service": "lambda.amazonaws.com"})]}, I, "trust", id="X3-another-service"
        ),
    ],
)
def test_assume_role(principal, layers, expected, layer):
    decision = ask(principal, ASSUME, TARGET, **layers)
    assert (decision.answer, decision.layer) == (expected, layer)


@pytest.mark.parametrize("action", ["sts:TagSession", "sts:SetSourceIdentity", "STS:ASSUMEROLE", "sts:SetContext"])
def test_what_goes_with_assuming_must_be_trusted_too(action):
    """T1. AWS: "you must have the sts:TagSession permission in the trust policy"; likewise for the source identity."""
    assert ask(USER, action, TARGET, identity=ALL).answer is I
    assert ask(USER, action, TARGET, identity=ALL, resource=[trusting(USER, ASSUME + "X")]).answer is I
    assert ask(USER, action, TARGET, identity=ALL, resource=[trusting(USER, action)]).answer is A


@pytest.mark.parametrize("action", ["iam:PassRole", "iam:GetRole", "iam:UpdateAssumeRolePolicy"])
def test_a_trust_policy_says_nothing_of_other_actions_on_the_role(action):
    assert ask(USER, action, TARGET, identity=[allow(action)], resource=NOTHING).answer is A
    assert ask(USER, action, TARGET, resource=[trusting(USER, "*")]).answer is I
    assert ask(USER, action, TARGET, identity=[allow(action)], resource=[{**trusting("*", "*"), "Effect": "Deny"}]).answer is A
    assert ask(USER, action, TARGET, identity=[allow(action)], unread=["trust"]).answer is A


@pytest.mark.parametrize(
    ("action", "principal", "statement", "context", "expected"),
    [
        # "Calling AssumeRoleWithWebIdentity does not require the use of AWS security credentials."
        pytest.param(
            "sts:AssumeRoleWithWebIdentity", GITHUB, trusting({"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity"), {}, A, id="T2"
        ),
        pytest.param("sts:AssumeRoleWithWebIdentity", GITHUB, trusting({"Federated": GITHUB}), {}, I, id="T2-another-action"),
        pytest.param("sts:AssumeRoleWithWebIdentity", GITHUB, trusting({"Federated": SAML}, "sts:*"), {}, I, id="T2-another-provider"),
        pytest.param("sts:AssumeRoleWithSAML", SAML, trusting({"Federated": SAML}, "sts:AssumeRoleWithSAML"), {}, A, id="T2-saml"),
        pytest.param(
            "sts:AssumeRoleWithWebIdentity",
            "cognito-identity.amazonaws.com",
            trusting({"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity"),
            {},
            A,
            id="T2-cognito-is-no-service-here",
        ),
        pytest.param(
            "sts:AssumeRoleWithWebIdentity",
            GITHUB,
            trusting(
                {"Federated": GITHUB},
                "sts:AssumeRoleWithWebIdentity",
                Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}},
            ),
            {"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main"},
            A,
            id="T2-subject",
        ),
        pytest.param(
            "sts:AssumeRoleWithWebIdentity",
            GITHUB,
            trusting(
                {"Federated": GITHUB},
                "sts:AssumeRoleWithWebIdentity",
                Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}},
            ),
            {"token.actions.githubusercontent.com:sub": "repo:evil/shop:ref:refs/heads/main"},
            I,
            id="T2-another-subject",
        ),
        pytest.param(
            "sts:AssumeRoleWithSAML",
            SAML,
            trusting(
                {"Federated": SAML},
                "sts:AssumeRoleWithSAML",
                Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            ),
            {},
            U,
            id="T2-audience-not-told",
        ),
    ],
)
def test_federation_needs_no_policy_but_the_trust(action, principal, statement, context, expected):
    assert ask(principal, action, TARGET, context, resource=[statement]).answer is expected
    # Neither does any policy of the account's principals speak of it.
    assert ask(principal, action, TARGET, context, resource=[statement], identity=[deny()], scp=[NOTHING]).answer is expected


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        pytest.param({"StringEquals": {"sts:ExternalId": "x-17"}}, {"sts:ExternalId": "x-17"}, A, id="T3-external-id"),
        pytest.param({"StringEquals": {"sts:ExternalId": "x-17"}}, {"sts:ExternalId": "x-18"}, I, id="T3-another-external-id"),
        pytest.param({"StringEquals": {"sts:ExternalId": "x-17"}}, {"sts:ExternalId": ()}, I, id="T3-no-external-id"),
        pytest.param({"StringEquals": {"sts:ExternalId": "x-17"}}, {}, U, id="T3-external-id-not-told"),
        pytest.param({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {"aws:MultiFactorAuthPresent": "true"}, A, id="T3-mfa"),
        # "The key is not present in the request context when long-term credentials are used".
        pytest.param({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {"aws:MultiFactorAuthPresent": ()}, I, id="T3-no-mfa"),
        pytest.param(
            {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, {"aws:MultiFactorAuthPresent": ()}, A, id="T3-mfa-if-exists"
        ),
        pytest.param({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, {"aws:MultiFactorAuthAge": "60"}, A, id="T3-mfa-age"),
        pytest.param({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, {"aws:MultiFactorAuthAge": "7200"}, I, id="T3-mfa-old"),
        pytest.param({"StringEquals": {"sts:SourceIdentity": "ann"}}, {"sts:SourceIdentity": "ann"}, A, id="T3-source-identity"),
        pytest.param({"StringLike": {"sts:SourceIdentity": "*"}}, {"sts:SourceIdentity": ()}, I, id="T3-no-source-identity"),
        pytest.param(
            {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}, {"sts:RoleSessionName": "ann"}, A, id="T3-own-session-name"
        ),
        pytest.param(
            {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}, {"sts:RoleSessionName": "bob"}, I, id="T3-another-s-name"
        ),
        pytest.param({"StringEquals": {"aws:RequestTag/team": "shop"}}, {"aws:RequestTag/team": "shop"}, A, id="T3-session-tag"),
        pytest.param({"StringEquals": {"aws:RequestTag/team": "shop"}}, {"aws:RequestTag/team": "hr"}, I, id="T3-another-tag"),
        pytest.param({"Null": {"aws:RequestTag/team": "false"}}, {"aws:RequestTag/team": ()}, I, id="T3-tag-required"),
        pytest.param(
            {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["team", "cost"]}},
            {"sts:TransitiveTagKeys": ("team",)},
            A,
            id="T3-transitive",
        ),
        pytest.param(
            {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["team"]}},
            {"sts:TransitiveTagKeys": ("team", "x")},
            I,
            id="T3-too-many",
        ),
        pytest.param({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, {"aws:TagKeys": ()}, A, id="T3-no-tags-at-all"),
        pytest.param({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, {"aws:PrincipalOrgID": "o-1"}, A, id="T3-organisation"),
        pytest.param({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, {}, U, id="T3-organisation-not-told"),
        pytest.param({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/*"}}, {}, A, id="T3-principal-arn-follows"),
        pytest.param({"StringEquals": {"aws:PrincipalAccount": OTHER}}, {}, I, id="T3-principal-account-follows"),
        pytest.param({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": "203.0.113.9"}, A, id="T3-address"),
        pytest.param({"NumericLessThanEquals": {"sts:DurationSeconds": "3600"}}, {"sts:DurationSeconds": "3600"}, A, id="T3-duration"),
    ],
)
def test_conditions_of_trust(condition, context, expected):
    assert ask(USER, ASSUME, TARGET, context, resource=[trusting(USER, Condition=condition)]).answer is expected


def test_who_brings_a_token_is_not_asked_who_they_are():
    """T2. Whatever credentials they have besides have no say."""
    anybody = [trusting("*", "sts:AssumeRoleWithSAML")]
    assert ask(STRANGER, "sts:AssumeRoleWithSAML", TARGET, resource=anybody).answer is A
    as_service = trusting("*", "sts:AssumeRoleWithWebIdentity", Condition={"Bool": {"aws:PrincipalIsAWSService": "true"}})
    assert ask("cognito-identity.amazonaws.com", "sts:AssumeRoleWithWebIdentity", TARGET, resource=[as_service]).answer is I
    of_us = trusting("*", "sts:AssumeRoleWithWebIdentity", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    assert ask(GITHUB, "sts:AssumeRoleWithWebIdentity", TARGET, resource=[of_us]).answer is I


def test_what_is_needed_is_named():
    decision = ask(STRANGER, ASSUME, TARGET, identity=MAY, resource=[trusting(OTHER, Condition={"StringEquals": {"sts:ExternalId": "1"}})])
    assert (decision.answer, decision.layer, decision.needs) == (U, "trust", ("sts:ExternalId",))
    # Without a permission at home the external id cannot help.
    alone = ask(STRANGER, ASSUME, TARGET, resource=[trusting(OTHER, Condition={"StringEquals": {"sts:ExternalId": "1"}})])
    assert (alone.answer, alone.layer, alone.needs) == (I, "identity", ())
