"""Whether compiled Python is what its source compiles to. Python runs the `.pyc`, people read the `.py`.

Nothing of an artifact is ever given to `marshal.loads`, which trusts its input: the source is compiled here, and both codes are read
by a small reader of our own. That works for the Python version buckler runs on; of others nothing can be said.
Sources: PEP 552 (header), PEP 3147 (`__pycache__`), CPython Python/marshal.c of 3.11 to 3.13, read 2026-11-26.
"""

import importlib.util
import marshal
import re
import struct
import sys
import warnings
from typing import Any, Final

from buckler.model.value import Value

_CACHED: Final = re.compile(r"(?P<stem>[^/]+)\.cpython-(?P<version>\d+)(?:\.opt-(?P<opt>[12]))?\.pyc\Z")
_NAME: Final = re.compile(rb"[zZ\xda\xfa]([\x03-\x40])([A-Za-z_][A-Za-z0-9_]{2,63})")
"""A short string as marshal writes it: its kind, its length, and characters of a name."""
_MADE: Final = frozenset({b"return", b"lambda", b"listcomp", b"genexpr", b"dictcomp", b"setcomp", b"module"})
_HEADER = 16
_MOST_SOURCE = 4 * 1024 * 1024
_DEEPEST = 200
_REF = 0x80
THIS: Final = f"{sys.version_info[0]}{sys.version_info[1]}"


class Cached(Value):
    """What a path in `__pycache__` says: which source, which Python, how optimised."""

    source: str
    version: str
    optimize: int


class BytecodeError(ValueError):
    """It is no compiled Python of the version it claims."""


def cached(path: str) -> Cached | None:
    """Read the name of a compiled file; None when it is not one that Python keeps beside a source."""
    folder, _, name = path.rpartition("/")
    match = _CACHED.match(name)
    if match is None or not (folder == "__pycache__" or folder.endswith("/__pycache__")):
        return None
    return Cached(
        source=f"{folder.removesuffix('__pycache__')}{match['stem']}.py", version=match["version"], optimize=int(match["opt"] or 0)
    )


def differs(compiled: bytes, source: bytes, about: Cached) -> str | None:
    """Say how compiled code is not that of its source; "" when it is.

    None when nobody can tell: another Python made it, or no Python compiles the source.
    """
    if about.version != THIS:
        return None
    if compiled[:4] != importlib.util.MAGIC_NUMBER:
        # Python takes it for stale and compiles the source: harmless, but not what a build of this version wrote.
        return "its magic number is not that of the version in its name"
    if len(compiled) < _HEADER or len(source) > _MOST_SOURCE:
        return None
    flags = struct.unpack_from("<I", compiled, 4)[0]
    if flags > 0b11:
        return "its header is none that Python writes"
    body = compiled[_HEADER:]
    name = about.source.rpartition("/")[2]
    try:
        expected = _compile(source, _file_name(body, name.encode()) or name, about.optimize)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if expected != body:
        try:
            if _Reader(body).whole() != _Reader(expected).whole():
                return "its code is not what its source compiles to"
        except (BytecodeError, RecursionError):
            return "it is no compiled Python"
    if flags & 1:
        if compiled[8:16] != importlib.util.source_hash(source):
            return "its header is of another source"
    elif struct.unpack_from("<I", compiled, 12)[0] != len(source) & 0xFFFFFFFF:
        return "its header is of a source of another size"
    return ""


def strange_names(compiled: bytes, source: bytes) -> int:
    """Count the names in compiled code that its source does not spell. Quick, and no proof: what has any is to be compared."""
    names = {found[2][: found[1][0]] for found in _NAME.finditer(compiled) if len(found[2]) >= found[1][0]}
    return sum(1 for name in names if name not in source and not _is_made(name, source))


