"""Ways in over HTTP: REST and HTTP APIs, load balancers, VPC Lattice."""

import json

import pytest
from tests.sources.terraform.plans import const, function, read, ref, resource

from buckler.model.unknown import Unknown, UnknownKind

ARN = "arn:aws:lambda:eu-west-1:${AWS::AccountId}:function:shop"
SHOP = function(unknown={"invoke_arn": True})
PATH = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:shop/invocations"


def triggers(tmp_path, *resources):
    estate = read(tmp_path, SHOP, *resources)
    for one in estate.triggers:
        assert one.function == estate.functions[0].arn
    return estate.triggers


class TestRestApi:
    API = resource("aws_api_gateway_rest_api.a", {"name": "a"}, unknown={"id": True, "root_resource_id": True, "execution_arn": True})
    RESOURCE = resource(
        "aws_api_gateway_resource.r",
        {"path_part": "orders"},
        unknown={"id": True, "path": True},
        expressions={"rest_api_id": ref("aws_api_gateway_rest_api.a.id"), "parent_id": ref("aws_api_gateway_rest_api.a.root_resource_id")},
    )
    CHILD = resource(
        "aws_api_gateway_resource.c",
        {"path_part": "{id}"},
        unknown={"id": True, "path": True},
        expressions={"rest_api_id": ref("aws_api_gateway_rest_api.a.id"), "parent_id": ref("aws_api_gateway_resource.r.id")},
    )

    def at(self, resource_="aws_api_gateway_resource.c.id"):
        return {"rest_api_id": ref("aws_api_gateway_rest_api.a.id"), "resource_id": ref(resource_)}

    def trigger(self, tmp_path, method=None, *more, api=None, at="aws_api_gateway_resource.c.id", uri=None):
        found = triggers(
            tmp_path,
            api or self.API,
            self.RESOURCE,
            self.CHILD,
            resource(
                "aws_api_gateway_method.m", {"http_method": "GET", "authorization": "NONE", **(method or {})}, expressions=self.at(at)
            ),
            resource(
                "aws_api_gateway_integration.i",
                {"http_method": "GET", "type": "AWS_PROXY"} | ({"uri": uri} if uri else {}),
                expressions={**self.at(at), "uri": ref("aws_lambda_function.shop.invoke_arn")},
            ),
            *more,
        )
        (one,) = found
        return one

    @pytest.mark.parametrize(
        ("method", "authorizer", "key"),
        [
            ({}, None, False),
            ({"authorization": "AWS_IAM"}, "AWS_IAM", False),
            ({"authorization": "CUSTOM", "authorizer_id": "x"}, "CUSTOM", False),
            ({"authorization": "COGNITO_USER_POOLS"}, "COGNITO_USER_POOLS", False),
            ({"api_key_required": True}, None, True),
        ],
    )
    def test_methods(self, tmp_path, method, authorizer, key):
        found = self.trigger(tmp_path, method)
        assert (found.kind, found.route, found.name, found.authorizer, found.api_key_required) == (
            "rest",
            "GET /orders/{id}",
            "GET /orders/{id}",
            authorizer,
            key,
        )
        assert (found.is_private, found.resource_policy) == (False, None)

    def test_the_root_and_a_uri_that_is_written_out(self, tmp_path):
        assert self.trigger(tmp_path, at="aws_api_gateway_rest_api.a.root_resource_id", uri=PATH).route == "GET /"

    def test_private_with_a_policy(self, tmp_path):
        policy = json.dumps({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]})
        api = resource(
            "aws_api_gateway_rest_api.a",
            {"name": "a", "endpoint_configuration": [{"types": ["PRIVATE"]}]},
            unknown={"id": True, "policy": True},
        )
        beside = resource(
            "aws_api_gateway_rest_api_policy.p", {"policy": policy}, expressions={"rest_api_id": ref("aws_api_gateway_rest_api.a.id")}
        )
        found = self.trigger(tmp_path, None, beside, api=api)
        assert (found.is_private, found.resource_policy.statements[0].effect) == (True, "Deny")

    def test_a_method_that_is_elsewhere_leaves_the_authorizer_unknown(self, tmp_path):
        integration = resource(
            "aws_api_gateway_integration.i",
            {"http_method": "GET", "type": "AWS_PROXY", "rest_api_id": "abc", "resource_id": "def", "uri": PATH},
        )
        (found,) = triggers(tmp_path, integration)
        assert all(isinstance(value, Unknown) for value in (found.authorizer, found.is_private, found.resource_policy))

    @pytest.mark.parametrize(
        "values",
        [
            {"type": "MOCK"},
            {"type": "HTTP_PROXY", "uri": "https://shop.invalid"},
            {"type": "AWS", "uri": "arn:aws:apigateway:eu-west-1:sqs:path/1/q"},
        ],
    )
    def test_what_is_no_function(self, tmp_path, values):
        assert (
            triggers(tmp_path, self.API, resource("aws_api_gateway_integration.i", {"http_method": "GET", **values}, expressions=self.at()))
            == ()
        )

    @pytest.mark.parametrize(
        "write", [json.dumps, lambda document: json.dumps(document, indent=1).replace('"openapi"', "# YAML too\n 'openapi'")]
    )
    def test_openapi(self, tmp_path, write):
        def operation(**more):
            return {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": PATH}, **more}

        document = {
            "openapi": "3.0.1",
            "paths": {
                "/open": {"get": operation()},
                "/iam": {"post": operation(security=[{"sigv4": []}])},
                "/custom": {"x-amazon-apigateway-any-method": operation(security=[{"lambda": []}])},
                "/key": {"get": operation(security=[{"key": []}])},
                "/optional": {"get": operation(security=[{}, {"sigv4": []}])},
                "/words": {"get": operation(security=[{"documented": []}])},
                "/auth": {"get": operation(**{"x-amazon-apigateway-auth": {"type": "AWS_IAM"}})},
                "/mock": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}},
            },
            "components": {
                "securitySchemes": {
                    "sigv4": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"},
                    "lambda": {
                        "type": "apiKey",
                        "x-amazon-apigateway-authtype": "custom",
                        "x-amazon-apigateway-authorizer": {"type": "token"},
                    },
                    "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
                    "documented": {"type": "http", "scheme": "bearer"},
                }
            },
        }
        api = resource("aws_api_gateway_rest_api.a", {"name": "a", "body": write(document)}, unknown={"id": True})
        assert {one.route: (one.authorizer, one.api_key_required) for one in triggers(tmp_path, api)} == {
            "GET /open": (None, False),
            "POST /iam": ("AWS_IAM", False),
            "ANY /custom": ("CUSTOM", False),
            "GET /key": (None, True),
            "GET /optional": (None, False),
            "GET /words": (None, False),
            "GET /auth": ("AWS_IAM", False),
        }

    def test_a_body_nobody_knows_leaves_the_triggers_incomplete(self, tmp_path):
        api = resource("aws_api_gateway_rest_api.a", {"name": "a"}, expressions={"body": ref("aws_lambda_function.shop.invoke_arn")})
        missing = [one for one in read(tmp_path, SHOP, api).missing if one.collection == "triggers"]
        assert [one.unknown.kind for one in missing] == [UnknownKind.UNRESOLVED]

    @pytest.mark.parametrize("body", ["{", "a: [", "text", "- 1"])
    def test_a_body_that_is_none(self, tmp_path, body):
        estate = read(tmp_path, SHOP, resource("aws_api_gateway_rest_api.a", {"name": "a", "body": body}))
        assert (estate.triggers, [note.message for note in estate.notes]) == (
            (),
            ["`aws_api_gateway_rest_api.a.body` is not an OpenAPI document"],
        )


