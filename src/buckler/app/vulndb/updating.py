"""Fetch advisories, and index them before they replace what is there."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from buckler.app.vulndb.opening import build
from buckler.model.value import Value
from buckler.sources.vulndb import Layout
from buckler.sources.vulndb.files import keep_index


class Updated(Value):
    """What came of one ecosystem."""

    ecosystem: str
    advisories: int | None
    """None: nothing has changed since the last time."""
    bytes_received: int


def update(ecosystem: str, where: Layout, base: str, tell: Callable[[int, int | None], None]) -> Updated:
    """Fetch the advisories of an ecosystem; what is no archive of advisories replaces nothing. Raises `SourceError`."""
    count: int | None = None

    def accept(archive: Path, content: memoryview) -> None:
        nonlocal count
        digest = hashlib.sha256(content).hexdigest()
        index = build(archive, content, digest)
        keep_index(archive, digest, index.dump())
        count = sum(index.counts.values())

    from buckler.sources.vulndb.fetch import fetch  # it brings HTTP with it: not for those who only read what was fetched

    fetched = fetch(ecosystem, where, base, tell, accept)
    return Updated(ecosystem=ecosystem, advisories=count, bytes_received=fetched.bytes_received)
