"""The proxy names, counts and breaks calls of real boto3 clients."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError
from tests import aws
from tests.proxy import Fault, Proxy, identify


@pytest.fixture
def endpoint():
    return aws.fresh().endpoint


def client(service, endpoint, *, attempts=1, mode="standard"):
    config = Config(retries={"total_max_attempts": attempts, "mode": mode}, s3={"addressing_style": "path"})
    return aws.session(aws.REGION).client(service, endpoint_url=endpoint, config=config)


def function(endpoint, name="checkout"):
    client("lambda", endpoint).create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role="arn:aws:iam::123456789012:role/r",
        Code={"ZipFile": aws.zipped()},
    )


ARN = "arn:aws:lambda:eu-west-1:123456789012:layer:tools:3"


@pytest.mark.parametrize(
    ("service", "method", "arguments", "name"),
    [
        pytest.param("lambda", "get_policy", {"FunctionName": "f"}, "lambda:GetPolicy", id="rest-json"),
        pytest.param("lambda", "get_policy", {"FunctionName": "f", "Qualifier": "live"}, "lambda:GetPolicy", id="rest-json-with-query"),
        pytest.param("lambda", "list_functions", {}, "lambda:ListFunctions", id="rest-json-collection"),
        pytest.param("lambda", "get_layer_version_by_arn", {"Arn": ARN}, "lambda:GetLayerVersionByArn", id="same-path-told-by-query"),
        pytest.param("lambda", "list_layers", {}, "lambda:ListLayers", id="same-path-without-the-query"),
        pytest.param(
            "lambda",
            "get_provisioned_concurrency_config",
            {"FunctionName": "f", "Qualifier": "1"},
            "lambda:GetProvisionedConcurrencyConfig",
            id="get-one",
        ),
        pytest.param(
            "lambda",
            "list_provisioned_concurrency_configs",
            {"FunctionName": "f"},
            "lambda:ListProvisionedConcurrencyConfigs",
            id="list-told-by-value",
        ),
        pytest.param("lambda", "list_tags", {"Resource": ARN[:-2].replace("layer", "function")}, "lambda:ListTags", id="arn-in-the-path"),
        pytest.param("iam", "get_account_authorization_details", {}, "iam:GetAccountAuthorizationDetails", id="query"),
        pytest.param("ec2", "describe_vpcs", {}, "ec2:DescribeVpcs", id="ec2"),
        pytest.param("logs", "describe_log_groups", {}, "logs:DescribeLogGroups", id="json"),
        pytest.param("resourcegroupstaggingapi", "get_resources", {}, "resourcegroupstaggingapi:GetResources", id="signed-by-another-name"),
        pytest.param("s3", "list_buckets", {}, "s3:ListBuckets", id="rest-xml"),
        pytest.param("s3", "get_bucket_policy", {"Bucket": "b"}, "s3:GetBucketPolicy", id="rest-xml-told-by-query"),
        pytest.param("apigateway", "get_rest_apis", {}, "apigateway:GetRestApis", id="api-gateway-v1"),
        pytest.param("apigatewayv2", "get_apis", {}, "apigatewayv2:GetApis", id="api-gateway-v2"),
        pytest.param("guardduty", "list_detectors", {}, "guardduty:ListDetectors", id="another-rest-service"),
    ],
)
def test_calls_are_counted_by_their_own_name(endpoint, service, method, arguments, name):
    with Proxy(endpoint) as proxy:
        with suppress(ClientError):  # most of what is asked for does not exist
            getattr(client(service, proxy.endpoint), method)(**arguments)
        assert dict(proxy.calls) == {name: 1}
        assert proxy.seen[0].region == aws.REGION


def test_an_answer_passes_unchanged(endpoint):
    function(endpoint)
    with Proxy(endpoint) as proxy:
        through = client("lambda", proxy.endpoint).list_functions()["Functions"]
    assert through == client("lambda", endpoint).list_functions()["Functions"]


@pytest.mark.parametrize(
    ("service", "method", "arguments", "code"),
    [
        pytest.param("lambda", "list_functions", {}, "AccessDeniedException", id="rest-json"),
        pytest.param("logs", "describe_log_groups", {}, "AccessDeniedException", id="json"),
        pytest.param("iam", "list_roles", {}, "AccessDenied", id="query"),
        pytest.param("ec2", "describe_vpcs", {}, "UnauthorizedOperation", id="ec2"),
        pytest.param("s3", "list_buckets", {}, "AccessDenied", id="rest-xml"),
        pytest.param("cloudwatch", "list_metrics", {}, "AccessDeniedException", id="cbor"),
    ],
)
def test_denied_has_the_shape_of_the_protocol(endpoint, service, method, arguments, code):
    with Proxy(endpoint, faults=[Fault("*", kind="denied")]) as proxy, pytest.raises(ClientError) as caught:
        getattr(client(service, proxy.endpoint), method)(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    assert "injected" in caught.value.response["Error"]["Message"]


def test_a_denied_operation_leaves_the_others_alone(endpoint):
    function(endpoint)
    with Proxy(endpoint, faults=[Fault("lambda:GetPolicy", kind="denied")]) as proxy:
        here = client("lambda", proxy.endpoint)
        assert len(here.list_functions()["Functions"]) == 1
        with pytest.raises(ClientError, match="AccessDenied"):
            here.get_policy(FunctionName="checkout")
        assert [one.fault for one in proxy.seen] == [None, "denied"]


def test_where_narrows_a_fault_to_one_function(endpoint):
    function(endpoint, "one")
    function(endpoint, "two")
    with Proxy(endpoint, faults=[Fault("lambda:GetFunction", kind="denied", where="/one")]) as proxy:
        here = client("lambda", proxy.endpoint)
        assert here.get_function(FunctionName="two")
        with pytest.raises(ClientError, match="AccessDenied"):
            here.get_function(FunctionName="one")


def test_throttled_every_second_call_is_survived_by_retries(endpoint):
    with Proxy(endpoint, faults=[Fault("lambda:*", kind="throttled", every=2)]) as proxy:
        here = client("lambda", proxy.endpoint, attempts=3)
        for _ in range(3):
            here.list_functions()
        assert proxy.calls["lambda:ListFunctions"] == 5


@pytest.mark.parametrize(
    ("service", "method", "codes"),
    [
        pytest.param("lambda", "list_functions", {"TooManyRequestsException"}, id="rest-json"),
        pytest.param("iam", "list_roles", {"Throttling"}, id="query"),
        pytest.param("ec2", "describe_vpcs", {"RequestLimitExceeded"}, id="ec2"),
        pytest.param("logs", "describe_log_groups", {"ThrottlingException"}, id="json"),
    ],
)
def test_always_throttled_ends_in_the_services_own_error(endpoint, service, method, codes):
    with Proxy(endpoint, faults=[Fault("*", kind="throttled")]) as proxy, pytest.raises(ClientError) as caught:
        getattr(client(service, proxy.endpoint), method)()
    assert caught.value.response["Error"]["Code"] in codes


def test_the_first_calls_may_pass_and_the_last_too(endpoint):
    with Proxy(endpoint, faults=[Fault("lambda:ListFunctions", kind="error", after=1, times=1)]) as proxy:
        here = client("lambda", proxy.endpoint)
        here.list_functions()
        with pytest.raises(ClientError) as caught:
            here.list_functions()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        here.list_functions()


def test_an_expired_token_is_told_apart(endpoint):
    with Proxy(endpoint, faults=[Fault("*", kind="expired")]) as proxy:
        for service, method, code in [("lambda", "list_functions", "ExpiredTokenException"), ("iam", "list_roles", "ExpiredToken")]:
            with pytest.raises(ClientError) as caught:
                getattr(client(service, proxy.endpoint), method)()
            assert caught.value.response["Error"]["Code"] == code


def test_a_slow_answer_is_late_but_right(endpoint):
    with Proxy(endpoint, faults=[Fault("lambda:ListFunctions", kind="slow", delay_s=0.3)]) as proxy:
        started = time.monotonic()
        assert client("lambda", proxy.endpoint).list_functions()["Functions"] == []
        assert time.monotonic() - started >= 0.3


def test_a_cut_answer_promises_more_than_it_brings(endpoint):
    function(endpoint)
    with Proxy(endpoint, faults=[Fault("lambda:ListFunctions", kind="cut")]) as proxy:
        connection = http.client.HTTPConnection(proxy.endpoint.removeprefix("http://"))
        connection.request(
            "GET",
            "/2015-03-31/functions",
            headers={"Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/lambda/aws4_request"},
        )
        with pytest.raises(http.client.IncompleteRead):
            connection.getresponse().read()
        connection.close()


def test_botocore_takes_a_cut_answer_for_an_empty_one(endpoint):
    function(endpoint)
    with Proxy(endpoint, faults=[Fault("lambda:ListFunctions", kind="cut")]) as proxy:
        answer = client("lambda", proxy.endpoint).list_functions()
    # If this ever fails, botocore has learned to compare lengths, and the guard in sources/live/api.py can go.
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "Functions" not in answer


def test_a_cut_answer_in_xml_is_an_error(endpoint):
    with Proxy(endpoint, faults=[Fault("iam:ListRoles", kind="cut")]) as proxy, pytest.raises(ResponseParserError):
        client("iam", proxy.endpoint).list_roles()


def test_a_dropped_connection_is_an_error_and_survived_by_a_retry(endpoint):
    with Proxy(endpoint, faults=[Fault("lambda:ListFunctions", kind="dropped", times=2)]) as proxy:
        with pytest.raises(ConnectionClosedError):
            client("lambda", proxy.endpoint).list_functions()
        assert client("lambda", proxy.endpoint, attempts=2).list_functions()["Functions"] == []
        assert [one.fault for one in proxy.seen] == ["dropped", "dropped", None]


def test_many_clients_at_once_are_all_counted(endpoint):
    with Proxy(endpoint) as proxy:
        here = client("lambda", proxy.endpoint)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: here.list_functions(), range(80)))
        assert proxy.calls["lambda:ListFunctions"] == 80


def test_a_request_nobody_signed_is_named_by_a_question_mark():
    assert identify("GET", "/", {}, b"", "")[:2] == ("?", "?")
