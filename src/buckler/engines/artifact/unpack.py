"""Compressed streams, piece by piece and from any place: a layer is never held unpacked, and never written to disk."""

import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any, Final, Protocol

try:
    from isal import isal_zlib as _isal
except ImportError:  # pragma: no cover - the extra `artifacts` is not installed
    _fast: Any = zlib
else:
    _fast = _isal

PIECE: Final = 256 * 1024
BLOCK: Final = 1024 * 1024
"""Random access goes by blocks of this size: the state of the inflater is kept at each, some 50 KB."""
_FEED: Final = 64 * 1024
_SMALL_FEED: Final = 16 * 1024
_KEPT: Final = 8
"""Blocks kept unpacked."""
_GZIP_HEADER: Final = 31
_WINDOW: Final = 64 * 1024 * 1024
_RATIO: Final = 200
_EMPTY_MEMBERS: Final = 1000
_ZSTD_WINDOW: Final = 32 * 1024 * 1024
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class UnpackError(ValueError):
    """The stream is broken, or an attack on whoever unpacks it."""

    def __init__(self, detail: str, *, kind: str = "broken-data") -> None:
        super().__init__(detail)
        self.kind = kind


class ZstdMissing(Exception):  # noqa: N818 - no error of the data: an extra is not installed
    """The layer is compressed with zstd, which Python cannot read by itself."""


class Stream(Protocol):
    """Unpacked bytes."""

    trailing: int
    """Bytes that follow the end of the compressed stream; known when `pieces` is through."""

    def pieces(self) -> Iterator[bytes | memoryview]:
        """Give all of it, in pieces. Raises `UnpackError`."""
        ...

    def at(self, offset: int, size: int) -> bytes:
        """Give a part of it. Raises `UnpackError`."""
        ...


def stream_of(data: memoryview) -> Stream:
    """Tell by the first bytes how *data* is compressed, if at all. Raises `ZstdMissing`."""
    head = bytes(data[:4])
    if head.startswith(_GZIP):
        return _Gzip(data)
    if head == _ZSTD or (head[1:] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50):
        return _Zstd(data)
    return Plain(data)


class Plain:
    """Bytes that are not compressed."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.trailing = 0

    def pieces(self) -> Iterator[memoryview]:
        """Give views of the bytes."""
        for at in range(0, len(self.data), BLOCK):
            yield self.data[at : at + BLOCK]

    def at(self, offset: int, size: int) -> bytes:
        """Copy a part."""
        if offset + size > len(self.data):
            raise UnpackError("it ends early")
        return bytes(self.data[offset : offset + size])


class _Watch:
    """Stops a stream that unpacks to many times its size, wherever in it that begins."""

    def __init__(self) -> None:
        self.read = self.made = 0

    def insist(self, read: int, made: int) -> None:
        if made - self.made < _WINDOW:
            return
        if made - self.made > max(read - self.read, 1) * _RATIO:
            times = (made - self.made) // max(read - self.read, 1)
            raise UnpackError(f"a part of it unpacks to {times:,} times its size", kind="bomb")
        self.read, self.made = read, made


class _Inflating:
    """A position in a gzip stream of one or more members."""

    def __init__(self, data: memoryview, module: Any, feed: int, at: int = 0, inflater: Any = None) -> None:  # noqa: ANN401 - zlib or isal
        self.data = data
        self.module = module
        self.feed = feed
        self.at = at
        """Of the first byte not yet taken in."""
        self.inflater: Any = inflater
        self.is_full = False
        self.empty = 0
        self.is_end = False

    def take(self, most: int) -> bytes:
        """Unpack some more, at most *most* bytes; nothing at the end. Raises `UnpackError`."""
        while not self.is_end:
            if self.inflater is None:
                self.inflater, self.made_any = self.module.decompressobj(_GZIP_HEADER), False
            chunk = self.data[self.at : self.at + self.feed]
            if not chunk and not self.is_full:
                raise UnpackError("it ends early")
            try:
                out: bytes = self.inflater.decompress(chunk, most)
            except self.module.error as bad:
                raise UnpackError("it is no gzip stream, or its checksum is wrong") from bad
            # Full means that more may come without more being taken in.
            self.is_full = len(out) == most
            taken = len(chunk) - len(self.inflater.unconsumed_tail) - len(self.inflater.unused_data)
            if not (taken or out or self.inflater.eof):
                raise UnpackError("it does not go on")
            self.at += taken
            self.made_any = self.made_any or bool(out)
            if self.inflater.eof:
                self._next_member()
            if out:
                return out
        return b""

    def _next_member(self) -> None:
        self.empty += not self.made_any
        if self.empty > _EMPTY_MEMBERS:
            raise UnpackError(f"it has more than {_EMPTY_MEMBERS:,} parts with nothing in them", kind="bomb")
        self.inflater = None
        self.is_full = False
        self.is_end = bytes(self.data[self.at : self.at + 2]) != _GZIP

    made_any = False

    def fork(self) -> "_Inflating":
        copied = None if self.inflater is None else self.inflater.copy()
        other = _Inflating(self.data, self.module, self.feed, self.at, copied)
        other.is_full, other.is_end, other.empty, other.made_any = self.is_full, self.is_end, self.empty, self.made_any
        return other


class _Blocks:
    """Random access by blocks: those last asked for are kept, the others unpacked again, each stream in its own way."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._packed: list[bytes] = []
        self._rest: Iterator[bytes] | None = None
        self._left = b""

    def pieces(self) -> Iterator[bytes]:
        raise NotImplementedError

    def stored(self, number: int) -> bytes:
        """Give a block of a stream whose state cannot be kept: all up to there is unpacked once, and packed lightly by blocks."""
        if self._rest is None:
            self._rest = self.pieces()
        while len(self._packed) <= number:
            parts, have = [self._left], len(self._left)
            # A stream that breaks gives what stands before that, and then no more.
            with suppress(UnpackError):
                while have < BLOCK and (piece := next(self._rest, b"")):
                    parts.append(piece)
                    have += len(piece)
            whole = b"".join(parts)
            block, self._left = whole[:BLOCK], whole[BLOCK:]
            if not block:
                return b""
            self._packed.append(zlib.compress(block, 1))
        return zlib.decompress(self._packed[number])

    def block(self, number: int) -> bytes:
        held = self._kept.get(number)
        if held is None:
            held = self.unpack(number)
            self.keep(number, held)
        else:
            self._kept.move_to_end(number)
        return held

    def keep(self, number: int, block: bytes) -> None:
        self._kept[number] = block
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def unpack(self, number: int) -> bytes:
        raise NotImplementedError

    def at(self, offset: int, size: int) -> bytes:
        """Give a part of the unpacked stream."""
        parts: list[bytes] = []
        stop = offset + size
        while offset < stop:
            number, within = divmod(offset, BLOCK)
            part = self.block(number)[within : within + stop - offset]
            if not part:
                raise UnpackError("it ends early")
            parts.append(part)
            offset += len(part)
        return b"".join(parts)


