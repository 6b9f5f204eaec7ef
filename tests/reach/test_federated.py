"""Tokens that anybody can have: whom a trust policy in a provider lets in."""

import pytest
from tests.reach.attack import ACCOUNT, OTHER, allow, arn, can, estate, policy, trust
from tests.reach.test_graph import replays

from buckler.reach.paths import paths
from buckler.reach.trusts import Outsider, outsiders

GITHUB = "token.actions.githubusercontent.com"
AUD = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}


def federated(host, condition=None, *, provider=True):
    principal = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}" if provider else host}
    more = {"Condition": condition} if condition else {}
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRoleWithWebIdentity", **more})


def subject(pattern, operator="StringLike", claim="sub"):
    return {**AUD, operator: {**(AUD["StringEquals"] if operator == "StringEquals" else {}), f"{GITHUB}:{claim}": pattern}}


@pytest.mark.parametrize(
    ("document", "who"),
    [
        pytest.param(federated(GITHUB), "anyone with a GitHub repository", id="no-condition"),
        pytest.param(federated(GITHUB, AUD), "anyone with a GitHub repository", id="audience-only"),
        pytest.param(federated(GITHUB, subject("*")), "anyone with a GitHub repository", id="any-subject"),
        pytest.param(federated(GITHUB, subject("repo:*")), "anyone with a GitHub repository", id="any-repository"),
        pytest.param(federated(GITHUB, subject("repo:*:ref:refs/heads/main")), "anyone with a GitHub repository", id="any-main"),
        pytest.param(federated(GITHUB, subject("*:environment:prod")), "anyone with a GitHub repository", id="any-environment-of-a-name"),
        pytest.param(federated(GITHUB, subject("repo:acme*")), "anyone with a GitHub repository", id="a-name-that-begins-so"),
        pytest.param(federated(GITHUB, subject("repo:acme*/shop:*")), "anyone with a GitHub repository", id="owner-by-pattern"),
        pytest.param(federated(GITHUB, subject("repo:*/shop:*")), "anyone with a GitHub repository", id="a-repository-of-that-name"),
        pytest.param(federated(GITHUB, subject("repo:acme/*")), "", id="the-repositories-of-one-owner"),
        pytest.param(federated(GITHUB, subject("repo:acme/shop:ref:refs/heads/main", "StringEquals")), "", id="one-branch"),
        pytest.param(federated(GITHUB, subject("acme", "StringEquals", "repository_owner")), "", id="one-owner"),
        pytest.param(
            federated("gitlab.com", {"StringLike": {"gitlab.com:sub": "project_path:*"}}), "anyone with a GitLab project", id="gitlab"
        ),
        pytest.param(federated("gitlab.com", {"StringLike": {"gitlab.com:sub": "project_path:acme/*"}}), "", id="gitlab-group"),
        pytest.param(
            federated("app.terraform.io", {"StringLike": {"app.terraform.io:sub": "organization:*:project:prod:*"}}),
            "anyone with an organisation of HCP Terraform",
            id="terraform",
        ),
        pytest.param(
            federated("cognito-identity.amazonaws.com", provider=False), "anyone with an identity pool of Cognito", id="any-identity-pool"
        ),
        pytest.param(
            federated(
                "cognito-identity.amazonaws.com",
                {"StringEquals": {"cognito-identity.amazonaws.com:aud": f"eu-west-1:{'1' * 8}-1111-4111-8111-{'1' * 12}"}},
                provider=False,
            ),
            "",
            id="one-identity-pool",
        ),
        pytest.param(federated("idp.example"), "", id="a-provider-of-its-own"),
    ],
)
def test_who_gets_in(document, who):
    there = estate(can("deploy", allow("lambda:*"), trust=document))
    found = [one for one in outsiders(there.estate.roles[0], document, there) if isinstance(one, Outsider) and one.source == "internet"]
    assert [one.who for one in found] == ([who] if who else [])
    assert all(one.witness is not None and replays(one.witness) for one in found)


@pytest.mark.parametrize(
    ("document", "start"),
    [
        pytest.param(federated(GITHUB, AUD), "internet", id="github"),
        pytest.param(trust(aws="*"), "internet", id="any-account"),
        pytest.param(trust(aws=f"arn:aws:iam::{OTHER}:root"), "account:*", id="another-account"),
    ],
)
def test_the_way_in_is_walked(document, start):
    found = paths(estate(can("boss", allow("*"), trust=document)), start, "administrator")
    assert [edge.kind for edge in found[0].edges] == ["assume", "admin"]
    assert found[0].edges[0].target == arn("role", "boss")
    assert all(replays(proof) for edge in found[0].edges for proof in edge.proof)
