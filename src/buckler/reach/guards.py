"""Policies of resources that were not read, and what follows all the same."""

import re

from msgspec.structs import replace

from buckler.model.finding import Request
from buckler.model.layers import Layers
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.resources import account_in_arn, entity_at

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


def without_additions(request: Request, layers: Layers) -> Layers | None:
    """Leave out an unread policy that can take nothing back: `AddPermission` only allows, so what a function's own account may, it may.

    None when there is no such policy. Whoever is not let in without it may still be let in by it.
    """
    if ":lambda:" not in request.resource or account_in_arn(request.principal) != layers.resource_account:
        return None
    rest = tuple(one for one in layers.unread if one.layer != "resource")
    return replace(layers, unread=rest) if len(rest) < len(layers.unread) else None
