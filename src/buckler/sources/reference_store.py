"""The reference store: manifests of published artefacts, kept on this machine so that integrity is settled offline.

    reference/manifests/ab/<sha256 of the artefact>.json      what is in it
    reference/purls/cd/<sha256 of the package URL>/<sha256 of the artefact>      an empty file: which artefacts a release has

Every name is a hash of what it stands for, so two writers write the same thing: adding is safe while others add and read.
"""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from buckler.errors import SourceError
from buckler.model.reference import Manifest

Make = Callable[[bytes, str], Manifest]
"""(content, file name) -> its manifest. Raises `ValueError` with a reason fit to be told for what is no artefact."""

_MOST_BYTES: Final = 1024**3
_ENDS: Final = (".whl", ".tgz", ".tar.gz")
_NPM_CACHE: Final = "content-v2"


def default_folder() -> Path:
    """Say where the store is: below XDG_DATA_HOME, as other programs keep theirs."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "buckler" / "reference"


class ReferenceStore:
    """Manifests by package URL."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()
        self._known: dict[str, tuple[Manifest, ...]] = {}

    def __call__(self, purl: str) -> tuple[Manifest, ...]:
        """Give the manifests of a release: a store is a `Reference`."""
        found = self._known.get(purl)
        if found is None:
            found = self._known[purl] = tuple(self._read(purl))
        return found

    def add(self, manifest: Manifest) -> bool:
        """Keep a manifest; False when it was there. Raises `SourceError` when the store cannot be written."""
        mark = self._marks(manifest.purl) / manifest.sha256
        try:
            content = msgspec.json.encode(manifest)
            file = self._manifest(manifest.sha256)
            if mark.exists() and file.exists() and file.read_bytes() == content:
                return False
            _write(file, content)
            # Last: who sees the mark finds the manifest.
            _write(mark, b"")
        except OSError as bad:
            raise SourceError(
                f"cannot write the reference store `{self.folder}`",
                cause=bad.strerror or type(bad).__name__,
                hint='XDG_DATA_HOME="$PWD/.data" buckler reference add ...',
            ) from None
        self._known.pop(manifest.purl, None)
        return True

    def releases(self) -> int:
        """Count the releases that have a manifest."""
        return sum(1 for _ in self.folder.glob("purls/*/*"))

    def _read(self, purl: str) -> Iterator[Manifest]:
        try:
            names = sorted(os.listdir(self._marks(purl)))  # noqa: PTH208 - once per package: no Path for each name
        except FileNotFoundError:
            return
        except OSError as bad:
            raise SourceError(f"cannot read the reference store `{self.folder}`", cause=bad.strerror or type(bad).__name__) from None
        for name in names:
            if name.startswith("."):
                continue
            try:
                manifest = msgspec.json.decode(self._manifest(name).read_bytes(), type=Manifest)
            except (OSError, msgspec.DecodeError) as bad:
                # A store that cannot be read must not look like one that knows nothing.
                raise SourceError(
                    f"the reference store `{self.folder}` is damaged", cause=f"the manifest {name[:12]} cannot be read", hint="add it again"
                ) from bad
            if manifest.purl == purl and manifest.sha256 == name:
                yield manifest

    def _marks(self, purl: str) -> Path:
        name = hashlib.sha256(purl.encode()).hexdigest()
        return self.folder / "purls" / name[:2] / name

    def _manifest(self, digest: str) -> Path:
        return self.folder / "manifests" / digest[:2] / f"{digest}.json"


def artefacts(path: Path) -> Iterator[Path]:
    """Give the files below *path* that may be artefacts: wheels, sdists, npm tarballs, and npm's own cache. Links are not followed."""
    if path.is_file():
        yield path
        return
    for folder, folders, files in os.walk(path, followlinks=False):
        folders.sort()
        is_cache = _NPM_CACHE in Path(folder).parts
        for name in sorted(files):
            file = Path(folder, name)
            if (name.endswith(_ENDS) or (is_cache and _is_gzip(file))) and not file.is_symlink():
                yield file


def read_artefact(path: Path, make: Make) -> Manifest:
    """Make the manifest of a file. Raises `SourceError`."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SourceError(f"`{path}` is no reference", cause="it is too large")
        # A name in npm's cache is a hash: it says nothing of the package.
        return make(path.read_bytes(), path.name if path.name.endswith(_ENDS) else "")
    except OSError as bad:
        raise SourceError(f"cannot read `{path}`", cause=bad.strerror or type(bad).__name__) from None
    except ValueError as bad:
        raise SourceError(f"`{path}` is no reference", cause=str(bad), hint="wheels, sdists and npm tarballs are") from bad


def _is_gzip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"\x1f\x8b"
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.with_name(f".{path.name[:32]}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        scratch.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise
