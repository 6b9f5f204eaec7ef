"""Go modules, as the linker wrote them into a program.

Source: Go's own reader, the package debug/buildinfo: a header of 32 bytes, aligned to 16, then the strings themselves (since Go 1.18) or
pointers to them; the module list stands between two marks of 16 bytes.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from buckler.engines.artifact.catalog.executable import Layout
from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.shelf import Shelf, text_of
from buckler.model.artifact import Package

_MAGIC: Final = b"\xff Go buildinf:"
_SECTIONS: Final = (".go.buildinfo", "__go_buildinfo")
_MOST_TEXT: Final = 16 * 1024 * 1024
_MOST_TRIES: Final = 64
_MARK: Final = 16


class Module(NamedTuple):
    """One line of the module list."""

    path: str
    version: str
    checksum: str


def find(shelf: Shelf, path: str, content: memoryview, layout: Layout) -> bool:
    """Put down the modules of one program. Says whether it is one of Go."""
    for at in _headers(content, layout):
        strings = _strings(content, at, layout)
        if strings is not None and (strings[0].startswith(("go", "devel"))):
            _put(shelf, path, *strings)
            return True
    return False


def is_marked(content: memoryview, layout: Layout) -> bool:
    """Say whether a program may be one of Go."""
    return next(_headers(content, layout), None) is not None


def _headers(content: memoryview, layout: Layout) -> Iterator[int]:
    """Give the places where the header may be: its own section, else wherever its mark stands aligned in what may be written to."""
    for section in layout.sections:
        if section.name in _SECTIONS and bytes(content[section.offset : section.offset + len(_MAGIC)]) == _MAGIC:
            yield section.offset
            return
    for segment in layout.segments:
        if not segment.is_writable:
            continue
        # A program that reads build information holds the mark too, as a constant: every place is tried.
        start = segment.offset
        data = bytes(content[start : start + segment.size])
        at = data.find(_MAGIC)
        for _ in range(_MOST_TRIES):
            if at < 0:
                break
            if (start + at) % 16 == 0:
                yield start + at
            at = data.find(_MAGIC, at + 1)


def _strings(content: memoryview, at: int, layout: Layout) -> tuple[str, str] | None:
    """Give the version of Go and the module list."""
    if at + 32 > len(content):
        return None
    flags = content[at + 15]
    if flags & 2:
        version, after = _inline(content, at + 32)
        modules, _ = _inline(content, after)
    else:
        pointer, order = content[at + 14], "big" if flags & 1 else "little"
        if pointer not in {4, 8}:
            return None
        first = int.from_bytes(content[at + 16 : at + 16 + pointer], order)  # type: ignore[arg-type]  # one of the two words, which mypy widens
        second = int.from_bytes(content[at + 16 + pointer : at + 16 + 2 * pointer], order)  # type: ignore[arg-type]  # same
        version, modules = (_pointed(content, one, layout, pointer, big=bool(flags & 1)) for one in (first, second))
    if not version:
        return None
    # The list is framed by two marks, so that tools can find it without the header.
    is_framed = len(modules) > 2 * _MARK and modules[-_MARK - 1 : -_MARK] == b"\n"
    modules = modules[_MARK:-_MARK] if is_framed else b""
    return version.decode("utf-8", "replace"), modules.decode("utf-8", "replace")


def _inline(content: memoryview, at: int) -> tuple[bytes, int]:
    """Read a string that its length precedes, seven bits to a byte."""
    length = shift = 0
    for _ in range(10):
        if at >= len(content):
            return b"", at
        byte = content[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if length > _MOST_TEXT or at + length > len(content):
        return b"", at
    return bytes(content[at : at + length]), at + length


def _pointed(content: memoryview, address: int, layout: Layout, pointer: int, *, big: bool) -> bytes:
    """Read a string of Go by the address of its header: where it is, and how long."""
    order = "big" if big else "little"

    def number(at: int) -> int:
        return int.from_bytes(content[at : at + pointer], order)  # type: ignore[arg-type]  # one of the two words, which mypy widens

    header = layout.offset_of(address)
    if header is None:
        return b""
    start, length = layout.offset_of(number(header)), number(header + pointer)
    if start is None or length > _MOST_TEXT or start + length > len(content):
        return b""
    return bytes(content[start : start + length])


def parse(text: str) -> tuple[Module | None, list[Module]]:
    """Read a module list: the main module, and what it was built from, replacements in place of what they replace."""
    main: Module | None = None
    built: list[Module] = []
    for line in text.splitlines():
        kind, _, rest = line.partition("\t")
        fields = [text_of(one) for one in rest.split("\t")] + ["", "", ""]
        if kind == "mod":
            main = Module(fields[0], fields[1], fields[2])
        elif kind == "dep" and fields[0]:
            built.append(Module(fields[0], fields[1], fields[2]))
        elif kind == "=>" and built:
            # A folder in place of a module has no version: it is not the release its name and number promise.
            replaced = built.pop()
            built.append(Module(fields[0], fields[1], fields[2]) if fields[1] else Module(replaced.path, "", ""))
    return main, built


def _put(shelf: Shelf, path: str, version: str, text: str) -> None:
    main, built = parse(text)
    number = version.removeprefix("go").partition(" ")[0] if version.startswith("go") else ""
    needed = [*built, Module("stdlib", number, "")]
    if main is not None and main.path and main.path != "command-line-arguments":
        own = Module(main.path, "" if main.version == "(devel)" else main.version, main.checksum)
        shelf.add(_package(own, path), needs=[_purl(one) for one in needed])
    for one in needed:
        shelf.add(_package(one, path))


def _purl(module: Module) -> str:
    namespace, _, name = module.path.rpartition("/")
    return purl("golang", name, module.version, namespace=namespace)


def _package(module: Module, path: str) -> Package:
    return Package(
        purl=_purl(module),
        ecosystem="golang",
        name=module.path,
        version=module.version,
        path=path,
        source="go-buildinfo",
        checksum=module.checksum,
    )


def link(shelf: Shelf) -> None:
    """Say which program was built from what."""
    shelf.link("golang", lambda _, url: url)
