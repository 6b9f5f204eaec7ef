"""Lists come in AWS's pages, and all pages together are everything once."""

import pytest
from tests import aws
from tests.growth import assert_linear


@pytest.fixture
def many(make):
    for number in range(120):
        make(f"f{number:03}")


def pages(client, operation, key, **arguments):
    return [page[key] for page in client.get_paginator(operation).paginate(**arguments)]


def test_functions_come_fifty_at_a_time(lam, many):
    listed = pages(lam, "list_functions", "Functions")
    assert [len(page) for page in listed] == [50, 50, 20]
    assert {one["FunctionName"] for page in listed for one in page} == {f"f{number:03}" for number in range(120)}


def test_more_than_fifty_is_taken_as_fifty(lam, many):
    answer = lam.list_functions(MaxItems=1000)
    assert len(answer["Functions"]) == 50
    assert "NextMarker" in answer


def test_fewer_can_be_asked_for(lam, many):
    answer = lam.list_functions(MaxItems=7)
    assert len(answer["Functions"]) == 7
    assert lam.list_functions(MaxItems=7, Marker=answer["NextMarker"])["Functions"][0]["FunctionName"] == "f007"


def test_a_marker_nobody_gave_is_refused(lam):
    with pytest.raises(lam.exceptions.InvalidParameterValueException):
        lam.list_functions(Marker="made-up")


def test_all_versions_are_listed_with_qualified_arns(lam, make):
    for name in ("a", "b"):
        make(name, Publish=True)
    listed = [
        one["FunctionArn"].partition(":function:")[2]
        for page in pages(lam, "list_functions", "Functions", FunctionVersion="ALL")
        for one in page
    ]
    assert listed == ["a:$LATEST", "a:1", "b:$LATEST", "b:1"]


def test_versions_and_aliases_have_pages_too(lam, make):
    make()
    for number in range(60):
        lam.update_function_configuration(FunctionName="checkout", Timeout=number + 1)
        lam.publish_version(FunctionName="checkout")
        lam.create_alias(FunctionName="checkout", Name=f"a{number}", FunctionVersion=str(number + 1))
    assert [len(page) for page in pages(lam, "list_versions_by_function", "Versions", FunctionName="checkout")] == [50, 11]
    assert [len(page) for page in pages(lam, "list_aliases", "Aliases", FunctionName="checkout")] == [50, 10]
    assert [one["Name"] for one in lam.list_aliases(FunctionName="checkout", FunctionVersion="7")["Aliases"]] == ["a6"]


def test_event_sources_come_a_hundred_at_a_time(lam, make):
    make()
    for number in range(130):
        lam.create_event_source_mapping(FunctionName="checkout", EventSourceArn=f"arn:aws:sqs:eu-west-1:123456789012:q{number}")
    assert [len(page) for page in pages(lam, "list_event_source_mappings", "EventSourceMappings")] == [100, 30]
    assert [len(page) for page in pages(lam, "list_event_source_mappings", "EventSourceMappings", FunctionName="checkout")] == [100, 30]


def test_layers_and_their_versions_have_pages(lam):
    for number in range(55):
        lam.publish_layer_version(LayerName=f"layer{number}", Content={"ZipFile": aws.zipped()})
        lam.publish_layer_version(LayerName="one", Content={"ZipFile": aws.zipped()})
    assert [len(page) for page in pages(lam, "list_layers", "Layers")] == [50, 6]
    versions = pages(lam, "list_layer_versions", "LayerVersions", LayerName="one")
    assert [len(page) for page in versions] == [50, 5]
    assert versions[0][0]["Version"] == 55


def test_log_groups_by_prefix_have_pages(endpoint):
    logs = aws.client("logs", endpoint)
    for number in range(60):
        logs.create_log_group(logGroupName=f"/aws/lambda/f{number}")
    logs.create_log_group(logGroupName="/other")
    assert [len(page) for page in pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix="/aws/lambda/")] == [50, 10]


def test_iam_comes_whole_through_its_pages(endpoint):
    iam = aws.client("iam", endpoint)
    for number in range(150):
        iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument="{}")
    listed = pages(iam, "get_account_authorization_details", "RoleDetailList")
    assert [len(page) for page in listed] == [100, 50]
    assert len({role["RoleName"] for page in listed for role in page}) == 150


def test_tags_of_all_functions_come_in_few_calls(endpoint, make):
    for number in range(120):
        make(f"f{number}", Tags={"Number": str(number)})
    make("untagged")
    listed = pages(
        aws.client("resourcegroupstaggingapi", endpoint),
        "get_resources",
        "ResourceTagMappingList",
        ResourceTypeFilters=["lambda:function"],
        ResourcesPerPage=100,
    )
    assert [len(page) for page in listed] == [100, 20]
    assert listed[0][5] == {"ResourceARN": "arn:aws:lambda:eu-west-1:123456789012:function:f5", "Tags": [{"Key": "Number", "Value": "5"}]}


def test_listing_grows_with_the_number_of_functions_and_no_faster(lam, make):
    make()
    home = aws.server().world.home(aws.SHOP, aws.REGION)
    template = home.functions["checkout"]

    def list_all(count):
        home.functions = {f"f{number}": template for number in range(count)}
        assert sum(len(page) for page in pages(lam, "list_functions", "Functions")) == count

    assert_linear(list_all, 200)
