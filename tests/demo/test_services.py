"""The other services answer what a scanner asks, as AWS does."""

import json
import urllib.parse

import pytest
from botocore.exceptions import ClientError
from tests import aws


@pytest.fixture
def trail(endpoint):
    aws.client("s3", endpoint).create_bucket(Bucket="trails", CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    client = aws.client("cloudtrail", endpoint)
    client.create_trail(Name="main", S3BucketName="trails", IsMultiRegionTrail=True)
    return client


BASIC = {
    "ReadWriteType": "WriteOnly",
    "IncludeManagementEvents": False,
    "DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}],
}
ADVANCED = {
    "Name": "functions",
    "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]},
        {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:lambda:eu-west-1:123456789012:function:noisy"]},
    ],
}


def test_a_new_trail_records_management_events(trail):
    (selector,) = trail.get_event_selectors(TrailName="main")["EventSelectors"]
    assert selector == {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}


def test_one_kind_of_selector_replaces_the_other(trail):
    trail.put_event_selectors(TrailName="main", EventSelectors=[BASIC])
    assert trail.get_event_selectors(TrailName="main")["EventSelectors"] == [BASIC | {"ExcludeManagementEventSources": []}]
    trail.put_event_selectors(TrailName="main", AdvancedEventSelectors=[ADVANCED])
    told = trail.get_event_selectors(TrailName="main")
    assert told["AdvancedEventSelectors"] == [ADVANCED]
    assert "EventSelectors" not in told
    trail.put_event_selectors(TrailName="main", EventSelectors=[BASIC])
    assert "AdvancedEventSelectors" not in trail.get_event_selectors(TrailName="main")


def test_a_trail_logs_between_start_and_stop(trail):
    assert trail.get_trail_status(Name="main")["IsLogging"] is False
    trail.start_logging(Name="main")
    assert trail.get_trail_status(Name="main")["IsLogging"] is True
    trail.stop_logging(Name="main")
    assert trail.get_trail_status(Name="main")["IsLogging"] is False


def test_a_multi_region_trail_is_seen_from_other_regions_and_read_by_its_arn(endpoint, trail):
    elsewhere = aws.client("cloudtrail", endpoint, region="us-east-1")
    (seen,) = elsewhere.describe_trails()["trailList"]
    assert (seen["HomeRegion"], seen["IsMultiRegionTrail"]) == ("eu-west-1", True)
    assert elsewhere.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert elsewhere.get_event_selectors(TrailName=seen["TrailARN"])["TrailARN"] == seen["TrailARN"]
    trail.start_logging(Name="main")
    assert elsewhere.get_trail_status(Name=seen["TrailARN"])["IsLogging"] is True


def features(client, detector):
    return {one["Name"]: one["Status"] for one in client.get_detector(DetectorId=detector)["Features"]}


def test_a_detector_tells_every_feature(endpoint):
    guard = aws.client("guardduty", endpoint)
    assert guard.list_detectors()["DetectorIds"] == []
    wanted = [{"Name": "LAMBDA_NETWORK_LOGS", "Status": "ENABLED"}, {"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    detector = guard.create_detector(Enable=True, Features=wanted)["DetectorId"]
    told = features(guard, detector)
    assert told["CLOUD_TRAIL"] == "ENABLED"
    assert told["LAMBDA_NETWORK_LOGS"] == "ENABLED"
    assert told["S3_DATA_EVENTS"] == "DISABLED"
    # What is not named is on, but for runtime monitoring.
    assert (told["RDS_LOGIN_EVENTS"], told["RUNTIME_MONITORING"]) == ("ENABLED", "DISABLED")
    guard.update_detector(DetectorId=detector, Features=[{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}])
    told = features(guard, detector)
    assert (told["LAMBDA_NETWORK_LOGS"], told["S3_DATA_EVENTS"]) == ("ENABLED", "ENABLED")
    with pytest.raises(guard.exceptions.BadRequestException):
        guard.create_detector(Enable=True)
    assert guard.list_findings(DetectorId=detector)["FindingIds"] == []
    guard.create_sample_findings(DetectorId=detector)
    assert len(guard.list_findings(DetectorId=detector)["FindingIds"]) == 1


def test_inspector_tells_what_it_scans_by_account_and_region(endpoint):
    here, there = aws.client("inspector2", endpoint), aws.client("inspector2", endpoint, region="us-east-1")
    here.enable(resourceTypes=["LAMBDA"])

    def state(client):
        (account,) = client.batch_get_account_status(accountIds=[aws.SHOP])["accounts"]
        return {kind: one["status"] for kind, one in account["resourceState"].items()}

    assert state(here)["lambda"] == "ENABLED"
    assert state(here)["lambdaCode"] == "DISABLED"
    assert state(there)["lambda"] == "DISABLED"
    here.disable(resourceTypes=["LAMBDA"])
    assert state(here)["lambda"] == "DISABLED"


def test_a_signing_profile_is_active_then_cancelled_or_revoked(endpoint):
    signer = aws.client("signer", endpoint)
    versions = {
        name: signer.put_signing_profile(profileName=name, platformId="AWSLambda-SHA384-ECDSA")["profileVersion"]
        for name in ("kept", "left", "lost")
    }
    signer.cancel_signing_profile(profileName="left")
    signer.revoke_signing_profile(profileName="lost", profileVersion=versions["lost"], reason="leaked", effectiveTime=1767225600)
    assert {name: signer.get_signing_profile(profileName=name)["status"] for name in versions} == {
        "kept": "Active",
        "left": "Canceled",
        "lost": "Revoked",
    }
    assert signer.get_signing_profile(profileName="lost")["revocationRecord"]["revocationEffectiveFrom"].year == 2026
    assert [one["profileName"] for one in signer.list_signing_profiles()["profiles"]] == ["kept", "lost"]
    assert len(signer.list_signing_profiles(includeCanceled=True)["profiles"]) == 3
    with pytest.raises(signer.exceptions.ResourceNotFoundException):
        signer.get_signing_profile(profileName="never")


DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/100%+of it"}]}


def test_iam_is_told_whole(endpoint):
    iam = aws.client("iam", endpoint)
    text = json.dumps(DOCUMENT)
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=text)["Policy"]["Arn"]
    iam.create_role(
        RoleName="r", AssumeRolePolicyDocument=text, PermissionsBoundary=boundary, Tags=[{"Key": "a", "Value": "b"}], Path="/service/"
    )
    iam.put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=text)
    iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_user(UserName="u")
    iam.create_group(GroupName="g")
    iam.add_user_to_group(UserName="u", GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="inline", PolicyDocument=text)
    told = iam.get_account_authorization_details()
    (role,), (user,), (group,) = told["RoleDetailList"], told["UserDetailList"], told["GroupDetailList"]
    assert role["AssumeRolePolicyDocument"] == DOCUMENT
    assert role["RolePolicyList"] == [{"PolicyName": "inline", "PolicyDocument": DOCUMENT}]
    assert role["AttachedManagedPolicies"] == [
        {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    ]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert (role["Path"], role["Tags"]) == ("/service/", [{"Key": "a", "Value": "b"}])
    assert user["GroupList"] == ["g"]
    assert group["GroupPolicyList"][0]["PolicyDocument"] == DOCUMENT
    policies = {one["PolicyName"]: one for one in told["Policies"]}
    # Of AWS's own policies those in use, of ours all.
    assert set(policies) == {"AdministratorAccess", "boundary"}
    assert policies["boundary"]["PolicyVersionList"][0]["Document"] == DOCUMENT
    assert policies["boundary"]["PermissionsBoundaryUsageCount"] == 1
    assert policies["AdministratorAccess"]["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] == "*"


@pytest.mark.parametrize(
    ("wanted", "lists"),
    [
        pytest.param(["Role"], {"RoleDetailList"}, id="roles"),
        pytest.param(["User"], {"UserDetailList"}, id="users"),
        pytest.param(["LocalManagedPolicy"], {"Policies"}, id="own-policies"),
        pytest.param(["Role", "User"], {"RoleDetailList", "UserDetailList"}, id="two-kinds"),
    ],
)
def test_iam_can_be_asked_for_some_kinds_only(endpoint, wanted, lists):
    iam = aws.client("iam", endpoint)
    iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    iam.create_user(UserName="u")
    iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(DOCUMENT))
    told = iam.get_account_authorization_details(Filter=wanted)
    assert {name for name in ("RoleDetailList", "UserDetailList", "GroupDetailList", "Policies") if told[name]} == lists


def test_a_parameters_policies_read_back(endpoint):
    ssm = aws.client("ssm", endpoint)
    ssm.put_parameter(Name="/a", Value="x", Type="SecureString")
    arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/a"
    assert ssm.get_resource_policies(ResourceArn=arn)["Policies"] == []
    ssm.put_resource_policy(ResourceArn=arn, Policy="{}")
    assert [one["Policy"] for one in ssm.get_resource_policies(ResourceArn=arn)["Policies"]] == ["{}"]


def test_authorizers_of_both_kinds_of_api_are_listed(endpoint):
    http = aws.client("apigatewayv2", endpoint)
    api = http.create_api(Name="h", ProtocolType="HTTP")["ApiId"]
    made = http.create_authorizer(
        ApiId=api,
        AuthorizerType="JWT",
        Name="j",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["a"], "Issuer": "https://i.invalid"},
    )
    (told,) = http.get_authorizers(ApiId=api)["Items"]
    assert told["AuthorizerId"] == made["AuthorizerId"]
    assert told["JwtConfiguration"] == {"Audience": ["a"], "Issuer": "https://i.invalid"}
    http.create_route(ApiId=api, RouteKey="GET /", AuthorizationType="JWT", AuthorizerId=made["AuthorizerId"])
    assert http.get_routes(ApiId=api)["Items"][0]["AuthorizerId"] == made["AuthorizerId"]
    rest = aws.client("apigateway", endpoint)
    old = rest.create_rest_api(name="r")["id"]
    authorizer = rest.create_authorizer(
        restApiId=old, name="t", type="TOKEN", authorizerUri="arn:x", identitySource="method.request.header.A"
    )["id"]
    assert [one["id"] for one in rest.get_authorizers(restApiId=old)["items"]] == [authorizer]


def test_a_secrets_policy_and_key_read_back(endpoint):
    vault = aws.client("secretsmanager", endpoint)
    vault.create_secret(Name="a/b", SecretString="x", KmsKeyId="arn:aws:kms:eu-west-1:123456789012:key/k")
    assert "ResourcePolicy" not in vault.get_resource_policy(SecretId="a/b")
    vault.put_resource_policy(SecretId="a/b", ResourcePolicy=json.dumps(DOCUMENT))
    assert json.loads(vault.get_resource_policy(SecretId="a/b")["ResourcePolicy"]) == DOCUMENT
    assert vault.list_secrets()["SecretList"][0]["KmsKeyId"].endswith(":key/k")


@pytest.mark.parametrize(
    "operation",
    [
        "describe_vpcs", "describe_subnets", "describe_route_tables", "describe_security_groups", "describe_security_group_rules", "describe_network_acls",
        "describe_vpc_endpoints", "describe_nat_gateways", "describe_internet_gateways", "describe_egress_only_internet_gateways",
        "describe_vpc_peering_connections", "describe_transit_gateways", "describe_transit_gateway_attachments", "describe_transit_gateway_route_tables",
        "describe_network_interfaces", "describe_managed_prefix_lists", "describe_regions", "describe_flow_logs",
    ],
)  # fmt: skip
def test_the_network_answers(endpoint, operation):
    assert getattr(aws.client("ec2", endpoint), operation)()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_block_public_access_is_off_until_it_is_turned_on(endpoint):
    ec2 = aws.client("ec2", endpoint)
    assert ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"] == "off"
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    assert ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"] == "block-ingress"
    made = ec2.create_vpc_block_public_access_exclusion(VpcId="vpc-1", InternetGatewayExclusionMode="allow-egress")
    identity = made["VpcBlockPublicAccessExclusion"]["ExclusionId"]
    assert [
        one["ResourceArn"].rpartition("/")[2] for one in ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"]
    ] == ["vpc-1"]
    ec2.delete_vpc_block_public_access_exclusion(ExclusionId=identity)
    assert ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"] == []
    with pytest.raises(ClientError, match="NotFound"):
        ec2.delete_vpc_block_public_access_exclusion(ExclusionId=identity)
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        ec2.create_vpc_block_public_access_exclusion(InternetGatewayExclusionMode="allow-egress")


def test_an_endpoint_keeps_its_policy(endpoint):
    ec2 = aws.client("ec2", endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3", PolicyDocument=json.dumps(DOCUMENT))
    assert json.loads(ec2.describe_vpc_endpoints()["VpcEndpoints"][0]["PolicyDocument"]) == DOCUMENT


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code"),
    [
        pytest.param("xray", "get_encryption_config", {}, "UnknownOperationException", id="rest"),
        pytest.param("logs", "describe_account_policies", {"policyType": "DATA_PROTECTION_POLICY"}, "UnknownOperationException", id="json"),
        pytest.param("ec2", "describe_vpc_encryption_controls", {}, "InvalidAction", id="ec2"),
        pytest.param("accessanalyzer", "list_analyzers", {}, "UnknownOperationException", id="whole-service"),
    ],
)
def test_what_nobody_implements_is_a_final_error_in_the_services_own_form(endpoint, service, operation, arguments, code):
    with pytest.raises(ClientError) as caught:
        getattr(aws.client(service, endpoint), operation)(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_the_server_listens_on_this_machine_only(endpoint):
    assert urllib.parse.urlsplit(endpoint).hostname == "127.0.0.1"
