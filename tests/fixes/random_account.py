"""Accounts made by chance: functions, roles and doors, each in one of the ways that are good or bad."""

import json
from random import Random

from tests import aws

_TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
_STATEMENTS = (
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    {"Effect": "Allow", "Action": ["sqs:*", "logs:PutLogEvents"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"},
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
    {"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*"},
    {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": "*"},
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"},
    {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
)
_MANAGED = ("AdministratorAccess", "AmazonS3FullAccess", "service-role/AWSLambdaBasicExecutionRole", "AmazonSQSFullAccess")
_OTHERS = (
    {"AWS": "arn:aws:iam::999988887777:root"},
    {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
    {"AWS": f"arn:aws:iam::{aws.SHOP}:root"},
)


def deploy(endpoint: str, chance: Random) -> None:
    """Make four roles and six functions."""
    roles = [_role(aws.client("iam", endpoint), f"role-{number}", chance) for number in range(4)]
    lam = aws.client("lambda", endpoint)
    for number in range(6):
        _function(lam, f"{chance.choice(('shop', 'mail'))}-{number}", chance.choice(roles), chance)


def _role(iam, name: str, chance: Random) -> str:
    trust = [_TRUST, *({**_TRUST, "Principal": one} for one in _OTHERS if chance.random() < 0.25)]
    document = {"Version": "2012-10-17", "Statement": trust}
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    for number in range(chance.randrange(3)):
        statements = chance.sample(_STATEMENTS, chance.randint(1, 3))
        written = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName=f"inline-{number}", PolicyDocument=written)
    for one in _MANAGED:
        if chance.random() < 0.2:
            iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{one}")
    return arn


def _function(lam, name: str, role: str, chance: Random) -> None:
    lam.create_function(
        FunctionName=name,
        Role=role,
        Runtime=chance.choice(("python3.9", "python3.14", "java17", "nodejs24.x")),
        Handler="app.handler",
        Code={"ZipFile": aws.zipped()},
        Timeout=chance.choice((3, 900)),
        Environment={"Variables": {"DB_PASSWORD": "hunter2-hunter2-hunter2"} if chance.random() < 0.3 else {"STAGE": "prod"}},
        TracingConfig={"Mode": chance.choice(("Active", "PassThrough"))},
    )
    if chance.random() < 0.5:
        cors = chance.choice(({}, {"Cors": {"AllowOrigins": ["*"], "AllowMethods": ["GET"], "MaxAge": 5, "AllowCredentials": False}}))
        lam.create_function_url_config(FunctionName=name, AuthType=chance.choice(("NONE", "NONE", "AWS_IAM")), **cors)
        lam.add_permission(
            FunctionName=name, StatementId="url", Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE"
        )
        lam.add_permission(FunctionName=name, StatementId="via", Action="lambda:InvokeFunction", Principal="*", InvokedViaFunctionUrl=True)
    for service in ("s3", "sns", "events"):
        if chance.random() < 0.3:
            mine = {"SourceAccount": aws.SHOP} if chance.random() < 0.5 else {}
            lam.add_permission(
                FunctionName=name, StatementId=service, Action="lambda:InvokeFunction", Principal=f"{service}.amazonaws.com", **mine
            )
    if chance.random() < 0.3:
        lam.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")
