"""By which action of a service its resources are given tags, where policies can ask for these as `aws:ResourceTag`.

Source: AWS Service Authorization Reference, the pages of the services, read 2026-11-26. S3 is left out: general purpose buckets answer to
`aws:ResourceTag` only where somebody turned that on for the bucket.
"""

from collections.abc import Mapping
from typing import Final

_ACTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("iam", "user"): "iam:TagUser",
    ("iam", "role"): "iam:TagRole",
    ("iam", "policy"): "iam:TagPolicy",
    ("lambda", ""): "lambda:TagResource",
    ("secretsmanager", ""): "secretsmanager:TagResource",
    ("dynamodb", ""): "dynamodb:TagResource",
    ("kms", ""): "kms:TagResource",
    ("sns", ""): "sns:TagResource",
    ("sqs", ""): "sqs:TagQueue",
    ("ssm", ""): "ssm:AddTagsToResource",
    ("ecr", ""): "ecr:TagResource",
    ("states", ""): "states:TagResource",
    ("ec2", ""): "ec2:CreateTags",
    ("events", ""): "events:TagResource",
    ("kinesis", ""): "kinesis:AddTagsToStream",
}

TAGGING: Final = frozenset(action.lower() for action in _ACTIONS.values())
"""All of them, in lower case."""


def tag_action(arn: str) -> str:
    """Give the action that tags what an ARN names; "" where none does that counts."""
    pieces = arn.split(":", 5)
    if len(pieces) < 6:
        return ""
    kind = pieces[5].partition("/")[0].partition(":")[0]
    return _ACTIONS.get((pieces[2], kind)) or _ACTIONS.get((pieces[2], ""), "")
