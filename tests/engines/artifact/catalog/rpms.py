"""Headers of rpm, and the three kinds of database it keeps them in, written from the descriptions of their formats."""

import sqlite3
import struct

INT16, INT32, STRING, STRINGS, I18N = 3, 4, 6, 8, 9


def header(name, version, release, *, epoch=None, arch="x86_64", licence="MIT", files=(), requires=(), provides=(), algorithm=8):
    """A package's header. *files* are (path, sha256, flags, mode)."""
    tags = [(1000, STRING, [name]), (1001, STRING, [version]), (1002, STRING, [release]), (1014, STRING, [licence]), (1022, STRING, [arch])]
    tags.append((1044, STRING, [f"{name}-{version}-{release}.src.rpm"]))
    if epoch is not None:
        tags.append((1003, INT32, [epoch]))
    if files:
        folders = sorted({path.rpartition("/")[0] + "/" for path, *_ in files})
        tags += [
            (1030, INT16, [mode for *_, mode in files]),
            (1035, STRINGS, [digest for _, digest, *_ in files]),
            (1037, INT32, [flags for _, _, flags, _ in files]),
            (1116, INT32, [folders.index(path.rpartition("/")[0] + "/") for path, *_ in files]),
            (1117, STRINGS, [path.rpartition("/")[2] for path, *_ in files]),
            (1118, STRINGS, folders),
            (5011, INT32, [algorithm]),
        ]
    if requires:
        tags.append((1049, STRINGS, list(requires)))
    if provides:
        tags.append((1047, STRINGS, list(provides)))
    index, store = b"", b""
    for tag, kind, values in sorted(tags):
        size = {INT16: 2, INT32: 4}.get(kind, 1)
        store += b"\0" * (-len(store) % size)
        index += struct.pack(">iIiI", tag, kind, len(store), len(values))
        if kind in {INT16, INT32}:
            store += struct.pack(f">{len(values)}{'H' if kind == INT16 else 'I'}", *values)
        else:
            store += b"".join(value.encode() + b"\0" for value in values)
    return struct.pack(">II", len(index) // 16, len(store)) + index + store


def sqlite(blobs):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
    connection.commit()
    return connection.serialize()


def ndb(blobs):
    slots, body = b"", b""
    start = 4096
    for number, blob in enumerate(blobs, 1):
        framed = b"BlbS" + struct.pack("<III", number, 1, len(blob)) + blob
        framed += b"\0" * (-len(framed) % 16)
        slots += b"Slot" + struct.pack("<III", number, (start + len(body)) // 16, len(framed) // 16)
        body += framed
    while 32 + len(slots) < start:
        slots += b"Slot" + b"\0" * 12
    return b"RpmP" + struct.pack("<IIII", 0, 1, 1, len(blobs) + 1).ljust(28, b"\0") + slots + body


def berkeley(blobs, *, order="<", size=4096):
    """A hash table whose one page points to chains of overflow pages; small values stand in the page."""
    pages = [b"", b""]
    entries = [b"\1\0\0\0\0", b"\1\0\0\0\7"]
    for number, blob in enumerate(blobs, 1):
        entries.append(b"\1" + struct.pack(f"{order}I", number))
        if len(blob) < 300:
            entries.append(b"\1" + blob)
            continue
        pieces = [blob[at : at + size - 26] for at in range(0, len(blob), size - 26)]
        first = len(pages)
        entries.append(b"\3\0\0\0" + struct.pack(f"{order}II", first, len(blob)))
        for index, piece in enumerate(pieces):
            following = first + index + 1 if index + 1 < len(pieces) else 0
            page = b"\0" * 8 + struct.pack(f"{order}IIIHHBB", first + index, 0, following, 1, len(piece), 0, 7) + piece
            pages.append(page.ljust(size, b"\0"))
    offsets, at, held = [], size, b""
    for entry in entries:
        at -= len(entry)
        offsets.append(at)
        held = entry + held
    head = b"\0" * 8 + struct.pack(f"{order}IIIHHBB", 1, 0, 0, len(entries), at, 0, 13)
    head += struct.pack(f"{order}{len(offsets)}H", *offsets)
    pages[1] = head.ljust(at, b"\0") + held
    meta = b"\0" * 12 + struct.pack(f"{order}III", 0x00061561, 9, size) + b"\0\x08\0\0" + struct.pack(f"{order}II", 0, len(pages) - 1)
    pages[0] = meta.ljust(size, b"\0")
    return b"".join(pages)