def _is_made(name: bytes, source: bytes) -> bool:
    """Say whether Python itself makes a name: `__doc__`, `listcomp`, and `_Class__name` of a private one."""
    return name.startswith(b"__") or name in _MADE or (b"__" in name and b"__" + name.partition(b"__")[2] in source)


def _compile(source: bytes, name: str, optimize: int) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Kept in a variable: what is referred to twice is marshalled with a mark, and py_compile refers to its code twice.
        code = compile(source, name, "exec", dont_inherit=True, optimize=optimize)
        return marshal.dumps(code)


def _file_name(body: bytes, name: bytes) -> str:
    """Find the path the source had where it was compiled. Only a guess that saves time: with it the bytes are mostly equal."""
    at = body.find(b"/" + name)
    if at < 0:
        return ""
    end = at + 1 + len(name)
    for length in range(len(name) + 1, min(256, end - 1)):
        start = end - length
        if body[start - 1] == length and body[start - 2] & 0x7F in b"zZ":
            return body[start:end].decode("ascii", "replace")
    return ""


class _Reader:
    """Reads marshalled code into tuples that compare: kinds kept apart, references resolved, file names left out."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.refs: list[Any] = []

    def whole(self) -> Any:  # noqa: ANN401 - nested tuples
        try:
            found = self.value(0)
        except (IndexError, struct.error, UnicodeDecodeError, TypeError) as bad:
            raise BytecodeError("it ends early") from bad
        if self.at != len(self.data):
            raise BytecodeError("something follows the code")
        return found

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.data):
            raise BytecodeError("it ends early")
        found = self.data[self.at : self.at + size]
        self.at += size
        return found

    def long(self) -> int:
        found: int = struct.unpack("<i", self.take(4))[0]
        return found

    def value(self, depth: int) -> Any:  # noqa: ANN401 - nested tuples
        if depth > _DEEPEST:
            raise BytecodeError("it is nested too deeply")
        first = self.take(1)[0]
        kind, keep = chr(first & 0x7F), bool(first & _REF)
        if kind == "r":
            return self.refs[self.long()]
        slot = -1
        if keep:
            slot = len(self.refs)
            self.refs.append(None)
        found = self.one(kind, depth)
        if keep:
            self.refs[slot] = found
        return found

    def one(self, kind: str, depth: int) -> Any:  # noqa: ANN401 - nested tuples
        if kind in "NFTS.0":
            return (kind,)
        if kind == "i":
            return ("int", self.long())
        if kind == "l":
            size = self.long()
            return ("long", size, self.take(2 * abs(size)))
        if kind == "g":
            return ("float", self.take(8))
        if kind == "y":
            return ("complex", self.take(16))
        if kind == "s":
            return ("bytes", self.take(self.long()))
        if kind in "zZ":
            return ("str", self.take(self.take(1)[0]).decode("latin-1"))
        if kind in "aA":
            return ("str", self.take(self.long()).decode("latin-1"))
        if kind in "ut":
            return ("str", self.take(self.long()).decode("utf-8", "surrogatepass"))
        if kind == ")":
            return ("tuple", *[self.value(depth + 1) for _ in range(self.take(1)[0])])
        if kind in "(<>[":
            size = self.long()
            if size > len(self.data):
                raise BytecodeError("it ends early")
            members = [self.value(depth + 1) for _ in range(size)]
            return ("tuple", *members) if kind == "(" else (kind, *(sorted(members, key=repr) if kind in "<>" else members))
        if kind == "c":
            counts = tuple(self.long() for _ in range(5))
            parts = [self.value(depth + 1) for _ in range(5)]
            self.value(depth + 1)  # the path of the source where it was compiled
            names = (self.value(depth + 1), self.value(depth + 1))
            line = self.long()
            return ("code", counts, *parts, *names, line, self.value(depth + 1), self.value(depth + 1))
        if kind == ":":  # slices, since 3.14
            return ("slice", *[self.value(depth + 1) for _ in range(3)])
        raise BytecodeError("it holds something that is no code")
