"""The estate as one file: versioned, compressed, comparable.

Layout: the 16 bytes `BUCKLER-SNAPSHOT`, a line with the schema number, then zlib-compressed MessagePack of `Snapshot`.
The number changes when a field is removed or changes its meaning; new optional fields keep it.
"""

import os
import zlib
from pathlib import Path

import msgspec

from buckler.errors import SourceError
from buckler.model.estate import Estate
from buckler.model.value import Value

MAGIC = b"BUCKLER-SNAPSHOT"
SCHEMA = 1
# 20,000 functions take about 60 MB unpacked; beyond this somebody is playing.
_LIMIT_BYTES = 4 * 1024**3
_CHUNK = 1 << 20


class Snapshot(Value):
    """Estates as they were read: templates stay apart, since their holes mean nothing outside their file."""

    estates: tuple[Estate, ...]
    version: str
    """Of the buckler that wrote it."""


def looks_like_snapshot(head: bytes) -> bool:
    """Say whether a file begins like one of ours."""
    return head.startswith(MAGIC)


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot, whole or not at all, readable by its owner only (it names everything an attacker wants to know)."""
    packed = zlib.compress(msgspec.msgpack.encode(snapshot), 6)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(MAGIC + f" {SCHEMA}\n".encode() + packed)
        scratch.replace(path)
    except OSError as bad:
        scratch.unlink(missing_ok=True)
        raise SourceError(f"cannot write `{path}`", cause=bad.strerror or bad.__class__.__name__) from None


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot. Raises `SourceError` for anything that is not one, or one of another schema."""
    try:
        with path.open("rb") as file:
            header = file.readline(64)
            if not header.startswith(MAGIC):
                raise SourceError(f"`{path}` is not a buckler snapshot", hint=f"make one with `buckler snap {path.name}`")
            schema = header[len(MAGIC) :].strip().decode("ascii", "replace")
            if schema != str(SCHEMA):
                raise SourceError(
                    f"`{path}` is a snapshot of schema {schema!r}, this buckler reads {SCHEMA}",
                    hint="take a new snapshot with this version, or read the file with the version that wrote it",
                )
            return msgspec.msgpack.decode(_unpack(file.read()), type=Snapshot)
    except OSError as bad:
        raise SourceError(f"cannot read `{path}`", cause=bad.strerror or bad.__class__.__name__) from None
    except (zlib.error, EOFError, msgspec.DecodeError) as bad:
        # msgspec names the path of the field, never its value; zlib names nothing.
        cause = str(bad) if isinstance(bad, msgspec.DecodeError) else "the compressed data is damaged or cut off"
        raise SourceError(f"`{path}` is a damaged snapshot", cause=cause, hint="take it again") from None


def _unpack(packed: bytes) -> bytes:
    machine = zlib.decompressobj()
    pieces: list[bytes] = []
    size = 0
    pending = packed
    while pending and not machine.eof:
        piece = machine.decompress(pending, _CHUNK)
        size += len(piece)
        if size > _LIMIT_BYTES:
            raise zlib.error
        pieces.append(piece)
        pending = machine.unconsumed_tail
    if not machine.eof:
        raise EOFError
    return b"".join(pieces)
