"""Ways in over HTTP: routes, who must sign in, and from where they can be reached."""

import pytest
from tests.sources.cfn.templates import read, said

from buckler.model.unknown import Unknown

FN = """
  F: {Type: AWS::Lambda::Function, Properties: {FunctionName: f, Runtime: python3.13, Role: x}}
"""
URI = "!Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'"


def seen(text: str, **parameters: str):
    estate = read(text, **parameters)
    (function,) = estate.functions
    assert all(trigger.function == function.arn for trigger in estate.triggers)
    return [
        (
            one.kind,
            said(one.route),
            said(one.authorizer) if not isinstance(one.authorizer, Unknown) else "?",
            one.is_private,
            one.origin.line,
        )
        for one in estate.triggers
    ]


def rest(method: str, api: str = "{Name: shop}") -> str:
    return f"""Resources:
  Api: {{Type: AWS::ApiGateway::RestApi, Properties: {api}}}
  Orders: {{Type: AWS::ApiGateway::Resource, Properties: {{RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: orders}}}}
  One: {{Type: AWS::ApiGateway::Resource, Properties: {{RestApiId: !Ref Api, ParentId: !Ref Orders, PathPart: '{{id}}'}}}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref One
      HttpMethod: GET
      Integration: {{Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: {URI}}}
      {method}
{FN}"""


@pytest.mark.parametrize(
    ("method", "authorizer"),
    [
        ("AuthorizationType: NONE", None),
        ("AuthorizationType: AWS_IAM", "AWS_IAM"),
        ("AuthorizationType: CUSTOM", "CUSTOM"),
        ("AuthorizationType: COGNITO_USER_POOLS", "COGNITO_USER_POOLS"),
        ("ApiKeyRequired: true", None),
    ],
)
def test_rest_method(method, authorizer):
    found = read(rest(method)).triggers
    (one,) = found
    assert (one.kind, one.route, one.authorizer, one.api_key_required) == ("rest", "GET /orders/{id}", authorizer, "ApiKey" in method)
    assert said(one.arn) == "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/GET/orders/{id}"
    assert one.name == "shop GET /orders/{id}"


def test_rest_api_that_is_private_with_a_policy():
    policy = "{Statement: [{Effect: Allow, Principal: '*', Action: execute-api:Invoke, Resource: '*'}]}"
    (one,) = read(rest("AuthorizationType: NONE", f"{{EndpointConfiguration: {{Types: [PRIVATE]}}, Policy: {policy}}}")).triggers
    assert one.is_private is True
    assert one.resource_policy.statements[0].principals[0].kind == "*"


def test_an_integration_that_is_no_function_is_no_way_in():
    text = rest("AuthorizationType: NONE").replace(URI, "'arn:aws:apigateway:eu-west-1:sqs:path/1/queue'")
    assert read(text).triggers == ()


def test_an_integration_that_is_not_known_is_missing_not_absent():
    estate = read("Parameters: {O: {Type: String}}\nConditions: {C: !Equals [!Ref O, x]}\n" + rest("").replace(URI, "!If [C, a, b]"))
    assert estate.triggers == ()
    assert [entry.unknown.need for entry in estate.missing if entry.collection == "triggers"] == ["--parameter O=..."]


BODY = """Resources:
  Api:
    Type: %s
    Properties:
      Body:
        %s
        paths:
          /open:
            get:
              security: []
              x-amazon-apigateway-integration: {uri: &uri %s}
          /iam:
            post:
              security: [{sigv4: []}]
              x-amazon-apigateway-integration: {uri: *uri}
          /inherited:
            x-amazon-apigateway-any-method:
              x-amazon-apigateway-integration: {uri: *uri}
          /key:
            put:
              security: [{key: []}]
              x-amazon-apigateway-integration: {uri: *uri}
          /documented:
            put:
              security: [{petstore: []}]
              x-amazon-apigateway-integration: {uri: *uri}
          /mock:
            options:
              x-amazon-apigateway-integration: {type: mock}
        security: [{pool: []}]
%s"""
SCHEMES = (
    "{sigv4: {type: apiKey, x-amazon-apigateway-authtype: awsSigv4}, key: {type: apiKey, name: x-api-key, in: header}, petstore: {type: oauth2}, "
    "pool: {type: apiKey, x-amazon-apigateway-authtype: cognito_user_pools, x-amazon-apigateway-authorizer: {type: cognito_user_pools}}}"
)


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("AWS::ApiGateway::RestApi", f"{{swagger: '2.0', securityDefinitions: {SCHEMES}}}"),
        ("AWS::ApiGateway::RestApi", f"{{openapi: 3.0.1, components: {{securitySchemes: {SCHEMES}}}}}"),
        ("AWS::ApiGatewayV2::Api", f"{{openapi: 3.0.1, components: {{securitySchemes: {SCHEMES}}}}}"),
    ],
    ids=["swagger", "openapi", "http-api"],
)
def test_openapi_body(kind, head):
    inner = head[1:-1]
    lines = inner.replace("swagger: '2.0', ", "swagger: '2.0'\n        ").replace("openapi: 3.0.1, ", "openapi: 3.0.1\n        ")
    estate = read(BODY % (kind, lines, URI, FN))
    assert [(one.route, one.authorizer, one.api_key_required) for one in estate.triggers] == [
        ("GET /open", None, False),
        ("POST /iam", "AWS_IAM", False),
        ("ANY /inherited", "COGNITO_USER_POOLS", False),
        ("PUT /key", None, True),
        ("PUT /documented", None, False),
    ]
    assert estate.triggers[0].origin.path == "Resources.Api.Properties.Body.paths./open.get"


