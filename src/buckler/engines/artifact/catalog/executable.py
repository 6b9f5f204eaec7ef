"""The layout of programs: sections and segments of ELF, Mach-O and PE files, as far as inventories inside them need it.

Sources: "System V ABI" (ELF), Apple's mach-o/loader.h, Microsoft's "PE Format"; each offset is checked against the file before it is used.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

_MOST_SECTIONS: Final = 4096
_MACHO: Final = {b"\xfe\xed\xfa\xce": (">", 4), b"\xfe\xed\xfa\xcf": (">", 8), b"\xce\xfa\xed\xfe": ("<", 4), b"\xcf\xfa\xed\xfe": ("<", 8)}
_FAT: Final = b"\xca\xfe\xba\xbe"


class Part(NamedTuple):
    """A section or a segment: where it is in the file, and in memory."""

    name: str
    offset: int
    size: int
    address: int
    is_writable: bool = False


class Layout(NamedTuple):
    """The parts of one program."""

    is_big_endian: bool
    pointer: int
    """Bytes of a pointer."""
    sections: tuple[Part, ...]
    segments: tuple[Part, ...]

    def offset_of(self, address: int) -> int | None:
        """Say where in the file a piece of memory comes from."""
        return next((one.offset + address - one.address for one in self.segments if one.address <= address < one.address + one.size), None)


def is_program(head: bytes) -> bool:
    """Say whether a file begins like a program."""
    return head[:4] == b"\x7fELF" or head[:2] == b"MZ" or head[:4] in _MACHO or (head[:4] == _FAT and head[4:8] < b"\0\0\0\x1f")


def layouts(content: memoryview) -> Iterator[tuple[memoryview, Layout]]:
    """Give the programs in a file, each with its layout: one, or one per architecture. What is no program gives nothing."""
    head = bytes(content[:8])
    try:
        if head[:4] == b"\x7fELF":
            yield content, _elf(content)
        elif head[:2] == b"MZ":
            yield content, _pe(content)
        elif head[:4] in _MACHO:
            yield content, _macho(content)
        elif head[:4] == _FAT:
            # Java classes begin the same; there the number is a version, which is above 30.
            for at in range(min(int.from_bytes(head[4:8], "big"), 30)):
                _, _, start, size, _ = struct.unpack_from(">IIIII", content, 8 + at * 20)
                yield from layouts(content[start : start + size]) if bytes(content[start : start + 4]) in _MACHO else ()
    except (struct.error, ValueError, OverflowError, IndexError):
        # A file that is cut, or only looks like a program: no inventory can be in it that a loader could run.
        return


def _name(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("latin-1")


def _elf(content: memoryview) -> Layout:
    wide, big = content[4] == 2, content[5] == 2
    order = ">" if big else "<"
    if wide:
        phoff, shoff = struct.unpack_from(f"{order}QQ", content, 32)
        phsize, phnum, shsize, shnum, names = struct.unpack_from(f"{order}HHHHH", content, 54)
        program, section = f"{order}IIQQQQ", f"{order}IIQQQQ"
    else:
        phoff, shoff = struct.unpack_from(f"{order}II", content, 28)
        phsize, phnum, shsize, shnum, names = struct.unpack_from(f"{order}HHHHH", content, 42)
        program, section = f"{order}IIIIIII", f"{order}IIIIII"
    segments: list[Part] = []
    for at in range(min(phnum, _MOST_SECTIONS)):
        fields = struct.unpack_from(program, content, phoff + at * phsize)
        order_of = (0, 1, 2, 3, 5) if wide else (0, 6, 1, 2, 4)
        kind, flags, offset, address, size = (fields[at] for at in order_of)
        if kind == 1:
            segments.append(Part("", offset, size, address, bool(flags & 2)))
    try:
        sections = _elf_sections(content, section, shoff, shsize, min(shnum, _MOST_SECTIONS), names)
    except (struct.error, OverflowError):
        # Stripped of its section table, or that is cut off: the segments are what is loaded.
        sections = ()
    return Layout(is_big_endian=big, pointer=8 if wide else 4, sections=sections, segments=tuple(segments))


def _elf_sections(content: memoryview, form: str, start: int, size: int, count: int, names: int) -> tuple[Part, ...]:
    if not start or not count:
        return ()
    rows = [struct.unpack_from(form, content, start + at * size) for at in range(count)]
    if names >= count:
        return ()
    at = rows[names][4]
    # Type 8 takes no room in the file.
    return tuple(Part(_name(bytes(content[at + row[0] : at + row[0] + 64])), row[4], row[5], row[3]) for row in rows if row[1] != 8)


def _macho(content: memoryview) -> Layout:
    order, pointer = _MACHO[bytes(content[:4])]
    wide = pointer == 8
    (count,) = struct.unpack_from(f"{order}I", content, 16)
    at = 32 if wide else 28
    segments: list[Part] = []
    sections: list[Part] = []
    for _ in range(min(count, _MOST_SECTIONS)):
        kind, size = struct.unpack_from(f"{order}II", content, at)
        if size < 8:
            break
        if kind in {0x1, 0x19}:
            address, _memory, offset, length = struct.unpack_from(f"{order}QQQQ" if wide else f"{order}IIII", content, at + 24)
            protection, held = struct.unpack_from(f"{order}II", content, at + (60 if wide else 44))
            segments.append(Part(_name(bytes(content[at + 8 : at + 24])), offset, length, address, bool(protection & 2)))
            row = at + (72 if wide else 56)
            for _number in range(min(held, _MOST_SECTIONS)):
                place, extent, where = struct.unpack_from(f"{order}QQI" if wide else f"{order}III", content, row + 32)
                sections.append(Part(_name(bytes(content[row : row + 16])), where, extent, place))
                row += 80 if wide else 68
        at += size
    return Layout(is_big_endian=order == ">", pointer=pointer, sections=tuple(sections), segments=tuple(segments))


def _pe(content: memoryview) -> Layout:
    (start,) = struct.unpack_from("<I", content, 0x3C)
    if bytes(content[start : start + 4]) != b"PE\0\0":
        raise ValueError("it is no PE file")
    (count,) = struct.unpack_from("<H", content, start + 6)
    (optional,) = struct.unpack_from("<H", content, start + 20)
    (magic,) = struct.unpack_from("<H", content, start + 24)
    wide = magic == 0x20B
    (base,) = struct.unpack_from("<Q" if wide else "<I", content, start + (48 if wide else 52))
    table = start + 24 + optional
    sections: list[Part] = []
    for at in range(min(count, _MOST_SECTIONS)):
        _memory, address, size, offset = struct.unpack_from("<IIII", content, table + at * 40 + 8)
        (traits,) = struct.unpack_from("<I", content, table + at * 40 + 36)
        name = _name(bytes(content[table + at * 40 : table + at * 40 + 8]))
        sections.append(Part(name, offset, size, base + address, bool(traits & 0x80000000)))
    return Layout(is_big_endian=False, pointer=8 if wide else 4, sections=tuple(sections), segments=tuple(sections))
