"""Programs that hide what they are: packed ones, and compressed data where code is expected."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

from buckler.engines.artifact.hunt.trace import Trace, medium

ELF: Final = b"\x7fELF"
_SAMPLE: Final = 16 * 1024
_SAMPLES: Final = 4
_PACKED: Final = 7.6
"""Bits per byte. Machine code stays below 6.7, with tables in it below 7.2; what is compressed or encrypted comes to 7.9."""
_SMALLEST: Final = 8 * 1024


def look(content: bytes) -> Iterator[Trace]:
    """Look at an ELF file."""
    if b"UPX!" in content[:4096] or b"UPX!" in content[-4096:]:
        yield medium("packed", "it is packed with UPX: what it does is seen only when it runs")
    elif len(content) >= _SMALLEST and entropy(content) > _PACKED:
        yield medium("packed", "nearly all of it is compressed or encrypted: what it does is seen only when it runs")


def entropy(content: bytes) -> float:
    """Give the bits per byte of samples spread over *content*: the lowest but one, so that a picture inside does not count."""
    step = max(1, len(content) // _SAMPLES)
    found = sorted(_bits(content[start : start + _SAMPLE]) for start in range(0, len(content), step) if len(content) - start >= 512)
    return found[min(1, len(found) - 1)] if found else 0.0


def _bits(sample: bytes) -> float:
    total = len(sample)
    return -sum(count / total * math.log2(count / total) for count in Counter(sample).values())
