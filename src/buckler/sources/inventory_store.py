"""Inventories that were worked out before, by the digest of the bytes we read ourselves.

    buckler/inventories/FORMAT-STATE/ab/<sha256 of the artifact>.json      a line with the sha256 of the rest, then the inventory

FORMAT is that of inventories; STATE a hash of whatever else decides what is found (rules, the reference store). Where either
changes, another folder is looked into, and everything is worked out anew. A secret is in an inventory only as `Redacted`.
"""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from buckler.model.artifact import Inventory
from buckler.model.unknown import Unknown, UnknownKind

FORMAT: Final = 2
"""Raise it when the same bytes give another inventory: a new field, a new catalogue, a new rule."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES: Final = 256 * 1024**2
_DAMAGED: Final = "a kept inventory is damaged and was not used"


def default_folder() -> Path:
    """Say where inventories are kept: below XDG_CACHE_HOME, for they can be worked out again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "buckler" / "inventories"


class InventoryStore:
    """Inventories by digest. Used by many threads and processes: a file is there whole or not at all."""

    def __init__(self, state: str, folder: Path | None = None) -> None:
        """Open the store for one *state*: any text that differs whenever the same bytes may give another inventory."""
        self.folder = (folder or default_folder()) / f"{FORMAT}-{hashlib.sha256(state.encode()).hexdigest()[:16]}"

    def get(self, digest: str) -> Inventory | Unknown | None:
        """Give what is kept of a digest (sha256, hex); None: nothing is, `Unknown`: something that cannot be used, to be worked out anew.

        Raises `ValueError` for what is no digest: it would be a path.
        """
        path = self._path(digest)
        try:
            if path.stat().st_size > _MOST_BYTES:
                return _unusable(_DAMAGED)
            head, _, content = path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        except OSError as bad:
            return _unusable(f"a kept inventory cannot be read: {bad.strerror or type(bad).__name__}")
        if head != _seal(content):
            return _unusable(_DAMAGED)
        try:
            found = msgspec.json.decode(content, type=Inventory)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _unusable("a kept inventory is of another version and was not used")
        # A file that was copied to another name speaks of other bytes.
        return found if found.digest == digest else _unusable(_DAMAGED)

    def put(self, inventory: Inventory) -> Unknown | None:
        """Keep an inventory under its digest; `Unknown` when it cannot be kept, which costs time and nothing else.

        Raises `ValueError` for an inventory without a digest.
        """
        path = self._path(inventory.digest)
        content = msgspec.json.encode(inventory)
        try:
            _write(path, _seal(content) + b"\n" + content)
        except OSError as bad:
            return _unusable(f"an inventory cannot be kept: {bad.strerror or type(bad).__name__}")
        return None

    def __iter__(self) -> Iterator[Inventory | Unknown]:
        """Give everything that is kept, in the order of digests; `Unknown` in the place of what cannot be used."""
        for path in sorted(self.folder.glob("??/*.json")):
            if _DIGEST.fullmatch(path.stem):
                found = self.get(path.stem)
                if found is not None:
                    yield found

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("an inventory is kept by a sha256 in hex")
        return self.folder / digest[:2] / f"{digest}.json"


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _unusable(why: str) -> Unknown:
    return Unknown(kind=UnknownKind.FAILED, why=why, need="a cache folder that can be read and written (XDG_CACHE_HOME)")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.with_name(f".{path.name[:16]}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        scratch.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise
