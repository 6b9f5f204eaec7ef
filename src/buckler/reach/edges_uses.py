"""What can be done with stores of data, by kind and access, and how bad each is.

Harm, the worst first: to be administrator; to become another principal; to read secrets or change permissions; to delete or write data; to
read data; to list it. The actions are those of the data itself (AWS Service Authorization Reference, read 2026-11-25), not of its settings.
"""

from typing import Final, NamedTuple

from buckler.model.graph import Access, EdgeKind, NodeKind
from buckler.model.severity import Severity


class Use(NamedTuple):
    """One way to use a kind of thing: any of the actions will do."""

    access: Access
    actions: tuple[str, ...]
    inside: str = ""
    """What follows the ARN of the thing in the resource of the request: `/{name}` for the objects of a bucket."""


class Kind(NamedTuple):
    """A kind of thing that holds something."""

    collection: str
    """Of the estate."""
    pattern: str
    """ARN of any of them."""
    uses: tuple[Use, ...]


KINDS: Final[dict[NodeKind, Kind]] = {
    "secret": Kind(
        "secrets",
        "arn:{partition}:secretsmanager:*:{account}:secret:*",
        (
            Use("read", ("secretsmanager:GetSecretValue",)),
            Use("write", ("secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret")),
            Use("delete", ("secretsmanager:DeleteSecret",)),
            Use("permissions", ("secretsmanager:PutResourcePolicy",)),
        ),
    ),
    "parameter": Kind(
        "parameters",
        "arn:{partition}:ssm:*:{account}:parameter/*",
        (
            Use("read", ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory")),
            Use("write", ("ssm:PutParameter",)),
            Use("delete", ("ssm:DeleteParameter", "ssm:DeleteParameters")),
        ),
    ),
    "key": Kind(
        "keys",
        "arn:{partition}:kms:*:{account}:key/*",
        (
            Use("read", ("kms:Decrypt",)),
            Use("delete", ("kms:ScheduleKeyDeletion", "kms:DisableKey")),
            Use("permissions", ("kms:PutKeyPolicy", "kms:CreateGrant")),
        ),
    ),
    "bucket": Kind(
        "stores",
        "arn:{partition}:s3:::*",
        (
            Use("list", ("s3:ListBucket",)),
            Use("read", ("s3:GetObject", "s3:GetObjectVersion"), "/{name}"),
            Use("write", ("s3:PutObject",), "/{name}"),
            Use("delete", ("s3:DeleteObject", "s3:DeleteObjectVersion"), "/{name}"),
            Use("permissions", ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketAcl")),
        ),
    ),
    "queue": Kind(
        "stores",
        "arn:{partition}:sqs:*:{account}:*",
        (
            Use("read", ("sqs:ReceiveMessage",)),
            Use("write", ("sqs:SendMessage",)),
            Use("delete", ("sqs:DeleteMessage", "sqs:PurgeQueue", "sqs:DeleteQueue")),
            Use("permissions", ("sqs:SetQueueAttributes", "sqs:AddPermission")),
        ),
    ),
    "topic": Kind(
        "stores",
        "arn:{partition}:sns:*:{account}:*",
        (
            Use("read", ("sns:Subscribe",)),
            Use("write", ("sns:Publish",)),
            Use("delete", ("sns:DeleteTopic",)),
            Use("permissions", ("sns:SetTopicAttributes", "sns:AddPermission")),
        ),
    ),
    "table": Kind(
        "stores",
        "arn:{partition}:dynamodb:*:{account}:table/*",
        (
            Use("read", ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:BatchGetItem", "dynamodb:PartiQLSelect")),
            Use("write", ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem")),
            Use("delete", ("dynamodb:DeleteItem", "dynamodb:DeleteTable")),
            Use("permissions", ("dynamodb:PutResourcePolicy",)),
        ),
    ),
    "stream": Kind(
        "stores",
        "arn:{partition}:kinesis:*:{account}:stream/*",
        (
            Use("read", ("kinesis:GetRecords", "kinesis:SubscribeToShard")),
            Use("write", ("kinesis:PutRecord", "kinesis:PutRecords")),
            Use("delete", ("kinesis:DeleteStream",)),
            Use("permissions", ("kinesis:PutResourcePolicy",)),
        ),
    ),
    "event-bus": Kind(
        "stores",
        "arn:{partition}:events:*:{account}:event-bus/*",
        (
            Use("write", ("events:PutEvents",)),
            Use("delete", ("events:DeleteEventBus",)),
            Use("permissions", ("events:PutPermission",)),
        ),
    ),
    "repository": Kind(
        "stores",
        "arn:{partition}:ecr:*:{account}:repository/*",
        (
            Use("read", ("ecr:BatchGetImage",)),
            Use("write", ("ecr:PutImage",)),
            Use("delete", ("ecr:BatchDeleteImage", "ecr:DeleteRepository")),
            Use("permissions", ("ecr:SetRepositoryPolicy",)),
        ),
    ),
    "function": Kind(
        "functions",
        "arn:{partition}:lambda:*:{account}:function:*",
        (Use("read", ("lambda:GetFunctionConfiguration", "lambda:GetFunction", "lambda:UpdateFunctionConfiguration")),),
    ),
}
"""A function is read for the secrets in its environment: only one that holds some is a thing to touch. `UpdateFunctionConfiguration`
answers with the whole configuration, too."""

_EDGES: Final[dict[Access, EdgeKind]] = {"list": "list", "read": "read", "write": "write", "delete": "delete", "permissions": "write"}
_WORST_FIRST: Final[tuple[Access, ...]] = ("permissions", "delete", "write", "read", "list")
_SECRET: Final[frozenset[NodeKind]] = frozenset({"secret", "parameter", "function"})


def harm_of(kind: NodeKind, accesses: tuple[Access, ...], *, is_secret: bool = True) -> Severity:
    """Say how bad it is that somebody may use a thing so. *is_secret*: False for a parameter that is plain text."""
    if "permissions" in accesses or ("read" in accesses and kind in _SECRET and is_secret):
        return Severity.HIGH
    if accesses == ("list",):
        return Severity.LOW
    return Severity.MEDIUM


def edge_kind(kind: NodeKind, accesses: tuple[Access, ...]) -> EdgeKind:
    """Name the worst of what may be done, as a kind of edge."""
    if "read" in accesses and kind in _SECRET:
        return "read-secret"
    return next(_EDGES[one] for one in _WORST_FIRST if one in accesses)


def rank(kind: NodeKind, accesses: tuple[Access, ...]) -> int:
    """Order things of equal harm: secrets, permissions, deletion, writing, reading, listing."""
    if "read" in accesses and kind in _SECRET:
        return 0
    return 1 + min(_WORST_FIRST.index(one) for one in accesses)
