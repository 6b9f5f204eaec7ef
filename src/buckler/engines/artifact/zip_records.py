"""The records of a zip file: where it ends, its central directory, its local headers.

Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification" 6.3.10, sections 4.3 and 4.5.
"""

import struct
from typing import Final, NamedTuple

END: Final = b"PK\x05\x06"
_END64: Final = b"PK\x06\x06"
_LOCATOR64: Final = b"PK\x06\x07"
CENTRAL: Final = b"PK\x01\x02"
LOCAL: Final = b"PK\x03\x04"

_END_FORMAT: Final = struct.Struct("<4sHHHHIIH")
_LOCATOR_FORMAT: Final = struct.Struct("<4sIQI")
_END64_FORMAT: Final = struct.Struct("<4sQHHIIQQQQ")
_CENTRAL_FORMAT: Final = struct.Struct("<4sBBHHHHHIIIHHHHHII")
_LOCAL_FORMAT: Final = struct.Struct("<4sHHHHHIIIHH")
_LONGEST_COMMENT: Final = 0xFFFF
LONGEST_TAIL: Final = _LONGEST_COMMENT + _END_FORMAT.size
"""How far from the end of a file the end of a zip may begin."""
_NONE32: Final = 0xFFFFFFFF
_NONE16: Final = 0xFFFF

DESCRIPTOR: Final = 0x0008
ENCRYPTED: Final = 0x0041
"""Bit 0, or bit 6 (strong encryption)."""
UTF8: Final = 0x0800
UNICODE_PATH: Final = 0x7075
_ZIP64: Final = 0x0001


class ZipError(ValueError):
    """The file is no zip, or so broken that nothing in it can be trusted."""


class End(NamedTuple):
    """Where the central directory is."""

    at: int
    """Offset of the record itself."""
    directory_at: int
    directory_size: int
    entries: int
    prefix: int
    """Bytes before what the archive takes for its own beginning."""
    after: int
    """Bytes that follow the record and its comment."""
    comment: bytes
    candidates: int
    """Records in the tail of the file that could be the end."""