class _Gzip(_Blocks):
    def __init__(self, data: memoryview) -> None:
        super().__init__()
        self.data = data
        self.trailing = 0
        # zlib's: ISA-L's state cannot be copied.
        self._points = [_Inflating(data, zlib, _SMALL_FEED)]
        self._is_refused = False

    def pieces(self) -> Iterator[bytes]:
        inflating, watch, made = _Inflating(self.data, _fast, _FEED), _Watch(), 0
        while piece := inflating.take(PIECE):
            made += len(piece)
            watch.insist(inflating.at, made)
            yield piece
        self.trailing = len(self.data) - inflating.at

    def unpack(self, number: int) -> bytes:
        if self._is_refused:
            return self.stored(number)
        try:
            return self._forked(number)
        except UnpackError:
            # zlib refuses some streams that ISA-L takes, or stops earlier in broken ones: what was hashed is what must be read.
            self._is_refused = True
            return self.stored(number)

    def _forked(self, number: int) -> bytes:
        first = min(number, len(self._points) - 1)
        inflating = self._points[first].fork()
        block = b""
        for one in range(first, number + 1):
            parts: list[bytes] = []
            missing = BLOCK
            while missing and (part := inflating.take(missing)):
                parts.append(part)
                missing -= len(part)
            block = b"".join(parts)
            if one + 1 == len(self._points):
                self._points.append(inflating.fork())
            if one != number:
                self.keep(one, block)
        return block


class _Zstd(_Blocks):
    """A zstd stream. Its state cannot be kept: who reads from anywhere in it gets blocks that were lightly compressed anew."""

    def __init__(self, data: memoryview) -> None:
        super().__init__()
        self.data = data
        self.trailing = 0
        self._module = _zstandard()

    def pieces(self) -> Iterator[bytes]:
        feed = _Feed(self.data)
        reader = self._module.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(feed, read_size=_FEED, read_across_frames=True)
        watch, made = _Watch(), 0
        while True:
            try:
                piece: bytes = reader.read(PIECE)
            except self._module.ZstdError as bad:
                raise UnpackError("it is no zstd stream, its checksum is wrong, or it needs more memory than is given") from bad
            if not piece:
                return
            made += len(piece)
            watch.insist(feed.at, made)
            yield piece

    def unpack(self, number: int) -> bytes:
        return self.stored(number)


class _Feed:
    """What a reader of streams takes from, counted."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def read(self, size: int) -> bytes:
        chunk = bytes(self.data[self.at : self.at + size])
        self.at += len(chunk)
        return chunk


def _zstandard() -> Any:  # noqa: ANN401 - a module that may not be there
    try:
        import zstandard
    except ImportError as missing:
        raise ZstdMissing from missing
    module: ModuleType = zstandard
    return module
