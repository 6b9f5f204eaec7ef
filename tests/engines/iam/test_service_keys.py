"""Condition keys of Lambda and of those who hand roles to it; resource policies of the services around it; keys that follow.

Source: AWS Lambda Developer Guide, "Fine-tuning the Resources and Conditions sections of policies" and "Control access to Lambda function
URLs"; IAM User Guide, "Grant a user permissions to pass a role" and "AWS global condition context keys".
"""

import pytest
from tests.engines.iam.layered import (
    ACCOUNT,
    ALL,
    BUCKET,
    FEDERATED,
    FN,
    KEY,
    LAYER,
    OBJECT,
    OTHER,
    QUEUE,
    ROLE,
    ROOT,
    SECRET,
    SESSION,
    STRANGER,
    USER,
    A,
    D,
    I,
    U,
    allow,
    ask,
    deny,
    to,
)

VPCS = {"lambda:VpcIds": "vpc-1", "lambda:SubnetIds": ("subnet-1", "subnet-2"), "lambda:SecurityGroupIds": ("sg-1",)}
CONFIG = f"arn:aws:lambda:us-east-1:{ACCOUNT}:code-signing-config:csc-1"
NO_VPC = {"lambda:VpcIds": (), "lambda:SubnetIds": (), "lambda:SecurityGroupIds": ()}


