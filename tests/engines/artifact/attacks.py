"""Hostile zips, made here: each one thing that two readers see differently, or that hurts whoever unpacks it."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable


def plain(*files: tuple[str, bytes]) -> bytes:
    """An ordinary archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files or (("handler.py", b"def handler(event, context): ...\n"),):
            archive.writestr(name, content)
    return buffer.getvalue()


class Raw:
    """A zip written record by record, so that any of them can lie."""

    def __init__(self) -> None:
        self.body = b""
        self.directory = b""
        self.count = 0

    def add(
        self,
        name: bytes,
        content: bytes = b"x",
        *,
        local_name: bytes | None = None,
        method: int = 0,
        flags: int = 0,
        mode: int = 0o100644,
        crc: int | None = None,
        size: int | None = None,
        packed: bytes | None = None,
        extra: bytes = b"",
        local_extra: bytes | None = None,
        at: int | None = None,
    ) -> "Raw":
        data = packed if packed is not None else content
        crc = zlib.crc32(content) if crc is None else crc
        size = len(content) if size is None else size
        offset = len(self.body) if at is None else at
        if at is None:
            written = name if local_name is None else local_name
            given = extra if local_extra is None else local_extra
            self.body += struct.pack(
                "<4sHHHHHIIIHH", b"PK\x03\x04", 20, flags, method, 0, 0, crc, len(data), size, len(written), len(given)
            )
            self.body += written + given + data
        self.directory += struct.pack(
            *("<4sBBHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 3, 20, flags, method, 0, 0, crc, len(data), size),
            *(len(name), len(extra), 0, 0, 0, mode << 16, offset),
        )
        self.directory += name + extra
        self.count += 1
        return self

    def pad(self, data: bytes) -> "Raw":
        self.body += data
        return self

    def bytes(self, *, comment: bytes = b"", count: int | None = None) -> bytes:
        said = self.count if count is None else count
        end = struct.pack(
            "<4sHHHHIIH", b"PK\x05\x06", 0, 0, said & 0xFFFF, said & 0xFFFF, len(self.directory), len(self.body), len(comment)
        )
        return self.body + self.directory + end + comment


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _bomb() -> bytes:
    content = bytes(300 * 1024 * 1024)
    return Raw().add(b"zeros", content, method=8, packed=deflated(content)).bytes()


def _quine_like_overlap() -> bytes:
    raw = Raw().add(b"a", b"a" * 1000)
    return raw.add(b"b", b"a" * 1000, at=0).bytes()


def _many() -> bytes:
    raw = Raw()
    bodies, entries = [], []
    for number in range(70_000):
        name = b"f%d" % number
        bodies.append(struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name)
        entries.append(name)
    offset = 0
    directory = []
    for name, body in zip(entries, bodies, strict=True):
        directory.append(
            struct.pack(
                "<4sBBHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0o100644 << 16, offset
            )
            + name
        )
        offset += len(body)
    raw.body, raw.directory, raw.count = b"".join(bodies), b"".join(directory), 0xFFFF
    end64_at = len(raw.body) + len(raw.directory)
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 70_000, 70_000, len(raw.directory), len(raw.body))
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end64_at, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return raw.body + raw.directory + end64 + locator + end


