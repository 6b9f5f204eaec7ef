"""The use-case of `buckler sbom`: what is installed in a zip, a folder or an image."""

import hashlib
from pathlib import Path

from buckler.engines.artifact.catalog import survey
from buckler.engines.artifact.folder import read_folder
from buckler.engines.artifact.oci import ImageError, looks_like_image, read_image
from buckler.engines.artifact.tree import Tree
from buckler.engines.artifact.zip import ZipError, looks_like_zip, read_zip
from buckler.errors import SourceError
from buckler.model.artifact import ArtifactKind, Inventory
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value


class Catalogued(Value):
    """The packages of one artifact, ready for a bill of materials."""

    name: str
    inventory: Inventory
    hashes: tuple[tuple[str, str], ...]
    """(path, sha256) of the files packages were found in."""


def catalogue(target: Path, *, platform: str = "") -> Catalogued:
    """List what is installed in an artifact. Raises `SourceError` when it is none; what could not be read inside it is `not_assessed`."""
    kind, digest, size, tree = _read(target, platform)
    told = survey(tree)
    unread = tuple(
        Unknown(kind=UnknownKind.FAILED, why=f"{fault.entry or 'the artifact'}: {fault.detail}", need="an artifact without this fault")
        for fault in tree.faults
        if fault.is_fatal
    )
    inventory = Inventory(
        digest=digest,
        kind=kind,
        size_bytes=size,
        entries=len(tree),
        tree_hash=tree.tree_hash(),
        faults=(*tree.faults, *told.faults),
        packages=told.packages,
        not_assessed=(*unread, *told.not_assessed),
    )
    paths = {package.path for package in told.packages}
    hashes = tuple((path, tree.entries[path].sha256) for path in sorted(paths) if path in tree and tree.entries[path].sha256)
    return Catalogued(name=target.resolve().name, inventory=inventory, hashes=hashes)


def _read(target: Path, platform: str) -> tuple[ArtifactKind, str, int, Tree]:
    hint = "buckler sbom layer.zip"
    try:
        is_folder = target.is_dir()
        head = b"" if is_folder else _head(target)
    except OSError as bad:
        raise SourceError(f"cannot read `{target}`", cause=bad.strerror or type(bad).__name__, hint=hint) from None
    if is_folder and not looks_like_image(target):
        tree = read_folder(target)
        return "folder", tree.tree_hash(), sum(entry.size_bytes for entry in tree.files()), tree
    if looks_like_zip(head):
        data = target.read_bytes()
        try:
            return "zip", hashlib.sha256(data).hexdigest(), len(data), read_zip(data)
        except ZipError as bad:
            raise SourceError(f"`{target}` cannot be read", cause=str(bad)) from bad
    try:
        image = read_image(target, platform=platform)
    except ImageError as bad:
        raise SourceError(f"`{target}` is no artifact", cause=f"it is no zip, and as an image: {bad}", hint=hint) from bad
    return "image", image.digest.removeprefix("sha256:"), image.size_bytes, image.tree


def _head(target: Path) -> bytes:
    with target.open("rb") as file:
        return file.read(4)
