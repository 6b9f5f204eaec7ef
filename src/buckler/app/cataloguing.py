"""The use-case of `buckler sbom`: what is installed in a zip, a folder or an image."""

from pathlib import Path

from buckler.app.opening import open_artifact
from buckler.engines.artifact.catalog import survey
from buckler.model.artifact import Inventory
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
    opened = open_artifact(target, platform=platform)
    tree = opened.tree
    told = survey(tree)
    unread = tuple(
        Unknown(kind=UnknownKind.FAILED, why=f"{fault.entry or 'the artifact'}: {fault.detail}", need="an artifact without this fault")
        for fault in tree.faults
        if fault.is_fatal
    )
    inventory = Inventory(
        digest=opened.digest,
        kind=opened.kind,
        size_bytes=opened.size_bytes,
        entries=len(tree),
        tree_hash=tree.tree_hash(),
        faults=(*tree.faults, *told.faults),
        packages=told.packages,
        not_assessed=(*unread, *told.not_assessed),
    )
    paths = {package.path for package in told.packages}
    hashes = tuple((path, tree.entries[path].sha256) for path in sorted(paths) if path in tree and tree.entries[path].sha256)
    return Catalogued(name=target.resolve().name, inventory=inventory, hashes=hashes)
