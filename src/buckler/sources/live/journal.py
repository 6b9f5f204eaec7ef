"""Finished pieces of a collection on disk, so that a crash or Ctrl-C loses nothing.

The file holds model values only: what a source redacted at birth is redacted here. Layout: length-prefixed msgpack records, a header first.
"""

import fcntl
import hashlib
import os
import struct
import threading
import time
from io import BufferedRandom
from pathlib import Path
from typing import TypeAlias

import msgspec

from buckler import __version__, errors
from buckler.model.estate import Estate
from buckler.model.functions import Function
from buckler.model.unknown import UnknownKind
from buckler.model.value import Value
from buckler.sources.live.options import LiveOptions

Part: TypeAlias = Estate | Function
"""What a piece of work makes."""


class Header(Value):
    """What must be the same for pieces to be used again."""

    schema: str
    options: LiveOptions
    identities: tuple[str, ...]
    """ARNs of the callers."""
    started: str
    """ISO time of the first run: the oldest a fact can be."""


class Record(Value):
    """One finished piece."""

    key: str
    part: Part


_LENGTH = struct.Struct(">I")
# How an `Unknown` of these kinds is written: the encoded field name and the encoded value, side by side.
_TROUBLE = tuple(
    msgspec.msgpack.encode("kind") + msgspec.msgpack.encode(kind.value)
    for kind in (UnknownKind.DENIED, UnknownKind.THROTTLED, UnknownKind.FAILED, UnknownKind.UNSUPPORTED)
)
_SYNC_EVERY_S = 1.0


def schema() -> str:
    """Name the version of what is written: buckler's own, and a digest of the model."""
    model = msgspec.json.encode(msgspec.json.schema(Record), order="deterministic")
    return f"buckler/journal/1 {__version__} {hashlib.sha256(model).hexdigest()[:16]}"


class Journal:
    """An append-only file of finished pieces. Used by many threads."""

    def __init__(self, path: Path, file: BufferedRandom, pieces: dict[str, Part], started: str) -> None:
        self._path = path
        self._file = file
        self._lock = threading.Lock()
        self._synced = 0.0
        self.pieces = pieces
        """What an earlier run finished, by key."""
        self.started = started

    @classmethod
    def open(cls, path: Path, options: LiveOptions, identities: tuple[str, ...], started: str, *, resume: bool) -> "Journal":
        """Begin a journal, or go on with the one of an interrupted run."""
        header = Header(schema=schema(), options=options, identities=identities, started=started)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "r+b")
        except OSError as error:
            raise errors.UsageError(f"the journal `{path}` cannot be opened", cause=error.strerror or type(error).__name__) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise errors.UsageError(f"another scan is writing the journal `{path}`", hint="wait for it to end") from error
        os.fchmod(file.fileno(), 0o600)
        pieces: dict[str, Part] = {}
        try:
            if resume:
                kept = _read(file, header, pieces, path)
                if kept is not None:
                    return cls(path, file, pieces, kept.started)
            file.seek(0)
            file.truncate()
            _append(file, msgspec.msgpack.encode(header))
        except BaseException:
            file.close()
            raise
        return cls(path, file, pieces, started)

    def write(self, key: str, part: Part) -> None:
        """Append a finished piece. After a kill of the process it is there; after a power cut, all but the last second is.

        A piece in which something was refused, throttled or broken, be it by what it follows from, is left out: --resume shall ask again,
        since the permission may have been granted or the region enabled in between.
        """
        record = msgspec.msgpack.encode(Record(key=key, part=part))
        if any(trouble in record for trouble in _TROUBLE):
            return
        with self._lock:
            if self._file.closed:
                return
            _append(self._file, record)
            now = time.monotonic()
            if now - self._synced > _SYNC_EVERY_S:
                os.fsync(self._file.fileno())
                self._synced = now

    def close(self, *, finished: bool) -> None:
        """Stop writing; delete the file when everything was collected."""
        with self._lock:
            if finished:
                self._path.unlink(missing_ok=True)
            else:
                self._file.flush()
                os.fsync(self._file.fileno())
            self._file.close()


def _append(file: BufferedRandom, record: bytes) -> None:
    file.write(_LENGTH.pack(len(record)) + record)
    file.flush()


def _read(file: BufferedRandom, header: Header, pieces: dict[str, Part], path: Path) -> Header | None:
    """Read all whole records and cut off a torn tail; None when not even the header is whole."""
    restart = f"start over without --resume, or remove {path}"
    first = _next(file)
    if first is None:
        return None
    try:
        kept = msgspec.msgpack.decode(first, type=Header)
    except msgspec.MsgspecError as error:
        raise errors.UsageError(f"`{path}` is not a journal of this version of buckler", hint=restart) from error
    if kept.schema != header.schema:
        raise errors.UsageError(f"the journal `{path}` was written by another version of buckler", hint=restart)
    if kept.options != header.options:
        raise errors.UsageError(f"the journal `{path}` belongs to a scan with other options", hint=restart)
    if kept.identities != header.identities:
        raise errors.UsageError(f"the journal `{path}` belongs to a scan with other credentials", hint=restart)
    end = file.tell()
    decoder = msgspec.msgpack.Decoder(Record)
    while (raw := _next(file)) is not None:
        try:
            record = decoder.decode(raw)
        except msgspec.MsgspecError:
            break  # torn by a power cut; what follows is not to be trusted
        pieces[record.key] = record.part
        end = file.tell()
    file.seek(end)
    file.truncate()
    return kept


def _next(file: BufferedRandom) -> bytes | None:
    prefix = file.read(_LENGTH.size)
    if len(prefix) < _LENGTH.size:
        return None
    length = int(_LENGTH.unpack(prefix)[0])
    record = file.read(length)
    return record if len(record) == length else None
