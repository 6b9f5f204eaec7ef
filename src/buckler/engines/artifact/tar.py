"""A strict reader of tar archives, in one pass, in memory. What two readers could see differently is a fault; nothing is ever extracted.

Formats: ustar, POSIX pax (`path`, `linkpath`, `size`), GNU long names, base-256 numbers. Sparse files are named, not read.
Where readers differ, Go's archive/tar is followed, because the container tools are built on it.
Source: POSIX.1-2024, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format"; read 2026-11-26.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final, NamedTuple
from zlib import adler32

from msgspec.structs import replace

from buckler.engines.artifact.names import link_faults, name_faults, twin_faults
from buckler.engines.artifact.tree import Read, Tree
from buckler.engines.artifact.unpack import BLOCK, Stream, UnpackError, ZstdMissing, stream_of
from buckler.model.artifact import Entry, EntryKind, Fault
from buckler.model.value import Value

__all__ = ["Member", "Tar", "TarLimits", "bounded", "looks_like_tar", "read_members", "read_tar", "tree_of"]

_BLOCK: Final = 512
_NONE: Final = bytes(_BLOCK)
_MOST_META: Final = 1024 * 1024
"""Of one header of names, as for Go."""
_EIGHT_GIB: Final = 1 << 33
"""From here on a size no longer fits a ustar header."""
_MOST_NAMES: Final = 128 * 1024 * 1024
_LONGEST: Final = 4096
_MANY: Final = 100
_EMPTY: Final = hashlib.sha256().hexdigest()


class TarLimits(Value):
    """What is read of an archive at most."""

    entries: int = 400_000
    total_bytes: int = 10 * 1024**3
    """Unpacked: what Lambda takes of an image."""


class Member(NamedTuple):
    """One entry, and how to read it; the path is canonical: relative, without `.` and empty parts, no slash at the end."""

    entry: Entry
    read: Read | None
    at: int = 0
    """Where its content stands in the unpacked stream."""


@dataclass
class Tar:
    """What an archive holds, in its order, duplicates and all."""

    members: list[Member] = field(default_factory=list[Member])
    faults: list[Fault] = field(default_factory=list[Fault])
    sha256: str = ""
    """Of the unpacked stream; empty when it could not be read to its end."""
    size_bytes: int = 0
    """Unpacked."""


def looks_like_tar(head: bytes) -> bool:
    """Say whether a file begins with a tar header."""
    return len(head) >= _BLOCK and head[257:262] == b"ustar" and _checksum_is_right(head[:_BLOCK])


def read_tar(data: bytes | memoryview, *, limits: TarLimits | None = None) -> Tree:
    """Read a tar archive, compressed with gzip or zstd or not at all, as a tree: of two entries of one name, the last counts.

    *data* must stay what it is as long as the tree is read. Raises nothing: what is wrong is a fault of the tree.
    """
    try:
        tar = read_members(stream_of(memoryview(data)), limits)
    except ZstdMissing:
        missing = Fault(kind="zstd-missing", entry="", detail="it is compressed with zstd: install buckler[artifacts]", is_fatal=True)
        return Tree((), {}, (missing,))
    return tree_of(tar)


def tree_of(tar: Tar, more: Iterable[Fault] = (), *, is_layer: bool = False) -> Tree:
    """Make a tree of what was read. Where the links of a layer lead shows only in the whole image, and Linux tells case apart."""
    entries = {member.entry.path: member.entry for member in tar.members}
    readers: dict[str, Read] = {}
    for entry, read, _ in tar.members:
        if read is not None:
            readers[entry.path] = read
        else:
            readers.pop(entry.path, None)
    names = () if is_layer else (*twin_faults(entries), *link_faults(entries.values()))
    return Tree(entries.values(), readers, bounded((*tar.faults, *more, *names)))


def read_members(stream: Stream, limits: TarLimits | None = None) -> Tar:
    """Read all entries of an unpacked stream."""
    return _Reader(stream, limits or TarLimits()).read()


class _Tape:
    """The unpacked stream, taken from the front and hashed as it passes."""

    def __init__(self, stream: Stream) -> None:
        self._pieces = iter(stream.pieces())
        self._piece = memoryview(b"")
        self._at = 0
        self._passed = 0
        self.total = hashlib.sha256()

    @property
    def offset(self) -> int:
        return self._passed + self._at

    def _more(self) -> bool:
        self._passed += len(self._piece)
        self._at = 0
        self._piece = memoryview(next(self._pieces, b""))
        self.total.update(self._piece)
        return bool(self._piece)

    def block(self) -> bytes:
        """Give the next block; less than one at the end."""
        if len(self._piece) - self._at >= _BLOCK:
            self._at += _BLOCK
            return bytes(self._piece[self._at - _BLOCK : self._at])
        return b"".join(self.parts(_BLOCK))

    def parts(self, size: int) -> Iterator[memoryview]:
        """Give the next *size* bytes, less at the end."""
        while size:
            left = len(self._piece) - self._at
            if not left:
                if not self._more():
                    return
                continue
            step = min(left, size)
            self._at += step
            size -= step
            yield self._piece[self._at - step : self._at]

    def skip(self, size: int) -> int:
        """Pass over *size* bytes and say how many there were."""
        return sum(len(part) for part in self.parts(size))


class _Broken(Exception):  # noqa: N818 - control flow inside this module
    """Nothing after this can be read."""


class _Meta:
    """What the headers before an entry say of it."""

    def __init__(self) -> None:
        self.pax: dict[str, str] = {}
        self.long_name: bytes | None = None
        self.long_link: bytes | None = None


class _Reader:
    def __init__(self, stream: Stream, limits: TarLimits) -> None:
        self.stream = stream
        self.limits = limits
        self.tape = _Tape(stream)
        self.tar = Tar()
        self.kinds: dict[str, EntryKind] = {}
        self.left = limits.total_bytes
        self.names = _MOST_NAMES
        self.numbers: dict[bytes, int] = {}

    def fault(self, kind: str, entry: str, detail: str, *, fatal: bool = False) -> None:
        self.tar.faults.append(Fault(kind=kind, entry=entry, detail=detail, is_fatal=fatal))

    def read(self) -> Tar:
        try:
            while self._next():
                pass
            self._rest()
            self.tar.sha256 = self.tape.total.hexdigest()
        except UnpackError as bad:
            self.fault(bad.kind, "", str(bad), fatal=True)
            self._keep_what_can_be_read_again()
        except _Broken as bad:
            self.fault(*bad.args, fatal=True)
            self._drain()
        self.tar.size_bytes = self.tape.offset
        if self.stream.trailing:
            self.fault("trailing-data", "", f"{self.stream.trailing:,} bytes follow the compressed stream")
        return self.tar

    def _keep_what_can_be_read_again(self) -> None:
        """Look at the last files before a stream breaks: how near to that place it can be read differs between the libraries."""
        for place in range(len(self.tar.members) - 1, -1, -1):
            entry, read, at = self.tar.members[place]
            if at + entry.size_bytes < self.tape.offset - 4 * BLOCK and read is not None:
                return
            try:
                is_same = read is None or hashlib.sha256(read()).hexdigest() == entry.sha256
            except UnpackError:
                is_same = False
            if not is_same:
                self.tar.members[place] = Member(replace(entry, sha256=""), None, at)

    def _drain(self) -> None:
        """Pass over what cannot be read, so that its hash is known all the same."""
        if self.tar.faults[-1].kind == "bomb":
            return
        try:
            while self.left > 0 and (passed := self.tape.skip(1 << 20)):
                self.left -= passed
        except UnpackError as bad:
            self.fault(bad.kind, "", str(bad), fatal=True)
            self._keep_what_can_be_read_again()
            return
        if self.left > 0:
            self.tar.sha256 = self.tape.total.hexdigest()

    def _rest(self) -> None:
        """Look at what follows the end: nothing but zeros, or something only other readers see."""
        hidden = 0
        for part in self.tape.parts(self.left + _MOST_META):
            if bytes(part).strip(b"\0"):
                hidden += len(part)
        if self.tape.skip(1):
            raise _Broken("bomb", "", "what follows its end is larger than all it may hold")
        if hidden:
            self.fault("data-after-end", "", "data follow the end of the archive: some readers go on there")

    # --- headers ----------------------------------------------------------------------------------------------------------

    def _next(self) -> bool:
        """Read one entry with the headers that belong to it; False at the end."""
        meta = _Meta()
        while True:
            head = self.tape.block()
            if head == _NONE:
                self._end()
                return False
            if len(head) < _BLOCK:
                if head:
                    raise _Broken("broken-data", "", "it ends within a header")
                self.fault("no-end", "", "the blocks that end an archive are missing")
                return False
            if not _checksum_is_right(head):
                raise _Broken("broken-data", "", f"at byte {self.tape.offset - _BLOCK:,} there is no header: its checksum is wrong")
            kind = head[156:157]
            if kind not in b"xgXLK":
                self._entry(head, kind, meta)
                return True
            self._meta(head, kind, meta)

    def _end(self) -> None:
        following = self.tape.block()
        if following and following != _NONE:
            self.fault("data-after-end", "", "one empty block, and then data: some readers stop there, some go on")

    def _meta(self, head: bytes, kind: bytes, meta: _Meta) -> None:
        size = self._number(head[124:136], "")
        if size > _MOST_META:
            raise _Broken("broken-data", "", f"a header of names has {size:,} bytes")
        content = b"".join(self.tape.parts(size))
        if len(content) < size or self.tape.skip(-size % _BLOCK) != -size % _BLOCK:
            raise _Broken("broken-data", "", "it ends within a header")
        if kind == b"L":
            meta.long_name = content.split(b"\0", 1)[0]
        elif kind == b"K":
            meta.long_link = content.split(b"\0", 1)[0]
        elif kind == b"g":
            # Go's readers give these to their caller, who drops them; Python's and GNU's apply them to all that follows.
            if {"path", "linkpath", "size"} & set(self._pax(content)):
                self.fault("global-header", "", "it sets a name or size for all entries: some readers follow it, some do not")
        else:
            if meta.pax:
                self.fault("second-header", "", "an entry has two extended headers: readers differ in which one counts")
            meta.pax = self._pax(content)

    def _pax(self, content: bytes) -> dict[str, str]:
        found: dict[str, str] = {}
        at = 0
        while at < len(content):
            space = content.find(b" ", at, at + 12)
            digits = content[at:space] if space > 0 else b""
            length = int(digits) if digits.isdigit() else 0
            record = content[space + 1 : at + length]
            key, equals, value = record[:-1].partition(b"=")
            if space < 0 or length <= space - at + 1 or at + length > len(content) or not record.endswith(b"\n") or not equals:
                raise _Broken("broken-data", "", "an extended header is broken")
            name = key.decode("utf-8", "surrogateescape")
            if name in found:
                self.fault("second-header", "", "an extended header gives one key twice: readers differ in which one counts")
            found[name] = value.decode("utf-8", "surrogateescape")
            at += length
        return found

    def _number(self, raw: bytes, path: str) -> int:
        # Modes and sizes repeat.
        held = self.numbers.get(raw)
        if held is None:
            held = self._parsed(raw, path)
            if len(self.numbers) < 4096:
                self.numbers[raw] = held
        return held

    def _parsed(self, raw: bytes, path: str) -> int:
        if raw[0] & 0x80:
            if raw[0] & 0x40:
                raise _Broken("broken-data", path, "a number is negative")
            return int.from_bytes(bytes((raw[0] & 0x7F,)) + raw[1:], "big")
        digits = raw.split(b"\0", 1)[0].strip(b" ")
        if not digits:
            return 0
        try:
            return int(digits, 8) if digits.isdigit() else _no_number()
        except ValueError:
            raise _Broken("broken-data", path, "a number is none") from None

    # --- entries ----------------------------------------------------------------------------------------------------------

    def _entry(self, head: bytes, flag: bytes, meta: _Meta) -> None:
        if len(self.tar.members) >= self.limits.entries:
            raise _Broken("bomb", "", f"it has more than {self.limits.entries:,} entries")
        written = self._name(head, meta)
        path = self._canonical(written)
        size = self._size(head, meta, path)
        kind = self._kind(flag, written, path)
        mode = self._number(head[100:108], path) & 0o7777
        if kind is None or flag == b"S" or (meta.pax and any(key.startswith("GNU.sparse.") for key in meta.pax)):
            self._unread(head, flag, path, size, mode, meta)
            return
        if kind != "file":
            self._without_content(head, kind, flag, path, size, mode, meta)
            return
        self._insist_on_room(size, path)
        at = self.tape.offset
        sha256 = self._content(size, path)
        readable: Read | None = partial(self.stream.at, at, size)
        self._add(Entry(path=path, kind="file", size_bytes=size, mode=mode, sha256=sha256), readable, at)

    def _content(self, size: int, path: str) -> str:
        if not size:
            return _EMPTY
        total, found = hashlib.sha256(), 0
        for part in self.tape.parts(size):
            total.update(part)
            found += len(part)
        if found < size or self.tape.skip(-size % _BLOCK) != -size % _BLOCK:
            if found < size:
                raise _Broken("broken-data", path, f"it ends after {found:,} of {size:,} bytes")
            self.fault("no-end", path, "the archive ends within the padding of its last entry")
        return total.hexdigest()

    def _insist_on_room(self, size: int, path: str) -> None:
        self.left -= size
        if self.left < 0:
            raise _Broken("bomb", path, f"with it the archive unpacks to more than {self.limits.total_bytes // 1024**2:,} MB")

    def _unread(self, head: bytes, flag: bytes, path: str, size: int, mode: int, meta: _Meta) -> None:
        """Pass over an entry whose content has a form that is not read."""
        if flag == b"S":
            # The map of a sparse file goes on in blocks of its own.
            extended = head[482:483] != b"\0"
            while extended:
                extended = self.tape.block()[504:505] not in {b"\0", b""}
        is_sparse = flag == b"S" or any(key.startswith("GNU.sparse.") for key in meta.pax)
        if is_sparse:
            path = self._canonical(meta.pax.get("GNU.sparse.name", path))
            self.fault("sparse", path, "it is stored with holes, which readers fill differently", fatal=True)
        else:
            self.fault("unknown-type", path, f"its type is {flag!a}", fatal=True)
        self._insist_on_room(size, path)
        if self.tape.skip(size) < size:
            raise _Broken("broken-data", path, "it ends within an entry")
        self.tape.skip(-size % _BLOCK)
        self._add(Entry(path=path, size_bytes=size, mode=mode), None)

    def _without_content(self, head: bytes, kind: EntryKind, flag: bytes, path: str, size: int, mode: int, meta: _Meta) -> None:
        if size:
            self.fault(
                "data-without-file", path, f"it is no file and has {size:,} bytes: some readers pass over them, some read entries there"
            )
            if flag == b"\0":
                # Go takes the type for a file's until it has passed over the data.
                self.tape.skip(size + -size % _BLOCK)
        target = ""
        if kind in {"symlink", "hardlink"}:
            target = _link(head, meta)
            if kind == "hardlink":
                target = self._canonical(target, of=path)
        elif kind == "device":
            numbers = (self._number(head[329:337], path), self._number(head[337:345], path))
            if flag == b"3" and numbers == (0, 0):
                self.fault("overlay-whiteout", path, "a device 0:0 deletes the file below it where layers are unpacked onto overlayfs")
            else:
                self.fault("device", path, "it is a device or a pipe, not a file")
        if kind == "directory" and not path:
            return
        sha256 = hashlib.sha256(target.encode("utf-8", "surrogateescape")).hexdigest() if kind == "symlink" else ""
        self._add(Entry(path=path, kind=kind, mode=mode, sha256=sha256, target=target, size_bytes=len(target) * (kind == "symlink")), None)

    def _add(self, entry: Entry, read: Read | None, at: int = 0) -> None:
        path = entry.path
        self.names -= len(path) + len(entry.target)
        if self.names < 0:
            raise _Broken("bomb", "", f"its names have more than {_MOST_NAMES // 1024**2} MB")
        if not path:
            self.fault("no-name", "", "an entry has no name", fatal=True)
        if not path or path.startswith("../") or len(path) > _LONGEST:
            read = None
            entry = replace(entry, path=path[:_LONGEST], sha256="")
        held = self.kinds.get(path)
        if held is not None and not (held == entry.kind == "directory"):
            self.fault("duplicate-name", path, "two entries have this name: which one counts differs between readers")
        self.kinds[path] = entry.kind
        self.tar.members.append(Member(entry, read, at))

    # --- names ------------------------------------------------------------------------------------------------------------

    def _name(self, head: bytes, meta: _Meta) -> str:
        pax = meta.pax.get("path")
        if meta.long_name is not None:
            name = _text(meta.long_name)
            if pax is not None and pax != name:
                self.fault("second-name", name, f"some readers call it {pax!a}")
            return name
        if pax:
            return pax
        name = _text(_cut(head[:100]))
        if head[257:263] == b"ustar\0":
            # The format `star` keeps times at the end of the prefix.
            prefix = _cut(head[345:476] if head[508:512] == b"tar\0" else head[345:500])
            if prefix:
                return f"{_text(prefix)}/{name}"
        return name

    def _canonical(self, written: str, of: str | None = None) -> str:
        """Give the name as it is compared; *of* is the link whose target it is."""
        if not _is_odd(written):
            return written
        parts: list[str] = []
        for part in written.split("/"):
            if part == ".." and parts and parts[-1] != "..":
                parts.pop()
            elif part not in {"", "."}:
                parts.append(part)
        leads_out = parts[:1] == [".."]
        if written[:1] != "/" and ".." not in written and not _is_strange(written):
            return "/".join(parts)
        for fault in name_faults(written):
            # What leads out is not read, as the tools that unpack it refuse it.
            detail = fault.detail if of is None else f"of the target of the link: {fault.detail}"
            self.fault(
                fault.kind,
                fault.entry if of is None else of,
                detail,
                fatal=(leads_out and fault.kind == "traversal") or fault.kind == "long-name",
            )
        return "/".join(parts)

    def _size(self, head: bytes, meta: _Meta, path: str) -> int:
        size = self._number(head[124:136], path)
        said = meta.pax.get("size")
        if said is None:
            return size
        if not (said.isascii() and said.isdigit() and len(said) < 20):
            raise _Broken("broken-data", path, "a number is none")
        if int(said) != size and int(said) < _EIGHT_GIB:
            # Readers that follow the other size take the content of a file for entries (CVE-2025-62518).
            self.fault(
                "two-sizes", path, f"one header says {size:,} bytes, the other {int(said):,}: readers see different entries after it"
            )
        return int(said)

    def _kind(self, flag: bytes, written: str, path: str) -> EntryKind | None:
        if flag in {b"0", b"\0", b"7"}:
            if written.endswith("/"):
                # Of old the name alone told a directory. Go still reads it so, but only where the type is left out.
                self.fault("directory-as-file", path, "it is a file with a directory's name: readers differ in what it is")
                return "directory" if flag == b"\0" else "file"
            return "file"
        if flag == b"S":
            return "file"
        return _KINDS.get(flag)


_KINDS: Final[dict[bytes, EntryKind]] = {
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "device",
    b"4": "device",
    b"5": "directory",
    b"6": "device",
}


def _no_number() -> int:
    raise ValueError


@lru_cache(maxsize=4096)  # headers differ in a few digits, so that their sums repeat
def _sums(field: bytes) -> tuple[int, int]:
    """Give the checksum that a header's field states, -1 for none, and the sum of the field's own bytes."""
    said = field.split(b"\0", 1)[0].strip(b" ")
    return (int(said, 8) if said.isdigit() and b"8" not in said and b"9" not in said else -1), sum(field)


def _checksum_is_right(head: bytes) -> bool:
    wanted, own = _sums(head[148:156])
    if wanted < 0:
        return False
    # Adler-32 adds up bytes in its lower half, many times as fast as `sum`; 256 of them never come to where it wraps.
    total = (adler32(head[:256]) & 0xFFFF) + (adler32(head[256:]) & 0xFFFF) - 2 - own + 8 * 32
    # Some old writers added signed bytes; Go takes both.
    return total == wanted or total - 256 * sum(byte > 127 for at, byte in enumerate(head) if not 148 <= at < 156) == wanted


def _cut(raw: bytes) -> bytes:
    return raw.split(b"\0", 1)[0]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _link(head: bytes, meta: _Meta) -> str:
    if meta.long_link is not None:
        return _text(meta.long_link)
    return meta.pax.get("linkpath") or _text(_cut(head[157:257]))


def _is_odd(path: str) -> bool:
    """Say whether a name has anything unusual about it, a slash at the end included."""
    return path[:1] in {"/", "."} or path[-1:] in {"/", ".", ""} or "//" in path or "/." in path or _is_strange(path)


def _is_strange(path: str) -> bool:
    return not (path.isascii() and path.isprintable()) or "\\" in path or path[1:2] == ":" or len(path) > _LONGEST


def bounded(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Give the faults, those of one kind beyond a hundred counted."""
    counts: dict[str, int] = {}
    for fault in faults:
        counts[fault.kind] = counts.get(fault.kind, 0) + 1
        if counts[fault.kind] <= _MANY or (fault.is_fatal and counts[fault.kind] <= _MANY * 10):
            yield fault
    for kind, count in counts.items():
        if count > _MANY:
            yield Fault(kind=kind, entry="", detail=f"{count:,} entries in all")
