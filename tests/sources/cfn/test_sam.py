"""SAM templates: what they become, and where it was written."""

import socket

import pytest
from tests.sources.cfn.templates import judge, place, read, said

from buckler.errors import SourceError
from buckler.model.functions import LATEST
from buckler.model.secret import Redacted
from buckler.model.unknown import Unknown
from buckler.sources.cfn import read_template

SHOP = """\
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    Timeout: 20
    Environment:
      Variables:
        SHARED: global
Parameters:
  Stage: {Type: String}
Resources:
  Orders:
    Type: AWS::Serverless::SimpleTable
  Checkout:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      AutoPublishAlias: live
      Environment:
        Variables:
          OWN: mine
      FunctionUrlConfig:
        AuthType: NONE
        Cors:
          AllowOrigins: ['*']
      Policies:
        - AWSLambdaBasicExecutionRole
        - DynamoDBCrudPolicy:
            TableName: !Ref Orders
        - Statement:
            - Effect: Allow
              Action: s3:*
              Resource: '*'
      Events:
        Get:
          Type: Api
          Properties:
            Path: /orders
            Method: get
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
  Queue:
    Type: AWS::SQS::Queue
"""


def test_the_function_and_its_places():
    (one,) = read(SHOP).functions
    assert place(one) == (15, 3, "Resources.Checkout")
    assert (one.runtime, one.timeout_s) == ("python3.13", 20)
    variables = {variable.name: (variable.value, variable.origin.line) for variable in one.environment}
    assert variables == {"SHARED": ("global", 9), "OWN": ("mine", 23)}


def test_the_url_is_on_the_alias_and_open_to_anyone():
    (one,) = read(SHOP).functions
    (url,) = one.urls
    assert (url.qualifier, url.auth_type) == ("live", "NONE")
    assert (url.origin.line, url.origin.path) == (25, "Resources.Checkout.Properties.FunctionUrlConfig.AuthType")
    policy = {said(entry.qualifier): entry.policy for entry in one.policies}
    public = [statement for statement in policy["live"].statements if statement.principals[0].kind == "*"]
    assert {statement.actions for statement in public} == {("lambda:InvokeFunctionUrl",), ("lambda:InvokeFunction",)}
    assert {statement.origin.line for statement in public} == {24}
    assert policy[LATEST] is None


def test_the_role_and_the_places_of_its_statements():
    (role,) = read(SHOP).roles
    assert place(role) == (15, 3, "Resources.Checkout")
    attached = {said(one.arn).rpartition("/")[2]: one.document.origin.line for one in role.attached}
    assert attached == {"AWSLambdaBasicExecutionRole": 29, "AWSLambdaSQSQueueExecutionRole": 15}
    lines = {statement.actions[0]: statement.origin.line for policy in role.inline for statement in policy.statements}
    assert lines == {"dynamodb:GetItem": 31, "s3:*": 33}


def test_the_route_and_its_permission_lead_back_to_the_event():
    estate = read(SHOP)
    (trigger,) = estate.triggers
    assert (trigger.kind, trigger.route, trigger.authorizer, trigger.origin.line) == ("rest", "GET /orders", None, 37)
    assert said(trigger.function).endswith(":function:${Checkout}:live")
    (event,) = estate.event_sources
    assert (event.source_kind, event.origin.line, event.function) == ("sqs", 42, trigger.function)
    api = [
        statement
        for entry in estate.functions[0].policies
        if entry.policy
        for statement in entry.policy.statements
        if said(statement.principals[0].value) == "apigateway.amazonaws.com"
    ]
    assert {statement.origin.line for statement in api} == {37}


