"""Secrets by reference: `buckler:secretsmanager:ARN`, `buckler:secretsmanager:ARN#key` (of a JSON object), `buckler:ssm:ARN`."""

import json
from functools import cache
from typing import Any


def buckler_secret(value: Any) -> Any:
    """Give the secret that *value* refers to, asked for once; what is no reference is given back as it is."""
    if isinstance(value, str) and value.startswith(("buckler:secretsmanager:", "buckler:ssm:")):
        return _fetched(value)
    return value


@cache
def _fetched(reference: str) -> str:
    _, store, place = reference.split(":", 2)
    arn, _, key = place.partition("#")
    client = _client(store, arn.split(":")[3])
    if store == "ssm":
        text = str(client.get_parameter(Name=arn, WithDecryption=True)["Parameter"]["Value"])
    else:
        text = str(client.get_secret_value(SecretId=arn)["SecretString"])
    if not key:
        return text
    found = json.loads(text)[key]
    return found if isinstance(found, str) else json.dumps(found)


@cache
def _client(store: str, region: str) -> Any:
    import boto3  # here: where nothing is a reference, nobody waits for it

    return boto3.client(store, region_name=region)
