"""Images from ECR: the registry that an image's URI names, entered with the token that ECR gives, each blob compared with its digest.

A token is a password for twelve hours: it is kept in memory, told to the registry alone, and never logged.
"""

import base64
import binascii
import re
import threading
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from msgspec.structs import replace

from buckler.errors import SourceError
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.api import Reader, Stopped
from buckler.sources.live.options import is_emulated
from buckler.sources.live.settings import BLOBS, MANIFESTS, TOKEN
from buckler.sources.registry import Credentials, Http, Pulled, parse_reference, pull

NEED: Final = f"{TOKEN.action}, and {MANIFESTS.action} and {BLOBS.action} on the repository"

_ECR: Final = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_PLATFORMS: Final = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


class Images:
    """Fetches images into a folder, one after the other: they share layers, and one may be 10 GB."""

    def __init__(self, folder: Path, stop: threading.Event) -> None:
        self._folder = folder
        self._stop = stop
        self._lock = threading.Lock()

    def fetch(self, reader: Reader, uri: str, architecture: str) -> Pulled | Unknown:
        """Fetch an image by the URI that lambda gives. Raises `Stopped`."""
        try:
            reference = parse_reference(uri)
        except SourceError as bad:
            return _failed(bad.error, "an image that a function can run")
        match = _ECR.fullmatch(reference.registry)
        if match is None:
            return _failed(f"`{reference.registry}` is no registry of ECR", "docker save, then buckler scan image.tar")
        token = _Token(reader.elsewhere(match["region"]))
        with self._lock:
            host = token.host if is_emulated() else reference.registry
            if isinstance(host, Unknown):
                return host
            http = Http(host, credentials=token.credentials)
            try:
                return pull(
                    replace(reference, registry=host),
                    self._folder,
                    platform=_PLATFORMS.get(architecture, "linux/amd64"),
                    http=http,
                    progress=self._arrived,
                )
            except _RefusedError as refused:
                return refused.unknown
            except SourceError as bad:
                if self._stop.is_set():
                    raise Stopped from None
                return _failed(f"the image cannot be fetched from ECR: {bad.cause or bad.error}", NEED)

    def _arrived(self, _: int) -> None:
        if self._stop.is_set():
            raise Stopped


class _RefusedError(Exception):
    def __init__(self, unknown: Unknown) -> None:
        super().__init__()
        self.unknown = unknown


class _Token:
    """What ECR says of how its registry is entered; asked once, and only when it is wanted."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._given: dict[str, Any] | Unknown | None = None

    def _ask(self) -> dict[str, Any] | Unknown:
        if self._given is None:
            answer = self._reader.read(TOKEN)
            listed = answer if isinstance(answer, Unknown) else cast("list[dict[str, Any]]", answer["authorizationData"])
            self._given = listed if isinstance(listed, Unknown) else listed[0] if listed else _failed("ECR gives no token", NEED)
        return self._given

    @property
    def host(self) -> str | Unknown:
        """Where the caller's registry is: for an emulator of AWS, whose registries have no names of their own."""
        given = self._ask()
        return given if isinstance(given, Unknown) else urlsplit(str(given.get("proxyEndpoint", ""))).netloc

    @property
    def credentials(self) -> Credentials:
        """User and password. Raises `_RefusedError` where ECR gives none."""
        return self._credentials

    def _credentials(self) -> tuple[str, str]:
        given = self._ask()
        if isinstance(given, Unknown):
            raise _RefusedError(given)
        try:
            user, _, password = base64.b64decode(str(given.get("authorizationToken", "")), validate=True).decode().partition(":")
        except (ValueError, binascii.Error):
            raise _RefusedError(_failed("ECR gives a token that is none", NEED)) from None
        return user, password


def _failed(why: str, need: str) -> Unknown:
    return Unknown(kind=UnknownKind.FAILED, why=why, need=need)


__all__ = ["NEED", "Images"]