def test_a_refusal_names_the_resource_its_place_and_no_value(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(SHOP.replace("Path: /orders", "Path: {a: s3cr3t-x}").replace("AllowOrigins: ['*']", "AllowOrigins: s3cr3t-y"))
    with pytest.raises(SourceError) as caught:
        read_template(path, judge=judge, shown="bad.yaml")
    assert caught.value.place == "bad.yaml:15:3"
    assert "`Checkout`" in caught.value.error
    assert "s3cr3t" not in str(caught.value)


def test_a_parameter_without_value_where_the_translator_wants_one_stays_a_hole():
    estate = read(SHOP.replace("AutoPublishAlias: live", "AutoPublishAlias: !Ref Stage"))
    (one,) = estate.functions
    assert [said(alias.name) for alias in one.aliases] == ["${Stage}"]
    assert one.aliases[0].name.parts[0].need == "--parameter Stage=..."
    given = read(SHOP.replace("AutoPublishAlias: live", "AutoPublishAlias: !Ref Stage"), Stage="prod")
    assert [alias.name for alias in given.functions[0].aliases] == ["prod"]


def test_a_no_echo_default_does_not_reach_what_the_translator_makes():
    text = SHOP.replace("Stage: {Type: String}", "Stage: {Type: String, NoEcho: true, Default: s3cr3t}")
    estate = read(text.replace("AutoPublishAlias: live", "AutoPublishAlias: !Ref Stage"))
    assert "s3cr3t" not in repr(estate)
    assert [said(alias.name) for alias in estate.functions[0].aliases] == ["${Stage}"]


def test_the_partition_follows_the_region():
    text = SHOP.replace("        - AWSLambdaBasicExecutionRole\n", "")
    (role,) = read(text, AWS__Region="us-gov-west-1").roles
    assert {said(one.arn).split(":")[1] for one in role.attached} == {"aws-us-gov"}


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"])
def test_nothing_of_the_users_environment_is_read(name, monkeypatch):
    monkeypatch.setenv(name, "cn-north-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert read(SHOP).roles[0].attached == read(SHOP).roles[0].attached
    assert all(said(one.arn).startswith("arn:aws:") for one in read(SHOP).roles[0].attached)


def test_an_image_that_is_not_built_is_not_known():
    (one,) = read("""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          F: {Type: AWS::Serverless::Function, Properties: {PackageType: Image}, Metadata: {Dockerfile: Dockerfile}}
    """).functions
    assert one.package_type == "Image"
    assert isinstance(one.image, Unknown)


def test_a_nested_application_is_noted_and_nobody_is_asked_for_it(monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a template asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    estate = read("""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          App:
            Type: AWS::Serverless::Application
            Properties:
              Location: {ApplicationId: 'arn:aws:serverlessrepo:us-east-1:1:applications/x', SemanticVersion: 1.0.0}
    """)
    assert {note.origin.line for note in estate.notes} == {4, 7}
    assert any("nested application `App` is not followed" in note.message for note in estate.notes)


def test_a_local_definition_is_read_and_one_outside_of_the_folder_is_not(tmp_path):
    openapi = """
        openapi: 3.0.1
        paths:
          /pets:
            post:
              x-amazon-apigateway-integration:
                uri: {'Fn::Sub': 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'}
    """
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "api.yaml").write_text(openapi)
    (tmp_path / "api.yaml").write_text(openapi)
    template = """
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Api: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: %s}}
          F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, InlineCode: x}}
    """
    inside = read(template % "api.yaml", folder=folder)
    assert [trigger.route for trigger in inside.triggers] == ["POST /pets"]
    outside = read(template % "../api.yaml", folder=folder)
    assert outside.triggers == ()
    assert "triggers" in {entry.collection for entry in outside.missing}


def test_serverless_resources_without_the_transform_are_read_and_noted():
    estate = read(SHOP.replace("Transform: AWS::Serverless-2016-10-31\n", ""))
    assert len(estate.functions) == 1
    assert any("not the transform" in note.message for note in estate.notes)


def test_what_a_transform_may_add_is_missing_not_absent():
    for text in (
        "Transform: Macro\nResources: {A: {Type: X}}",
        "Resources: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://b/k}}}",
    ):
        assert "functions" in {entry.collection for entry in read(text).missing}
    assert "functions" not in {entry.collection for entry in read(SHOP).missing}


def test_an_unknown_macro_is_noted():
    estate = read("""
        Transform: [MyMacro, AWS::LanguageExtensions]
        Resources: {A: {Type: X}}
    """)
    assert [note.message for note in estate.notes] == ["the transform `MyMacro` is not applied: what it adds is not seen"]


AUTH = [
    ("none", "{}", "", None, False),
    ("default-cognito", "{DefaultAuthorizer: C, Authorizers: {C: {UserPoolArn: 'arn:aws:cognito-idp:eu-west-1:1:userpool/p'}}}", "", "COGNITO_USER_POOLS", False),
    ("lambda", "{DefaultAuthorizer: L, Authorizers: {L: {FunctionArn: !GetAtt F.Arn}}}", "", "CUSTOM", False),
    ("iam", "{DefaultAuthorizer: AWS_IAM}", "", "AWS_IAM", False),
    ("opted-out", "{DefaultAuthorizer: AWS_IAM}", ", Auth: {Authorizer: NONE}", None, False),
    ("api-key", "{ApiKeyRequired: true}", "", None, True),
    ("event-iam", "{}", ", Auth: {Authorizer: AWS_IAM}", "AWS_IAM", False),
]  # fmt: skip


@pytest.mark.parametrize(("auth", "event", "authorizer", "key"), [pytest.param(*case[1:], id=case[0]) for case in AUTH])
def test_rest_authorizers(auth, event, authorizer, key):
    estate = read(f"""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: prod, Auth: {auth}}}}}
          F:
            Type: AWS::Serverless::Function
            Properties:
              Runtime: python3.13
              Handler: a.b
              InlineCode: x
              Events:
                E: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: /x, Method: post{event}}}}}
    """)
    assert [(one.route, one.authorizer, one.api_key_required) for one in estate.triggers] == [("POST /x", authorizer, key)]
    assert estate.triggers[0].origin.line == 12


HTTP_AUTH = [
    ("none", "{}", "", None),
    ("jwt", "{DefaultAuthorizer: J, Authorizers: {J: {IdentitySource: $request.header.A, JwtConfiguration: {issuer: 'https://i.invalid', audience: [a]}}}}", "", "JWT"),
    ("lambda", "{DefaultAuthorizer: L, Authorizers: {L: {FunctionArn: !GetAtt F.Arn, AuthorizerPayloadFormatVersion: 2.0}}}", "", "CUSTOM"),
    ("iam-not-by-default", "{EnableIamAuthorizer: true}", "", None),
    ("iam-on-the-event", "{EnableIamAuthorizer: true}", ", Auth: {Authorizer: AWS_IAM}", "AWS_IAM"),
    ("opted-out", "{DefaultAuthorizer: AWS_IAM, EnableIamAuthorizer: true}", ", Auth: {Authorizer: NONE}", None),
]  # fmt: skip


@pytest.mark.parametrize(("auth", "event", "authorizer"), [pytest.param(*case[1:], id=case[0]) for case in HTTP_AUTH])
def test_http_authorizers(auth, event, authorizer):
    estate = read(f"""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Api: {{Type: AWS::Serverless::HttpApi, Properties: {{Auth: {auth}}}}}
          F:
            Type: AWS::Serverless::Function
            Properties:
              Runtime: python3.13
              Handler: a.b
              InlineCode: x
              Events:
                E: {{Type: HttpApi, Properties: {{ApiId: !Ref Api, Path: /x, Method: post{event}}}}}
    """)
    assert [(one.kind, one.route, one.authorizer) for one in estate.triggers] == [("http", "POST /x", authorizer)]
    assert estate.triggers[0].origin.line == 12


def test_a_private_api_with_a_resource_policy():
    (one,) = read("""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Api:
            Type: AWS::Serverless::Api
            Properties:
              StageName: prod
              EndpointConfiguration: {Type: PRIVATE, VPCEndpointIds: [vpce-1]}
              Auth: {ResourcePolicy: {SourceVpcWhitelist: [vpce-1]}}
          F:
            Type: AWS::Serverless::Function
            Properties:
              Runtime: python3.13
              Handler: a.b
              InlineCode: x
              Events: {E: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /x, Method: post}}}
    """).triggers
    assert one.is_private is True
    assert {statement.effect for statement in one.resource_policy.statements} == {"Allow", "Deny"}


def test_loops_come_before_the_translator():
    estate = read("""
        Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
        Resources:
          Fn::ForEach::Shops:
            - Name
            - [north, south]
            - Shop${Name}:
                Type: AWS::Serverless::Function
                Properties: {Runtime: python3.13, Handler: a.b, InlineCode: x, FunctionName: !Sub 'shop-${Name}'}
    """)
    assert [(one.address, one.name, one.origin.line) for one in estate.functions] == [
        ("Shopnorth", "shop-north", 7),
        ("Shopsouth", "shop-south", 7),
    ]
    assert [one.address for one in estate.roles] == ["ShopnorthRole", "ShopsouthRole"]


def test_language_extensions_write_parameters_out_for_the_translator():
    """A state machine's alias becomes a part of a logical id, which a reference cannot be."""
    estate = read("""
        Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
        Parameters:
          Live: {Type: String, Default: live}
          Open: {Type: String}
          Layers: {Type: CommaDelimitedList, Default: 'a,b'}
          Key: {Type: String, NoEcho: true, Default: s3cr3t-word}
        Resources:
          Flow:
            Type: AWS::Serverless::StateMachine
            Properties: {AutoPublishAlias: !Ref Live, Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}}
          Shop:
            Type: AWS::Serverless::Function
            Properties:
              {Runtime: python3.14, Handler: a.b, InlineCode: x, FunctionName: !Ref Open, Layers: !Ref Layers,
               Environment: {Variables: {PLAIN: !Ref Live, KEY: !Ref Key}}}
    """)
    (shop,) = estate.functions
    assert said(shop.name) == "${Open}"
    assert [layer.arn for layer in shop.layers] == ["a", "b"]
    assert {variable.name: isinstance(variable.value, Redacted) for variable in shop.environment} == {"PLAIN": False, "KEY": True}


def test_routes_of_one_path_lead_to_the_events_of_their_own_apis():
    triggers = read("""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Mine: {Type: AWS::Serverless::HttpApi}
          Shop:
            Type: AWS::Serverless::Function
            Properties:
              Runtime: python3.14
              Handler: a.b
              InlineCode: x
              Events:
                Rest: {Type: Api, Properties: {Path: /x, Method: get}}
                Named: {Type: HttpApi, Properties: {ApiId: !Ref Mine, Path: /x, Method: get}}
                Http: {Type: HttpApi, Properties: {Path: /x, Method: get}}
                All: {Type: HttpApi}
    """).triggers
    assert {(one.address, said(one.route)): one.origin.line for one in triggers} == {
        ("ServerlessRestApi", "GET /x"): 12,
        ("Mine", "GET /x"): 13,
        ("ServerlessHttpApi", "GET /x"): 14,
        ("ServerlessHttpApi", "$default"): 15,
    }
