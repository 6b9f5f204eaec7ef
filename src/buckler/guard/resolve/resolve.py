"""Replace references in the environment of this process by the secrets they name, then run what was to be run.

A variable whose value is `buckler:secretsmanager:ARN`, `buckler:secretsmanager:ARN#key` (of a JSON object) or `buckler:ssm:ARN` is a
reference. All are fetched at once with the function's own credentials. When one cannot be had nothing is run: a line on stderr says which
and why, never with a value, and the process ends with 1, which Lambda reports as a failed initialisation.

Standard library only, and the syntax of Python 3.9: this runs inside other people's functions.
Source of the signature: AWS General Reference, "Signature Version 4 signing process".
"""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import hashlib
import hmac
import http.client
import json
import os
import random
import runpy
import sys
import time
import urllib.parse
from typing import Any

PREFIX = "buckler:"
DEADLINE_S = 8.0
"""Lambda gives an initialisation ten seconds."""
ATTEMPTS = 4
TIMEOUT_S = 3.0
MOST_AT_ONCE = 10

_SERVICES = {"secretsmanager": "secretsmanager", "ssm": "ssm"}
_ENDPOINTS = {"secretsmanager": "AWS_ENDPOINT_URL_SECRETS_MANAGER", "ssm": "AWS_ENDPOINT_URL_SSM"}
_ACTIONS = {"secretsmanager": "secretsmanager:GetSecretValue", "ssm": "ssm:GetParameter"}
_AGAIN = ("ThrottlingException", "TooManyRequestsException", "InternalServiceError", "InternalServerError", "RequestTimeout")
_TLD = {"aws-cn": "amazonaws.com.cn", "aws-iso": "c2s.ic.gov", "aws-iso-b": "sc2s.sgov.gov", "aws-eusc": "amazonaws.eu"}


class ResolveError(Exception):
    """A reference that cannot be resolved, in words that hold no value."""


class Reference:
    """What a variable refers to."""

    def __init__(self, variable: str, service: str, arn: str, key: str) -> None:
        self.variable = variable
        self.service = service
        self.arn = arn
        self.key = key

    @property
    def place(self) -> tuple[str, str]:
        """Name what is fetched: references to different keys of one secret need one request."""
        return self.service, self.arn

    @property
    def region(self) -> str:
        """Give the region of the ARN, else the function's."""
        parts = self.arn.split(":")
        return (parts[3] if len(parts) > 5 else "") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""

    @property
    def partition(self) -> str:
        """Give the partition of the ARN."""
        parts = self.arn.split(":")
        return parts[1] if len(parts) > 5 else "aws"


def parse(variable: str, value: str) -> Reference | None:
    """Read a reference; None when the value is none. Raises ResolveError for one that is malformed."""
    if not value.startswith(PREFIX):
        return None
    service, _, rest = value[len(PREFIX) :].partition(":")
    arn, _, key = rest.partition("#")
    if service not in _SERVICES or not arn:
        raise ResolveError(f"{variable} is not a reference: `buckler:secretsmanager:ARN[#key]` or `buckler:ssm:ARN`")
    return Reference(variable, service, arn, key)


class Credentials:
    """What requests are signed with: from the environment, or from the endpoint that SnapStart functions have."""

    def __init__(self) -> None:
        self.access_key = os.environ.get("AWS_ACCESS_KEY_ID", "")
        self.secret_key = os.environ.get("AWS_SECRET_ACCESS_KEY", "")
        self.token = os.environ.get("AWS_SESSION_TOKEN", "")
        uri = os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
        if not self.access_key and uri:
            self._fetch(uri)
        if not self.access_key:
            raise ResolveError("the function has no credentials")

    def _fetch(self, uri: str) -> None:
        token = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        status, body = _request("GET", uri, {"Authorization": token} if token else {}, b"", TIMEOUT_S)
        if status != 200:
            raise ResolveError(f"the function's credentials cannot be had: HTTP {status}")
        told = json.loads(body)
        self.access_key, self.secret_key, self.token = told["AccessKeyId"], told["SecretAccessKey"], told.get("Token", "")


def endpoint(reference: Reference) -> str:
    """Give the URL of a service where a reference lies; the SDKs' own variables name another one."""
    given = os.environ.get(_ENDPOINTS[reference.service]) or os.environ.get("AWS_ENDPOINT_URL")
    if given:
        return given
    if not reference.region:
        raise ResolveError(f"{reference.variable} names no region, and the function's is not known")
    return f"https://{reference.service}.{reference.region}.{_TLD.get(reference.partition, 'amazonaws.com')}"


def signed(credentials: Credentials, reference: Reference, url: str, target: str, body: bytes, now: dt.datetime) -> dict[str, str]:
    """Give the headers of a signed JSON request."""
    region, service = reference.region, reference.service
    host = urllib.parse.urlsplit(url).netloc
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {"content-type": "application/x-amz-json-1.1", "host": host, "x-amz-date": stamp, "x-amz-target": target}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    path = urllib.parse.urlsplit(url).path or "/"
    canonical = "\n".join(("POST", path, "", lines, names, hashlib.sha256(body).hexdigest()))
    scope = f"{day}/{region}/{service}/aws4_request"
    message = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = ("AWS4" + credentials.secret_key).encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, message.encode(), hashlib.sha256).hexdigest()
    signer = f"{credentials.access_key}/{scope}"
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={signer}, SignedHeaders={names}, Signature={signature}"
    return headers


