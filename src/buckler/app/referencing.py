"""The use-cases of the reference store: filled from files, or from the registries for exactly what a target has installed."""

import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Literal, cast

from buckler.app.opening import open_artifact
from buckler.engines.artifact.catalog import catalog
from buckler.engines.artifact.compare import wheel_tags
from buckler.engines.artifact.reference import manifest_of
from buckler.errors import SourceError, UsageError
from buckler.model.artifact import Package
from buckler.model.reference import Wanted
from buckler.model.value import Value
from buckler.sources.reference_clients import fetch
from buckler.sources.reference_store import ReferenceStore, artefacts, read_artefact

_AT_ONCE = 4


class Refused(Value):
    """A file or a release that gave no reference."""

    what: str
    error: str
    cause: str
    hint: str = ""


class Referenced(Value):
    """What was added to the store."""

    added: tuple[str, ...]
    """Package URLs, of artefacts that were not there yet."""
    known: int
    """Artefacts that were there already."""
    refused: tuple[Refused, ...] = ()


def add_references(paths: Iterable[Path], store: ReferenceStore) -> Referenced:
    """Add wheels, sdists, npm tarballs, and folders of them."""
    added: list[str] = []
    refused: list[Refused] = []
    known = 0
    for path in paths:
        if not path.exists():
            refused.append(Refused(what=str(path), error=f"cannot read `{path}`", cause="there is no such file or folder"))
            continue
        found = 0
        for file in artefacts(path):
            found += 1
            try:
                manifest = read_artefact(file, manifest_of)
            except SourceError as bad:
                refused.append(Refused(what=str(file), error=bad.error, cause=bad.cause, hint=bad.hint))
                continue
            if store.add(manifest):
                added.append(manifest.purl)
            else:
                known += 1
        if not found:
            refused.append(
                Refused(what=str(path), error=f"`{path}` holds no reference", cause="no wheel, sdist or npm tarball stands in it")
            )
    return Referenced(added=tuple(added), known=known, refused=tuple(refused))


def add_from_registry(targets: Sequence[Path], store: ReferenceStore) -> Referenced:
    """Ask the registries for the releases that *targets* have installed and the store does not know."""
    wanted: dict[tuple[str, tuple[str, ...]], Wanted] = {}
    refused: list[Refused] = []
    known = 0
    for target in targets:
        try:
            tree = open_artifact(target).tree
        except SourceError as bad:
            refused.append(Refused(what=str(target), error=bad.error, cause=bad.cause, hint=bad.hint))
            continue
        for package in catalog(tree):
            if not _is_published(package):
                continue
            tags = wheel_tags(tree, package)
            if any(one.kind == "npm" or one.tags == tags for one in store(package.purl)):
                known += 1
                continue
            wanted[package.purl, tags] = Wanted(
                purl=package.purl,
                ecosystem=cast("Literal['pypi', 'npm']", package.ecosystem),
                name=package.name,
                version=package.version,
                tags=tags,
            )
    added: list[str] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for one, result in zip(wanted.values(), pool.map(partial(_ask, store), wanted.values()), strict=True):
            if isinstance(result, Refused):
                refused.append(result)
            elif result:
                added.append(one.purl)
            else:
                known += 1
    return Referenced(added=tuple(added), known=known, refused=tuple(refused))


def _ask(store: ReferenceStore, wanted: Wanted) -> bool | Refused:
    with tempfile.TemporaryDirectory(prefix="buckler-") as folder:
        try:
            manifest = read_artefact(fetch(wanted, Path(folder)), manifest_of)
        except UsageError:
            raise
        except SourceError as bad:
            return Refused(what=wanted.purl, error=bad.error, cause=bad.cause, hint=bad.hint)
    if manifest.purl != wanted.purl:
        return Refused(what=wanted.purl, error=f"cannot fetch `{wanted.purl}`", cause=f"the registry gave `{manifest.purl}`")
    return store.add(manifest)


def _is_published(package: Package) -> bool:
    """Say whether a registry can be asked: what is installed as such, not copies, not what came from a repository."""
    is_installed = package.source in {"dist-info", "egg-info", "package.json"} and not package.is_vendored
    return is_installed and package.ecosystem in {"pypi", "npm"} and bool(package.version) and "?" not in package.purl
