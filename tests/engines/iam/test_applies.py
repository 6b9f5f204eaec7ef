"""Whether a resource can be one that an action acts on. What is said to be never is never; the rest is told apart as well as AWS's pages do."""

import pytest

from buckler.engines.iam.applies import may_act_on
from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.match import resource_matches
from buckler.model.text import hole, join

BUCKET = join("arn:", hole("AWS::Partition"), ":s3:::", hole("Uploads"))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::uploads/*"),
        ("s3:GetObject", "arn:aws:s3:::uploads*"),
        ("s3:GetObject", "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/*"),
        ("S3:getobject", "arn:aws-cn:s3:::uploads/${aws:username}/*"),
        ("s3:ListBucket", "arn:aws:s3:::uploads"),
        ("s3:ListBucket", "arn:aws:s3:::*"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        ("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:f:live"),
        ("lambda:InvokeFunction", "arn:aws:lambda"),
        ("lambda:InvokeFunction", "arn:aws:l*"),
        ("lambda:ListFunctions", "*"),
        ("lambda:ListFunctions", "arn:aws:lambda:*:*:*"),
        ("lambda:ListFunctions", "arn:aws:lambda:*:*:function:*"),
        ("dynamodb:ListTables", "arn:aws:dynamodb:*:*:table/*"),
        ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/t/index/*"),
        ("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/aws/lambda/f:*"),
        ("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/aws/lambda/f"),  # a source may not write the `:*` of `GetAtt`
        ("logs:DescribeLogGroups", "arn:aws:logs:*:*:log-group:*:*"),
        ("iam:ListRoles", "arn:aws:iam::*:role/service-role/*"),
        ("states:SendTaskSuccess", "arn:aws:states:*:*:stateMachine:m"),
        ("glue:CreateCrawler", "arn:aws:glue:*:*:crawler/c"),
        ("lambda:PassNetworkConnector", "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:*"),
        ("sagemaker-mlflow:AccessUI", "arn:aws:sagemaker:*:*:mlflow-app/*"),  # a kind newer than the catalogue
        ("codestar-connections:UseConnection", "arn:aws:codeconnections:*:*:connection/*"),
        ("ssm:GetParameter", "arn:aws:ssm:eu-west-1::parameter/aws/service/*"),
        ("ec2:CopyImage", "arn:aws:ec2:eu-west-1:111122223333:image/*"),
        ("execute-api:Invoke", "execute-api:/prod/GET/*"),
        ("s3:GetObject", hole("Uploads.Arn")),
        ("s3:GetObject", join(BUCKET, "/*")),
        ("s3:GetObject", join("arn:aws:s3:::", hole("Where", "--parameter Where=..."))),
        ("s3:GetObject", join("arn:aws:s3", hole("Rest", "--parameter Rest=..."))),
        ("s3:ListBucket", BUCKET),
        ("nobody:Knows", "arn:aws:s3:::uploads"),
    ],
)
def test_may_be(action, resource):
    assert may_act_on(action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::uploads"),
        ("s3:GetObject", BUCKET),
        ("s3:ListBucket", "arn:aws:s3:::uploads/*"),
        ("s3:ListBucket", join(BUCKET, "/*")),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::uploads"),
        ("s3:GetObject", "arn:aws:s3:eu-west-1:111122223333:uploads/*"),
        ("lambda:ListFunctions", "arn:aws:lambda:*:*:function:f"),
        ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111122223333:layer:f"),
        ("lambda:InvokeFunction", "arn:aws:sqs:*:*:f"),
        ("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/t/index/*"),
        ("dynamodb:ListTables", "arn:aws:dynamodb:*:*:table/t"),
        ("sqs:SendMessage", "arn:aws:sqs:::q"),
        ("sqs:SendMessage", "arn:aws:sqs:*:*:q/*"),
        ("kms:Decrypt", "arn:aws:kms:*:*:alias/a"),
        ("states:DescribeExecution", "arn:aws:states:eu-west-1:111122223333:stateMachine:m"),
        ("cloudwatch:PutMetricData", "arn:aws:logs:*:*:log-group:g"),
        ("ecr:GetAuthorizationToken", "arn:aws:ecr:*:*:repository/r"),
        ("logs:DescribeLogGroups", "arn:aws:logs:*:*:log-group:g:*"),
        ("bedrock:InvokeModel", "arn:aws:bedrock:us-east-1:111122223333:foundation-model/m"),
    ],
)
def test_never_is(action, resource):
    assert not may_act_on(action, resource)


def test_an_arn_made_of_a_form_is_what_its_actions_act_on():
    actions = catalogue()
    for prefix in ("s3", "lambda", "dynamodb", "sqs", "iam", "logs", "states", "kms", "ec2"):
        for action in actions.names(actions.expand(f"{prefix}:*")):
            for kind in actions.resource_types(action):
                for form in actions.arn_formats(kind):
                    assert may_act_on(action, form), (action, form)


def test_what_everything_means_is_never_refused():
    actions = catalogue()
    assert all(may_act_on(action, "*") for action in actions.actions)
    assert resource_matches("*", "arn:aws:s3:::b/k", "2012-10-17", None, None)
