"""Whose accounts, which regions."""

import os
import threading

import pytest
from tests import aws
from tests.proxy import ERRORS, Fault, Proxy
from tests.sources.live import workshop
from tests.sources.live.conftest import QUICK, scan

from buckler.errors import CredentialsError, SourceError, UsageError
from buckler.model.estate import COLLECTIONS
from buckler.model.progress import Silent
from buckler.model.unknown import UnknownKind
from buckler.sources.live import LiveOptions, permissions

ROLE = "BucklerAudit"


@pytest.fixture(scope="module")
def organisation():
    """Two accounts of one organisation, a function in each."""
    server = aws.fresh()
    organizations = aws.client("organizations", server.endpoint)
    organizations.create_organization(FeatureSet="ALL")
    second = organizations.create_account(AccountName="second", Email="second@example.invalid")["CreateAccountStatus"]["AccountId"]
    for account in (aws.SHOP, second):
        role = aws.client("iam", server.endpoint, account=account).create_role(RoleName="run", AssumeRolePolicyDocument=workshop.TRUST)
        aws.client("lambda", server.endpoint, account=account).create_function(
            FunctionName=f"in-{account}",
            Runtime="python3.12",
            Handler="app.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": aws.zipped()},
        )
    return server.endpoint, second


def test_every_account_of_the_organisation_is_read(organisation):
    endpoint, second = organisation
    with Proxy(endpoint) as proxy:
        estate = scan(proxy.endpoint, LiveOptions(org_role=ROLE)).estate
        assert proxy.calls["sts:AssumeRole"] == 1, "the caller's own account is not assumed into"
    assert {function.account for function in estate.functions} == {aws.SHOP, second}
    assert {scope.name for scope in estate.scopes} == {f"{account}/{aws.REGION}" for account in (aws.SHOP, second)}
    assert len({organization.id for organization in estate.organizations}) == len(estate.organizations) == 1


def test_an_account_that_cannot_be_entered_is_missing_everywhere(organisation):
    endpoint, second = organisation
    with Proxy(endpoint, faults=[Fault("sts:AssumeRole", kind="denied", where=second)]) as proxy:
        estate = scan(proxy.endpoint, LiveOptions(org_role=ROLE)).estate
    assert {function.account for function in estate.functions} == {aws.SHOP}
    missing = {one.collection: one for one in estate.missing if one.account == second}
    assert set(missing) == set(COLLECTIONS)
    assert {one.unknown.need for one in missing.values()} == {"sts:AssumeRole"}
    assert missing["roles"].region == ""
    assert missing["functions"].region == aws.REGION


def test_role_arns_are_the_accounts(organisation):
    endpoint, second = organisation
    estate = scan(endpoint, LiveOptions(role_arns=(f"arn:aws:iam::{second}:role/{ROLE}",), external_id="shop")).estate
    assert [function.account for function in estate.functions] == [second]


def test_an_organisation_that_cannot_be_listed_is_an_error(organisation):
    endpoint, _ = organisation
    with Proxy(endpoint, faults=[Fault("organizations:ListAccounts", kind="denied")]) as proxy, pytest.raises(SourceError, match="listed"):
        scan(proxy.endpoint, LiveOptions(org_role=ROLE))


def test_no_account_entered_is_an_error(organisation):
    endpoint, second = organisation
    with Proxy(endpoint, faults=[Fault("sts:AssumeRole", kind="denied")]) as proxy, pytest.raises(CredentialsError, match="none"):
        scan(proxy.endpoint, LiveOptions(role_arns=(f"arn:aws:iam::{second}:role/{ROLE}",)))


def test_all_regions_are_those_enabled(organisation):
    from buckler.sources.live.accounts import reach
    from buckler.sources.live.api import Api

    endpoint, _ = organisation
    with aws.environment(endpoint):
        api = Api(stop=threading.Event(), progress=Silent(), patience=QUICK, connections=2)
        regions = reach(api, LiveOptions(all_regions=True)).regions[aws.SHOP]
    enabled = aws.client("ec2", endpoint).describe_regions()["Regions"]
    assert set(regions) == {region["RegionName"] for region in enabled}
    assert ("ec2:DescribeRegions", 1) in api.counts


def test_regions_that_cannot_be_listed_are_missing(organisation):
    endpoint, _ = organisation
    with Proxy(endpoint, faults=[Fault("ec2:DescribeRegions", kind="denied")]) as proxy:
        estate = scan(proxy.endpoint, LiveOptions(all_regions=True)).estate
    assert estate.functions == ()
    missing = next(one for one in estate.missing if one.collection == "functions")
    assert missing.unknown.need == "ec2:DescribeRegions"
    assert estate.roles, "what has no region is read all the same"