class TestHttpApi:
    def api(self, protocol="HTTP", **values):
        return resource("aws_apigatewayv2_api.a", {"name": "a", "protocol_type": protocol, **values}, unknown={"id": True})

    def route(self, name, key, **values):
        expressions = {"api_id": ref("aws_apigatewayv2_api.a.id"), "target": ref("aws_apigatewayv2_integration.i.id")}
        return resource(f"aws_apigatewayv2_route.{name}", {"route_key": key, **values}, expressions=expressions)

    INTEGRATION = resource(
        "aws_apigatewayv2_integration.i",
        {"integration_type": "AWS_PROXY"},
        unknown={"id": True},
        expressions={"api_id": ref("aws_apigatewayv2_api.a.id"), "integration_uri": ref("aws_lambda_function.shop.arn")},
    )

    @pytest.mark.parametrize(
        ("values", "authorizer"), [({}, None), ({"authorization_type": "NONE"}, None), ({"authorization_type": "JWT"}, "JWT")]
    )
    def test_routes(self, tmp_path, values, authorizer):
        (found,) = triggers(tmp_path, self.api(), self.INTEGRATION, self.route("r", "GET /orders", **values))
        assert (found.kind, found.route, found.authorizer, found.is_private) == ("http", "GET /orders", authorizer, False)

    def test_an_authorization_nobody_knows(self, tmp_path):
        route = self.route("r", "GET /orders")
        route["unknown"]["authorization_type"] = True
        route["expressions"]["authorization_type"] = ref("local.auth")
        (found,) = triggers(tmp_path, self.api(), self.INTEGRATION, route)
        assert isinstance(found.authorizer, Unknown)

    def test_a_websocket_is_authorized_when_it_connects(self, tmp_path):
        found = triggers(
            tmp_path,
            self.api("WEBSOCKET"),
            self.INTEGRATION,
            self.route("c", "$connect", authorization_type="AWS_IAM"),
            self.route("d", "$default"),
        )
        assert [(one.kind, one.route, one.authorizer) for one in found] == [
            ("websocket", "$connect", "AWS_IAM"),
            ("websocket", "$default", "AWS_IAM"),
        ]

    def test_quick_create(self, tmp_path):
        api = self.api()
        api["unknown"]["target"] = True
        api["expressions"]["target"] = ref("aws_lambda_function.shop.arn")
        (found,) = triggers(tmp_path, api)
        assert (found.route, found.authorizer) == ("$default", None)

    def test_a_route_to_something_else(self, tmp_path):
        other = resource(
            "aws_apigatewayv2_integration.i",
            {"integration_type": "HTTP_PROXY"},
            unknown={"id": True},
            expressions={"integration_uri": ref("aws_lb_listener.l.arn")},
        )
        listener = resource("aws_lb_listener.l", {}, unknown={"arn": True})
        assert triggers(tmp_path, self.api(), other, listener, self.route("r", "GET /")) == ()


