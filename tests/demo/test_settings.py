"""What hangs on a function: event sources, concurrency, invocation, recursion, signing, layers, tags."""

import json

import pytest
from botocore.exceptions import ClientError
from tests import aws

FAILED = {"Destination": "arn:aws:sqs:eu-west-1:123456789012:failed"}
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:kafka-a1b2c3"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param({"EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:q", "ScalingConfig": {"MaximumConcurrency": 5}}, id="queue"),
        pytest.param(
            {
                "EventSourceArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/s",
                "StartingPosition": "LATEST",
                "DestinationConfig": {"OnFailure": FAILED},
                "FilterCriteria": {"Filters": [{"Pattern": '{"a": [1]}'}]},
                "MaximumRetryAttempts": 2,
                "BisectBatchOnFunctionError": True,
                "KMSKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/k",
            },
            id="stream",
        ),
        pytest.param(
            {
                "EventSourceArn": "arn:aws:kafka:eu-west-1:123456789012:cluster/c/1",
                "Topics": ["t"],
                "StartingPosition": "TRIM_HORIZON",
                "SourceAccessConfigurations": [{"Type": "SASL_SCRAM_512_AUTH", "URI": SECRET}],
                "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"},
                "ProvisionedPollerConfig": {"MinimumPollers": 1, "MaximumPollers": 2},
            },
            id="managed-kafka",
        ),
        pytest.param(
            {
                "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["k.invalid:9092"]}},
                "Topics": ["t"],
                "StartingPosition": "LATEST",
                "SourceAccessConfigurations": [{"Type": "VPC_SUBNET", "URI": "subnet:subnet-1"}, {"Type": "BASIC_AUTH", "URI": SECRET}],
                "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"},
            },
            id="self-managed-kafka",
        ),
        pytest.param(
            {
                "EventSourceArn": "arn:aws:mq:eu-west-1:123456789012:broker:b:b-1",
                "Queues": ["q"],
                "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": SECRET}],
            },
            id="message-broker",
        ),
        pytest.param(
            {
                "EventSourceArn": "arn:aws:rds:eu-west-1:123456789012:cluster:docs",
                "DocumentDBEventSourceConfig": {"DatabaseName": "d", "CollectionName": "c", "FullDocument": "Default"},
                "StartingPosition": "LATEST",
            },
            id="document-db",
        ),
    ],
)
def test_an_event_source_reads_back_whole(lam, make, written):
    make()
    made = lam.create_event_source_mapping(FunctionName="checkout", **written)
    (listed,) = lam.list_event_source_mappings()["EventSourceMappings"]
    alone = lam.get_event_source_mapping(UUID=made["UUID"])
    for told in (made, listed, alone):
        assert {member: told.get(member) for member in written} == written
        assert told["FunctionArn"].endswith(":function:checkout")
        assert told["State"] == "Enabled"


def test_a_stream_without_destination_says_so_with_an_empty_one(lam, make):
    make()
    lam.create_event_source_mapping(
        FunctionName="checkout", EventSourceArn="arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/1", StartingPosition="LATEST"
    )
    assert lam.list_event_source_mappings()["EventSourceMappings"][0]["DestinationConfig"] == {"OnFailure": {}}


def test_an_event_source_of_an_alias_is_told_by_the_alias(lam, make):
    make(Publish=True)
    lam.create_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    queue = "arn:aws:sqs:eu-west-1:123456789012:q"
    lam.create_event_source_mapping(FunctionName="checkout:live", EventSourceArn=queue, Enabled=False)
    assert lam.list_event_source_mappings(FunctionName="checkout")["EventSourceMappings"] == []
    (mapping,) = lam.list_event_source_mappings(FunctionName="checkout:live", EventSourceArn=queue)["EventSourceMappings"]
    assert (mapping["State"], mapping["FunctionArn"].rpartition(":")[2]) == ("Disabled", "live")
    lam.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True, BatchSize=3)
    assert lam.get_event_source_mapping(UUID=mapping["UUID"])["BatchSize"] == 3
    lam.delete_event_source_mapping(UUID=mapping["UUID"])
    assert lam.list_event_source_mappings()["EventSourceMappings"] == []


