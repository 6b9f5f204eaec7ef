"""Remedies in templates that write lists, take items out of them, or put something else in the place of a value."""

import pytest
from tests.fixes.test_texts import OPTIONS, changes, plan_of, proved

from buckler.app.fixing import write_texts
from buckler.model.fix import Wishes
from buckler.sources.cfn.editing import CannotEditError, Editor, apply_spans

HEAD = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: s3://bucket/code.zip
      Runtime: python3.14
"""
ROLE = """\
      Role: !GetAtt Role.Arn
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
"""
EC2 = """\
          # A leftover of the first version.
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action: sts:AssumeRole
      Path: /
"""
INLINE = """\
      Policies:
        - PolicyName: queues
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: {action}
                Resource: "*"
"""
SQS = ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ReceiveMessage", "SendMessage"]
STREAM = "      Events:\n        S:\n          Type: Kinesis\n          Properties:\n            Stream: !Sub arn:aws:kinesis:${AWS::Region}:${AWS::AccountId}:stream/s\n            StartingPosition: LATEST\n"
S3 = "      Events:\n        S: {Type: SNS, Properties: {Topic: !Ref Topic}}\n  Topic: {Type: AWS::SNS::Topic}\n"
URL = "      FunctionUrlConfig:\n        AuthType: NONE\n        Cors:\n          AllowOrigins:\n            - '*'\n          AllowMethods: [GET]\n"
API = """\
      Events:
        Post: {Type: Api, Properties: {Path: /, Method: post, RestApiId: !Ref Api}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        openapi: "3.0"
        paths:
          /:
            post:
              x-amazon-apigateway-integration:
                httpMethod: POST
                type: aws_proxy
                uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Shop.Arn}/invocations
"""
SIGNING = """\
  Signing:
    Type: AWS::Lambda::CodeSigningConfig
    Properties:
      AllowedPublishers:
        SigningProfileVersionArns: ["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/abcdefghij"]
      CodeSigningPolicies: {UntrustedArtifactOnDeployment: Enforce}
