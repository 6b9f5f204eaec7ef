"""boto3 clients for every account and region of the shop."""

import json
from typing import Any

import boto3
from botocore.config import Config

from buckler.demo.shop.names import AUDIT_ROLE, EU, SHOP, role_arn
from buckler.demo.shop.signer import zipped

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY = "the-embedded-aws-checks-no-signature"


class Hands:
    """Clients by service, region and account, each made once; other accounts are entered through a role."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        # One session: it loads each service's model once for all accounts and regions.
        self._session: Any = boto3.Session(aws_access_key_id=KEY_ID, aws_secret_access_key=KEY, region_name=EU)
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._credentials: dict[str, dict[str, str]] = {SHOP: {"aws_access_key_id": KEY_ID, "aws_secret_access_key": KEY}}

    def client(self, service: str, region: str = EU, account: str = SHOP) -> Any:  # noqa: ANN401 - boto3's clients have no type
        """The client of *service* in *region* of *account*."""
        where = (service, region, account)
        if where not in self._clients:
            config = Config(retries={"total_max_attempts": 2, "mode": "standard"})
            self._clients[where] = self._session.client(
                service, region_name=region, endpoint_url=self.endpoint, config=config, **self._enter(account)
            )
        return self._clients[where]

    def _enter(self, account: str) -> dict[str, str]:
        if account not in self._credentials:
            sts = self.client("sts")
            answer = sts.assume_role(RoleArn=role_arn(AUDIT_ROLE, account), RoleSessionName="deploy")["Credentials"]
            self._credentials[account] = {
                "aws_access_key_id": answer["AccessKeyId"],
                "aws_secret_access_key": answer["SecretAccessKey"],
                "aws_session_token": answer["SessionToken"],
            }
        return self._credentials[account]


def document(*statements: dict[str, Any]) -> str:
    """A policy document of *statements*."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def code(name: str) -> dict[str, bytes]:
    """The files of a tiny deployment package whose handler says who it is."""
    return {"app.py": f'def handler(event, context):\n    return {{"from": "{name}"}}\n'.encode()}


def package(name: str) -> bytes:
    """Those files as an archive."""
    return zipped(code(name))