FORWARD = {"type": const("forward"), "target_group_arn": ref("aws_lb_target_group.g.arn")}


@pytest.mark.parametrize(
    "lost",
    [
        resource("aws_api_gateway_integration.i", {"type": "AWS_PROXY"}, expressions={"uri": ref("local.uri")}),
        resource("aws_api_gateway_integration.i", {"type": "AWS_PROXY", "uri": PATH.replace("shop", "${stageVariables.name}")}),
        resource("aws_apigatewayv2_route.r", {"route_key": "GET /"}, expressions={"target": ref("local.target")}),
        resource("aws_lb_target_group_attachment.a", {"target_group_arn": "x"}, expressions={"target_id": ref("local.target")}),
        resource("aws_vpclattice_target_group_attachment.a", {"target": [{}]}, unknown={"target": [{"id": True}]}),
        resource("aws_lb_listener.l", {}, unknown={"default_action": True}),
        resource("aws_lb_listener_rule.r", {"action": [{"type": "forward"}]}, unknown={"action": [{"target_group_arn": True}]}),
    ],
    ids=["integration", "stage-variable", "route", "load-balancer", "lattice", "listener", "rule"],
)
def test_a_way_in_to_nobody_knows_which_function_leaves_the_triggers_incomplete(tmp_path, lost):
    missing = [one for one in read(tmp_path, SHOP, lost).missing if one.collection == "triggers"]
    assert [one.unknown.kind for one in missing] == [UnknownKind.UNRESOLVED]


