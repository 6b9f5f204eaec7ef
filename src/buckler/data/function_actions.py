"""What the code of a function does with a service: the actions on the data itself, as AWS's own policy templates for functions give them.

Source: AWS SAM Developer Guide, "AWS SAM policy template list" (`DynamoDBCrudPolicy`, `S3CrudPolicy`, `SQSPollerPolicy`,
`SNSPublishMessagePolicy`, `LambdaInvokePolicy`, `StepFunctionsExecutionPolicy`, `KinesisStreamReadPolicy`, `SESCrudPolicy`, ...), read
2026-11-27; for `logs` the managed policy AWSLambdaBasicExecutionRole. Left out of each is what administers the thing, hands out rights to
it, or deletes it whole.
"""

from collections.abc import Iterable
from typing import Final

from buckler.model.text import Text, shown

FUNCTION_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "bedrock": ("InvokeModel", "InvokeModelWithResponseStream"),
    "dynamodb": (
        "BatchGetItem",
        "BatchWriteItem",
        "ConditionCheckItem",
        "DeleteItem",
        "DescribeTable",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "UpdateItem",
    ),
    "elasticfilesystem": ("ClientMount", "ClientWrite"),
    "events": ("PutEvents",),
    "kinesis": (
        "DescribeStream",
        "DescribeStreamSummary",
        "GetRecords",
        "GetShardIterator",
        "ListShards",
        "PutRecord",
        "PutRecords",
        "SubscribeToShard",
    ),
    "kms": ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"),
    "lambda": ("InvokeFunction",),
    "logs": ("CreateLogGroup", "CreateLogStream", "PutLogEvents"),
    "s3": ("DeleteObject", "GetObject", "GetObjectTagging", "GetObjectVersion", "ListBucket", "PutObject", "PutObjectTagging"),
    "secretsmanager": ("DescribeSecret", "GetSecretValue"),
    "ses": ("SendBulkTemplatedEmail", "SendEmail", "SendRawEmail", "SendTemplatedEmail"),
    "sns": ("Publish",),
    "sqs": ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ReceiveMessage", "SendMessage"),
    "ssm": ("GetParameter", "GetParameters", "GetParametersByPath"),
    "states": ("DescribeExecution", "SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess", "StartExecution", "StartSyncExecution"),
}
"""By service; one that is not here is not narrowed without being told how."""


def function_actions(service: str) -> tuple[str, ...]:
    """Give them as policies name them, sorted; () for a service of which that cannot be said in general."""
    return tuple(f"{service}:{name}" for name in FUNCTION_ACTIONS.get(service, ()))


def narrowed(actions: Iterable[Text], services: set[str]) -> tuple[Text, ...]:
    """Give a list of actions with, in place of `service:*`, what functions do with the service; the services are added to *services*."""
    found: list[Text] = []
    for action in actions:
        service, _, verb = shown(action).partition(":")
        fewer = function_actions(service.lower()) if verb == "*" else ()
        services.update({service.lower()} if fewer else ())
        found += fewer or (action,)
    return tuple(dict.fromkeys(found))