class Record(NamedTuple):
    """One entry of the central directory."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int
    """Offset of the local header, in the file."""
    mode: int
    """Unix mode, 0 when the archive was not made on Unix."""
    system: int
    is_dos_directory: bool
    unicode_name: bytes | None
    """Name from the Unicode path extra field, where there is one."""


def find_end(data: memoryview) -> End:
    """Find the end of the central directory. Raises `ZipError`."""
    tail_at = max(0, len(data) - LONGEST_TAIL)
    tail = bytes(data[tail_at:])
    found: list[End] = []
    candidates = 0
    at = tail.rfind(END)
    while at >= 0:
        end = _end_at(data, tail_at + at)
        if end is not None:
            candidates += 1
            found.append(end)
        at = tail.rfind(END, 0, at)
    if not found:
        raise ZipError("it has no end-of-central-directory record")
    # The one that reaches to the end of the file is the one every reader takes; else the last.
    chosen = next((end for end in found if end.after == 0), found[0])
    return chosen._replace(candidates=candidates)


def _end_at(data: memoryview, at: int) -> End | None:
    if at + _END_FORMAT.size > len(data):
        return None
    _, disk, _, _, entries, size, offset, comment_size = _END_FORMAT.unpack_from(data, at)
    after = len(data) - (at + _END_FORMAT.size + comment_size)
    if after < 0:
        return None
    end_of_directory = at
    if _NONE16 in {entries, disk} or _NONE32 in {size, offset}:
        wide = _end64(data, at)
        if wide is not None:
            entries, size, offset, end_of_directory = wide
    prefix = end_of_directory - size - offset
    if prefix < 0 or end_of_directory - size < 0:
        return None
    directory_at = end_of_directory - size
    if entries and bytes(data[directory_at : directory_at + 4]) != CENTRAL:
        return None
    comment = bytes(data[at + _END_FORMAT.size : at + _END_FORMAT.size + comment_size])
    return End(at, directory_at, size, entries, prefix, after, comment, 0)


def _end64(data: memoryview, at: int) -> tuple[int, int, int, int] | None:
    locator_at = at - _LOCATOR_FORMAT.size
    if locator_at < 0:
        return None
    signature, _, end_at, _ = _LOCATOR_FORMAT.unpack_from(data, locator_at)
    if signature != _LOCATOR64:
        return None
    # Something may stand before the archive: then the record is where it has to be, not where it says.
    for candidate in (end_at, locator_at - _END64_FORMAT.size):
        if 0 <= candidate <= len(data) - _END64_FORMAT.size:
            signature, _, _, _, _, _, _, entries, size, offset = _END64_FORMAT.unpack_from(data, candidate)
            if signature == _END64:
                return entries, size, offset, candidate
    return None


def records(data: memoryview, end: End, most: int) -> list[Record]:
    """Read the central directory. Raises `ZipError` when it is broken or has more than *most* entries."""
    out: list[Record] = []
    # A copy of its own: pieces of bytes are had for less than pieces of a view.
    directory = bytes(data[end.directory_at : end.directory_at + end.directory_size])
    at, stop = 0, end.directory_size
    prefix = end.prefix
    unpack, header = _CENTRAL_FORMAT.unpack_from, _CENTRAL_FORMAT.size
    while at < stop:
        if at + header > stop:
            raise ZipError("its central directory breaks off")
        found = unpack(directory, at)
        signature, _, system, _, flags, method, _, _, crc, packed, size, name_size, extra_size, comment_size, _, _, external, offset = found
        if signature != CENTRAL:
            raise ZipError("its central directory holds something that is no entry")
        if len(out) >= most:
            raise ZipError(f"it has more than {most:,} entries")
        name_at = at + header
        extra_at = name_at + name_size
        following = extra_at + extra_size + comment_size
        if following > stop:
            raise ZipError("its central directory breaks off inside an entry")
        unicode_name = None
        if extra_size:
            extra = directory[extra_at : extra_at + extra_size]
            size, packed, offset, unicode_name = _extra(extra, size, packed, offset)
        mode = external >> 16 if system == 3 else 0
        name, is_dos_directory = directory[name_at:extra_at], bool(external & 0x10)
        out.append(Record(name, flags, method, crc, packed, size, offset + prefix, mode, system, is_dos_directory, unicode_name))
        at = following
    return out


def _extra(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int, bytes | None]:
    unicode_name = None
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _ZIP64:
            values = [int.from_bytes(body[start : start + 8], "little") for start in range(0, len(body) - 7, 8)]
            if size == _NONE32 and values:
                size = values.pop(0)
            if packed == _NONE32 and values:
                packed = values.pop(0)
            if offset == _NONE32 and values:
                offset = values.pop(0)
        elif kind == UNICODE_PATH and len(body) > 5:
            unicode_name = body[5:]
    return size, packed, offset, unicode_name


class Local(NamedTuple):
    """A local header."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    data_at: int
    unicode_name: bytes | None


def local(data: memoryview, at: int) -> Local:
    """Read the local header at an offset. Raises `ZipError`."""
    if at < 0 or at + _LOCAL_FORMAT.size > len(data):
        raise ZipError("its local header lies outside the file")
    signature, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL_FORMAT.unpack_from(data, at)
    if signature != LOCAL:
        raise ZipError("there is no local header where the directory says")
    name_at = at + _LOCAL_FORMAT.size
    data_at = name_at + name_size + extra_size
    if data_at > len(data):
        raise ZipError("its local header breaks off")
    unicode_name = None
    if extra_size:
        size, packed, _, unicode_name = _extra(bytes(data[name_at + name_size : data_at]), size, packed, 0)
    return Local(bytes(data[name_at : name_at + name_size]), flags, method, crc, packed, size, data_at, unicode_name)
