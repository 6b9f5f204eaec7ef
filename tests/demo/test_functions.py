"""Functions read back as they were written, whichever operation reads them."""

import urllib.request

import pytest
from tests import aws

ROLE = "arn:aws:iam::123456789012:role/r"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:dead"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
LAYER = "arn:aws:lambda:eu-west-1:999988887777:layer:tools:4"
ACCESS_POINT = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0"
PROVIDER = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:fleet"


@pytest.mark.parametrize("how", ["create", "update"])
@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param({"Description": "takes money"}, {"Description": "takes money"}, id="description"),
        pytest.param({"Timeout": 900, "MemorySize": 2048}, {"Timeout": 900, "MemorySize": 2048}, id="timeout-and-memory"),
        pytest.param({"DeadLetterConfig": {"TargetArn": QUEUE}}, {"DeadLetterConfig": {"TargetArn": QUEUE}}, id="dead-letter-queue"),
        pytest.param({"KMSKeyArn": KEY}, {"KMSKeyArn": KEY}, id="customer-key"),
        pytest.param({"Environment": {"Variables": {"A": "b"}}}, {"Environment": {"Variables": {"A": "b"}}}, id="environment"),
        pytest.param({"TracingConfig": {"Mode": "Active"}}, {"TracingConfig": {"Mode": "Active"}}, id="tracing"),
        pytest.param(
            {"SnapStart": {"ApplyOn": "PublishedVersions"}},
            {"SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}},
            id="snap-start",
        ),
        pytest.param({"Layers": [LAYER]}, {"Layers": [{"Arn": LAYER, "CodeSize": 0}]}, id="layer-of-an-unknown-account"),
        pytest.param({"EphemeralStorage": {"Size": 4096}}, {"EphemeralStorage": {"Size": 4096}}, id="ephemeral-storage"),
        pytest.param(
            {"FileSystemConfigs": [{"Arn": ACCESS_POINT, "LocalMountPath": "/mnt/data"}]},
            {"FileSystemConfigs": [{"Arn": ACCESS_POINT, "LocalMountPath": "/mnt/data"}]},
            id="file-system",
        ),
        pytest.param(
            {"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/shop/audit", "ApplicationLogLevel": "WARN"}},
            {"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/shop/audit", "ApplicationLogLevel": "WARN"}},
            id="logging",
        ),
        pytest.param(
            {"LoggingConfig": {"LogFormat": "JSON"}},
            {"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/aws/lambda/checkout"}},
            id="log-group-by-default",
        ),
        pytest.param(
            {"DurableConfig": {"RetentionPeriodInDays": 3, "ExecutionTimeout": 60}},
            {"DurableConfig": {"RetentionPeriodInDays": 3, "ExecutionTimeout": 60}},
            id="durable",
        ),
        pytest.param(
            {"CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}}},
            {"CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}}},
            id="capacity-provider",
        ),
        pytest.param(
            {"Runtime": "provided.al2023", "Handler": "bootstrap"}, {"Runtime": "provided.al2023", "Handler": "bootstrap"}, id="runtime"
        ),
    ],
)
def test_every_reader_tells_what_was_written(lam, make, how, written, read):
    if how == "create":
        make(**written)
    else:
        make()
        lam.update_function_configuration(FunctionName="checkout", **written)
    readers = [
        lam.get_function_configuration(FunctionName="checkout"),
        lam.get_function(FunctionName="checkout")["Configuration"],
        lam.list_functions()["Functions"][0],
        lam.list_versions_by_function(FunctionName="checkout")["Versions"][0],
    ]
    for told in readers:
        assert {member: told.get(member) for member in read} == read