def test_a_target_that_is_no_function_does_not(tmp_path):
    instance = resource("aws_instance.i", {}, unknown={"id": True})
    attachment = resource(
        "aws_lb_target_group_attachment.a", {"target_group_arn": "x"}, expressions={"target_id": ref("aws_instance.i.id")}
    )
    assert [one for one in read(tmp_path, SHOP, instance, attachment).missing if one.collection == "triggers"] == []


class TestLoadBalancer:
    GROUP = resource("aws_lb_target_group.g", {"target_type": "lambda"}, unknown={"arn": True})
    ATTACHMENT = resource(
        "aws_lb_target_group_attachment.a",
        {},
        expressions={"target_group_arn": ref("aws_lb_target_group.g.arn"), "target_id": ref("aws_lambda_function.shop.arn")},
    )

    def balancer(self, **values):
        return resource("aws_lb.b", {"name": "b", **values}, unknown={"arn": True})

    def listener(self, *before):
        return resource(
            "aws_lb_listener.l",
            {"port": 443, "default_action": [*({"type": kind} for kind in before), {"type": "forward"}]},
            unknown={"arn": True, "default_action": [*({} for _ in before), {"target_group_arn": True}]},
            expressions={
                "load_balancer_arn": ref("aws_lb.b.arn"),
                "default_action": [*({"type": const(kind)} for kind in before), FORWARD],
            },
        )

    @pytest.mark.parametrize(
        ("values", "before", "private", "authorizer"),
        [({}, (), False, None), ({"internal": True}, (), True, None), ({}, ("authenticate-oidc",), False, "authenticate-oidc")],
    )
    def test_default_action(self, tmp_path, values, before, private, authorizer):
        (found,) = triggers(tmp_path, self.balancer(**values), self.GROUP, self.ATTACHMENT, self.listener(*before))
        assert (found.kind, found.route, found.is_private, found.authorizer) == ("alb", "default action", private, authorizer)

    def test_rules(self, tmp_path):
        fixed = resource(
            "aws_lb_listener.l",
            {"default_action": [{"type": "fixed-response"}]},
            unknown={"arn": True},
            expressions={"load_balancer_arn": ref("aws_lb.b.arn")},
        )
        rule = resource(
            "aws_lb_listener_rule.r",
            {
                "action": [{"type": "forward", "forward": [{"target_group": [{"weight": 1}]}]}],
                "condition": [{"path_pattern": [{"values": ["/a*", "/b*"]}]}, {"host_header": [{"values": ["shop.invalid"]}]}],
            },
            unknown={"action": [{"forward": [{"target_group": [{"arn": True}]}]}]},
            expressions={
                "listener_arn": ref("aws_lb_listener.l.arn"),
                "action": [{"forward": [{"target_group": [{"arn": ref("aws_lb_target_group.g.arn")}]}]}],
            },
        )
        (found,) = triggers(tmp_path, self.balancer(internal=False), self.GROUP, self.ATTACHMENT, fixed, rule)
        assert (found.route, found.is_private) == ("shop.invalid /a* /b*", False)

    def test_a_balancer_elsewhere_leaves_it_open_whether_it_is_private(self, tmp_path):
        (found,) = triggers(tmp_path, self.GROUP, self.ATTACHMENT, self.listener())
        assert isinstance(found.is_private, Unknown)


def test_vpc_lattice(tmp_path):
    attachment = resource(
        "aws_vpclattice_target_group_attachment.a",
        {"target": [{}]},
        unknown={"target": [{"id": True}]},
        expressions={
            "target_group_identifier": ref("aws_vpclattice_target_group.g.id"),
            "target": [{"id": ref("aws_lambda_function.shop.arn")}],
        },
    )
    group = resource("aws_vpclattice_target_group.g", {"type": "LAMBDA"}, unknown={"id": True})
    service = resource("aws_vpclattice_service.s", {"name": "s", "auth_type": "AWS_IAM"}, unknown={"id": True})
    (found,) = triggers(tmp_path, attachment, group, service)
    assert (found.kind, found.authorizer, found.is_private) == ("lattice", "AWS_IAM", True)