def _request(method: str, url: str, headers: dict[str, str], body: bytes, timeout_s: float) -> tuple[int, bytes]:
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request(method, (parts.path or "/") + ("?" + parts.query if parts.query else ""), body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def fetch(reference: Reference, credentials: Credentials, ends_at: float) -> str:
    """Fetch what a reference names, as text. Raises ResolveError."""
    if reference.service == "secretsmanager":
        target, body = "secretsmanager.GetSecretValue", json.dumps({"SecretId": reference.arn}).encode()
    else:
        # A parameter is asked for by its name where that is all that is given, else by its ARN.
        target, body = "AmazonSSM.GetParameter", json.dumps({"Name": reference.arn, "WithDecryption": True}).encode()
    url = endpoint(reference)
    told = "no answer"
    for attempt in range(ATTEMPTS):
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        if attempt:
            time.sleep(min(left, random.uniform(0.05, 0.1) * 2**attempt))
        headers = signed(credentials, reference, url, target, body, dt.datetime.now(dt.timezone.utc))
        try:
            status, answer = _request("POST", url, headers, body, max(0.1, min(TIMEOUT_S, ends_at - time.monotonic())))
        except (OSError, http.client.HTTPException) as error:
            told = f"{urllib.parse.urlsplit(url).netloc} is not reached ({type(error).__name__})"
            continue
        if status == 200:
            return _value(reference, json.loads(answer))
        kind = _kind(answer)
        told = _explained(reference, kind or f"HTTP {status}")
        if status < 500 and kind not in _AGAIN:
            break
    raise ResolveError(f"{reference.variable}: {told}")


def _value(reference: Reference, answer: dict[str, Any]) -> str:
    if reference.service == "ssm":
        return str(answer["Parameter"]["Value"])
    if "SecretString" not in answer:
        raise ResolveError(f"{reference.variable}: the secret is binary, and a variable is text")
    return str(answer["SecretString"])


def _kind(answer: bytes) -> str:
    """Name the error; its message is not repeated, since it may quote what was sent."""
    try:
        told = json.loads(answer)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    named: dict[str, object] = told  # pyright: ignore[reportUnknownVariableType] - what JSON is
    return str(named.get("__type") or named.get("code") or "").rpartition("#")[2]


def _explained(reference: Reference, kind: str) -> str:
    if kind.startswith("AccessDenied"):
        return f"{kind}: the role of the function may not {_ACTIONS[reference.service]} on {reference.arn} (or use its key)"
    if kind in {"ResourceNotFoundException", "ParameterNotFound"}:
        return f"{kind}: {reference.arn} is not there"
    return f"{kind} on {reference.arn}"


def _picked(reference: Reference, text: str) -> str:
    """Take one key out of a secret that is a JSON object."""
    if not reference.key:
        return text
    try:
        found = json.loads(text)[reference.key]
    except (ValueError, KeyError, TypeError):
        raise ResolveError(f"{reference.variable}: {reference.arn} is no JSON object with a key `{reference.key}`") from None
    return found if isinstance(found, str) else json.dumps(found)


def resolve(environment: dict[str, str]) -> dict[str, str]:
    """Give the variables that are references, with what they name. Raises ResolveError, which names every one that failed."""
    failed: list[str] = []
    references: list[Reference] = []
    for variable, value in sorted(environment.items()):
        try:
            reference = parse(variable, value)
        except ResolveError as error:
            failed.append(str(error))
            continue
        if reference is not None:
            references.append(reference)
    if failed:
        raise ResolveError("; ".join(failed))
    if not references:
        return {}
    credentials = Credentials()
    ends_at = time.monotonic() + DEADLINE_S
    places = {reference.place: reference for reference in references}
    fetched: dict[tuple[str, str], str] = {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(MOST_AT_ONCE, len(places))) as pool:
        pending = {place: pool.submit(fetch, reference, credentials, ends_at) for place, reference in places.items()}
        for place, one in pending.items():
            try:
                fetched[place] = one.result()
            except ResolveError as error:
                failed.append(str(error))
    resolved: dict[str, str] = {}
    for reference in references:
        if reference.place in fetched:
            try:
                resolved[reference.variable] = _picked(reference, fetched[reference.place])
            except ResolveError as error:
                failed.append(str(error))
    if failed:
        raise ResolveError("; ".join(failed))
    return resolved


def run(arguments: list[str]) -> None:
    """Run what Python was to run: a module, a script, or a line of code."""
    if not arguments:
        raise SystemExit("buckler: nothing to run")
    if arguments[0] == "-m" and len(arguments) > 1:
        sys.argv = arguments[1:]
        sys.path.insert(0, os.getcwd())
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif arguments[0] == "-c" and len(arguments) > 1:
        sys.argv = ["-c", *arguments[2:]]
        exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = arguments
        sys.path.insert(0, os.path.dirname(os.path.abspath(arguments[0])))
        runpy.run_path(arguments[0], run_name="__main__")


def main() -> None:
    """Resolve, then run."""
    try:
        resolved = resolve(dict(os.environ))
    except ResolveError as error:
        sys.stderr.write(f"buckler: {error}\n")
        raise SystemExit(1) from None
    # `os.environ` writes to the heap: the block that the process began with, which /proc shows, keeps the references.
    os.environ.update(resolved)
    del resolved
    if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    run(sys.argv[1:])


if __name__ == "__main__":
    main()
