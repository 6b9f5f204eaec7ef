"""What is asked for, and by whom: real actions on resources they act on, principals of every form, and the condition keys that count.

A third of the requests take an action of the whole catalogue; the others one that has a rule of its own, or that attackers like.
"""

import random
import re
from functools import cache
from typing import NamedTuple

from buckler.engines.iam.catalogue import catalogue

A, B = "111122223333", "444455556666"
ORGANIZATION = "o-shop123456"
REGION = "eu-west-1"

PRINCIPALS = (
    f"arn:aws:iam::{A}:user/team/ann",
    f"arn:aws:iam::{A}:role/worker",
    f"arn:aws:sts::{A}:assumed-role/worker/build-7",
    f"arn:aws:sts::{A}:assumed-role/worker/build-7",
    f"arn:aws:sts::{A}:federated-user/zoe",
    f"arn:aws:iam::{A}:root",
    f"arn:aws:iam::{B}:user/bob",
    f"arn:aws:sts::{B}:assumed-role/other/x",
    "lambda.amazonaws.com",
    "*",
)
PROVIDER = f"arn:aws:iam::{A}:oidc-provider/idp.example"
SERVICE_LINKED = f"arn:aws:iam::{A}:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda"


class Target(NamedTuple):
    """An action, and a resource it acts on."""

    action: str
    resource: str
    account: str
    """Whose the resource is, where its ARN does not say; "" otherwise."""


