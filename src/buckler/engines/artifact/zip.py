"""A strict reader of zip files, in memory. What two readers could see differently is a fault, and nothing is ever written to disk.

Tools differ in what they take for the truth: the central directory or the local headers, the first or the last of two entries, the name or
its Unicode twin. A package that is one thing to a scanner and another to Lambda is an attack on the scanner, so every difference is named.

Large entries are inflated and hashed beside the small ones, on another processor: both release Python's lock.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple

from buckler.engines.artifact.inflate import InflateError, crc32, inflate, sha256
from buckler.engines.artifact.names import link_faults, name_faults, twin_faults
from buckler.engines.artifact.tree import Tree
from buckler.engines.artifact.zip_records import (
    DESCRIPTOR,
    ENCRYPTED,
    END,
    LOCAL,
    LONGEST_TAIL,
    UTF8,
    End,
    Local,
    Record,
    ZipError,
    find_end,
    local,
    records,
)
from buckler.model.artifact import Entry, EntryKind, Fault
from buckler.model.value import Value

__all__ = ["LONGEST_TAIL", "Limits", "ZipError", "ends_like_zip", "looks_like_zip", "read_zip"]

_STORED, _DEFLATED = 0, 8
_UNIX: Final = 3
_REGULAR: Final = stat.S_IFREG >> 12
_LONGEST_TARGET: Final = 4096
_BOMB_RATIO: Final = 200
_BOMB_BYTES: Final = 8 * 1024 * 1024
"""Below this no ratio is one: a page of zeros is no attack."""
_ARCHIVES: Final = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".7z", ".rar")
"""Jars and wheels are read by the catalogue; these are only named."""
_MANY: Final = 100
"""Faults of one kind beyond this are counted, not listed."""
_BESIDE_BYTES: Final = 32 * 1024
"""What is smaller is not worth the way to another thread."""
_WORTH_THREADS: Final = 4 * 1024 * 1024


class Limits(Value):
    """What is read of an archive at most."""

    entries: int = 100_000
    total_bytes: int = 250 * 1024 * 1024
    """Unpacked: what Lambda takes of function and layers together."""


def looks_like_zip(head: bytes) -> bool:
    """Say whether a file begins like a zip. One may begin with anything: this is for telling files apart, not for trusting them."""
    return head.startswith((LOCAL, b"PK\x05\x06"))


def ends_like_zip(tail: bytes) -> bool:
    """Say whether a file ends like a zip, whatever stands in front of it: readers of zips begin at the end."""
    return END in tail[-LONGEST_TAIL:]


Carries = Callable[[bytes], bool]
"""Says of a file's content whether an inventory may be in it."""


def read_zip(data: bytes | memoryview, *, limits: Limits | None = None, carries: Carries | None = None) -> Tree:
    """Read a zip. Raises `ZipError` for one of which nothing can be said; everything else that is wrong is a fault of the tree.

    *data* must stay what it is as long as the tree is read. *carries* is asked of large files while their content is at hand, from any
    thread: what it denies need not be inflated a second time (`Tree.without_inventory`).
    """
    return _Reader(memoryview(data), limits or Limits(), carries).tree()


class _Content(NamedTuple):
    """What is kept of an entry's content."""

    size: int
    crc: int
    sha256: str
    head: bytes
    """As much as a link may be long."""
    may_carry: bool


class _Pending(NamedTuple):
    """An entry whose headers are in order, before its content is read."""

    record: Record
    path: str
    kind: EntryKind
    at: int
    """Where its data begins."""
    beside: Future[_Content] | None


