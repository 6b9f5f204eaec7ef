"""Programs with nothing in them but headers and an inventory, laid out as linkers do."""

import json
import struct
import zlib

PAD = b"\0" * 70_000
MARKS = b"0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6", b"\xf92C1\x86\x18 r\x00\x82B\x10A\x16\xd8\xf2"


def varint(number):
    text = b""
    while number >= 0x80:
        text += bytes([number & 0x7F | 0x80])
        number >>= 7
    return text + bytes([number])


def text_of(modules):
    return MARKS[0] + modules.encode() + MARKS[1]


def inline(version, modules):
    """Build information as Go 1.18 and later write it."""
    framed = text_of(modules)
    return b"\xff Go buildinf:\x08\x02" + b"\0" * 16 + varint(len(version)) + version.encode() + varint(len(framed)) + framed


def pointed(version, modules, base, order="<"):
    """Build information as Go before 1.18 writes it, where it is loaded at *base*."""
    framed = text_of(modules)
    word = f"{order}Q"
    flags = b"\x08" + (b"\0" if order == "<" else b"\1")
    header = b"\xff Go buildinf:" + flags + struct.pack(word, base + 32) + struct.pack(word, base + 48)
    strings = base + 64
    header += struct.pack(word, strings) + struct.pack(word, len(version))
    header += struct.pack(word, strings + len(version)) + struct.pack(word, len(framed))
    return header + version.encode() + framed


def elf(sections, *, address=0x400000, order="<", stripped=False):
    """An ELF file of 64 bits with one loaded segment that holds everything."""
    body, rows, names = b"", [], b"\0"
    start = 64 + 56
    start += -start % 16
    for name, content in sections:
        body += b"\0" * (-(start + len(body)) % 16)
        rows.append((len(names), start + len(body), len(content)))
        names += name.encode() + b"\0"
        body += content
    body += PAD
    rows.append((len(names), start + len(body), len(names) + 10))
    names += b".shstrtab\0"
    end = start + len(body) + len(names)
    table = struct.pack(f"{order}IIQQQQIIQQ", *([0] * 10))
    for name, offset, size in rows:
        table += struct.pack(f"{order}IIQQQQIIQQ", name, 1, 2, address + offset, offset, size, 0, 0, 1, 0)
    head = b"\x7fELF" + bytes([2, 1 if order == "<" else 2, 1]) + b"\0" * 9
    shape = (0, 0, 0) if stripped else (64, len(rows) + 1, len(rows))
    head += struct.pack(f"{order}HHIQQQIHHHHHH", 2, 62, 1, address, 64, 0 if stripped else end, 0, 64, 56, 1, *shape)
    segment = struct.pack(f"{order}IIQQQQQQ", 1, 7, 0, address, address, end, end, 4096)
    return (head + segment).ljust(start, b"\0") + body + names + (b"" if stripped else table)


def macho(name, content):
    """A Mach-O file of 64 bits with one segment of one section."""
    start = 32 + 72 + 80
    start += -start % 16
    segment = struct.pack("<II16sQQQQIIII", 0x19, 72 + 80, b"__DATA", 0x1000, 0x10000, 0, start + len(content), 7, 7, 1, 0)
    section = struct.pack("<16s16sQQIIIIIIII", name.encode(), b"__DATA", 0x1000 + start, len(content), start, 4, 0, 0, 0, 0, 0, 0)
    head = struct.pack("<IIIIIIII", 0xFEEDFACF, 0x0100000C, 0, 2, 1, len(segment) + len(section), 0, 0)
    return (head + segment + section).ljust(start, b"\0") + content + PAD


def fat(*programs):
    """One file with programs for several architectures."""
    at = 4096
    rows, body = b"", b""
    for program in programs:
        rows += struct.pack(">IIIII", 0x01000007, 3, at + len(body), len(program), 12)
        body += program
    return (b"\xca\xfe\xba\xbe" + struct.pack(">I", len(programs)) + rows).ljust(at, b"\0") + body


def pe(name, content):
    """A PE32+ file of one section."""
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80)
    head = head.ljust(0x80, b"\0") + b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0)
    head += (struct.pack("<H", 0x20B) + b"\0" * 22 + struct.pack("<Q", 0x140000000)).ljust(240, b"\0")
    head += struct.pack("<8sIIII", name.encode(), len(content), 0x1000, len(content), 0x400) + b"\0" * 12 + struct.pack("<I", 0xC0000040)
    return head.ljust(0x400, b"\0") + content + PAD


def crates(packages):
    return zlib.compress(json.dumps({"packages": packages}).encode())