@pytest.mark.parametrize(
    ("action", "condition", "context", "expected"),
    [
        ("lambda:CreateFunctionUrlConfig", {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}, {"lambda:FunctionUrlAuthType": "AWS_IAM"}, A),
        ("lambda:CreateFunctionUrlConfig", {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}, {"lambda:FunctionUrlAuthType": "NONE"}, I),
        ("lambda:CreateFunctionUrlConfig", {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}, {}, U),
        ("lambda:InvokeFunction", {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}, {"lambda:InvokedViaFunctionUrl": "true"}, A),
        ("lambda:InvokeFunction", {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}, {"lambda:InvokedViaFunctionUrl": "false"}, I),
        ("s3:GetObject", {"ArnEquals": {"lambda:SourceFunctionArn": FN}}, {"lambda:SourceFunctionArn": FN}, A),
        ("s3:GetObject", {"ArnEquals": {"lambda:SourceFunctionArn": FN}}, {"lambda:SourceFunctionArn": ()}, I),
        ("s3:GetObject", {"ArnLike": {"lambda:SourceFunctionArn": f"arn:aws:lambda:*:{ACCOUNT}:function:*"}}, {"lambda:SourceFunctionArn": FN}, A),
        ("lambda:UpdateFunctionCode", {"Null": {"lambda:CodeSigningConfigArn": "false"}}, {"lambda:CodeSigningConfigArn": CONFIG}, A),
        ("lambda:UpdateFunctionCode", {"Null": {"lambda:CodeSigningConfigArn": "false"}}, {"lambda:CodeSigningConfigArn": ()}, I),
        ("lambda:CreateFunction", {"ForAllValues:StringEquals": {"lambda:SubnetIds": ["subnet-1", "subnet-2"]}}, VPCS, A),
        ("lambda:CreateFunction", {"ForAllValues:StringEquals": {"lambda:SubnetIds": ["subnet-1"]}}, VPCS, I),
        ("lambda:CreateFunction", {"ForAllValues:StringEquals": {"lambda:SubnetIds": ["subnet-1"]}}, NO_VPC, A),
        ("lambda:CreateFunction", {"ForAnyValue:StringEquals": {"lambda:SecurityGroupIds": ["sg-1", "sg-2"]}}, VPCS, A),
        ("lambda:CreateFunction", {"ForAnyValue:StringEquals": {"lambda:SecurityGroupIds": ["sg-2"]}}, VPCS, I),
        ("lambda:CreateFunction", {"StringEquals": {"lambda:VpcIds": "vpc-1"}}, VPCS, A),
        ("lambda:CreateFunction", {"Null": {"lambda:VpcIds": "true"}}, VPCS, I),
        ("lambda:UpdateFunctionConfiguration", {"ForAllValues:StringLike": {"lambda:Layer": [f"arn:aws:lambda:*:{ACCOUNT}:layer:*:*"]}}, {"lambda:Layer": (LAYER,)}, A),
        (
            "lambda:UpdateFunctionConfiguration",
            {"ForAllValues:StringLike": {"lambda:Layer": [f"arn:aws:lambda:*:{ACCOUNT}:layer:*:*"]}},
            {"lambda:Layer": (LAYER, LAYER.replace(ACCOUNT, OTHER))},
            I,
        ),
        ("lambda:UpdateFunctionConfiguration", {"ForAllValues:StringLike": {"lambda:Layer": ["*"]}}, {"lambda:Layer": ()}, A),
        ("lambda:AddPermission", {"StringEquals": {"lambda:Principal": "s3.amazonaws.com"}}, {"lambda:Principal": "s3.amazonaws.com"}, A),
        ("lambda:AddPermission", {"StringEquals": {"lambda:Principal": "s3.amazonaws.com"}}, {"lambda:Principal": "*"}, I),
        ("lambda:DeleteEventSourceMapping", {"ArnEquals": {"lambda:FunctionArn": FN}}, {"lambda:FunctionArn": FN}, A),
        ("lambda:DeleteEventSourceMapping", {"ArnEquals": {"lambda:FunctionArn": FN}}, {"lambda:FunctionArn": f"{FN}-x"}, I),
        ("iam:PassRole", {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, {"iam:PassedToService": "lambda.amazonaws.com"}, A),
        ("iam:PassRole", {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, {"iam:PassedToService": "ec2.amazonaws.com"}, I),
        ("iam:PassRole", {"StringLike": {"iam:PassedToService": "*.amazonaws.com"}}, {"iam:PassedToService": "ec2.amazonaws.com"}, A),
        ("iam:PassRole", {"ArnLike": {"iam:AssociatedResourceArn": f"{FN}*"}}, {"iam:AssociatedResourceArn": FN}, A),
        ("iam:PassRole", {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, {}, U),
    ],
)  # fmt: skip
def test_keys_of_lambda(action, condition, context, expected):
    assert ask(USER, action, "*", context, identity=[allow(action, "*", Condition=condition)]).answer is expected


@pytest.mark.parametrize(
    ("policy_resource", "asked", "expected"),
    [
        # A function's policy names the qualifier it is attached to.
        (FN, FN, A),
        (FN, f"{FN}:live", I),
        (f"{FN}:live", f"{FN}:live", A),
        (f"{FN}:live", FN, I),
        (f"{FN}:7", f"{FN}:7", A),
        (f"{FN}:*", f"{FN}:7", A),
    ],
)
def test_qualifiers_of_functions(policy_resource, asked, expected):
    resource = [to({"Service": "s3.amazonaws.com"}, "lambda:InvokeFunction", policy_resource)]
    assert ask("s3.amazonaws.com", "lambda:InvokeFunction", asked, resource=resource).answer is expected


@pytest.mark.parametrize(
    ("service", "condition", "context", "expected"),
    [
        ("s3.amazonaws.com", {"ArnLike": {"AWS:SourceArn": BUCKET}}, {"aws:SourceArn": BUCKET}, A),
        ("s3.amazonaws.com", {"ArnLike": {"AWS:SourceArn": BUCKET}}, {"aws:SourceArn": "arn:aws:s3:::other"}, I),
        ("s3.amazonaws.com", {"StringEquals": {"AWS:SourceAccount": ACCOUNT}}, {"aws:SourceAccount": OTHER}, I),
        ("events.amazonaws.com", {"StringEquals": {"aws:PrincipalServiceName": "events.amazonaws.com"}}, {}, A),
        ("alexa-appkit.amazon.com", {"StringEquals": {"lambda:EventSourceToken": "skill-1"}}, {"lambda:EventSourceToken": "skill-1"}, A),
        ("alexa-appkit.amazon.com", {"StringEquals": {"lambda:EventSourceToken": "skill-1"}}, {"lambda:EventSourceToken": "skill-2"}, I),
        ("alexa-appkit.amazon.com", {"StringEquals": {"lambda:EventSourceToken": "skill-1"}}, {"lambda:EventSourceToken": ()}, I),
        ("sns.amazonaws.com", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, {}, I),
    ],
)
def test_services_that_invoke(service, condition, context, expected):
    resource = [to({"Service": service}, "lambda:InvokeFunction", FN, Condition=condition)]
    assert ask(service, "lambda:InvokeFunction", FN, context, resource=resource).answer is expected


@pytest.mark.parametrize(
    ("action", "on", "patterns", "expected"),
    [
        # Objects and buckets are two resources; an ARN for one does not name the other.
        ("s3:GetObject", OBJECT, [BUCKET], I),
        ("s3:GetObject", OBJECT, [f"{BUCKET}/*"], A),
        ("s3:ListBucket", BUCKET, [f"{BUCKET}/*"], I),
        ("s3:ListBucket", BUCKET, [BUCKET], A),
        ("s3:ListBucket", BUCKET, [f"{BUCKET}*"], A),
        ("s3:GetObject", OBJECT, [f"{BUCKET}/orders/*"], A),
        ("s3:GetObject", OBJECT, [f"{BUCKET}/hr/*"], I),
        ("sqs:SendMessage", QUEUE, [f"arn:aws:sqs:*:{ACCOUNT}:orders"], A),
        ("sqs:SendMessage", QUEUE, [f"{QUEUE}-dead"], I),
        ("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts", [f"arn:aws:sns:us-east-1:{ACCOUNT}:al*"], A),
        ("secretsmanager:GetSecretValue", SECRET, [f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-??????"], A),
        ("secretsmanager:GetSecretValue", SECRET, [f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db"], I),
        ("ecr:PutImage", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/app", [f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/*"], A),
        ("events:PutEvents", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/main", ["*"], A),
        ("dynamodb:Query", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t/index/i", [f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t"], I),
        ("dynamodb:Query", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t/index/i", [f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t/*"], A),
        ("kinesis:GetRecords", f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s", [f"arn:aws:kinesis:us-east-?:{ACCOUNT}:stream/*"], A),
        ("lambda:GetLayerVersion", LAYER, [f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:tools:*"], A),
        ("lambda:GetLayerVersion", LAYER, [f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:tools"], I),
    ],
)
def test_resources_of_services(action, on, patterns, expected):
    assert ask(USER, action, on, resource=[to(USER, action, patterns)]).answer is expected
    assert ask(USER, action, on, identity=[allow(action, patterns)]).answer is expected
    assert (ask(USER, action, on, identity=[*ALL, deny(action, patterns)]).answer is D) is (expected is A)


@pytest.mark.parametrize(
    ("principal", "action", "on", "key", "value"),
    [
        (USER, "s3:GetObject", OBJECT, "aws:PrincipalArn", USER),
        (USER, "s3:GetObject", OBJECT, "aws:PrincipalAccount", ACCOUNT),
        (USER, "s3:GetObject", OBJECT, "aws:PrincipalType", "User"),
        (USER, "s3:GetObject", OBJECT, "aws:username", "ann"),
        (SESSION, "s3:GetObject", OBJECT, "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/deploy"),
        (SESSION, "s3:GetObject", OBJECT, "aws:PrincipalType", "AssumedRole"),
        (ROLE, "s3:GetObject", OBJECT, "aws:PrincipalType", "AssumedRole"),
        (ROOT, "s3:GetObject", OBJECT, "aws:PrincipalType", "Account"),
        (ROOT, "s3:GetObject", OBJECT, "aws:userid", ACCOUNT),
        (FEDERATED, "s3:GetObject", OBJECT, "aws:PrincipalType", "FederatedUser"),
        (FEDERATED, "s3:GetObject", OBJECT, "aws:userid", f"{ACCOUNT}:zoe"),
        (STRANGER, "lambda:InvokeFunction", FN, "aws:ResourceAccount", ACCOUNT),
        (STRANGER, "lambda:InvokeFunction", FN, "aws:RequestedRegion", "us-east-1"),
        (STRANGER, "kms:Decrypt", KEY, "kms:CallerAccount", OTHER),
        ("s3.amazonaws.com", "sqs:SendMessage", QUEUE, "aws:PrincipalIsAWSService", "true"),
        ("s3.amazonaws.com", "sqs:SendMessage", QUEUE, "aws:PrincipalServiceName", "s3.amazonaws.com"),
        ("*", "s3:GetObject", OBJECT, "aws:PrincipalType", "Anonymous"),
    ],
)
def test_keys_that_follow_from_the_request(principal, action, on, key, value):
    def only_if(operator, wanted):
        statement = to("*", action, Condition={operator: {key: wanted}})
        return ask(principal, action, on, identity=ALL, resource=[statement]).answer

    assert only_if("StringEquals", value) is A
    denied = to("*", action, Condition={"StringEquals": {key: value}})
    assert ask(principal, action, on, identity=ALL, resource=[to("*"), {**denied, "Effect": "Deny"}]).answer is D


@pytest.mark.parametrize(
    ("principal", "key"),
    [
        ("s3.amazonaws.com", "aws:PrincipalTag/team"),
        ("s3.amazonaws.com", "aws:MultiFactorAuthPresent"),
        ("s3.amazonaws.com", "aws:PrincipalOrgID"),
        ("*", "aws:PrincipalTag/team"),
        ("*", "aws:PrincipalOrgID"),
        ("*", "aws:FederatedProvider"),
        (ROOT, "aws:PrincipalTag/team"),
        (USER, "aws:SourceArn"),
        (SESSION, "aws:username"),
    ],
)
def test_keys_that_are_never_sent(principal, key):
    statement = to("*", "lambda:*", Condition={"Null": {key: "false"}})
    assert ask(principal, "lambda:InvokeFunction", FN, resource=[{**statement, "Effect": "Deny"}, to("*")]).answer is A


def test_the_request_overrules_what_would_follow():
    statement = to("*", "lambda:*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
    assert ask(USER, "lambda:InvokeFunction", FN, {"aws:RequestedRegion": "eu-west-1"}, resource=[statement]).answer is A
    assert ask(USER, "lambda:InvokeFunction", FN, resource=[statement]).answer is I
