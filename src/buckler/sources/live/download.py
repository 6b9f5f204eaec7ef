"""Bytes of code from the location that AWS gives: a presigned URL, which is a secret for as long as it lives.

It is never logged, kept or told; neither are the messages of errors, which quote it.
"""

import base64
import binascii
import hashlib
import logging
import os
import random
import tempfile
import threading
import time
from typing import IO, Any, Final, NamedTuple, Self, cast
from urllib.parse import urlsplit

import botocore.utils
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from urllib3.exceptions import HTTPError

from buckler.model.artifact import Fault
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.api import Stopped
from buckler.sources.live.options import Patience, is_emulated

MOST_BYTES: Final = 250 * 1024**2
"""Of a zip: Lambda takes no more than 250 MB unzipped, a function and its layers together."""

_CHUNK: Final = 1024**2
_LONGEST_S: Final = 600.0
"""Of one fetch: AWS lets a location live ten minutes."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_TOO_MANY: Final = 429
_SERVER: Final = 500
_OK: Final = 200


class Fetched(NamedTuple):
    """What was at a location. The digest is that which AWS gave."""

    file: IO[bytes]
    """Without a name on disk, at its beginning. Whoever gets it closes it."""
    sha256: str
    """Hex, of what was read."""
    size_bytes: int


class _Again(Exception):  # noqa: N818 - control flow
    """Raised with a phrase fit to be told for what may work later."""


def digest_of(code_sha256: str) -> str | None:
    """Turn the base64 of `CodeSha256` into hex; None for what is no sha256."""
    try:
        raw = base64.b64decode(code_sha256, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.hex() if len(raw) == hashlib.sha256().digest_size else None


def fetch(
    location: str,
    code_sha256: str,
    *,
    stop: threading.Event,
    patience: Patience,
    ca_bundle: str | None = None,
    most_bytes: int = MOST_BYTES,
) -> Fetched | Fault | Unknown:
    """Fetch a package and compare it with the `CodeSha256` (base64) that AWS gave for it.

    Other bytes than those are a `Fault` and are not handed out; what could not be fetched is `Unknown`.
    *ca_bundle* is botocore's setting of that name. Raises `Stopped`.
    """
    said = digest_of(code_sha256)
    if said is None:
        return _failed("AWS gave no sha256 to compare the code with", "a CodeSha256")
    if not _may_be_asked(location):
        return _failed("the location of the code is no https URL", "an https location")
    began = time.monotonic()
    pause = patience.first_s
    with _session(location, ca_bundle, patience) as session:
        while True:
            try:
                got = _once(session.http, location, stop, began + _LONGEST_S, most_bytes)
            except _Again as bad:
                wait = random.uniform(pause / 2, pause)  # noqa: S311 - no secret depends on it
                if time.monotonic() + wait > began + patience.total_s:
                    return _failed(f"the code could not be fetched: {bad}", "a way to the S3 location that lambda gives")
                if stop.wait(wait):
                    raise Stopped from None
                pause = min(pause * 2, patience.longest_s)
                continue
            if isinstance(got, Unknown) or got.sha256 == said:
                return got
            got.file.close()
            return Fault(
                kind="digest-differs",
                entry="",
                detail=f"AWS says sha256 {said}, and what it gives has {got.sha256}",
                is_fatal=True,
            )


class _Hush(threading.local):
    """Silences, for the thread that fetches, loggers that write whole URLs when somebody turns them on."""

    is_on = False

    def filter(self, _: logging.LogRecord) -> bool:
        return not self.is_on


_HUSH: Final = _Hush()
for _name in ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.response", "botocore.httpsession"):
    logging.getLogger(_name).addFilter(_HUSH.filter)


class _Session:
    """An HTTP session that tells no log what it asks, and is closed."""

    def __init__(self, http: Any) -> None:  # noqa: ANN401 - botocore has no types
        self.http = http

    def __enter__(self) -> Self:
        _HUSH.is_on = True
        return self

    def __exit__(self, *_: object) -> None:
        _HUSH.is_on = False
        self.http.close()


def _session(location: str, ca_bundle: str | None, patience: Patience) -> _Session:
    # As botocore's own clients find whom to trust and which proxy to take. Redirects are not followed.
    verify: Any = ca_bundle or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    proxies = cast("dict[str, str]", botocore.utils.get_environ_proxies(location))  # pyright: ignore[reportUnknownMemberType]
    http = URLLib3Session(verify=verify, proxies=proxies, timeout=(patience.connect_s, patience.read_s))
    return _Session(http)


def _may_be_asked(location: str) -> bool:
    """Say whether a location is one to ask: https, or what an emulator of AWS gives."""
    try:
        parts = urlsplit(location)
        host = parts.hostname
    except ValueError:
        return False
    emulated = host in _LOOPBACK or is_emulated()
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and emulated))


def _once(http: Any, location: str, stop: threading.Event, deadline: float, most_bytes: int) -> Fetched | Unknown:  # noqa: ANN401
    if stop.is_set():
        raise Stopped
    request = AWSRequest(method="GET", url=location).prepare()
    request.stream_output = True
    try:
        answer = http.send(request)
    except (BotoCoreError, HTTPError, OSError) as bad:
        raise _Again(type(bad).__name__) from None
    try:
        if answer.status_code == _TOO_MANY or answer.status_code >= _SERVER:
            raise _Again(f"HTTP {answer.status_code}")
        if answer.status_code != _OK:
            why = f"the location that lambda gave for the code answered HTTP {answer.status_code}"
            return _failed(why, "a way to S3 that lets it through (endpoint policies, proxies)")
        got = _read(answer.raw, stop, deadline, most_bytes)
        length = str(answer.headers.get("content-length", ""))
        if isinstance(got, Fetched) and length.isdecimal() and got.size_bytes < int(length):
            # A line that broke is no tampering.
            got.file.close()
            raise _Again("an answer that was cut off")
        return got
    finally:
        answer.raw.close()


def _read(raw: Any, stop: threading.Event, deadline: float, most_bytes: int) -> Fetched | Unknown:  # noqa: ANN401
    digest = hashlib.sha256()
    size = 0
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the caller
    except OSError as bad:
        return _no_room(bad)
    kept = False
    try:
        while True:
            try:
                chunk = raw.read(_CHUNK)
            except (HTTPError, OSError) as bad:
                raise _Again(type(bad).__name__) from None
            if not chunk:
                break
            if stop.is_set():
                raise Stopped
            size += len(chunk)
            if size > most_bytes:
                return _failed(f"the code is larger than {most_bytes} bytes, which is more than lambda takes", "a smaller package")
            if time.monotonic() > deadline:
                return _failed("the code did not come in ten minutes", "a faster line to S3")
            digest.update(chunk)
            try:
                file.write(chunk)
            except OSError as bad:
                return _no_room(bad)
        file.seek(0)
        kept = True
        return Fetched(file, digest.hexdigest(), size)
    except OSError as bad:  # what was buffered is written by `seek`
        return _no_room(bad)
    finally:
        if not kept:
            file.close()


def _no_room(bad: OSError) -> Unknown:
    return _failed(f"the code could not be kept while it is looked into: {bad.strerror or type(bad).__name__}", "room in TMPDIR")


def _failed(why: str, need: str) -> Unknown:
    return Unknown(kind=UnknownKind.FAILED, why=why, need=need)