"""
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:failed"
PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/abcdefghij"
EXTENSION = "arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:90"


@pytest.mark.parametrize(
    ("check", "text", "wishes", "wanted"),
    [
        pytest.param(
            "role-service-wildcard",
            HEAD + ROLE + INLINE.format(action='"sqs:*"'),
            {},
            ['-                 Action: "sqs:*"', "+                 Action:", *(f'+                   - "sqs:{one}"' for one in SQS)],
            id="an-action-becomes-a-list",
        ),
        pytest.param(
            "role-service-wildcard",
            HEAD + ROLE + INLINE.format(action="[xray:PutTraceSegments, 'events:*']"),
            {},
            [
                "-                 Action: [xray:PutTraceSegments, 'events:*']",
                '+                 Action: [xray:PutTraceSegments, "events:PutEvents"]',
            ],
            id="an-item-in-brackets",
        ),
        pytest.param(
            "role-service-wildcard",
            HEAD + "      Policies:\n        - AmazonSQSFullAccess # for now\n        - AWSXRayDaemonWriteAccess\n",
            {},
            [
                "-         - AmazonSQSFullAccess # for now",
                "+         - Statement:",
                "+             - Action:",
                *(f'+                 - "sqs:{one}"' for one in SQS),
                "+               Effect: Allow",
                '+               Resource: "*" # for now',
            ],
            id="a-managed-policy-becomes-a-statement",
        ),
        pytest.param(
            "role-trust-beyond-lambda",
            HEAD + ROLE + EC2,
            {},
            [
                "-           - Effect: Allow",
                "-             Principal: {Service: ec2.amazonaws.com}",
                "-             Action: sts:AssumeRole",
            ],
            id="a-statement-goes",
        ),
        pytest.param(
            "failure-destination-missing",
            HEAD + S3,
            {},
            [
                "+       EventInvokeConfig:",
                "+         DestinationConfig:",
                "+           OnFailure:",
                "+             Type: SQS",
            ],
            id="sam-makes-a-queue",
        ),
        pytest.param(
            "failure-destination-missing",
            HEAD + S3,
            {"failure_destination": QUEUE},
            [
                "+       EventInvokeConfig:",
                "+         DestinationConfig:",
                "+           OnFailure:",
                "+             Type: SQS",
                f'+             Destination: "{QUEUE}"',
            ],
            id="or-there-is-one",
        ),
        pytest.param(
            "event-source-failure-destination-missing",
            HEAD + STREAM,
            {"failure_destination": QUEUE},
            [
                "+             DestinationConfig:",
                "+               OnFailure:",
                "+                 Type: SQS",
                f'+                 Destination: "{QUEUE}"',
            ],
            id="records-of-a-stream",
        ),
        pytest.param(
            "cors-wildcard-on-public-url",
            HEAD + URL,
            {"allow_origins": ("https://a.example", "https://b.example")},
            ["-             - '*'", '+             - "https://a.example"', '+             - "https://b.example"'],
            id="origins",
        ),
        pytest.param(
            "api-route-unauthenticated",
            HEAD + API,
            {},
            ["+               x-amazon-apigateway-auth:", "+                 type: AWS_IAM"],
            id="a-route-that-the-definition-of-the-api-has",
        ),
        pytest.param(
            "role-pass-role-any",
            HEAD + ROLE + INLINE.format(action='"iam:PassRole"'),
            {},
            [
                "+   RolePassToLambda:",
                '+     Type: "AWS::IAM::Policy"',
                "+     Properties:",
                "+       PolicyName: pass-to-lambda",
                "+       PolicyDocument:",
                '+         Version: "2012-10-17"',
                "+         Statement:",
                "+           - Effect: Deny",
                '+             Action: "iam:PassRole"',
                '+             Resource: "*"',
                "+             Condition:",
                "+               StringNotEquals:",
                "+                 iam:PassedToService: lambda.amazonaws.com",
                "+       Roles:",
                "+         - Ref: Role",
            ],
            id="a-policy-beside-the-role",
        ),
        pytest.param(
            "role-pass-role-any",
            HEAD + "      Policies:\n        - Statement:\n            - {Effect: Allow, Action: 'iam:PassRole', Resource: '*'}\n",
            {},
            [
                "+   ShopRolePassToLambda:",
                '+     Type: "AWS::IAM::Policy"',
                "+     Properties:",
                "+       PolicyName: pass-to-lambda",
                "+       PolicyDocument:",
                '+         Version: "2012-10-17"',
                "+         Statement:",
                "+           - Effect: Deny",
                '+             Action: "iam:PassRole"',
                '+             Resource: "*"',
                "+             Condition:",
                "+               StringNotEquals:",
                "+                 iam:PassedToService: lambda.amazonaws.com",
                "+       Roles:",
                "+         - Ref: ShopRole",
            ],
            id="a-policy-beside-the-role-of-sam",
        ),
        pytest.param(
            "runtime-update-not-pinned",
            HEAD + "      CodeSigningConfigArn: !Ref Signing\n" + SIGNING,
            {},
            ["+       RuntimeManagementConfig:", "+         UpdateRuntimeOn: FunctionUpdate"],
            id="runtime",
        ),
        pytest.param(
            "timeout-maximum-on-public-function",
            HEAD + URL + "      Timeout: 900\n",
            {"timeout_s": 30},
            ["-       Timeout: 900", "+       Timeout: 30"],
            id="timeout",
        ),
        pytest.param(
            "code-signing-missing",
            HEAD,
            {"signing_profile": PROFILE},
            [
                "+       CodeSigningConfigArn:",
                "+         Ref: CodeSigning",
                "+       RuntimeManagementConfig:",
                "+         UpdateRuntimeOn: FunctionUpdate",
                "+   CodeSigning:",
                '+     Type: "AWS::Lambda::CodeSigningConfig"',
                "+     Properties:",
                "+       AllowedPublishers:",
                f'+         SigningProfileVersionArns: ["{PROFILE}"]',
                "+       CodeSigningPolicies:",
                "+         UntrustedArtifactOnDeployment: Enforce",
            ],
            id="a-configuration-is-made-and-attached",
        ),
        pytest.param(
            "runtime-security-extension-missing",
            f"Globals:\n  Function:\n    MemorySize: 256\n{HEAD}",
            {"extension_layer": EXTENSION},
            [f'+     Layers: ["{EXTENSION}"]'],
            id="one-layer-for-all",
        ),
    ],
)
def test_only_the_lines_of_the_remedy_differ(tmp_path, check, text, wishes, wanted):
    file = tmp_path / "template.yaml"
    file.write_text(text)
    options = OPTIONS.__class__(persona=OPTIONS.persona, today=OPTIONS.today, only=(check,))
    plan = plan_of(file, options, Wishes(**wishes))
    assert [fix.check for fix in proved(plan).values()] == [check], [fix.proof.why for fix in plan.fixes]
    write_texts(plan)
    assert sorted(changes(text, file.read_text())) == sorted(wanted)
    assert not proved(plan_of(file, options, Wishes(**wishes))), "and it is mended"


DOCUMENT = """\
A:
  List:
    - one # first
    - two
  Flow: [one, two]
  Only:
    - one
  Anchored:
    - &a one
    - *a
  Map: {x: y}
"""


def edited(*spans):
    return [line for line in changes(DOCUMENT, apply_spans(DOCUMENT, spans)) if line.strip()]


def test_items():
    editor = Editor(DOCUMENT)
    assert (editor.items("A", "List"), editor.items("A", "Map"), editor.scalar("A", "List", "1"), editor.scalar("A", "List", "2")) == (
        2,
        None,
        "two",
        None,
    )
    assert editor.keys("A", "Map") == ("x",)
    assert editor.keys("A", "List") == ()
    assert edited(editor.append(("A", "List"), "three")) == ["+     - three"]
    assert edited(editor.append(("A", "Flow"), "three")) == ["-   Flow: [one, two]", "+   Flow: [one, two, three]"]
    assert edited(*editor.remove([("A", "List", "0")])) == ["-     - one # first"]
    assert edited(editor.rewrite(("A", "List", "1"), ["x", "y"])) == ["-     - two", "+     - x", "+     - y"]


@pytest.mark.parametrize(
    ("do", "why"),
    [
        pytest.param(lambda one: one.remove([("A", "List", "7")]), "is not written there", id="not-there"),
        pytest.param(lambda one: one.rewrite(("A", "Anchored", "1"), ["x"]), "shared by an anchor", id="an-alias"),
        pytest.param(lambda one: one.rewrite(("A", "Map"), "x"), "plain value", id="a-mapping"),
        pytest.param(lambda one: one.append(("A", "Map"), "x"), "not written as a list", id="no-list"),
        pytest.param(lambda one: one.append(("A", "Anchored"), "x"), "an anchor shares", id="ends-in-an-alias"),
    ],
)
def test_what_cannot_be_edited_by_itself_says_why(do, why):
    with pytest.raises(CannotEditError, match=why):
        do(Editor(DOCUMENT))
