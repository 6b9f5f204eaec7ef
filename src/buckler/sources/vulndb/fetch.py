"""Fetch OSV's bulk archives: only when asked, resumed where it broke off, and not at all when they have not changed."""

import base64
import hashlib
import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote, urlsplit

from buckler import __version__
from buckler.errors import SourceError, UsageError
from buckler.model.value import Value
from buckler.sources.vulndb.files import forget, mapped, write_whole
from buckler.sources.vulndb.layout import Layout

BULK: Final = "https://osv-vulnerabilities.storage.googleapis.com"
"""OSV's own bulk export: one archive per ecosystem. Source: google.github.io/osv.dev/data, "Data dumps"."""
VARIABLE: Final = "BUCKLER_OSV_URL"
_TIMEOUT_S: Final = 60
_CHUNK: Final = 1 << 18
_LARGEST_BYTES: Final = 8 * 1024**3
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Fetched(Value):
    """What came of one ecosystem."""

    ecosystem: str
    state: Literal["new", "unchanged"]
    bytes_received: int


def base_url(given: str | None) -> str:
    """Give the address to fetch from. Raises `UsageError` for one that is not https; plain http only on this machine."""
    url = (given or os.environ.get(VARIABLE) or BULK).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return url
    raise UsageError("the address of advisories must begin with https://", hint=f"buckler db update --from {BULK}")


def fetch(
    ecosystem: str, where: Layout, base: str, tell: Callable[[int, int | None], None], accept: Callable[[Path, memoryview], None]
) -> Fetched:
    """Fetch the archive of an ecosystem; *tell* hears of bytes received, and of the total when it is known.

    The archive replaces the one that is there only when all of it came, its checksum is right where the server gives one, and *accept*
    raises no `SourceError` for it. What broke off is kept beside it and continued the next time. Raises `SourceError`.
    """
    archive = where.archive(ecosystem)
    partial = archive.with_name("all.zip.part")
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
    except OSError as bad:
        raise SourceError(f"cannot make the folder `{archive.parent}`", cause=bad.strerror or type(bad).__name__) from None
    received = _receive(f"{base}/{quote(ecosystem)}/all.zip", archive, partial, ecosystem, tell)
    if received is None:
        return Fetched(ecosystem=ecosystem, state="unchanged", bytes_received=0)
    count, headers = received
    content = mapped(partial)
    try:
        _check_sum(content, headers, ecosystem)
        accept(archive, content)
    except SourceError:
        forget(partial)  # it came whole and is wrong: going on from it would not help
        raise
    try:
        partial.replace(archive)
    except OSError as bad:
        raise SourceError(f"cannot write `{archive}`", cause=bad.strerror or type(bad).__name__) from None
    forget(_notes(partial))
    _write_notes(archive, headers.get("ETag", ""), len(content))
    return Fetched(ecosystem=ecosystem, state="new", bytes_received=count)


def _receive(
    url: str, archive: Path, partial: Path, ecosystem: str, tell: Callable[[int, int | None], None]
) -> tuple[int, HTTPMessage] | None:
    """Fill the partial file; None when the server says that nothing changed."""
    at, tag = _begun(partial)
    headers = {"User-Agent": f"buckler/{__version__}", "Accept-Encoding": "identity"}
    if at:
        headers |= {"Range": f"bytes={at}-", "If-Range": tag}
    elif (known := _tag_of(archive)) is not None:
        headers["If-None-Match"] = known
    try:
        with _opener().open(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT_S) as answer:  # noqa: S310 - base_url checked it
            return _save(answer, partial, at, tell), answer.headers
    except urllib.error.HTTPError as bad:
        with bad:
            if bad.code == 304:
                return None
            if bad.code == 416 and at:
                forget(partial)  # the archive was replaced by a shorter one
                return _receive(url, archive, partial, ecosystem, tell)
            raise _refused(ecosystem, bad.code) from None
    except urllib.error.URLError as bad:
        reason = bad.reason
        cause = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
        raise SourceError(f"cannot fetch the advisories of {ecosystem}", cause=cause, hint="try `buckler db update` again") from None
    except (OSError, HTTPException) as bad:
        cause = getattr(bad, "strerror", None) or "the connection broke off"
        raise _broken(ecosystem, cause, partial) from None


