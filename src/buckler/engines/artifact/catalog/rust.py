"""Rust crates, as `cargo auditable` writes them into a program: a section `.dep-v0` with JSON, packed by zlib.

Source: github.com/rust-secure-code/cargo-auditable, PARSING.md and its JSON schema.
"""

import zlib
from typing import Any, Final

from buckler.engines.artifact.catalog.executable import Layout
from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.shelf import Shelf, list_of, mapping_of, text_of
from buckler.model.artifact import Package

_SECTION: Final = ".dep-v0"
_MOST: Final = 8 * 1024 * 1024
"""What the readers of its authors take at most."""


def is_marked(layout: Layout) -> bool:
    """Say whether a program may list its crates."""
    return any(one.name == _SECTION for one in layout.sections)


def find(shelf: Shelf, path: str, content: memoryview, layout: Layout) -> bool:
    """Put down the crates of one program. Says whether it lists any."""
    section = next((one for one in layout.sections if one.name == _SECTION), None)
    if section is None:
        return False
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(content[section.offset : section.offset + section.size], _MOST)
    except zlib.error:
        shelf.fault("malformed-metadata", path, f"its section {_SECTION} is not packed as it should be")
        return False
    if inflater.unconsumed_tail:
        shelf.fault("metadata-too-large", path, f"its section {_SECTION} unpacks to more than {_MOST:,} bytes: not read")
        shelf.missed(path, f"its section {_SECTION} is too large")
        return False
    found = shelf.parse_json(path, text)
    if found is None:
        return False
    crates = [mapping_of(one) for one in list_of(found.get("packages"))]
    for crate in crates:
        name, version = text_of(crate.get("name")), text_of(crate.get("version"))
        if not name or crate.get("kind") == "build":
            # What only ran while it was built is not in it.
            continue
        needs = [_purl(crates[at]) for at in _indexes(crate, len(crates)) if crates[at].get("kind") != "build"]
        package = Package(purl=_purl(crate), ecosystem="cargo", name=name, version=version, path=path, source="dep-v0")
        shelf.add(package, needs=needs)
    return bool(crates)


def _indexes(crate: dict[str, Any], count: int) -> list[int]:
    return [at for at in list_of(crate.get("dependencies")) if isinstance(at, int) and 0 <= at < count]


def _purl(crate: dict[str, Any]) -> str:
    return purl("cargo", text_of(crate.get("name")), text_of(crate.get("version")))


def link(shelf: Shelf) -> None:
    """Say which crate needs which."""
    shelf.link("cargo", lambda _, url: url)
