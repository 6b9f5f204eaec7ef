"""One registry's HTTP: tokens, redirects, cut downloads; and what must not happen: credentials sent elsewhere, answers without end."""

import base64
import ipaddress
import json
import os
import re
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from buckler import __version__
from buckler.errors import SourceError

MOST_MANIFEST: Final = 4 * 1024 * 1024
_MOST_TOKEN: Final = 256 * 1024
_MOST_REDIRECTS: Final = 5
_LONGEST_PAUSE_S: Final = 60.0
_CHUNK: Final = 256 * 1024
_CHALLENGE: Final = re.compile(r'(\w+)="([^"]*)"')
_BUSY: Final = frozenset({429, 500, 502, 503, 504})
_ABSENT: Final = frozenset({400, 404, 405})
"""What registries that do not know a kind of question answer to it."""

Credentials = Callable[[], tuple[str, str]]
"""Gives user and password when they are wanted; of ECR, those in `GetAuthorizationToken`."""


class RegistryError(SourceError):
    """An image cannot be fetched; what was fetched of it is kept for the next try."""


class Http:
    """Asks one registry. Not to be shared between threads."""

    def __init__(
        self,
        host: str,
        *,
        credentials: Credentials | None = None,
        retries: int = 4,
        timeout_s: float = 30.0,
        ca_bundle: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.host = host
        # Plain HTTP only to this machine: anywhere else somebody may listen, or answer in the registry's place.
        self.base = f"{'http' if is_loopback(host) else 'https'}://{host}"
        self._credentials = credentials
        self._retries = retries
        self._sleep = sleep
        self._authorization = ""
        self._pool = _pool(self.base, timeout_s, ca_bundle or os.environ.get("AWS_CA_BUNDLE", ""))

    def document(self, place: str, accept: str) -> tuple[bytes, str]:
        """Fetch a manifest with its media type. Raises `RegistryError`."""
        response = self._asked(place, {"Accept": accept}, frozenset({200}))
        return self._whole(response, MOST_MANIFEST), str(response.headers.get("Content-Type", ""))

    def optional(self, place: str, accept: str) -> bytes | None:
        """Fetch a document that need not be there."""
        response = self._asked(place, {"Accept": accept}, frozenset({200}) | _ABSENT)
        if response.status != 200:
            response.drain_conn()
            response.release_conn()
            return None
        return self._whole(response, MOST_MANIFEST)

    def blob(self, place: str, start: int, size: int) -> Iterator[bytes]:
        """Fetch a blob of *size* bytes from byte *start* on, as often as it takes, and never more. Raises `RegistryError`."""
        at = start
        tries = 0
        while at < size:
            before = at
            try:
                for chunk in self._rest(place, at, size):
                    at += len(chunk)
                    yield chunk
            except HTTPError as bad:
                # A download that comes on is not given up; one that stands still is.
                tries = 0 if at > before else tries + 1
                if tries > self._retries:
                    raise self._error(f"the download stopped at byte {at:,} of {size:,}") from bad
                self._pause(tries, None)
                continue
            if at < size:
                tries = 0 if at > before else tries + 1
                if tries > self._retries:
                    raise self._error(f"it sends {at:,} of {size:,} bytes")

    def _rest(self, place: str, start: int, size: int) -> Iterator[bytes]:
        headers = {"Range": f"bytes={start}-"} if start else {}
        response = self._asked(place, headers, frozenset({200, 206}))
        # A registry that does not know ranges sends it all: then what is there already is passed over.
        skip = start if response.status == 200 else 0
        said = str(response.headers.get("Content-Range", ""))
        if response.status == 206 and not said.startswith(f"bytes {start}-"):
            response.close()
            raise self._error("it answers with another part of the blob than was asked for")
        left = size - start
        try:
            while left:
                chunk: bytes = response.read(_CHUNK, decode_content=False)
                if not chunk:
                    return
                if skip:
                    passed = min(skip, len(chunk))
                    skip -= passed
                    chunk = chunk[passed:]
                if len(chunk) > left or (len(chunk) == left and response.read(1, decode_content=False)):
                    raise self._error(f"it sends more than the {size:,} bytes announced")
                left -= len(chunk)
                if chunk:
                    yield chunk
            response.release_conn()
        finally:
            if left:
                response.close()

    # --- asking -----------------------------------------------------------------------------------------------------------

    def _asked(self, place: str, headers: Mapping[str, str], expected: frozenset[int]) -> Any:  # noqa: ANN401 - urllib3's response
        """Ask until there is an answer of an expected kind."""
        asked_for_credentials = False
        for number in range(self._retries + 2):
            try:
                response = self._follow(self.base + place, dict(headers))
            except HTTPError as bad:
                if number > self._retries:
                    raise self._error(f"it does not answer ({type(bad).__name__})") from bad
                self._pause(number, None)
                continue
            status: int = response.status
            if status in expected:
                return response
            after = response.headers.get("Retry-After")
            challenge = str(response.headers.get("WWW-Authenticate", ""))
            response.close()
            if status == 401 and not asked_for_credentials:
                asked_for_credentials = True
                self._authorization = self._authorize(challenge)
            elif status in _BUSY and number < self._retries:
                self._pause(number, after)
            else:
                raise self._refused(status)
        raise self._error("it is busy")

    def _refused(self, status: int) -> RegistryError:
        if status in {401, 403}:
            return self._error(
                f"it answers {status}",
                hint="log in to the registry; for ECR the role needs ecr:BatchGetImage and ecr:GetDownloadUrlForLayer",
            )
        return self._error("it has no such image" if status == 404 else f"it answers {status}")

    def _follow(self, url: str, headers: dict[str, str]) -> Any:  # noqa: ANN401 - urllib3's response
        """Ask, and follow redirects; the authorization goes to the registry only, never to where it sends us."""
        own = urlsplit(self.base)[:2]
        for _ in range(_MOST_REDIRECTS):
            self._insist_on_safe(url)
            sent = dict(headers)
            if self._authorization and urlsplit(url)[:2] == own:
                sent["Authorization"] = self._authorization
            response = self._pool.request("GET", url, headers=sent, redirect=False, preload_content=False, retries=False)
            if response.status not in {301, 302, 303, 307, 308}:
                return response
            target = response.headers.get("Location")
            response.close()
            if not target:
                raise self._error("it sends elsewhere without saying where")
            url = urljoin(url, target)
        raise self._error("it sends from one place to the next without end")

    def _insist_on_safe(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https" and not (is_loopback(host) and not is_loopback(self.host)):
            return
        if parts.scheme == "http" and is_loopback(host) and is_loopback(self.host):
            return
        raise self._error("it sends to a place that is not asked: without encryption, or on this machine")

    def _authorize(self, challenge: str) -> str:
        """Give what a challenge asks for: user and password, or a token."""
        scheme, _, rest = challenge.partition(" ")
        basic = ""
        if self._credentials is not None:
            user, password = self._credentials()
            basic = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
        if scheme.lower() == "basic":
            if not basic:
                raise self._refused(401)
            return basic
        said = dict(_CHALLENGE.findall(rest))
        if scheme.lower() != "bearer" or not said.get("realm"):
            raise self._refused(401)
        query = urlencode({key: said[key] for key in ("service", "scope") if said.get(key)})
        url = f"{said['realm']}{'&' if '?' in said['realm'] else '?'}{query}" if query else said["realm"]
        return f"Bearer {self._token(url, basic)}"

    def _token(self, url: str, basic: str) -> str:
        self._insist_on_safe(url)
        try:
            response = self._pool.request(
                "GET", url, headers={"Authorization": basic} if basic else {}, redirect=False, preload_content=False, retries=False
            )
            content = self._whole(response, _MOST_TOKEN)
        except HTTPError as bad:
            raise self._error(f"its token server does not answer ({type(bad).__name__})") from bad
        if response.status != 200:
            raise self._refused(response.status if response.status in {401, 403} else 401)
        try:
            answer: object = json.loads(content)
        except ValueError as bad:
            raise self._error("its token server gives no token") from bad
        found = cast("dict[str, object]", answer) if isinstance(answer, dict) else {}
        token = found.get("token") or found.get("access_token")
        # What goes into a header must not end it.
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
            raise self._error("its token server gives no token")
        return token

    def _whole(self, response: Any, most: int) -> bytes:  # noqa: ANN401 - urllib3's response
        try:
            content: bytes = response.read(most + 1, decode_content=False)
            while len(content) <= most and (more := response.read(most + 1 - len(content), decode_content=False)):
                content += more
        except HTTPError as bad:
            raise self._error(f"its answer breaks off ({type(bad).__name__})") from bad
        if len(content) > most:
            response.close()
            raise self._error(f"its answer is larger than {most // 1024:,} kB")
        response.release_conn()
        return content

    def _pause(self, number: int, after: object) -> None:
        said = float(after) if isinstance(after, str) and after.isdigit() else 0.0
        self._sleep(min(max(said, 0.5 * 2**number), _LONGEST_PAUSE_S))

    def _error(self, cause: str, hint: str = "") -> RegistryError:
        return RegistryError(f"registry `{self.host}` does not give what was asked for", cause=cause, hint=hint)


def is_loopback(host: str) -> bool:
    """Say whether a host, with or without a port, is this machine."""
    name = urlsplit(f"//{host}").hostname or host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _pool(base: str, timeout_s: float, ca_bundle: str) -> Any:  # noqa: ANN401 - urllib3's two kinds of pools
    timeout = urllib3.Timeout(connect=min(timeout_s, 10.0), read=timeout_s)
    headers = {"User-Agent": f"buckler/{__version__}", "Accept-Encoding": "identity"}
    more: dict[str, Any] = {"ca_certs": ca_bundle} if ca_bundle else {}
    parts = urlsplit(base)
    proxy = urllib.request.getproxies().get(parts.scheme, "")
    if proxy and not is_loopback(parts.netloc) and not urllib.request.proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, timeout=timeout, headers=headers, **more)
    return urllib3.PoolManager(timeout=timeout, headers=headers, **more)
