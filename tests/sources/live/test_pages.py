"""Lists that come in pages."""

import json

import pytest
from tests import aws
from tests.proxy import Fault, Proxy
from tests.sources.live import workshop
from tests.sources.live.conftest import scan

from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import LiveOptions

COUNT = 120


@pytest.fixture(scope="module")
def many():
    """More functions, versions, layers and log groups than fit on a page."""
    server = aws.fresh()
    role = aws.client("iam", server.endpoint).create_role(RoleName="run", AssumeRolePolicyDocument=workshop.TRUST)["Role"]["Arn"]
    lam, logs = aws.client("lambda", server.endpoint), aws.client("logs", server.endpoint)
    package = aws.zipped()
    for number in range(COUNT):
        name = f"f{number:03}"
        lam.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Handler="app.handler",
            Role=role,
            Code={"ZipFile": package},
            Publish=number % 10 == 0,
            Tags={"number": str(number)},
        )
        logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
    for number in range(5):
        lam.update_function_configuration(FunctionName="f000", Description=f"change {number}")
        lam.publish_version(FunctionName="f000")
    return server.endpoint


def test_all_pages_are_read(many):
    estate = scan(many).estate
    assert [function.name for function in estate.functions] == [f"f{number:03}" for number in range(COUNT)]
    assert len(estate.log_groups) == COUNT
    assert [function.tags[0].value for function in estate.functions] == [str(number) for number in range(COUNT)]
    assert estate.missing == () or {one.unknown.kind for one in estate.missing} == {UnknownKind.NOT_ASKED}


def test_all_versions_of_an_ordinary_function_have_their_policies_read(many):
    first = scan(many).estate.functions[0]
    assert [version.version for version in first.versions] == ["6", "5", "4", "3", "2", "1"]
    assert [entry.qualifier for entry in first.policies] == ["$LATEST", "6", "5", "4", "3", "2", "1"]
    assert first.policy_of("3") is None


def test_capacity_providers_that_no_function_names_are_asked_for_only_when_deep(many):
    collected = scan(many)
    (missing,) = (one for one in collected.estate.missing if one.collection == "capacity_providers")
    assert (missing.unknown.kind, missing.unknown.need) == (UnknownKind.NOT_ASKED, "--deep")
    assert "lambda:ListCapacityProviders" not in dict(collected.calls)
    deep = scan(many, LiveOptions(deep=True))
    assert dict(deep.calls)["lambda:ListCapacityProviders"] == 1
    assert "capacity_providers" not in {one.collection for one in deep.estate.missing}
    # The keys of machines that nobody asked for are not missing.
    assert "keys" not in {one.collection for one in collected.estate.missing}


@pytest.mark.parametrize("deep", [False, True])
def test_functions_on_a_page_that_was_not_read_may_name_a_capacity_provider(many, deep):
    with Proxy(many, faults=[Fault("lambda:ListFunctions", kind="denied", after=2)]) as proxy:
        estate = scan(proxy.endpoint, LiveOptions(deep=deep)).estate
    unread = [one.unknown.kind for one in estate.missing if one.collection == "capacity_providers"]
    assert unread == ([] if deep else [UnknownKind.DENIED])


@pytest.mark.parametrize("kind", ["denied", "throttled", "error", "cut"])
def test_a_list_that_breaks_off_does_not_pass_for_complete(many, kind):
    with Proxy(many, faults=[Fault("lambda:ListFunctions", kind=kind, after=2)]) as proxy:
        estate = scan(proxy.endpoint).estate
    assert 0 < len(estate.functions) < COUNT, "what was read is kept"
    assert "functions" in {one.collection for one in estate.missing if one.unknown.kind is not UnknownKind.NOT_ASKED}
    assert all(isinstance(function.versions, Unknown) for function in estate.functions), "a version may stand on a page that was not read"


def test_tags_that_break_off_are_unknown_where_not_read(many):
    with Proxy(many, faults=[Fault("resourcegroupstaggingapi:GetResources", kind="denied", after=1)]) as proxy:
        functions = scan(proxy.endpoint).estate.functions
    told = [function for function in functions if isinstance(function.tags, tuple)]
    assert 0 < len(told) < COUNT
    assert all(function.tags for function in told), "an untold tag is never no tag"


def test_calls_per_function(many):
    default = scan(many)
    deep = scan(many, LiveOptions(deep=True))
    for collected, most in ((default, 4.0), (deep, 8.0)):
        # Fixed costs weigh more on 120 functions than on the 300 the bound is for.
        total = sum(times for _, times in collected.calls)
        assert total / COUNT <= most, json.dumps(dict(collected.calls), indent=1)