_CHOSEN = (
    ("s3:GetObject", "arn:aws:s3:::shop-data/orders/1.json"),
    ("s3:PutObject", "arn:aws:s3:::shop-data/orders/red/2.json"),
    ("s3:ListBucket", "arn:aws:s3:::shop-data"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::shop-data"),
    ("s3:GetBucketPolicy", "arn:aws:s3:::shop-data"),
    ("s3:ListAllMyBuckets", "*"),
    ("lambda:InvokeFunction", "arn:aws:lambda:{region}:{account}:function:checkout"),
    ("lambda:InvokeFunctionUrl", "arn:aws:lambda:{region}:{account}:function:checkout"),
    ("lambda:UpdateFunctionCode", "arn:aws:lambda:{region}:{account}:function:checkout"),
    ("lambda:CreateFunction", "arn:aws:lambda:{region}:{account}:function:checkout"),
    ("lambda:AddPermission", "arn:aws:lambda:{region}:{account}:function:checkout"),
    ("lambda:GetLayerVersion", "arn:aws:lambda:{region}:{account}:layer:tools:3"),
    ("lambda:ListFunctions", "*"),
    ("kms:Decrypt", "arn:aws:kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("kms:GenerateDataKey", "arn:aws:kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("kms:CreateGrant", "arn:aws:kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("kms:ListKeys", "*"),
    ("sts:AssumeRole", "arn:aws:iam::{account}:role/deploy"),
    ("sts:AssumeRole", "arn:aws:iam::{account}:role/deploy"),
    ("sts:TagSession", "arn:aws:iam::{account}:role/deploy"),
    ("sts:AssumeRoleWithWebIdentity", "arn:aws:iam::{account}:role/deploy"),
    ("iam:PassRole", "arn:aws:iam::{account}:role/deploy"),
    ("iam:CreateUser", "arn:aws:iam::{account}:user/team/new"),
    ("sqs:SendMessage", "arn:aws:sqs:{region}:{account}:orders"),
    ("sns:Publish", "arn:aws:sns:{region}:{account}:orders"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:{region}:{account}:secret:db-AbCdEf"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:{region}:{account}:table/orders"),
    ("ssm:GetParameter", "arn:aws:ssm:{region}:{account}:parameter/shop/db"),
    ("events:PutEvents", "arn:aws:events:{region}:{account}:event-bus/shop"),
    ("ecr:BatchGetImage", "arn:aws:ecr:{region}:{account}:repository/shop"),
    ("logs:PutLogEvents", "arn:aws:logs:{region}:{account}:log-group:shop:log-stream:1"),
    ("kinesis:PutRecord", "arn:aws:kinesis:{region}:{account}:stream/orders"),
    ("ec2:DescribeInstances", "*"),
)


def target(rng: random.Random) -> Target:
    """Choose an action and what it acts on."""
    account = A if rng.random() < 0.75 else B
    if rng.random() < 0.35:
        action, form = rng.choice(_every_action())
        if form == "*":
            return Target(action, "*", "")
        resource = re.sub(r"\$\{[^}]*\}", lambda _: rng.choice(("shop", "orders-7", "x")), _with(form, account))
    else:
        action, form = rng.choice(_CHOSEN)
        resource = form.format(region=REGION, account=account)
    is_bare = resource != "*" and not re.match(r"arn:[^:]*:[^:]*:[^:]*:\d{12}:", resource)
    return Target(action, resource, account if is_bare else "")


def _with(form: str, account: str) -> str:
    for name, value in (("Partition", "aws"), ("Region", REGION), ("Account", account)):
        form = form.replace(f"${{{name}}}", value)
    return form


@cache
def _every_action() -> tuple[tuple[str, str], ...]:
    """List the actions that have one kind of resource, or none, with the form of its ARN."""
    found: list[tuple[str, str]] = []
    known = catalogue()
    for name in known.actions:
        types = known.resource_types(name) or ()
        forms = [form for kind in types for form in known.arn_formats(kind)]
        if len(forms) <= 1 and "*" not in "".join(forms):
            found.append((known.spelling(name), forms[0] if forms else "*"))
    return tuple(found)


# --- condition keys --------------------------------------------------------------------------------------------------------------

_TEXTS = ("red", "Red", "blue", "green", "")
_TIMES = ("2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z", "2027-01-01T00:00:00Z", "1767225600")
_ARNS = (
    "arn:aws:s3:::shop-data",
    "arn:aws:lambda:eu-west-1:111122223333:function:checkout",
    "arn:aws:iam::444455556666:role/other",
    "arn:aws:events:eu-west-1:111122223333:rule/shop/nightly",
)
_KEYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "aws:PrincipalTag/team": ("String", _TEXTS),
    "aws:RequestTag/env": ("String", _TEXTS),
    "aws:ResourceTag/env": ("String", _TEXTS),
    "aws:PrincipalOrgID": ("String", (ORGANIZATION, "o-other12345")),
    "aws:PrincipalAccount": ("String", (A, B)),
    "aws:PrincipalArn": ("ARN", _ARNS),
    "aws:PrincipalType": ("String", ("User", "AssumedRole")),
    "aws:username": ("String", ("ann", "bob")),
    "aws:userid": ("String", ("AIDAEXAMPLE", "AROAEXAMPLE:build-7")),
    "aws:SourceIp": ("IPAddress", ("10.1.2.3", "203.0.113.7", "2001:db8::7", "10.255.0.1")),
    "aws:SourceVpc": ("String", ("vpc-1", "vpc-2")),
    "aws:SourceVpce": ("String", ("vpce-1", "vpce-2")),
    "aws:SourceArn": ("ARN", _ARNS),
    "aws:SourceAccount": ("String", (A, B)),
    "aws:CurrentTime": ("Date", _TIMES),
    "aws:EpochTime": ("Date", ("1767225600", "1798761600")),
    "aws:TokenIssueTime": ("Date", _TIMES),
    "aws:MultiFactorAuthAge": ("Numeric", ("0", "7", "3600", "3601")),
    "aws:MultiFactorAuthPresent": ("Bool", ("true", "false")),
    "aws:SecureTransport": ("Bool", ("true", "false")),
    "aws:ViaAWSService": ("Bool", ("true", "false")),
    "aws:PrincipalIsAWSService": ("Bool", ("true", "false")),
    "aws:RequestedRegion": ("String", ("eu-west-1", "us-east-1")),
    "aws:UserAgent": ("String", ("aws-cli/2.0", "x")),
    "aws:TagKeys": ("ArrayOfString", _TEXTS),
    "aws:CalledVia": ("ArrayOfString", ("cloudformation.amazonaws.com", "athena.amazonaws.com")),
    "aws:PrincipalOrgPaths": ("ArrayOfString", (f"{ORGANIZATION}/r-1/ou-1/", f"{ORGANIZATION}/r-1/ou-2/")),
}
_VALUES: dict[str, tuple[str, ...]] = {
    "String": _TEXTS,
    "ArrayOfString": _TEXTS,
    "ARN": _ARNS,
    "ArrayOfARN": _ARNS,
    "Numeric": ("0", "7", "8", "-1", "7.5", "100"),
    "Date": _TIMES,
    "Bool": ("true", "false"),
    "IPAddress": ("10.1.2.3", "203.0.113.7", "2001:db8::7"),
    "Binary": ("QUJD", "QUJE", "AA=="),
}


class Key(NamedTuple):
    """A condition key, its type as AWS's pages have it, and values it may take."""

    name: str
    type: str
    values: tuple[str, ...]

    @property
    def is_set(self) -> bool:
        """Say whether it may have several values."""
        return self.type.startswith("ArrayOf")


def keys(rng: random.Random, action: str) -> list[Key]:
    """Choose the condition keys that the policies of one world speak of."""
    chosen = rng.sample(sorted(_KEYS), 4)
    of_service = [name for name in catalogue().condition_keys(action) or () if "${" not in name and not name.lower().startswith("aws:")]
    chosen += rng.sample(of_service, min(2, len(of_service)))
    found: list[Key] = []
    for name in chosen:
        kind, values = _KEYS.get(name) or (catalogue().key_type(name) or "String", ())
        found.append(Key(name, kind, values or _VALUES.get(kind, _TEXTS)))
    return found
