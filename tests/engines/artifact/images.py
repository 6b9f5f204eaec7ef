"""Builds images and tars, honest ones and hostile ones."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"


def header(
    name: bytes,
    size: int = 0,
    kind: bytes = b"0",
    *,
    link: bytes = b"",
    mode: int = 0o644,
    magic: bytes = b"ustar\x0000",
    size_field: bytes | None = None,
    device: tuple[int, int] = (0, 0),
    prefix: bytes = b"",
) -> bytes:
    """One header, in which anything may be a lie."""
    block = name.ljust(100, b"\0")[:100] + b"%07o\0" % mode + b"0000000\0" * 2
    block += size_field if size_field is not None else b"%011o\0" % size
    block += b"%011o\0" % 0 + b" " * 8 + kind + link.ljust(100, b"\0")[:100] + magic + bytes(64)
    block += b"%07o\0%07o\0" % device + prefix.ljust(155, b"\0") + bytes(12)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def entry(name: str, content: bytes = b"", kind: bytes = b"0", *, link: str = "", mode: int = 0o644) -> bytes:
    return header(name.encode(), len(content), kind, link=link.encode(), mode=mode) + padded(content)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def pax(records: dict[str, str], kind: bytes = b"x") -> bytes:
    body = b""
    for key, value in records.items():
        rest = f" {key}={value}\n".encode("utf-8", "surrogateescape")
        length = len(rest) + 1
        while len(str(length)) + len(rest) != length:
            length = len(str(length)) + len(rest)
        body += str(length).encode() + rest
    return header(b"PaxHeaders/x", len(body), kind) + padded(body)


END = bytes(1024)


def archive(*parts: bytes) -> bytes:
    return b"".join(parts) + END


def layer(files: dict[str, bytes | str | None]) -> bytes:
    """A tar as a build writes it: content, or `-> target` of a link, or None for a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                hard, _, target = content.partition("-> ")
                member.type, member.linkname = (tarfile.LNKTYPE if hard else tarfile.SYMTYPE), target
            else:
                member.size = len(content)
            tar.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return buffer.getvalue()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def packed(tar: bytes) -> bytes:
    return gzip.compress(tar, 1, mtime=0)


class Layout:
    """An OCI layout in the making; any of its documents can be changed before it is written."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.index: dict[str, Any] = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}

    def blob(self, data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
        self.blobs[digest(data)] = data
        return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}

    def document(self, value: Any, media_type: str, **more: Any) -> dict[str, Any]:
        return self.blob(json.dumps(value).encode(), media_type, **more)

    def image(
        self,
        tars: Sequence[bytes],
        *,
        compress: Any = packed,
        media_type: str = OCI_LAYER + "+gzip",
        diff_ids: Sequence[str] | None = None,
        platform: tuple[str, str] | None = ("linux", "amd64"),
        config: dict[str, Any] | None = None,
        layers: Sequence[dict[str, Any]] | None = None,
        tag: str = "",
        listed: bool = True,
        **more: Any,
    ) -> dict[str, Any]:
        """Add an image and give the descriptor of its manifest."""
        settings = {
            "os": platform[0] if platform else "linux",
            "architecture": platform[1] if platform else "amd64",
            "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar in tars] if diff_ids is None else list(diff_ids)},
            **({"config": config} if config else {}),
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": self.document(settings, OCI_CONFIG),
            "layers": list(layers) if layers is not None else [self.blob(compress(tar), media_type) for tar in tars],
            **more,
        }
        descriptor = self.document(manifest, OCI_MANIFEST)
        if platform:
            descriptor["platform"] = {"os": platform[0], "architecture": platform[1]}
        if tag:
            descriptor["annotations"] = {"org.opencontainers.image.ref.name": tag}
        if listed:
            self.index["manifests"].append(descriptor)
        return descriptor

    def files(self) -> dict[str, bytes]:
        blobs = {f"blobs/{name.replace(':', '/')}": data for name, data in self.blobs.items()}
        return {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(self.index).encode(), **blobs}

    def write(self, folder: Path) -> Path:
        for name, data in self.files().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder

    def write_tar(self, path: Path) -> Path:
        path.write_bytes(layer(dict(self.files())))
        return path


def docker_archive(tars: Sequence[bytes], *, tag: str = "shop:1", diff_ids: Sequence[str] | None = None) -> dict[str, bytes | str | None]:
    """What `docker save` wrote before it wrote OCI layouts."""
    settings = {
        "os": "linux",
        "architecture": "amd64",
        "config": {"Cmd": ["app.handler"], "Env": None},
        "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar in tars] if diff_ids is None else list(diff_ids)},
    }
    config = json.dumps(settings).encode()
    names = [f"{number:064x}/layer.tar" for number in range(len(tars))]
    manifest = [{"Config": f"{digest(config)[7:]}.json", "RepoTags": [tag], "Layers": names}]
    return {f"{digest(config)[7:]}.json": config, **dict(zip(names, tars, strict=True)), "manifest.json": json.dumps(manifest).encode()}
