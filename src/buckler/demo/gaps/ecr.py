"""ECR's registry: the OCI distribution API at the endpoint itself, entered with what `GetAuthorizationToken` gives.

Images are pushed as the distribution specification says (a blob in one POST, a manifest in one PUT) and fetched as docker fetches them.
"""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from buckler.demo.gaps.operations import Call, World, operation
from buckler.demo.gaps.store import Document

_PLACE = re.compile(r"/v2/(?P<repository>[a-z0-9._/-]+)/(?P<kind>manifests|blobs|referrers)/(?P<wanted>[A-Za-z0-9._:-]*)")
_UPLOAD = re.compile(r"/v2/(?P<repository>[a-z0-9._/-]+)/blobs/uploads/")
_INDEX = "application/vnd.oci.image.index.v1+json"
_HALF_DAY = timedelta(hours=12)


class Answered(NamedTuple):
    """An answer of the registry."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes = b""


@operation("ecr", "GetAuthorizationToken")
def get_authorization_token(call: Call) -> Document:
    """Give the token with which the caller's registry is entered, and where it is: here."""
    token = base64.b64encode(f"AWS:{call.account}-auth-token".encode()).decode()
    given = {"authorizationToken": token, "expiresAt": datetime.now(UTC) + _HALF_DAY, "proxyEndpoint": call.world.endpoint}
    return {"authorizationData": [given]}


def answer(world: World, environ: dict[str, Any]) -> Answered:
    """Answer a request to the registry of the account whose token was given."""
    account = _account(str(environ.get("HTTP_AUTHORIZATION", "")))
    if account is None:
        return Answered("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="ecr",service="ecr.amazonaws.com"')])
    method, path = str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"])
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    upload, place = _UPLOAD.fullmatch(path), _PLACE.fullmatch(path)
    with world.lock:
        if method == "POST" and upload:
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
            world.blobs[account, digest] = body
            return Answered("201 Created", [("Docker-Content-Digest", digest)])
        if method == "PUT" and place and place["kind"] == "manifests":
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
            for wanted in (place["wanted"], digest):
                world.manifests[account, place["repository"], wanted] = body
            return Answered("201 Created", [("Docker-Content-Digest", digest)])
        if method == "GET" and place and place["kind"] == "manifests":
            found = world.manifests.get((account, place["repository"], place["wanted"]))
            return _given(found, "" if found is None else str(json.loads(found).get("mediaType", "")))
        if method == "GET" and place and place["kind"] == "referrers":
            return _given(_referrers(world, account, place["repository"], place["wanted"]), _INDEX)
        if method == "GET" and place and place["kind"] == "blobs":
            return _given(world.blobs.get((account, place["wanted"])), "application/octet-stream")
    return Answered("404 Not Found", [])


def digest_of(world: World, uri: str) -> str | None:
    """Give the digest a tag leads to, in the registry of the account that an image's URI names."""
    host, _, rest = uri.partition("/")
    repository, _, tag = rest.partition(":")
    found = world.manifests.get((host.partition(".")[0], repository, tag or "latest"))
    return None if found is None else hashlib.sha256(found).hexdigest()


def _referrers(world: World, account: str, repository: str, digest: str) -> bytes:
    """List manifests whose subject is a digest, as the referrers API of OCI does."""
    found: dict[str, Document] = {}
    for (owner, name, _), body in world.manifests.items():
        manifest: Document = json.loads(body)
        if (owner, name) == (account, repository) and (manifest.get("subject") or {}).get("digest") == digest:
            own = f"sha256:{hashlib.sha256(body).hexdigest()}"
            kind = manifest.get("artifactType") or manifest["config"]["mediaType"]
            found[own] = {"mediaType": manifest["mediaType"], "digest": own, "size": len(body), "artifactType": kind}
    return json.dumps({"schemaVersion": 2, "mediaType": _INDEX, "manifests": list(found.values())}).encode()


def _given(body: bytes | None, kind: str) -> Answered:
    return Answered("404 Not Found", []) if body is None else Answered("200 OK", [("Content-Type", kind)], body)


def _account(authorization: str) -> str | None:
    scheme, _, rest = authorization.partition(" ")
    if scheme != "Basic":
        return None
    user, _, password = base64.b64decode(rest).decode().partition(":")
    match = re.fullmatch(r"(\d{12})-auth-token", password)
    return match[1] if user == "AWS" and match else None
