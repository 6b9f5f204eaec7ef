"""The shop's container images: built as a build tool would, always the same bytes, and pushed to its registry.

Both stand on one layer. `pdf-maker` was built from a machine on which a file of a package had been changed; `label-printer` was not.
"""

import gzip
import hashlib
import io
import json
import tarfile
import urllib.request
from typing import Any, NamedTuple

from buckler.demo.shop import artifacts
from buckler.demo.shop.hands import Hands, code

_BASE = {"etc/os-release": b'NAME="Amazon Linux"\nID="amzn"\nVERSION_ID="2023"\n', "usr/bin/python3": b"#!/bin/sh\n"}
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Built(NamedTuple):
    """An image."""

    repository: str
    manifest: bytes
    blobs: tuple[bytes, ...]

    @property
    def digest(self) -> str:
        """Of its manifest."""
        return _digest(self.manifest)


def build(name: str, packages: dict[str, bytes]) -> Built:
    """Build the image of a function: the common layer, and its code with its packages."""
    own = {f"var/task/{path}": body for path, body in {**code(name), **packages}.items()}
    tars = [_tar(_BASE), _tar(own)]
    layers = [gzip.compress(tar, 6, mtime=0) for tar in tars]
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["app.handler"], "WorkingDir": "/var/task"},
            "rootfs": {"type": "layers", "diff_ids": [_digest(tar) for tar in tars]},
        }
    ).encode()
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": {"mediaType": _CONFIG, "digest": _digest(config), "size": len(config)},
        "layers": [{"mediaType": _LAYER, "digest": _digest(layer), "size": len(layer)} for layer in layers],
    }
    return Built(name, json.dumps(manifest).encode(), (config, *layers))


def push(hands: Hands, *images: Built) -> None:
    """Push images, by the tag `latest`, to the registry of the shop's account."""
    given = hands.client("ecr").get_authorization_token()["authorizationData"][0]
    # The endpoint is the embedded AWS's own; what is sent there goes nowhere else.
    at, token = given["proxyEndpoint"], given["authorizationToken"]
    for image in images:
        for blob in image.blobs:
            _send(f"{at}/v2/{image.repository}/blobs/uploads/?digest={_digest(blob)}", "POST", blob, token)
        _send(f"{at}/v2/{image.repository}/manifests/latest", "PUT", image.manifest, token)


def _send(url: str, method: str, body: bytes, token: str) -> None:
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/octet-stream"}
    request = urllib.request.Request(url, data=body, method=method, headers=headers)  # noqa: S310 - the embedded AWS
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - the embedded AWS


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, body in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(body), 1767225600
            tar.addfile(member, io.BytesIO(body))
    return buffer.getvalue()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


LABEL_PRINTER = build("label-printer", artifacts.client_of_the_shop(is_tampered=False))
PDF_MAKER = build("pdf-maker", artifacts.client_of_the_shop(is_tampered=True))
