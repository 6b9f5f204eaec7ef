"""Where secrets and keys live: KMS keys that functions use, Secrets Manager, SSM parameters. Metadata and policies, never values."""

import json
from typing import cast

from msgspec.structs import replace

from buckler.model.estate import Estate
from buckler.model.policy import Policy, parse_policy
from buckler.model.stores import KmsKey, Parameter, Secret
from buckler.model.unknown import Unknown
from buckler.sources.live.access import document
from buckler.sources.live.answers import Answer, tags
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Collector

COLLECTOR = Collector("stores")
KEY = COLLECTOR.call("kms", "DescribeKey", "KMS keys that functions use", result="KeyMetadata", none=("NotFoundException",))
KEY_POLICY = COLLECTOR.call("kms", "GetKeyPolicy", "who may use those KMS keys", result="Policy")
# KMS answers UnsupportedOperationException for keys of a kind that is never rotated.
ROTATION = COLLECTOR.call(
    "kms",
    "GetKeyRotationStatus",
    "whether those KMS keys are rotated",
    result="KeyRotationEnabled",
    none=("UnsupportedOperationException",),
)
SECRETS = COLLECTOR.call(
    "secretsmanager", "ListSecrets", "names and keys of secrets, never their values", result="SecretList", page=("NextToken", "NextToken")
)
SECRET_POLICY = COLLECTOR.call("secretsmanager", "GetResourcePolicy", "who may read secrets", result="ARN", is_deep=True)
PARAMETERS = COLLECTOR.call(
    "ssm", "DescribeParameters", "names and keys of parameters, never their values", result="Parameters", page=("NextToken", "NextToken")
)
PARAMETER_POLICY = COLLECTOR.call(
    "ssm", "GetResourcePolicies", "with whom parameters are shared", result="Policies", page=("NextToken", "NextToken"), is_deep=True
)

_NOT_ASKED = not_asked("asked one by one, so only with --deep")


def collect_key(reader: Reader, used_as: str) -> Estate:
    """Read one key by the ARN or alias under which something uses it."""
    answer = reader.find(KEY, KeyId=used_as)
    if answer is None:
        return Estate()
    if isinstance(answer, Unknown):
        return Estate(keys=(_key(reader, used_as, {}, answer, _policy(reader, used_as)),))
    metadata = answer["KeyMetadata"]
    arn: str = metadata["Arn"]
    key = _key(reader, arn, metadata, metadata.get("KeyManager") == "CUSTOMER", _policy(reader, arn))
    if used_as != arn:
        key = replace(key, aliases=(used_as,))
    if key.is_customer_managed is True:
        key = replace(key, rotation=_rotation(reader, arn))
    return Estate(keys=(key,))


def _key(reader: Reader, arn: str, metadata: Answer, is_customer_managed: bool | Unknown, policy: Policy | Unknown | None) -> KmsKey:  # noqa: FBT001 - a fact, not a switch
    parts = arn.split(":")
    return KmsKey(
        arn=arn,
        name=metadata.get("KeyId") or arn.rpartition("/")[2],
        account=parts[4] if len(parts) > 4 else reader.account,
        region=reader.region,
        origin=reader.origin(KEY, arn),
        policy=policy,
        is_customer_managed=is_customer_managed,
        is_enabled=is_customer_managed if isinstance(is_customer_managed, Unknown) else bool(metadata.get("Enabled")),
        # AWS rotates its own keys every year.
        rotation=is_customer_managed if isinstance(is_customer_managed, Unknown) else True,
    )


def _policy(reader: Reader, key: str) -> Policy | Unknown | None:
    return document(reader, KEY_POLICY, key, reader.read(KEY_POLICY, KeyId=key, PolicyName="default"), "Policy")


def _rotation(reader: Reader, key: str) -> bool | Unknown:
    answer = reader.find(ROTATION, KeyId=key)
    if answer is None or isinstance(answer, Unknown):
        return answer or False
    return bool(answer["KeyRotationEnabled"])


def collect_secrets(reader: Reader) -> Estate:
    """List the secrets of a region."""
    pages = reader.pages(SECRETS, MaxResults=100)
    return Estate(secrets=tuple(_secret(reader, entry) for entry in pages), missing=pages.missing("secrets"))


def _secret(reader: Reader, entry: Answer) -> Secret:
    arn: str = entry["ARN"]
    return Secret(
        arn=arn,
        name=entry["Name"],
        account=reader.account,
        region=reader.region,
        origin=reader.origin(SECRETS, arn),
        policy=_NOT_ASKED,
        kms_key=entry.get("KmsKeyId"),
        rotation=bool(entry.get("RotationEnabled")),
        tags=tags(entry),
    )


def collect_secret_policy(reader: Reader, secret: Secret) -> Estate:
    """Read who may read one secret."""
    answer = reader.read(SECRET_POLICY, SecretId=secret.arn)
    return Estate(secrets=(replace(secret, policy=document(reader, SECRET_POLICY, str(secret.arn), answer, "ResourcePolicy")),))


def collect_parameters(reader: Reader, *, deep: bool) -> Estate:
    """List the SSM parameters of a region; the policies of those that can have one, when deep."""
    pages = reader.pages(PARAMETERS, MaxResults=50)
    entries = list(pages)
    return Estate(
        parameters=tuple(_parameter(reader, entry, deep=deep) for entry in entries),
        missing=pages.missing("parameters"),
    )


def _parameter(reader: Reader, entry: Answer, *, deep: bool) -> Parameter:
    arn = entry.get("ARN") or reader.arn("ssm", f"parameter/{str(entry['Name']).removeprefix('/')}")
    policy: Policy | Unknown | None = None
    if entry.get("Tier") != "Standard":  # only advanced parameters can be shared
        policy = _shared(reader, arn) if deep else _NOT_ASKED
    return Parameter(
        arn=arn,
        name=entry["Name"],
        account=reader.account,
        region=reader.region,
        origin=reader.origin(PARAMETERS, arn),
        type=entry["Type"],
        kms_key=entry.get("KeyId"),
        policy=policy,
    )


def _shared(reader: Reader, arn: str) -> Policy | Unknown | None:
    """Read all policies of one parameter as one: each of them may let somebody in."""
    pages = reader.pages(PARAMETER_POLICY, ResourceArn=arn)
    statements: list[object] = []
    for entry in pages:
        written: object = json.loads(entry["Policy"]).get("Statement")
        statements += cast("list[object]", written) if isinstance(written, list) else [written]
    if pages.unknown is not None:
        return pages.unknown
    if not statements:
        return None
    return parse_policy({"Version": "2012-10-17", "Statement": statements}, reader.origin(PARAMETER_POLICY, arn))
