"""Whether the package that is deployed takes references: every read of a variable in it is wrapped, as the patch has it.

`CodeSha256` only tells that something else runs than before. So the package itself is opened, and read by what reads the source.
"""

import mmap
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from buckler.engines.artifact.zip import ZipError, read_zip
from buckler.fixes._helpers import BUILT, NODE
from buckler.fixes._reads import HELPER, NotReadableError, Reads
from buckler.model.code import Place, SourceFile

_MOST_BYTES: Final = 32 * 1024 * 1024
"""Of a file: a bundle of everything is larger than what people write."""
# What a minifier makes of our function's head, or of taking it out of its module, and so how it calls it: a name is given anew in each
# scope, so what is called by it elsewhere is most likely ours, and not surely.
_RENAMED: Final = re.compile(rb"function ([\w$]+)\(([\w$]+)\)\{return \2===void 0\?void 0:|bucklerSecret:([\w$]+)\}")
_CALLED: Final = re.compile(rb"(?<![\w$.])(?P<callee>[\w$]+)\((?P<read>process\.env(?:\.|\[[\"'])(?P<name>\w+)(?:[\"']\])?)\)")


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a package does with a variable."""

    wrapped: tuple[Place, ...] = ()
    plain: tuple[Place, ...] = ()
    """Where the code would get the reference."""
    unread: tuple[Place, ...] = ()
    """Files that name it, and were not understood."""


def look(file: IO[bytes], runtime: str, variable: str) -> Sighting:
    """Look for the reads of a variable in a package. Raises `ValueError` for what is no zip that two readers see the same in."""
    size = os.fstat(file.fileno()).st_size
    content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")
    try:
        tree = read_zip(content)
    except ZipError as bad:
        raise ValueError(str(bad)) from bad
    if any(fault.is_fatal for fault in tree.faults):
        raise ValueError(next(fault.detail for fault in tree.faults if fault.is_fatal))
    suffixes = (".py",) if runtime.startswith("python") else (*NODE, *BUILT)
    named = variable.encode()
    wrapped: list[Place] = []
    plain: list[Place] = []
    unread: list[Place] = []
    for entry in tree.files():
        if not entry.path.endswith(suffixes) or posixpath.splitext(posixpath.basename(entry.path))[0] == HELPER:
            continue
        if entry.size_bytes > _MOST_BYTES:
            unread.append(Place(file=entry.path, why="it is too large to be looked into"))
            continue
        one = SourceFile(path=entry.path, content=tree.read(entry.path))
        if named not in one.content:
            continue
        try:
            reads = _reads(one, variable)
        except NotReadableError as bad:
            unread.append(Place(file=one.path, line=_line(one.content, one.content.find(named)), why=str(bad)))
            continue
        minified = set(_minified(one, variable))
        for read in reads.found:
            is_wrapped = read.is_done or read.start in minified
            (wrapped if is_wrapped else plain).append(Place(file=one.path, line=read.line, why="it is read here"))
        plain += [Place(file=one.path, line=line, why=why) for name, line, why in reads.broken if name == variable]
    return Sighting(tuple(wrapped), tuple(plain), tuple(unread))


def _reads(file: SourceFile, variable: str) -> Reads:
    if file.path.endswith(".py"):
        from buckler.fixes._reads_python import read_python

        return read_python(file.content, frozenset({variable}))
    from buckler.fixes._reads_node import read_node

    return read_node(file.content, frozenset({variable}), posixpath.splitext(file.path)[1])


def _minified(file: SourceFile, variable: str) -> Iterator[int]:
    """Give where reads begin that are given to our function alone, in a file that a bundler put it into and renamed it."""
    names = {one[1] or one[3] for one in _RENAMED.finditer(file.content)}
    for match in _CALLED.finditer(file.content):
        if match["callee"] in names and match["name"] == variable.encode():
            yield match.start("read")


def _line(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1
