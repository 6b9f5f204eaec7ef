import pytest
from msgspec.structs import replace
from tests.estates import (
    ACCOUNT,
    DENIED,
    NOT_ASKED,
    OTHER,
    ROLE_ARN,
    analysis,
    at,
    attached,
    capacity_provider,
    function,
    missing,
    policy,
    role,
    scope,
    version,
)

from buckler.checks import run
from buckler.checks.role_orphaned import role_orphaned
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked
from buckler.model.text import hole, join
from buckler.reach.usage import _DEFAULT_REGIONS

EVERYWHERE = tuple(
    scope(region=region, name=f"{ACCOUNT}/{region}", origin=at("sts:GetCallerIdentity", "")) for region in sorted(_DEFAULT_REGIONS["aws"])
)


def word(*entities, scopes=EVERYWHERE):
    answers = run([role_orphaned], analysis(*entities, scopes=scopes))
    return Finding if answers.findings else Gap if answers.gaps else NotAsked if answers.not_asked else None


def trust(*services):
    return policy({"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"})


NEW = role("new")


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        pytest.param((role(), function()), None, id="in-use"),
        pytest.param((role(),), Finding, id="nobody-runs-as-it"),
        pytest.param((role(), function(role=DENIED)), Gap, id="a-function-whose-role-is-not-known"),
        pytest.param((role(), function(role=f"arn:aws:iam::{ACCOUNT}:role/other"), role("other")), Finding, id="another-role-is-used"),
        pytest.param((role(), NEW, function(role=NEW.arn, versions=(version("1", role=ROLE_ARN),))), None, id="an-old-version-runs-as-it"),
        pytest.param((role(), NEW, function(role=NEW.arn, versions=DENIED)), Gap, id="versions-unreadable"),
        pytest.param((role(), missing("functions", region="us-east-1")), Gap, id="functions-of-one-region-unreadable"),
        pytest.param((role(trust=trust("lambda.amazonaws.com", "states.amazonaws.com")),), None, id="others-may-use-it"),
        pytest.param((role(trust=trust("ec2.amazonaws.com")),), None, id="not-for-lambda"),
        pytest.param((role(trust=DENIED),), Gap, id="trust-unreadable"),
        pytest.param((role(is_service_linked=True),), None, id="service-linked"),
        pytest.param(
            (role(attached=(attached("arn:aws:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator", DENIED),)),), None, id="operator"
        ),
        pytest.param((role("operator"), capacity_provider()), None, id="operator-with-policies-of-its-own"),
        pytest.param((role(), capacity_provider(operator_role=DENIED)), Gap, id="a-capacity-provider-whose-operator-is-not-known"),
        pytest.param((role(), missing("capacity_providers")), Gap, id="capacity-providers-unreadable"),
        pytest.param((role(), missing("capacity_providers", NOT_ASKED)), Finding, id="no-function-on-a-capacity-provider"),
        pytest.param((role(origin=FileOrigin(file="template.yaml")),), NotAsked, id="a-file-cannot-tell"),
        pytest.param((role(), function(role=f"{ROLE_ARN}-2"), role("checkout-role-2")), Finding, id="a-longer-name-is-used"),
        pytest.param((role(), function(region="us-east-1")), None, id="used-in-another-region"),
        pytest.param((role(), function(account=OTHER)), None, id="a-function-that-names-it-wherever-it-is"),
        pytest.param((role(), missing("functions", region="")), Gap, id="functions-of-all-regions-unreadable"),
        pytest.param((role(last_used="2026-11-20T10:00:00Z"),), Finding, id="used-by-nobody-we-see"),
        pytest.param(
            (role(trust=trust(join("lambda.", hole("AWS::URLSuffix"))), origin=FileOrigin(file="t.yaml")),),
            NotAsked,
            id="a-template-s-role",
        ),
        pytest.param(
            (role(trust=replace(trust("lambda.amazonaws.com"), unresolved=(DENIED,))),),
            Gap,
            id="a-statement-of-the-trust-nobody-could-read",
        ),
        pytest.param((role(attached=DENIED),), Gap, id="whether-it-is-an-operator-unreadable"),
    ],
)
def test_verdict(entities, expected):
    assert word(*entities) is expected


def test_one_region_cannot_tell():
    assert word(role(), scopes=(scope(),)) is NotAsked
    assert word(role(), function(), scopes=(scope(),)) is None


def test_functions_of_another_account_prove_nothing():
    assert word(role(), function(account="210987654321", role=DENIED)) is Finding
