"""What somebody meant who wrote an action that does not exist.

Most such actions are names of API operations, or of methods that look like one: SDKs and documentation speak of `HeadObject`, IAM of
`s3:GetObject`. The table says which action allows each. Sources: Amazon S3 User Guide, "Required permissions for Amazon S3 API
operations"; Amazon DynamoDB Developer Guide, "DynamoDB API permissions"; AWS Service Authorization Reference; read 2026-11-26.
"""

from difflib import SequenceMatcher, get_close_matches
from functools import cache
from typing import Final

from buckler.engines.iam.catalogue import Catalogue, catalogue

_ALIKE: Final = 0.75

_OPERATIONS: Final = {
    "dynamodb:batchdeleteitem": "dynamodb:BatchWriteItem",
    "dynamodb:batchexecutestatement": "dynamodb:PartiQLSelect",
    "dynamodb:batchputitem": "dynamodb:BatchWriteItem",
    "dynamodb:createitem": "dynamodb:PutItem",
    "dynamodb:executestatement": "dynamodb:PartiQLSelect",
    "dynamodb:executetransaction": "dynamodb:PartiQLSelect",
    "dynamodb:transactgetitems": "dynamodb:GetItem",
    "dynamodb:transactwriteitems": "dynamodb:PutItem",
    "lambda:invoke": "lambda:InvokeFunction",
    "lambda:invokewithresponsestream": "lambda:InvokeFunction",
    "s3:completemultipartupload": "s3:PutObject",
    "s3:copyobject": "s3:PutObject",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:deletebucketcors": "s3:PutBucketCORS",
    "s3:deletebucketencryption": "s3:PutEncryptionConfiguration",
    "s3:deletebucketlifecycle": "s3:PutLifecycleConfiguration",
    "s3:deletebucketreplication": "s3:PutReplicationConfiguration",
    "s3:deletebuckettagging": "s3:PutBucketTagging",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:getbucketencryption": "s3:GetEncryptionConfiguration",
    "s3:getbucketlifecycle": "s3:GetLifecycleConfiguration",
    "s3:getbucketlifecycleconfiguration": "s3:GetLifecycleConfiguration",
    "s3:getbucketnotificationconfiguration": "s3:GetBucketNotification",
    "s3:getbucketreplication": "s3:GetReplicationConfiguration",
    "s3:getpublicaccessblock": "s3:GetBucketPublicAccessBlock",
    "s3:headbucket": "s3:ListBucket",
    "s3:headobject": "s3:GetObject",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:listmultipartuploads": "s3:ListBucketMultipartUploads",
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:listobjectversions": "s3:ListBucketVersions",
    "s3:listparts": "s3:ListMultipartUploadParts",
    "s3:putbucketencryption": "s3:PutEncryptionConfiguration",
    "s3:putbucketlifecycle": "s3:PutLifecycleConfiguration",
    "s3:putbucketlifecycleconfiguration": "s3:PutLifecycleConfiguration",
    "s3:putbucketnotificationconfiguration": "s3:PutBucketNotification",
    "s3:putbucketreplication": "s3:PutReplicationConfiguration",
    "s3:putpublicaccessblock": "s3:PutBucketPublicAccessBlock",
    "s3:selectobjectcontent": "s3:GetObject",
    "s3:uploadpart": "s3:PutObject",
    "s3:uploadpartcopy": "s3:PutObject",
}

# What people call a service, where it is not nearly its prefix.
_SERVICES: Final = {
    "cloudwatchlogs": "logs",
    "cognito": "cognito-idp",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "eventbridge": "events",
    "msk": "kafka",
    "parameterstore": "ssm",
    "sfn": "states",
    "stepfunctions": "states",
}


def closest(action: str) -> str | None:
    """Give the action that was probably meant by *action*, which does not exist. None: nothing is like it.

    A pattern that ends in its only `*` is likened to what other names start with: `lambda:Lst*` meant `lambda:List*`.
    """
    actions = catalogue()
    prefix, colon, name = action.lower().partition(":")
    if not colon:
        return None
    if operation := _OPERATIONS.get(f"{prefix}:{name}"):
        return operation
    exists = prefix in actions.services
    at = prefix if exists else _SERVICES.get(prefix) or _first(get_close_matches(prefix, actions.services, 1, _ALIKE))
    if at and (near := _nearest(name, actions.names_of(at))):
        return f"{at}:{near}"
    homes = _homes(actions).get(name, ())
    if not homes or (exists and len(homes) > 1):
        return None
    best = max(homes, key=lambda home: (SequenceMatcher(None, prefix, home).ratio(), home))
    return actions.spelling(f"{best}:{name}")


@cache
def _homes(actions: Catalogue) -> dict[str, tuple[str, ...]]:
    """Give the services that have an action, by its name."""
    homes: dict[str, tuple[str, ...]] = {}
    for action in actions.actions:
        prefix, _, name = action.partition(":")
        homes[name] = (*homes.get(name, ()), prefix)
    return homes


def _nearest(name: str, spellings: tuple[str, ...]) -> str | None:
    """Give the most similar name, or start of names."""
    if name.endswith("*") and not {"*", "?"} & set(name[:-1]):
        lengths = range(len(name) - 1, len(name) + 1)
        likely = {spelling[:length].lower(): spelling[:length] + "*" for spelling in spellings for length in lengths}
        name = name[:-1]
    else:
        likely = {spelling.lower(): spelling for spelling in spellings}
    found = _first(get_close_matches(name, likely, 1, _ALIKE))
    return found and likely[found]


def _first(found: list[str]) -> str | None:
    return found[0] if found else None
