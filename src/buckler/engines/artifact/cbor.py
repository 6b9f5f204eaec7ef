"""CBOR of a signature, read strictly: definite lengths, no key twice, nothing behind the end (two readers would read two different things).

Source: RFC 8949, sections 3 and 4.2; read 2026-11-26.
"""

import struct
from typing import Final, NamedTuple

_DEEPEST: Final = 16
_SIMPLE: Final[dict[int, bool | None]] = {20: False, 21: True, 22: None}
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}


class Tagged(NamedTuple):
    """A value and the number that says what it means."""

    number: int
    value: object


def decode(data: bytes, most: int) -> object:
    """Decode one value that is all of *data*: int, float, bool, None, bytes, str, list, dict or `Tagged`. Raises `ValueError`."""
    if len(data) > most:
        raise ValueError("too large")
    reader = _Reader(data)
    value = reader.value(0)
    if reader.at != len(data):
        raise ValueError("something stands behind it")
    return value


def byte_string(data: bytes) -> bytes:
    """Write a byte string."""
    return _head(2, len(data)) + data


def text_string(text: str) -> bytes:
    """Write a text."""
    data = text.encode()
    return _head(3, len(data)) + data


def array_of(*encoded: bytes) -> bytes:
    """Write an array of what is written already."""
    return _head(4, len(encoded)) + b"".join(encoded)


def _head(major: int, count: int) -> bytes:
    if count < 24:
        return bytes([major << 5 | count])
    size = next(size for size in (1, 2, 4, 8) if count < 1 << (8 * size))
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + count.to_bytes(size, "big")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def _take(self, count: int) -> bytes:
        # Compared with what is there before anything is made of it: a length may say anything.
        if count > len(self._data) - self.at:
            raise ValueError("it is cut off")
        taken = self._data[self.at : self.at + count]
        self.at += count
        return taken

    def value(self, depth: int) -> object:
        if depth > _DEEPEST:
            raise ValueError("too deep")
        first = self._take(1)[0]
        major, rest = first >> 5, first & 31
        if major == 7:
            return self._simple(rest)
        count = self._count(rest)
        match major:
            case 0:
                return count
            case 1:
                return -1 - count
            case 2:
                return self._take(count)
            case 3:
                return self._take(count).decode()
            case 4:
                # Each of them takes a byte at least.
                if count > len(self._data) - self.at:
                    raise ValueError("it is cut off")
                return [self.value(depth + 1) for _ in range(count)]
            case 5:
                return self._map(count, depth)
            case _:
                return Tagged(count, self.value(depth + 1))

    def _count(self, rest: int) -> int:
        if rest < 24:
            return rest
        if rest > 27:
            raise ValueError("a length that is not said")
        return int.from_bytes(self._take(1 << (rest - 24)), "big")

    def _simple(self, rest: int) -> object:
        if rest in _SIMPLE:
            return _SIMPLE[rest]
        if rest not in _FLOATS:
            raise ValueError("a value that is none")
        written = _FLOATS[rest]
        number: float = struct.unpack(written, self._take(struct.calcsize(written)))[0]
        return number

    def _map(self, count: int, depth: int) -> dict[object, object]:
        found: dict[object, object] = {}
        for _ in range(count):
            key = self.value(depth + 1)
            if not isinstance(key, (int, str)) or isinstance(key, bool) or key in found:
                raise ValueError("a key twice, or one that is none")
            found[key] = self.value(depth + 1)
        return found