def test_two_regions(organisation):
    endpoint, _ = organisation
    estate = scan(endpoint, LiveOptions(regions=("us-east-1", aws.REGION))).estate
    assert [scope.region for scope in estate.scopes] == [aws.REGION, "us-east-1"]
    assert len(estate.concurrency) == 2


def test_a_region_that_is_not_enabled_is_not_bad_credentials(organisation, monkeypatch):
    """AWS answers for a disabled region as for wrong keys; asking at home who we are tells the difference."""
    endpoint, _ = organisation
    monkeypatch.setitem(ERRORS["rest-json"], "unsupported", (403, "UnrecognizedClientException"))
    with Proxy(endpoint, faults=[Fault("lambda:ListFunctions", kind="unsupported", after=1)]) as proxy:
        estate = scan(proxy.endpoint, LiveOptions(regions=(aws.REGION, "us-east-1"), max_workers=1)).estate
    (missing,) = (one for one in estate.missing if one.collection == "functions")
    assert (missing.region, missing.unknown.kind) == ("us-east-1", UnknownKind.UNSUPPORTED)
    assert "us-east-1 is not enabled" in missing.unknown.why


def test_bad_credentials_at_home_are_bad_credentials(organisation, monkeypatch):
    endpoint, _ = organisation
    monkeypatch.setitem(ERRORS["rest-json"], "unsupported", (403, "UnrecognizedClientException"))
    monkeypatch.setitem(ERRORS["query"], "unsupported", (403, "InvalidClientTokenId"))
    faults = [Fault("lambda:ListFunctions", kind="unsupported"), Fault("sts:GetCallerIdentity", kind="unsupported", after=1)]
    with Proxy(endpoint, faults=faults) as proxy, pytest.raises(CredentialsError) as error:
        scan(proxy.endpoint)
    assert error.value.cause == "UnrecognizedClientException on lambda:ListFunctions"


def test_no_region_is_a_usage_error(organisation, monkeypatch):
    endpoint, _ = organisation
    with aws.environment(endpoint):
        for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
            monkeypatch.delenv(name)
        from buckler.sources.live import collect

        with pytest.raises(UsageError, match="no region") as error:
            collect(LiveOptions(), judge=lambda _name, value: value, progress=Silent(), patience=QUICK)
    assert error.value.hint.startswith("--region")


def test_an_unknown_profile_is_a_usage_error(organisation):
    endpoint, _ = organisation
    with pytest.raises(UsageError, match="no profile `nobody`"):
        scan(endpoint, LiveOptions(profiles=("nobody",)))


def test_profiles_are_read_from_the_configuration(organisation, tmp_path, monkeypatch):
    endpoint, second = organisation
    config = tmp_path / "config"
    config.write_text(
        "[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\nregion = eu-west-1\n"
        f"[profile other]\nrole_arn = arn:aws:iam::{second}:role/{ROLE}\nsource_profile = base\nregion = eu-west-1\n"
    )
    with aws.environment(endpoint):
        monkeypatch.setitem(os.environ, "AWS_CONFIG_FILE", str(config))
        monkeypatch.delitem(os.environ, "AWS_ACCESS_KEY_ID")
        from buckler.sources.live import collect

        estate = collect(
            LiveOptions(profiles=("base", "other")), judge=lambda _name, value: value, progress=Silent(), patience=QUICK
        ).estate
    assert {function.account for function in estate.functions} == {aws.SHOP, second}


def test_an_endpoint_that_is_no_url_is_a_usage_error():
    with pytest.raises(UsageError, match="not a URL"):
        scan("shop")


def test_no_credentials_is_a_credentials_error(organisation, monkeypatch):
    endpoint, _ = organisation
    with aws.environment(endpoint):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        from buckler.sources.live import collect

        with pytest.raises(CredentialsError) as error:
            collect(LiveOptions(), judge=lambda _name, value: value, progress=Silent(), patience=QUICK)
    assert error.value.cause.startswith("NoCredentialsError")


def test_permissions_follow_the_depth():
    deep, default = ({needed.action for needed in permissions(deep=deep)} for deep in (True, False))
    assert "lambda:GetFunctionRecursionConfig" in deep - default
    assert default < deep
    assert "sts:AssumeRole" not in deep
    assert "sts:AssumeRole" in {needed.action for needed in permissions(org=True)}
    assert all(needed.why and needed.collector for needed in permissions())
