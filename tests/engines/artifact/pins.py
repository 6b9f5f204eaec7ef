"""Locks with quiet defaults: a function, a layer and an artifact in order, so that a test states only what matters."""

from typing import Any

from msgspec.structs import replace

from buckler.model.lock import (
    AliasPin,
    ArtifactPin,
    CodeSigningPin,
    FilePin,
    FunctionPin,
    ImagePin,
    LayerPin,
    Lock,
    PackagePin,
    PublisherPin,
    ScopePin,
    Unread,
    VariablePin,
)

ACCOUNT, REGION = "123456789012", "eu-west-1"
STRANGER = "555544443333"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"
LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:common"
OTHER_LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:telemetry"
DIGEST, OTHER_DIGEST = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
CODE, OTHER_CODE = "ERERERERERERERERERERERERERERERERERERERERERE=", "IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI="
"""base64 of 32 bytes 0x11, and 0x22."""
DENIED = Unread(not_read="AccessDenied on lambda:GetLayerVersion", need="lambda:GetLayerVersion", kind="denied")
OUTSIDE = Unread(not_read="a file does not tell what is in the package", need="the package", kind="outside")
NOT_ASKED = Unread(not_read="asked only with --deep", need="--deep", kind="not-asked")
SIGNED = CodeSigningPin(config="arn:csc", policy="Enforce", publishers=("arn:profile/1",))


def function(**more: Any) -> FunctionPin:
    defaults: dict[str, Any] = {
        "id": ARN,
        "file": "",
        "name": "checkout",
        "logical_id": "",
        "aliases": (),
        "package_type": "Zip",
        "code_sha256": CODE,
        "code_size": 1000,
        "code_object": None,
        "image": None,
        "runtime": "python3.13",
        "runtime_version": "arn:runtime/1",
        "runtime_update": "Auto",
        "architectures": ("x86_64",),
        "handler": "app.handler",
        "role": f"arn:aws:iam::{ACCOUNT}:role/checkout",
        "layers": (),
        "code_signing": None,
        "code_signing_unread": None,
        "signing_profile_version": None,
        "variables": (),
    }
    return FunctionPin(**{**defaults, **more})


def image(digest: str | Unread = DIGEST, uri: str = "shop:latest") -> ImagePin:
    return ImagePin(uri=uri, digest=digest)


def alias(version: str = "1", **more: Any) -> AliasPin:
    return AliasPin(**{"name": "live", "version": version, "routing": (), "code_sha256": CODE, **more})


def variable(name: str = "NODE_OPTIONS", value: str | Unread = "--require /opt/trace.js") -> VariablePin:
    return VariablePin(name=name, value=value)


def layer(arn: str = f"{LAYER}:7", **more: Any) -> LayerPin:
    defaults: dict[str, Any] = {
        "arn": arn,
        "code_sha256": CODE,
        "code_size": 10,
        "created": "2026-01-01",
        "signing_profile_version": None,
        "allowed": (),
    }
    return LayerPin(**{**defaults, **more})


def package(purl: str = "pkg:pypi/idna@3.10", content: str = "aa", **more: Any) -> PackagePin:
    return PackagePin(**{"purl": purl, "path": "python/idna/METADATA", "files": 3, "content": content, "integrity": "record-only", **more})


def file(path: str = "app.py", sha256: str = "bb") -> FilePin:
    return FilePin(path=path, sha256=sha256)


def artifact(**more: Any) -> ArtifactPin:
    defaults: dict[str, Any] = {
        "path": "build/checkout.zip",
        "kind": "zip",
        "sha256": "11" * 32,
        "size_bytes": 1000,
        "entries": 3,
        "tree_hash": "tree-1",
        "faults": (),
        "signature": None,
        "packages": (package(),),
        "files": (file(),),
        "unread": (),
        "not_assessed": (),
    }
    return ArtifactPin(**{**defaults, **more})


def publisher(account: str = ACCOUNT, name: str = "own") -> PublisherPin:
    return PublisherPin(account=account, name=name, first_seen="2026-01-01")


LIVE = ScopePin(kind="live", name=f"{ACCOUNT}/{REGION}", functions_unread=None)


def lock(*functions: FunctionPin, **more: Any) -> Lock:
    empty = Lock(version="0", scopes=(LIVE,), functions=functions, layers=(), publishers=(publisher(),), artifacts=(), exceptions=())
    return replace(empty, **more)