def _unicode_path(name: bytes, other: bytes) -> bytes:
    body = b"\x01" + zlib.crc32(name).to_bytes(4, "little") + other
    return struct.pack("<HH", 0x7075, len(body)) + body


ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb of 300 MB": (_bomb, "bomb"),
    "two entries share their bytes": (_quine_like_overlap, "overlapping-entries"),
    "dot dot": (lambda: Raw().add(b"../evil.py").bytes(), "traversal"),
    "an absolute name": (lambda: Raw().add(b"/etc/cron.d/x").bytes(), "absolute-path"),
    "a Windows drive": (lambda: Raw().add(b"C:/x").bytes(), "absolute-path"),
    "backslashes": (lambda: Raw().add(b"a\\..\\..\\w.py").bytes(), "backslash"),
    "a symlink out": (lambda: Raw().add(b"d", b"/tmp", mode=stat.S_IFLNK | 0o777).bytes(), "symlink-escapes"),
    "a symlink up and out": (lambda: Raw().add(b"a/d", b"../../x", mode=stat.S_IFLNK | 0o777).bytes(), "symlink-escapes"),
    "a file below a symlink": (
        lambda: Raw().add(b"d", b"python", mode=stat.S_IFLNK | 0o777).add(b"d/evil.py").bytes(),
        "below-a-link",
    ),
    "the same name twice": (lambda: Raw().add(b"a.py", b"good").add(b"a.py", b"evil").bytes(), "duplicate-name"),
    "names that differ by case": (lambda: Raw().add(b"a.py").add(b"A.py").bytes(), "twin-name"),
    "names that differ by their Unicode form": (
        lambda: Raw().add("é.py".encode(), flags=0x800).add("e\u0301.py".encode(), flags=0x800).bytes(),
        "twin-name",
    ),
    "a Cyrillic letter": (lambda: Raw().add(b"core.py").add("c\u043ere.py".encode(), flags=0x800).bytes(), "twin-name"),
    "a right-to-left mark": (lambda: Raw().add("a\u202eyp.exe".encode(), flags=0x800).bytes(), "invisible-characters"),
    "a NUL in a name": (lambda: Raw().add(b"a.py\0.txt").bytes(), "nul-in-name"),
    "another name in the local header": (lambda: Raw().add(b"a.py", local_name=b"b.py").bytes(), "local-header-differs"),
    "no local header": (lambda: Raw().add(b"a.py").add(b"b.py", at=3).bytes(), "local-header-missing"),
    "a second archive behind the first": (lambda: plain(("good.py", b"1")) + plain(("evil.py", b"2")), "prefixed-data"),
    "an archive in the comment": (lambda: Raw().add(b"a.py").bytes(comment=plain(("evil.py", b"2"))), "several-ends"),
    "entries in the comment": (lambda: Raw().add(b"a.py").bytes(comment=plain(("evil.py", b"2"))[:40]), "archive-in-comment"),
    "a program in front": (lambda: b"\x7fELF" + bytes(100) + plain(), "prefixed-data"),
    "bytes behind": (lambda: plain() + b"more", "trailing-data"),
    "an entry the directory does not list": (
        lambda: Raw().add(b"a.py").pad(plain(("evil.py", b"2"))[:60]).add(b"b.py").bytes(),
        "unlisted-entry",
    ),
    "a wrong checksum": (lambda: Raw().add(b"a.py", crc=1).bytes(), "wrong-checksum"),
    "a second name by its Unicode path": (
        lambda: Raw().add(b"benign.py", extra=_unicode_path(b"benign.py", b"python/evil.pth")).bytes(),
        "second-name",
    ),
    "an archive inside": (lambda: plain(("inner.zip", plain())), "nested-archive"),
    "an archive inside by another name": (lambda: plain(("picture.png", plain())), "nested-archive"),
    "an encrypted entry": (lambda: Raw().add(b"a.py", flags=1).bytes(), "encrypted"),
    "an unknown method": (lambda: Raw().add(b"a.py", method=93).bytes(), "unknown-method"),
    "more data than announced": (lambda: Raw().add(b"a.py", b"x" * 9, method=8, packed=deflated(b"x" * 90)).bytes(), "broken-data"),
    "less data than announced": (lambda: Raw().add(b"a.py", b"x" * 90, method=8, packed=deflated(b"x" * 9)).bytes(), "broken-data"),
    "data outside the file": (
        lambda: Raw().add(b"a.py").bytes().replace(b"\x01\0\0\0\x01\0\0\0", b"\xff\xff\xff\x7f\x01\0\0\0"),
        "data-outside",
    ),
    "a wrong count": (lambda: Raw().add(b"a.py").bytes(count=2), "entry-count"),
    "a device": (lambda: Raw().add(b"null", b"", mode=stat.S_IFCHR | 0o666).bytes(), "device"),
}
MANY = _many