def _refused(ecosystem: str, code: int) -> SourceError:
    if code in {403, 404}:
        return SourceError(
            f"there is no archive of `{ecosystem}`",
            cause=f"the server answered {code}",
            hint="names are those of OSV: `PyPI`, `npm`, `crates.io`, `Debian:12`, `Alpine:v3.20`",
        )
    return SourceError(
        f"cannot fetch the advisories of {ecosystem}", cause=f"the server answered {code}", hint="try `buckler db update` again"
    )


def _broken(ecosystem: str, cause: str, partial: Path) -> SourceError:
    kept = partial.stat().st_size if partial.exists() else 0
    return SourceError(
        f"cannot fetch all advisories of {ecosystem}",
        cause=cause,
        hint=f"buckler db update --ecosystem '{ecosystem}' goes on after {kept:,} bytes" if kept else "try `buckler db update` again",
    )


def _save(answer: Any, partial: Path, at: int, tell: Callable[[int, int | None], None]) -> int:  # noqa: ANN401 - what urllib gives
    continues = answer.status == 206 and str(answer.headers.get("Content-Range", "")).startswith(f"bytes {at}-")
    at = at if continues else 0
    length = answer.headers.get("Content-Length", "")
    expected = at + int(length) if length.isascii() and length.isdigit() else None
    if expected is not None and expected > _LARGEST_BYTES:
        raise OSError(0, f"the archive has {expected:,} bytes, more than anybody publishes")
    _write_notes(partial, answer.headers.get("ETag", ""), 0)
    tell(at, expected)
    count = 0
    with partial.open("ab" if continues else "wb") as file:
        while piece := answer.read(_CHUNK):
            file.write(piece)
            count += len(piece)
            if at + count > _LARGEST_BYTES:
                raise OSError(0, "the archive does not end")
            tell(at + count, expected)
    if expected is not None and at + count != expected:
        raise OSError(0, f"the connection broke off after {at + count:,} of {expected:,} bytes")
    return count


def _check_sum(content: memoryview, headers: HTTPMessage, ecosystem: str) -> None:
    """Compare with the checksum of Google's storage, `x-goog-hash: md5=...`, which it gives for whole objects."""
    for line in headers.get_all("x-goog-hash", []):
        for one in line.split(","):
            kind, _, value = one.strip().partition("=")
            if kind == "md5" and value != base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode():
                raise SourceError(
                    f"the archive of {ecosystem} was damaged on its way",
                    cause="its checksum is not what the server says",
                    hint=f"buckler db update --ecosystem '{ecosystem}'",
                )


# --- what is remembered of an archive: its entity tag ---------------------------------------------------------------------


def _notes(path: Path) -> Path:
    return path.with_name(f"{path.name}.etag")


def _write_notes(path: Path, tag: str, size: int) -> None:
    write_whole(_notes(path), json.dumps({"etag": tag, "size": size}).encode(), must=False)


def _read_notes(path: Path) -> tuple[str, int]:
    try:
        said = json.loads(_notes(path).read_bytes())
        return str(said["etag"]), int(said["size"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", 0


def _tag_of(archive: Path) -> str | None:
    """Give the tag of an archive that is still the one it was given for."""
    tag, size = _read_notes(archive)
    try:
        return tag if tag and archive.stat().st_size == size else None
    except OSError:
        return None


def _begun(partial: Path) -> tuple[int, str]:
    """Say how much of an archive is there already, and of which one; nothing without a strong tag to ask by."""
    tag, _ = _read_notes(partial)
    try:
        size = partial.stat().st_size
    except OSError:
        return 0, ""
    return (size, tag) if tag and not tag.startswith("W/") else (0, "")


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """A redirection leads to https, or nowhere."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:  # noqa: ANN401 - its signature
        if urlsplit(newurl).scheme != "https":
            raise urllib.error.HTTPError(newurl, code, "redirected away from https", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoDowngrade(), urllib.request.HTTPSHandler(context=ssl.create_default_context()))
