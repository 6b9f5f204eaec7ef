"""Resources that may have a policy of their own and are not among what was read."""

import re

from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.resources import entity_at

_GUARDED = re.compile(
    r"arn:[^:]*:(?:iam:[^:]*:[^:]*:role/|lambda:[^:]*:[^:]*:(?:function|layer):|(?:s3|sqs|sns|secretsmanager):"
    r"|kms:[^:]*:[^:]*:key/|dynamodb:[^:]*:[^:]*:table/|kinesis:[^:]*:[^:]*:stream/|events:[^:]*:[^:]*:event-bus/"
    r"|ecr:[^:]*:[^:]*:repository/).+"
)


def absent_guard(arn: str, analysis: Analysis) -> Unknown | None:
    """Say why the policy of a resource is not known, when nothing that was read is that resource; None when it is there, or has none."""
    if not _GUARDED.match(arn) or entity_at(arn, analysis) is not None:
        return None
    return Unknown(kind=UnknownKind.OUTSIDE, why=f"`{arn}` is not among what was read", need="a scan of what holds it")
