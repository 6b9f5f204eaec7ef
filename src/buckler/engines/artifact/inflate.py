"""Inflating and hashing, as fast as what is installed allows, never beyond what was announced."""

import hashlib
import zlib
from typing import Any, Final, Protocol

try:
    from isal import isal_zlib as _isal
except ImportError:  # pragma: no cover - the extra `artifacts` is not installed
    _fast: Any = zlib
else:
    _fast = _isal

IS_FAST: Final = _fast is not zlib
"""Whether ISA-L does the work: twice as fast on the same answers."""

_RAW = -15


class _Inflater(Protocol):
    eof: bool
    unused_data: bytes

    def decompress(self, data: Any, max_length: int = ..., /) -> bytes: ...  # noqa: ANN401 - any buffer


class InflateError(ValueError):
    """The data is no deflate stream, ends early, or holds more or less than announced."""


def inflate(data: memoryview, size: int) -> bytes:
    """Inflate a raw deflate stream of *size* bytes. Raises `InflateError`; never gives, or holds, more than *size* + 1 bytes."""
    if size == 0 and len(data) <= 2:
        return b""
    inflater: _Inflater = _fast.decompressobj(_RAW)
    try:
        # One byte more than announced: to see that there is more.
        content = inflater.decompress(data, size + 1)
    except _fast.error as bad:
        raise InflateError("it is no deflate stream") from bad
    if len(content) > size:
        raise InflateError(f"it holds more than the {size:,} bytes announced")
    if len(content) < size or not inflater.eof:
        raise InflateError(f"it ends after {len(content):,} of {size:,} bytes" if len(content) < size else "its end is missing")
    if inflater.unused_data:
        raise InflateError(f"{len(inflater.unused_data):,} bytes follow its end")
    return content


def crc32(content: bytes | memoryview) -> int:
    """Compute the CRC of zip."""
    found: int = _fast.crc32(content)
    return found


def sha256(content: bytes | memoryview) -> str:
    """Hash content, in hex."""
    return hashlib.sha256(content).hexdigest()
