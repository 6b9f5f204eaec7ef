"""The journal of an apply: what was begun, done and taken back, on disk before and after each change.

One record a line, each with a checksum over all before it: `<64 hexadecimal digits> <JSON>`. A line that was torn by a kill or a power cut
can only be the last, and is cut off: the world is read again anyway.
"""

import fcntl
import hashlib
import io
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from buckler import errors
from buckler.model.fix import JOURNAL_VERSION, Begun, Done, Ended, Found, Header, Plan, Record, Refused, Undoing, Undone

_DECODER = msgspec.json.Decoder(Header | Begun | Done | Found | Undoing | Undone | Refused | Ended)


class Journal:
    """An open journal; nobody else can open it meanwhile. A context manager."""

    def __init__(self, path: Path, file: io.BufferedRandom, plan: Plan, records: list[Record], chain: str) -> None:
        self.path = path
        self.plan = plan
        self.records = records
        """All so far, the header aside."""
        self._file = file
        self._chain = chain

    @classmethod
    def create(cls, path: Path, plan: Plan) -> "Journal":
        """Begin a journal. Raises `UsageError` when there is one already, or none can be written."""
        try:
            file = path.open("x+b")
        except FileExistsError:
            raise errors.UsageError(
                f"there is a journal `{path}` already",
                cause="an earlier run wrote it, and only it knows how to take that back",
                hint=f"buckler fix --continue {path}, buckler fix --undo {path}, or --journal FILE for another one",
            ) from None
        except OSError as bad:
            raise errors.UsageError(f"cannot write `{path}`", cause=bad.strerror or "") from None
        os.fchmod(file.fileno(), 0o600)
        _lock(file, path)
        journal = cls(path, file, plan, [], "")
        journal._append(Header(schema=JOURNAL_VERSION, plan=plan))
        _sync_folder(path)
        return journal

    @classmethod
    def open(cls, path: Path) -> "Journal":
        """Open a journal to go on with it. Raises `UsageError` for a file that is none, is damaged, or is in use."""
        try:
            file = path.open("r+b")
        except OSError as bad:
            raise errors.UsageError(f"cannot open the journal `{path}`", cause=bad.strerror or "") from None
        _lock(file, path)
        try:
            return cls._read(path, file)
        except BaseException:
            file.close()
            raise

    @classmethod
    def _read(cls, path: Path, file: io.BufferedRandom) -> "Journal":
        chain, end, plan = "", 0, None
        records: list[Record] = []
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break  # torn; whatever it was about to say, reading the world tells it
            checksum, _, text = line[:-1].partition(b" ")
            chain = _chained(chain, text)
            try:
                if checksum.decode("ascii", "replace") != chain:
                    raise _damaged(path, number)
                record = _DECODER.decode(text)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise _damaged(path, number) from None
            if isinstance(record, Header) == (number > 1):
                raise _damaged(path, number)
            if isinstance(record, Header):
                if record.schema != JOURNAL_VERSION:
                    raise errors.UsageError(f"the journal `{path}` was written by another version of buckler", hint="use that version")
                plan = record.plan
            else:
                records.append(record)
            end += len(line)
        if plan is None:
            raise errors.UsageError(
                f"the journal `{path}` is cut off before its plan ends",
                cause="nothing was changed before its first line was whole",
                hint=f"if the file was whole once, fetch it from a backup; else remove it: rm {path}",
            )
        file.seek(end)
        file.truncate()
        return cls(path, file, plan, records, chain)

    def write(self, record: Record) -> None:
        """Append a record; it is on disk when this returns."""
        self._append(record)
        self.records.append(record)

    def _append(self, record: Record | Header) -> None:
        text = msgspec.json.encode(record)
        self._chain = _chained(self._chain, text)
        self._file.write(self._chain.encode() + b" " + text + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    @property
    def is_ended(self) -> bool:
        """Whether everything was tried."""
        return any(isinstance(record, Ended) for record in self.records)

    def last_of(self, step: int) -> Record | None:
        """Give the last that was written of a step."""
        return next((one for one in reversed(self.records) if not isinstance(one, Refused | Ended) and one.step == step), None)

    @property
    def refused(self) -> dict[str, str]:
        """Give fix -> why, of the fixes that were not made."""
        return {one.fix: one.why for one in self.records if isinstance(one, Refused)}

    def __enter__(self) -> Self:
        """Nothing to do: it is open."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it, and let others have it."""
        self._file.close()


def _chained(chain: str, text: bytes) -> str:
    return hashlib.sha256(chain.encode() + text).hexdigest()


def _damaged(path: Path, number: int) -> errors.UsageError:
    return errors.UsageError(
        f"the journal `{path}` is damaged",
        cause=f"line {number} is not what was written; what follows cannot be trusted, so nothing was changed",
        hint="fetch the file from a backup",
        place=f"{path}:{number}",
    )


def _lock(file: io.BufferedRandom, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise errors.UsageError(f"another run is using the journal `{path}`", hint="wait for it to end") from None


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
