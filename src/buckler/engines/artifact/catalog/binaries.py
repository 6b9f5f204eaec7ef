"""Programs that carry a list of what they were built from; each is read once."""

import re
from typing import Final

from buckler.engines.artifact.catalog import go, rust
from buckler.engines.artifact.catalog.executable import is_program, layouts
from buckler.engines.artifact.catalog.shelf import Shelf

_SMALLEST: Final = 64 * 1024
"""No program of Go or Rust is smaller."""
_SMALLEST_OTHERWISE_NAMED: Final = 256 * 1024
_LARGEST: Final = 1024 * 1024 * 1024
_NO_PROGRAM: Final = re.compile(
    r"\.(?:a|bz2|c|cfg|cjs|class|conf|cpp|css|csv|cts|d|eot|gif|gz|h|hpp|html|ico|ini|ipynb|jar|jpeg|jpg|js|json|jsx|lock|map|md|mjs|mo|mts|npy"
    r"|npz|parquet|pb|pdf|pem|pickle|pkl|png|po|proto|py|pyc|pyi|pyx|rst|scss|sh|sql|svg|tar|toml|ts|tsx|ttf|txt|war|wasm|whl|woff|woff2|xml|xz"
    r"|yaml|yml|zip|zst)\Z",
    re.IGNORECASE,
)


def carries(content: bytes) -> bool:
    """Say whether a file may be a program that lists what it was built from: a look at its layout, for whoever has it at hand."""
    return is_program(content[:8]) and any(
        go.is_marked(part, layout) or rust.is_marked(layout) for part, layout in layouts(memoryview(content))
    )


def find(shelf: Shelf) -> None:
    """Find what programs say they were built from."""
    seen = shelf.tree.without_inventory
    for entry in shelf.files():
        if entry.path in seen or not _may_be_program(entry.path, entry.mode, entry.size_bytes):
            continue
        whole = shelf.read(entry.path, _LARGEST)
        if whole is None or not is_program(whole[:8]):
            continue
        for content, layout in layouts(memoryview(whole)):
            if not go.find(shelf, entry.path, content, layout):
                rust.find(shelf, entry.path, content, layout)


def _may_be_program(path: str, mode: int, size: int) -> bool:
    """Spare reading everything: a program has no name of a text, or it is one that somebody may run."""
    if size < _SMALLEST:
        return False
    if not _NO_PROGRAM.search(path):
        return True
    return bool(mode & 0o111) and size >= _SMALLEST_OTHERWISE_NAMED