class _Readers(Mapping[str, Callable[[], bytes]]):
    """Where the content of each file is: a reader is made when somebody reads, and not for each of many thousands."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.places: dict[str, tuple[int, int, int, int]] = {}
        """Path -> (offset, size packed, method, size)."""

    def __getitem__(self, path: str) -> Callable[[], bytes]:
        at, packed, method, size = self.places[path]
        return partial(_content, self.data[at : at + packed], method, size)

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


class _Reader:
    def __init__(self, data: memoryview, limits: Limits, carries: Carries | None) -> None:
        self.data = data
        self.limits = limits
        self.carries = carries
        self.without_inventory: set[str] = set()
        self.announced = 0
        self.faults: list[Fault] = []
        self.entries: dict[str, Entry] = {}
        self.readers = _Readers(data)
        self.spans: list[tuple[int, int, str]] = []
        self.left = limits.total_bytes
        self.duplicates = 0

    def fault(self, kind: str, entry: str, detail: str, *, fatal: bool = False) -> None:
        self.faults.append(Fault(kind=kind, entry=entry, detail=detail, is_fatal=fatal))

    def tree(self) -> Tree:
        end = find_end(self.data)
        self._around(end)
        listed = records(self.data, end, self.limits.entries)
        if len(listed) != end.entries:
            self.fault("entry-count", "", f"the directory holds {len(listed):,} entries, its end says {end.entries:,}")
        if _can_help() and sum(record.size for record in listed if record.size >= _BESIDE_BYTES) >= _WORTH_THREADS:
            with ThreadPoolExecutor(2) as beside:
                self._entries(listed, beside)
        else:
            self._entries(listed, None)
        self._spans(end)
        self.faults.extend(twin_faults(self.entries))
        self.faults.extend(link_faults(self.entries.values()))
        return Tree(self.entries.values(), self.readers, _bounded(self.faults), without_inventory=self.without_inventory)

    def _entries(self, listed: list[Record], beside: ThreadPoolExecutor | None) -> None:
        """Read every entry; what is found is put down in the order of the directory, whoever is first to have read it."""
        looked = (self._entry(record, beside) for record in listed)
        # With help, all large ones are on their way before the first is waited for.
        for pending in looked if beside is None else list(looked):
            if isinstance(pending, _Pending):
                self._read(pending)
            else:
                self._add(pending)

    # --- the archive as a whole -------------------------------------------------------------------------------------------

    def _around(self, end: End) -> None:
        if end.prefix:
            self.fault("prefixed-data", "", f"{end.prefix:,} bytes stand before the archive")
        if end.after:
            self.fault("trailing-data", "", f"{end.after:,} bytes follow the archive")
        if end.candidates > 1:
            self.fault("several-ends", "", f"{end.candidates} records could be the end: readers see different archives")
        if end.comment and LOCAL in end.comment:
            self.fault("archive-in-comment", "", "the comment holds entries of another archive")

    def _spans(self, end: End) -> None:
        """Insist that every byte before the directory belongs to exactly one entry."""
        at = end.prefix
        hidden = 0
        last = ""
        for start, stop, path in sorted(self.spans):
            if start < at:
                self.fault("overlapping-entries", path, f"it shares bytes with {last!a}: one of them is a bomb, or hides the other")
            elif start > at:
                hidden += self._gap(at, start)
            at, last = max(at, stop), path
        if at < end.directory_at:
            hidden += self._gap(at, end.directory_at)
        if hidden:
            self.fault("unlisted-bytes", "", f"{hidden:,} bytes belong to no entry")

    def _gap(self, start: int, stop: int) -> int:
        if bytes(self.data[start : start + 4]) == LOCAL:
            self.fault("unlisted-entry", "", f"at byte {start:,} an entry stands that the directory does not list")
        return stop - start

    # --- one entry --------------------------------------------------------------------------------------------------------

    def _entry(self, record: Record, beside: ThreadPoolExecutor | None) -> _Pending | Entry:
        """Look at the headers of an entry; an entry of which no content is read is done with them."""
        path = _decoded(record.raw_name, record.flags)
        for found in name_faults(path) if _needs_look(path) else ():
            self.faults.append(found)
        if record.unicode_name is not None and record.unicode_name != record.raw_name:
            self.fault("second-name", path, f"some readers call it {record.unicode_name.decode('utf-8', 'replace')!a}")
        kind = _kind(record, path)
        try:
            head = local(self.data, record.at)
        except ZipError as bad:
            self.fault("local-header-missing", path, str(bad), fatal=True)
            return Entry(path=path, kind=kind, size_bytes=record.size, mode=record.mode & 0o7777)
        self._compare(record, head, path)
        stop = head.data_at + record.packed
        if stop > len(self.data):
            self.fault("data-outside", path, "its data lies outside the file", fatal=True)
            return Entry(path=path, kind=kind, size_bytes=record.size, mode=record.mode & 0o7777)
        self.spans.append((record.at, stop + self._descriptor(record, stop), path))
        mode = record.mode & 0o7777
        if kind == "directory":
            if record.size:
                self.fault("directory-with-data", path, f"the directory has {record.size:,} bytes of data")
            return Entry(path=path, kind=kind, mode=mode)
        if kind == "device":
            self.fault("device", path, "it is a device or a pipe, not a file", fatal=True)
            return Entry(path=path, kind=kind, mode=mode)
        return _Pending(record, path, kind, head.data_at, None if beside is None else self._sent(record, path, head.data_at, beside))

    def _sent(self, record: Record, path: str, at: int, beside: ThreadPoolExecutor) -> Future[_Content] | None:
        """Have a large entry read beside the others, when it is certain that it will be read: all that was announced fits."""
        self.announced += record.size
        if record.size < _BESIDE_BYTES or self.announced > self.limits.total_bytes or self._refuse(record, path):
            return None
        return beside.submit(_look, self.data[at : at + record.packed], record.method, record.size, self.carries)

    def _compare(self, record: Record, head: Local, path: str) -> None:
        seen = (head.raw_name, head.flags, head.method, head.crc, head.packed, head.size)
        if record[:6] == seen and record.unicode_name == head.unicode_name:
            return
        differing = [
            name
            for name, ours, theirs in (
                ("name", record.raw_name, head.raw_name),
                ("method", record.method, head.method),
                ("encryption", record.flags & ENCRYPTED, head.flags & ENCRYPTED),
                ("second name", record.unicode_name, head.unicode_name),
            )
            if ours != theirs
        ]
        if not head.flags & DESCRIPTOR:
            # With a descriptor the local header may leave them out.
            differing += [
                name
                for name, ours, theirs in (
                    ("size", record.size, head.size),
                    ("packed size", record.packed, head.packed),
                    ("checksum", record.crc, head.crc),
                )
                if ours != theirs
            ]
        if differing:
            self.fault("local-header-differs", path, f"its local header has another {', '.join(differing)} than the directory")

    def _descriptor(self, record: Record, at: int) -> int:
        """Give the length of the data descriptor that follows the data, 0 when there is none."""
        if not record.flags & DESCRIPTOR:
            return 0
        crc = record.crc.to_bytes(4, "little")
        following = bytes(self.data[at : at + 24])
        for signature in (b"PK\x07\x08", b""):
            if following.startswith(signature + crc):
                rest = following[len(signature) + 4 :]
                if rest.startswith(record.packed.to_bytes(8, "little") + record.size.to_bytes(8, "little")):
                    return len(signature) + 20
                return len(signature) + 12
        return 0

    def _read(self, pending: _Pending) -> None:
        record, path, kind, at, beside = pending
        mode = record.mode & 0o7777
        problem = self._refuse(record, path)
        if problem is not None:
            self.faults.append(problem)
            self._add(Entry(path=path, kind=kind, size_bytes=record.size, mode=mode))
            return
        try:
            if beside is not None:
                content = beside.result()
            elif record.size == record.packed == 0:
                content = _NOTHING
            else:
                content = _look(self.data[at : at + record.packed], record.method, record.size, self.carries)
        except InflateError as bad:
            self.fault("broken-data", path, str(bad), fatal=True)
            self._add(Entry(path=path, kind=kind, size_bytes=record.size, mode=mode))
            return
        self.left -= content.size
        if content.crc != record.crc:
            self.fault("wrong-checksum", path, "its content is not that of its checksum: some readers refuse it, some do not")
        target = ""
        if kind == "symlink":
            target = content.head.decode("utf-8", "surrogateescape")
        elif path.lower().endswith(_ARCHIVES) or (
            content.head.startswith(LOCAL) and not path.lower().endswith((".jar", ".war", ".whl", ".egg"))
        ):
            self.fault("nested-archive", path, "an archive inside the archive: what it holds was not looked at")
        self._add(Entry(path=path, kind=kind, size_bytes=content.size, mode=mode, sha256=content.sha256, target=target))
        self.readers.places[path] = (at, record.packed, record.method, record.size)
        if not content.may_carry:
            self.without_inventory.add(path)

    def _refuse(self, record: Record, path: str) -> Fault | None:
        """Say why an entry is not read."""
        if record.flags & ENCRYPTED:
            return Fault(kind="encrypted", entry=path, detail="it is encrypted", is_fatal=True)
        if record.method not in {_STORED, _DEFLATED}:
            return Fault(kind="unknown-method", entry=path, detail=f"its compression method is {record.method}", is_fatal=True)
        if record.method == _STORED and record.size != record.packed:
            return Fault(kind="broken-data", entry=path, detail="it is stored, and its two sizes differ", is_fatal=True)
        if record.size > self.left:
            limit = self.limits.total_bytes // 1024**2
            return Fault(kind="bomb", entry=path, detail=f"with it the archive unpacks to more than {limit} MB", is_fatal=True)
        if record.size > _BOMB_BYTES and record.size > record.packed * _BOMB_RATIO:
            return Fault(
                kind="bomb", entry=path, detail=f"it unpacks to {record.size // max(record.packed, 1):,} times its size", is_fatal=True
            )
        return None

    def _add(self, entry: Entry) -> None:
        if entry.path in self.entries:
            # Lambda's unzip takes one, a scanner maybe the other; the last one counts here, as for most.
            self.fault("duplicate-name", entry.path, "two entries have this name: which one counts differs between readers")
            self.readers.places.pop(entry.path, None)
            self.without_inventory.discard(entry.path)
        self.entries[entry.path] = entry


_NOTHING: Final = _Content(0, 0, sha256(b""), b"", may_carry=False)


def _can_help() -> bool:
    """Say whether there is another processor."""
    return (os.cpu_count() or 1) > 1


def _look(packed: memoryview, method: int, size: int, carries: Carries | None) -> _Content:
    """Read, check and hash one content, of which no more than its beginning is kept. Raises `InflateError`."""
    content: bytes | memoryview = packed if method == _STORED else inflate(packed, size)
    may_carry = carries is None or size < _BESIDE_BYTES or carries(bytes(content))
    return _Content(len(content), crc32(content), sha256(content), bytes(content[:_LONGEST_TARGET]), may_carry)


def _content(packed: memoryview, method: int, size: int) -> bytes:
    return bytes(packed) if method == _STORED else inflate(packed, size)


def _decoded(raw: bytes, flags: int) -> str:
    if raw.isascii():
        return raw.decode("ascii")
    return raw.decode("utf-8", "surrogateescape") if flags & UTF8 else _cp437(raw)


def _cp437(raw: bytes) -> str:
    # Tools that write UTF-8 without saying so are common; Lambda takes such names as they are.
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp437")


def _needs_look(path: str) -> bool:
    """Say whether a name has anything unusual about it: nearly none has."""
    return (
        ".." in path
        or "\\" in path
        or path[:1] == "/"
        or path[1:2] == ":"
        or not path.isprintable()
        or not path.isascii()
        or len(path) > 255
    )


def _kind(record: Record, path: str) -> EntryKind:
    if path.endswith("/"):
        # Old packers write any mode on a directory.
        return "directory"
    if record.system == _UNIX and record.mode and record.mode >> 12 != _REGULAR:
        if stat.S_ISLNK(record.mode):
            return "symlink"
        if stat.S_ISDIR(record.mode):
            return "directory"
        if stat.S_IFMT(record.mode):
            return "device"
    return "directory" if record.is_dos_directory and not record.size else "file"


def _bounded(faults: list[Fault]) -> Iterator[Fault]:
    """Give the faults, those of one kind beyond a hundred counted."""
    counts: dict[str, int] = {}
    for fault in faults:
        counts[fault.kind] = counts.get(fault.kind, 0) + 1
        if counts[fault.kind] <= _MANY or (fault.is_fatal and counts[fault.kind] <= _MANY * 10):
            yield fault
    for kind, count in counts.items():
        if count > _MANY:
            yield Fault(kind=kind, entry="", detail=f"{count:,} entries in all")