def test_provisioned_concurrency_by_qualifier(lam, make):
    make(Publish=True)
    lam.create_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    lam.put_provisioned_concurrency_config(FunctionName="checkout", Qualifier="live", ProvisionedConcurrentExecutions=4)
    (listed,) = lam.list_provisioned_concurrency_configs(FunctionName="checkout")["ProvisionedConcurrencyConfigs"]
    assert (listed["FunctionArn"].rpartition(":")[2], listed["RequestedProvisionedConcurrentExecutions"], listed["Status"]) == (
        "live",
        4,
        "READY",
    )
    assert (
        lam.get_provisioned_concurrency_config(FunctionName="checkout", Qualifier="live")["AllocatedProvisionedConcurrentExecutions"] == 4
    )
    with pytest.raises(lam.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        lam.get_provisioned_concurrency_config(FunctionName="checkout", Qualifier="1")
    lam.delete_provisioned_concurrency_config(FunctionName="checkout", Qualifier="live")
    assert lam.list_provisioned_concurrency_configs(FunctionName="checkout")["ProvisionedConcurrencyConfigs"] == []


def test_invoke_configs_by_qualifier(lam, make):
    make(Publish=True)
    lam.put_function_event_invoke_config(FunctionName="checkout", MaximumRetryAttempts=0)
    lam.put_function_event_invoke_config(
        FunctionName="checkout", Qualifier="1", DestinationConfig={"OnFailure": FAILED}, MaximumEventAgeInSeconds=60
    )
    listed = {
        one["FunctionArn"].rpartition(":")[2]: one
        for one in lam.list_function_event_invoke_configs(FunctionName="checkout")["FunctionEventInvokeConfigs"]
    }
    assert listed["$LATEST"]["MaximumRetryAttempts"] == 0
    assert listed["$LATEST"]["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}
    assert listed["1"]["DestinationConfig"]["OnFailure"] == FAILED
    lam.update_function_event_invoke_config(FunctionName="checkout", Qualifier="1", MaximumRetryAttempts=1)
    told = lam.get_function_event_invoke_config(FunctionName="checkout", Qualifier="1")
    assert (told["MaximumEventAgeInSeconds"], told["MaximumRetryAttempts"]) == (60, 1)


def test_recursion_is_stopped_unless_allowed(lam, make):
    make()
    assert lam.get_function_recursion_config(FunctionName="checkout")["RecursiveLoop"] == "Terminate"
    lam.put_function_recursion_config(FunctionName="checkout", RecursiveLoop="Allow")
    assert lam.get_function_recursion_config(FunctionName="checkout")["RecursiveLoop"] == "Allow"


def test_the_runtime_updates_itself_unless_told_otherwise(lam, make):
    make()
    assert lam.get_runtime_management_config(FunctionName="checkout")["UpdateRuntimeOn"] == "Auto"
    version = lam.get_function_configuration(FunctionName="checkout")["RuntimeVersionConfig"]["RuntimeVersionArn"]
    lam.put_runtime_management_config(FunctionName="checkout", UpdateRuntimeOn="Manual", RuntimeVersionArn=version)
    told = lam.get_runtime_management_config(FunctionName="checkout")
    assert (told["UpdateRuntimeOn"], told["RuntimeVersionArn"]) == ("Manual", version)


def test_scaling_of_a_function_on_a_capacity_provider(lam, make):
    provider = lam.create_capacity_provider(
        CapacityProviderName="fleet",
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        PermissionsConfig={"CapacityProviderOperatorRoleArn": "arn:aws:iam::123456789012:role/operator"},
    )["CapacityProvider"]
    make(CapacityProviderConfig={"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": provider["CapacityProviderArn"]}})
    bounds = {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 9}
    lam.put_function_scaling_config(FunctionName="checkout", Qualifier="$LATEST", FunctionScalingConfig=bounds)
    assert lam.get_function_scaling_config(FunctionName="checkout", Qualifier="$LATEST")["AppliedFunctionScalingConfig"] == bounds
    assert lam.get_function_scaling_config(FunctionName="checkout", Qualifier="$LATEST.PUBLISHED")["AppliedFunctionScalingConfig"] == bounds
    assert lam.list_capacity_providers()["CapacityProviders"] == [
        lam.get_capacity_provider(CapacityProviderName="fleet")["CapacityProvider"]
    ]


def test_code_signing_from_both_sides(lam, make):
    publishers = {"SigningProfileVersionArns": ["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/p/0123456789"]}
    made = lam.create_code_signing_config(
        AllowedPublishers=publishers, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"}, Description="d"
    )
    arn = made["CodeSigningConfig"]["CodeSigningConfigArn"]
    make("at-creation", CodeSigningConfigArn=arn)
    make("later")
    make("never")
    lam.put_function_code_signing_config(FunctionName="later", CodeSigningConfigArn=arn)
    users = lam.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)["FunctionArns"]
    assert [one.rpartition(":")[2] for one in users] == ["at-creation", "later"]
    assert lam.get_function_code_signing_config(FunctionName="later")["CodeSigningConfigArn"] == arn
    assert "CodeSigningConfigArn" not in lam.get_function_code_signing_config(FunctionName="never")
    (listed,) = lam.list_code_signing_configs()["CodeSigningConfigs"]
    assert (listed["AllowedPublishers"], listed["CodeSigningPolicies"]) == (publishers, {"UntrustedArtifactOnDeployment": "Enforce"})
    with pytest.raises(lam.exceptions.ResourceConflictException):
        lam.delete_code_signing_config(CodeSigningConfigArn=arn)
    for name in ("at-creation", "later"):
        lam.delete_function_code_signing_config(FunctionName=name)
    lam.update_code_signing_config(CodeSigningConfigArn=arn, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Warn"})
    assert lam.get_code_signing_config(CodeSigningConfigArn=arn)["CodeSigningConfig"]["CodeSigningPolicies"] == {
        "UntrustedArtifactOnDeployment": "Warn"
    }
    lam.delete_code_signing_config(CodeSigningConfigArn=arn)
    assert lam.list_code_signing_configs()["CodeSigningConfigs"] == []


def test_a_configuration_warns_unless_told_to_enforce(lam):
    made = lam.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": ["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/p/0123456789"]}
    )
    assert made["CodeSigningConfig"]["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}


def test_a_configuration_that_is_not_there_cannot_be_used(lam, make):
    with pytest.raises(lam.exceptions.CodeSigningConfigNotFoundException):
        make(CodeSigningConfigArn="arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdef0")


def test_a_layer_reads_back_by_name_and_by_arn(lam):
    made = lam.publish_layer_version(
        LayerName="tools", Content={"ZipFile": aws.zipped()}, CompatibleRuntimes=["python3.13"], LicenseInfo="MIT", Description="d"
    )
    by_name = lam.get_layer_version(LayerName="tools", VersionNumber=1)
    by_arn = lam.get_layer_version_by_arn(Arn=made["LayerVersionArn"])
    for told in (by_name, by_arn):
        assert {member: told[member] for member in ("LayerVersionArn", "CompatibleRuntimes", "LicenseInfo", "Description")} == {
            "LayerVersionArn": "arn:aws:lambda:eu-west-1:123456789012:layer:tools:1",
            "CompatibleRuntimes": ["python3.13"],
            "LicenseInfo": "MIT",
            "Description": "d",
        }
        assert told["Content"]["CodeSize"] == len(aws.zipped())


def test_a_layer_policy_is_of_one_version(lam):
    for _ in range(2):
        lam.publish_layer_version(LayerName="tools", Content={"ZipFile": aws.zipped()})
    lam.add_layer_version_permission(
        LayerName="tools", VersionNumber=2, StatementId="s", Action="lambda:GetLayerVersion", Principal="*", OrganizationId="o-a1b2c3d4e5"
    )
    (statement,) = json.loads(lam.get_layer_version_policy(LayerName="tools", VersionNumber=2)["Policy"])["Statement"]
    assert statement["Principal"] == "*"
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    with pytest.raises(lam.exceptions.ResourceNotFoundException):
        lam.get_layer_version_policy(LayerName="tools", VersionNumber=1)
    lam.remove_layer_version_permission(LayerName="tools", VersionNumber=2, StatementId="s")
    with pytest.raises(lam.exceptions.ResourceNotFoundException):
        lam.get_layer_version_policy(LayerName="tools", VersionNumber=2)


def test_a_deleted_layer_version_is_gone_and_its_number_is_not_used_again(lam):
    arn = lam.publish_layer_version(LayerName="tools", Content={"ZipFile": aws.zipped()})["LayerVersionArn"]
    lam.delete_layer_version(LayerName="tools", VersionNumber=1)
    with pytest.raises(lam.exceptions.ResourceNotFoundException):
        lam.get_layer_version_by_arn(Arn=arn)
    assert lam.publish_layer_version(LayerName="tools", Content={"ZipFile": aws.zipped()})["Version"] == 2


@pytest.mark.parametrize(
    ("principal", "readable"),
    [
        pytest.param(None, False, id="private"),
        pytest.param("*", True, id="public"),
        pytest.param(aws.SHOP, True, id="shared-with-us"),
        pytest.param("999988887777", False, id="shared-with-others"),
    ],
)
def test_anothers_layer_is_read_only_where_its_policy_lets_us(endpoint, lam, principal, readable):
    theirs = aws.client("lambda", endpoint, account=aws.PARTNER)
    arn = theirs.publish_layer_version(LayerName="tools", Content={"ZipFile": aws.zipped()})["LayerVersionArn"]
    if principal:
        theirs.add_layer_version_permission(
            LayerName="tools", VersionNumber=1, StatementId="s", Action="lambda:GetLayerVersion", Principal=principal
        )
    if readable:
        assert lam.get_layer_version_by_arn(Arn=arn)["LayerVersionArn"] == arn
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            lam.get_layer_version_by_arn(Arn=arn)
    # The policy itself is its owner's business.
    with pytest.raises(ClientError, match="AccessDenied"):
        lam.get_layer_version_policy(LayerName=arn.rpartition(":")[0], VersionNumber=1)


def test_tags_can_be_set_and_removed(lam, make):
    arn = make(Tags={"a": "1"})["FunctionArn"]
    lam.tag_resource(Resource=arn, Tags={"b": "2"})
    lam.untag_resource(Resource=arn, TagKeys=["a"])
    assert lam.list_tags(Resource=arn)["Tags"] == {"b": "2"}