def test_tenancy_is_kept(lam, make):
    make(TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
    assert lam.get_function_configuration(FunctionName="checkout")["TenancyConfig"] == {"TenantIsolationMode": "PER_TENANT"}


def test_what_is_not_set_is_absent(lam, make):
    make()
    told = lam.get_function_configuration(FunctionName="checkout")
    assert (
        not {"Environment", "DeadLetterConfig", "KMSKeyArn", "VpcConfig", "Layers", "FileSystemConfigs", "CapacityProviderConfig"}
        & told.keys()
    )


def test_a_function_in_a_vpc_names_the_vpc(endpoint, lam, make):
    ec2 = aws.client("ec2", endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    make(VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]})
    told = lam.list_functions()["Functions"][0]["VpcConfig"]
    assert (told["VpcId"], told["SubnetIds"], told["SecurityGroupIds"]) == (vpc, [subnet], [group])


def test_functions_of_the_same_subnets_and_groups_share_their_interfaces(endpoint, make):
    ec2 = aws.client("ec2", endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"] for number in (1, 2)]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    for name in ("first", "second"):
        make(name, VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [group]})
    interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert sorted(one["SubnetId"] for one in interfaces) == sorted(subnets)
    for one in interfaces:
        assert one["InterfaceType"] == "lambda"
        assert one["Description"].startswith("AWS Lambda VPC ENI-first-")
        assert [each["GroupId"] for each in one["Groups"]] == [group]


def test_a_subnet_that_is_not_there_is_refused(lam, make):
    with pytest.raises(lam.exceptions.InvalidParameterValueException, match="subnet-0123"):
        make(VpcConfig={"SubnetIds": ["subnet-0123"], "SecurityGroupIds": []})


@pytest.mark.parametrize(
    ("image", "resolved"),
    [
        pytest.param("r.invalid/pdf:latest", "r.invalid/pdf@sha256:", id="by-tag"),
        pytest.param("r.invalid/pdf@sha256:" + "ab" * 32, "r.invalid/pdf@sha256:" + "ab" * 32, id="by-digest"),
        pytest.param("r.invalid:5000/pdf:1.2", "r.invalid:5000/pdf@sha256:", id="by-tag-from-a-registry-with-a-port"),
    ],
)
def test_an_image_is_told_as_given_and_as_resolved(lam, make, image, resolved):
    make(PackageType="Image", Code={"ImageUri": image}, ImageConfig={"Command": ["run"]})
    told = lam.get_function(FunctionName="checkout")
    assert told["Code"]["ImageUri"] == image
    assert told["Code"]["ResolvedImageUri"].startswith(resolved)
    assert told["Configuration"]["ImageConfigResponse"]["ImageConfig"] == {"Command": ["run"]}
    assert "Runtime" not in told["Configuration"]


def test_the_code_can_be_fetched_from_its_location(lam, make):
    make()
    where = lam.get_function(FunctionName="checkout")["Code"]["Location"]
    with urllib.request.urlopen(where) as answer:  # noqa: S310 - the embedded AWS
        assert answer.read() == aws.zipped()


def test_tags_and_reserved_concurrency_come_with_get_function(lam, make):
    make(Tags={"Team": "money"})
    lam.put_function_concurrency(FunctionName="checkout", ReservedConcurrentExecutions=7)
    told = lam.get_function(FunctionName="checkout")
    assert told["Tags"] == {"Team": "money"}
    assert told["Concurrency"] == {"ReservedConcurrentExecutions": 7}


def test_a_published_version_does_not_change(lam, make):
    make(Timeout=3)
    version = lam.publish_version(FunctionName="checkout", Description="first")["Version"]
    lam.update_function_configuration(FunctionName="checkout", Timeout=9)
    frozen = lam.get_function_configuration(FunctionName="checkout", Qualifier=version)
    assert (frozen["Timeout"], frozen["Description"], frozen["FunctionArn"].rpartition(":")[2]) == (3, "first", "1")
    assert lam.get_function_configuration(FunctionName="checkout")["Timeout"] == 9


