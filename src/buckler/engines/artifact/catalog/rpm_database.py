"""The three databases rpm has kept its packages in, each read for the one thing that counts: the header of every package.

SQLite (`rpmdb.sqlite`: Amazon Linux 2023, Fedora), "ndb" (`Packages.db`: SUSE), Berkeley DB's hash tables (`Packages`: Amazon Linux 2).
Sources: rpm's lib/backend (sqlite.c, ndb/rpmpkg.c), Berkeley DB's dbinc/db_page.h. Nothing is trusted: offsets are checked, loops end.
"""

import sqlite3
import struct
import time
from collections.abc import Iterator
from typing import Final

_MOST_PACKAGES: Final = 100_000
_LONGEST_HEADER: Final = 64 * 1024 * 1024
_PATIENCE_S: Final = 20.0
_PAGE: Final = 26
"""Bytes of the header of a page of Berkeley DB."""


class DatabaseError(ValueError):
    """It is no database of rpm, or a broken one."""


def headers(content: bytes) -> Iterator[bytes]:
    """Give the header of each package, whichever database it is. Raises `DatabaseError`."""
    if content[:16] == b"SQLite format 3\0":
        yield from _sqlite(content)
    elif content[:4] == b"RpmP":
        yield from _ndb(content)
    elif len(content) > 512 and content[12:16] in {b"\x61\x15\x06\x00", b"\x00\x06\x15\x61"}:
        yield from _berkeley(content)
    else:
        raise DatabaseError("it is no database of rpm that is known")


def _sqlite(content: bytes) -> Iterator[bytes]:
    size, pages = int.from_bytes(content[16:18], "big"), int.from_bytes(content[28:32], "big")
    if len(content) < 100 or len(content) < pages * (65536 if size == 1 else size):
        # SQLite reads what is left of a cut file without a word.
        raise DatabaseError("it is cut")
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(content)
        connection.text_factory = bytes
        # A hostile file may hold views and triggers that compute for ever: only its one table may be read, and not for long.
        connection.set_authorizer(_only_reading)
        deadline = time.monotonic() + _PATIENCE_S
        connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 100_000)
        kinds: list[tuple[bytes]] = connection.execute("SELECT type FROM sqlite_master WHERE name = 'Packages'").fetchall()
        if kinds != [(b"table",)]:
            raise DatabaseError("it has no table `Packages`")
        for (blob,) in connection.execute("SELECT blob FROM Packages ORDER BY hnum LIMIT ?", (_MOST_PACKAGES,)):
            if isinstance(blob, bytes):
                yield blob
    except (sqlite3.Error, UnicodeDecodeError, AttributeError, MemoryError) as bad:
        raise DatabaseError("it is no SQLite database that can be read") from bad
    finally:
        connection.close()


def _only_reading(action: int, *_names: str | None) -> int:
    return sqlite3.SQLITE_OK if action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ} else sqlite3.SQLITE_DENY


def _ndb(content: bytes) -> Iterator[bytes]:
    """Walk the slots: pages of 4096 bytes at the beginning, each of 16 bytes, that say which blocks of 16 bytes a package takes."""
    (pages,) = struct.unpack_from("<I", content, 12)
    for at in range(32, min(pages * 4096, len(content) - 15, 16 * _MOST_PACKAGES), 16):
        magic, number, block, count = struct.unpack_from("<4sIII", content, at)
        if magic != b"Slot":
            raise DatabaseError("its slots are broken")
        if not block or not count:
            continue
        start = block * 16
        if content[start : start + 4] != b"BlbS" or start + 16 > len(content):
            raise DatabaseError("a package of it is not where it should be")
        owner, _, length = struct.unpack_from("<III", content, start + 4)
        if owner != number or length > _LONGEST_HEADER or start + 16 + length > len(content):
            raise DatabaseError("a package of it is broken")
        yield content[start + 16 : start + 16 + length]


def _berkeley(content: bytes) -> Iterator[bytes]:
    """Walk the pages of a hash table. Values are headers, mostly too large for a page, so kept on a chain of overflow pages."""
    order = "<" if content[12:16] == b"\x61\x15\x06\x00" else ">"
    (size,) = struct.unpack_from(f"{order}I", content, 20)
    if size < 512 or size > 65536 or size & (size - 1):
        raise DatabaseError("its pages have no size that pages can have")
    # Of a cut file the packages of the pages that are left would look like all there are.
    (last,) = struct.unpack_from(f"{order}I", content, 32)
    if (last + 1) * size > len(content):
        raise DatabaseError("it is cut")
    found = 0
    for page in range(size, len(content) - size + 1, size):
        # 2: hash page, unsorted; 13: hash page. Others are overflow, free, or of the table itself.
        if content[page + 25] not in {2, 13}:
            continue
        (entries,) = struct.unpack_from(f"{order}H", content, page + 20)
        if _PAGE + 2 * entries > size:
            raise DatabaseError("a page of it is broken")
        offsets: tuple[int, ...] = struct.unpack_from(f"{order}{entries}H", content, page + _PAGE)
        # Keys and values take turns; entries grow from the page's end, so one ends where the one before it begins.
        for index in range(1, entries, 2):
            start, stop = offsets[index], offsets[index - 1]
            if not start < stop <= size:
                raise DatabaseError("an entry of it is broken")
            held = content[page + start]
            if held == 1:
                value = content[page + start + 1 : page + stop]
            elif held == 3 and page + start + 12 <= len(content):
                first, length = struct.unpack_from(f"{order}II", content, page + start + 4)
                value = _chain(content, order, size, first, length)
            else:
                continue
            found += 1
            # The first value is the highest package number, four bytes: no header.
            if len(value) > 16 and found <= _MOST_PACKAGES:
                yield value


def _chain(content: bytes, order: str, size: int, page: int, length: int) -> bytes:
    if length > _LONGEST_HEADER:
        raise DatabaseError("a package of it is too large")
    pieces: list[bytes] = []
    held = 0
    while page and held < length:
        at = page * size
        if at + size > len(content) or content[at + 25] != 7:
            raise DatabaseError("a package of it is cut")
        (following,) = struct.unpack_from(f"{order}I", content, at + 16)
        (used,) = struct.unpack_from(f"{order}H", content, at + 22)
        if not used or used > size - _PAGE:
            # An empty page could be one of a circle.
            raise DatabaseError("a package of it is broken")
        pieces.append(content[at + _PAGE : at + _PAGE + used])
        held += used
        page = following
    return b"".join(pieces)[:length]