def http(route: str, more: str = "", protocol: str = "HTTP") -> str:
    return f"""Resources:
  Api: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Name: shop, ProtocolType: {protocol}}}}}
  Int: {{Type: AWS::ApiGatewayV2::Integration, Properties: {{ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}}}}
  R:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      Target: !Join ['/', [integrations, !Ref Int]]
      {route}
{more}{FN}"""


def test_http_routes():
    assert seen(http("RouteKey: GET /a")) == [("http", "GET /a", None, False, 4)]
    assert seen(http("RouteKey: $default\n      AuthorizationType: JWT")) == [("http", "$default", "JWT", False, 10)]
    assert seen(http("RouteKey: GET /a").replace("!Join ['/', [integrations, !Ref Int]]", "!Sub 'integrations/${Int}'")) == [
        ("http", "GET /a", None, False, 4)
    ]


def test_quick_create():
    text = f"Resources:\n  Api: {{Type: AWS::ApiGatewayV2::Api, Properties: {{ProtocolType: HTTP, Target: !GetAtt F.Arn}}}}\n{FN}"
    assert seen(text) == [("http", "$default", None, False, 2)]


def test_websocket_is_guarded_at_its_door():
    send = """  S:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: send, Target: !Sub 'integrations/${Int}'}
"""
    text = http("RouteKey: $connect\n      AuthorizationType: AWS_IAM", send, "WEBSOCKET")
    assert [(kind, route, auth) for kind, route, auth, *_ in seen(text)] == [
        ("websocket", "$connect", "AWS_IAM"),
        ("websocket", "send", "AWS_IAM"),
    ]
    text = http("RouteKey: $connect", send, "WEBSOCKET")
    assert [auth for _, _, auth, *_ in seen(text)] == [None, None]


def balancer(actions: str, scheme: str = "internet-facing") -> str:
    return f"""Resources:
  Lb: {{Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {{Scheme: {scheme}}}}}
  Tg: {{Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {{TargetType: lambda, Targets: [{{Id: !GetAtt F.Arn}}]}}}}
  Li: {{Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {{LoadBalancerArn: !Ref Lb, DefaultActions: [{{Type: fixed-response}}]}}}}
  Ru:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Li
      Conditions: [{{Field: path-pattern, PathPatternConfig: {{Values: ['/api/*']}}}}]
      Actions: {actions}
{FN}"""


@pytest.mark.parametrize(
    ("actions", "authorizer"),
    [
        ("[{Type: forward, TargetGroupArn: !Ref Tg}]", None),
        ("[{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Tg}]}}]", None),
        ("[{Type: authenticate-oidc, Order: 1}, {Type: forward, TargetGroupArn: !Ref Tg, Order: 2}]", "authenticate-oidc"),
    ],
)
def test_load_balancer(actions, authorizer):
    assert seen(balancer(actions)) == [("alb", "/api/*", authorizer, False, 5)]
    assert seen(balancer(actions, "internal")) == [("alb", "/api/*", authorizer, True, 5)]


def test_a_path_behind_a_condition_that_is_not_decided_is_there():
    text = f"""Parameters: {{O: {{Type: String}}}}
Conditions: {{C: !Equals [!Ref O, x]}}
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        paths:
          /a:
            Fn::If:
              - C
              - get: {{x-amazon-apigateway-integration: {{uri: {URI}}}}}
              - !Ref AWS::NoValue
{FN}"""
    assert [route for _, route, *_ in seen(text)] == ["GET /a"]
    assert [route for _, route, *_ in seen(text, O="x")] == ["GET /a"]
    assert seen(text, O="y") == []