def test_publishing_twice_without_a_change_gives_the_same_version(lam, make):
    make()
    assert [lam.publish_version(FunctionName="checkout")["Version"] for _ in range(2)] == ["1", "1"]
    lam.update_function_code(FunctionName="checkout", ZipFile=aws.zipped(app="x = 1"))
    assert lam.publish_version(FunctionName="checkout")["Version"] == "2"


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        pytest.param("checkout", ":function:checkout", id="name"),
        pytest.param("checkout:live", ":function:checkout:live", id="name-with-alias"),
        pytest.param("arn:aws:lambda:eu-west-1:123456789012:function:checkout", ":function:checkout", id="arn"),
        pytest.param("arn:aws:lambda:eu-west-1:123456789012:function:checkout:1", ":function:checkout:1", id="qualified-arn"),
        pytest.param("123456789012:function:checkout", ":function:checkout", id="partial-arn"),
    ],
)
def test_a_function_answers_to_all_its_names(lam, make, name, suffix):
    make(Publish=True)
    lam.create_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    assert lam.get_function_configuration(FunctionName=name)["FunctionArn"].endswith(suffix)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        pytest.param("get_function", {"FunctionName": "gone"}, id="function"),
        pytest.param("get_function", {"FunctionName": "checkout", "Qualifier": "gone"}, id="alias"),
        pytest.param("get_function_url_config", {"FunctionName": "checkout"}, id="url"),
        pytest.param("get_policy", {"FunctionName": "checkout"}, id="policy"),
        pytest.param("get_alias", {"FunctionName": "checkout", "Name": "gone"}, id="alias-by-name"),
        pytest.param("get_event_source_mapping", {"UUID": "0e0e0e0e-0000-0000-0000-000000000000"}, id="event-source"),
        pytest.param("get_function_event_invoke_config", {"FunctionName": "checkout"}, id="invoke-config"),
        pytest.param(
            "get_code_signing_config",
            {"CodeSigningConfigArn": "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdef0"},
            id="signing",
        ),
        pytest.param("get_layer_version", {"LayerName": "gone", "VersionNumber": 1}, id="layer"),
    ],
)
def test_what_is_not_there_is_resource_not_found(lam, make, method, arguments):
    make()
    with pytest.raises(lam.exceptions.ResourceNotFoundException) as caught:
        getattr(lam, method)(**arguments)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_name_is_taken_once(lam, make):
    make()
    with pytest.raises(lam.exceptions.ResourceConflictException):
        make()


def test_deleting_a_version_takes_what_hangs_on_it(lam, make):
    make(Publish=True)
    lam.add_permission(FunctionName="checkout", Qualifier="1", StatementId="s", Action="lambda:InvokeFunction", Principal="*")
    lam.delete_function(FunctionName="checkout", Qualifier="1")
    with pytest.raises(lam.exceptions.ResourceNotFoundException):
        lam.get_policy(FunctionName="checkout", Qualifier="1")
    lam.delete_function(FunctionName="checkout")
    assert lam.list_functions()["Functions"] == []


def test_the_account_tells_what_is_left_of_its_concurrency(lam, make):
    make("a")
    make("b")
    lam.put_function_concurrency(FunctionName="a", ReservedConcurrentExecutions=100)
    lam.put_function_concurrency(FunctionName="b", ReservedConcurrentExecutions=25)
    settings = lam.get_account_settings()
    assert settings["AccountLimit"]["ConcurrentExecutions"] == 1000
    assert settings["AccountLimit"]["UnreservedConcurrentExecutions"] == 875
    assert settings["AccountUsage"]["FunctionCount"] == 2
    with pytest.raises(lam.exceptions.InvalidParameterValueException, match="minimum value"):
        lam.put_function_concurrency(FunctionName="b", ReservedConcurrentExecutions=801)
    lam.delete_function_concurrency(FunctionName="a")
    assert "ReservedConcurrentExecutions" not in lam.get_function_concurrency(FunctionName="a")
