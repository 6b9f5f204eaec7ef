"""An AWS to test against: one embedded server for the whole run, emptied between tests."""

import atexit
import functools
import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from buckler.demo.embedded import EmbeddedAws

SHOP = "123456789012"
PARTNER = "210987654321"
REGION = "eu-west-1"

# No retries: a test wants to see the first answer.
ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"})
CREDENTIALS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "invented-for-tests"}


@functools.cache
def server() -> EmbeddedAws:
    """The embedded AWS of this process, started on first use and stopped at exit."""
    aws = EmbeddedAws()
    aws.__enter__()
    atexit.register(aws.__exit__, None, None, None)
    return aws


def fresh() -> EmbeddedAws:
    """The embedded AWS, emptied: what a test starts from."""
    aws = server()
    aws.reset()
    return aws


def client(service: str, endpoint: str, *, region: str = REGION, account: str = SHOP) -> Any:
    """A boto3 client of *service* in *account*: for another than the default account, through a role assumed there."""
    if account == SHOP:
        return _own_client(service, endpoint, region)
    return session(region).client(service, endpoint_url=endpoint, config=ONCE, **assumed(endpoint, account))


@functools.cache
def _own_client(service: str, endpoint: str, region: str) -> Any:
    # A reset does not touch these credentials, so the client outlives it. Making one costs more than a call.
    return session(region).client(service, endpoint_url=endpoint, config=ONCE)


@functools.cache
def session(region: str) -> boto3.session.Session:
    """One session per region: it keeps the service models, whose loading costs more than most tests."""
    return boto3.Session(region_name=region, **CREDENTIALS)


def assumed(endpoint: str, account: str, role: str = "BucklerAudit") -> Mapping[str, str]:
    """Credentials of *role* in *account*."""
    sts = client("sts", endpoint)
    answer = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="tests")["Credentials"]
    return {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"],
    }


def standard_env(endpoint: str, *, region: str = REGION) -> dict[str, str]:
    """Environment variables for a process under test: the endpoint, invented credentials, and nothing of the machine's own configuration."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@contextmanager
def environment(endpoint: str, *, region: str = REGION) -> Iterator[None]:
    """Put `standard_env` into this process for a while, and nothing else of AWS's."""
    before = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in before:
        del os.environ[name]
    os.environ.update(standard_env(endpoint, region=region))
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(before)


def zipped(**files: str) -> bytes:
    """A small deployment package: `zipped(app="def handler(): ...")` holds app.py."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in (files or {"app": "def handler(event, context):\n    return event\n"}).items():
            package.writestr(zipfile.ZipInfo(f"{name}.py", (2026, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()
