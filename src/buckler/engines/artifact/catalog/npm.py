"""npm packages: what stands in `node_modules`, whoever put it there (npm, yarn, pnpm), and what lock files say of it.

A package is a folder `node_modules/NAME` with a `package.json`. Others are stubs (`{"type": "module"}`) or fixtures: not packages.
Its name is the one in its `package.json`: the folder of an alias (`"x": "npm:left-pad@1"`) is called as somebody liked.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from buckler.engines.artifact.catalog.npm_lock import Locked, locks
from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.shelf import Shelf, folder_of, join, list_of, mapping_of, text_of
from buckler.model.artifact import Package

_NAME: Final = re.compile(r"(?:@[A-Za-z0-9~_.-]+/)?[A-Za-z0-9~_.!'()*-]+\Z")
_DEPENDENCIES: Final = ("dependencies", "optionalDependencies", "peerDependencies")
_COPIES: Final = frozenset({"bower_components", "third_party", "third-party", "vendor", "vendored"})
_MODULES: Final = "node_modules/"


def find(shelf: Shelf) -> None:
    """Find what is installed; where nothing is, what a lock file says would be."""
    read = list(locks(shelf))
    by_place = {place: locked for lock in read for place, locked in lock.by_place.items()}
    by_release: dict[str, dict[tuple[str, str], str]] = {}
    for lock in read:
        by_release.setdefault(lock.folder, {}).update(lock.by_release)
    bundled: set[str] = set()
    for path in shelf.named("package.json"):
        root = folder_of(path)
        if installed_name(root):
            _package(shelf, path, root, by_place, by_release, bundled)
        elif is_copied(root):
            _copy(shelf, path, root)
    for lock in read:
        if join(lock.folder, "node_modules") not in shelf.folders:
            for locked in lock.wanted():
                _locked_only(shelf, lock.path, locked)


def is_copied(root: str) -> bool:
    """Say whether a folder is one of those that packages are copied into by hand, or by tools before npm."""
    return folder_of(root).rpartition("/")[2] in _COPIES


def installed_name(root: str) -> str:
    """Give the name a package is installed under, `@scope/name` or `name`; "" when the folder is not one of `node_modules`."""
    above, slash, name = root.rpartition("/")
    if not slash:
        return ""
    if above == "node_modules" or above.endswith("/node_modules"):
        return "" if name.startswith((".", "@")) else name
    over, _, scope = above.rpartition("/")
    if scope.startswith("@") and (over == "node_modules" or over.endswith("/node_modules")):
        return f"{scope}/{name}"
    return ""


def npm_purl(name: str, version: str) -> str:
    """Write the package URL of an npm package, its scope as the namespace."""
    scope, _, base = name.rpartition("/")
    return purl("npm", base, version, namespace=scope)


def _package(
    shelf: Shelf,
    path: str,
    root: str,
    by_place: dict[str, Locked],
    by_release: dict[str, dict[tuple[str, str], str]],
    bundled: set[str],
) -> None:
    found = shelf.json(path)
    locked = by_place.get(root)
    folder_name = installed_name(root)
    manifest: dict[str, Any] = found or {}
    name = text_of(manifest.get("name"), 214)
    if not _NAME.match(name):
        if found is not None and name:
            shelf.fault("malformed-metadata", path, "its name is none that a package can have")
        name = locked.name if locked is not None and locked.name else folder_name
        if found is not None and not manifest.get("version") and locked is None:
            # `node_modules/x/package.json` with neither name nor version: a stub somebody put there by hand.
            return
    version = _version(text_of(manifest.get("version"), 256)) or (locked.version if locked is not None else "")
    if not version and found is not None:
        shelf.fault("malformed-metadata", path, "it gives no version")
    bundled.update(_bundles(manifest, root))
    package = Package(
        purl=npm_purl(name, version),
        ecosystem="npm",
        name=name,
        version=version,
        path=path,
        root=root,
        licence=_licence(manifest),
        source="package.json",
        is_vendored=(locked is not None and locked.is_bundled) or _is_below(root, bundled),
        checksum=_checksum(shelf, path, name, version, locked, by_release),
    )
    shelf.add(package, needs=[need for key in _DEPENDENCIES for need in mapping_of(manifest.get(key))])


def _copy(shelf: Shelf, path: str, root: str) -> None:
    """Put down a package that was copied into another: only one that was published has a name, a version, and is not private."""
    manifest = shelf.json(path) or {}
    name, version = text_of(manifest.get("name"), 214), _version(text_of(manifest.get("version"), 256))
    if _NAME.match(name) and version and manifest.get("private") is not True:
        package = Package(
            purl=npm_purl(name, version),
            ecosystem="npm",
            name=name,
            version=version,
            path=path,
            root=root,
            licence=_licence(manifest),
            source="package.json",
            is_vendored=True,
        )
        shelf.add(package, needs=list(mapping_of(manifest.get("dependencies"))))


def _checksum(
    shelf: Shelf, path: str, name: str, version: str, locked: Locked | None, by_release: dict[str, dict[tuple[str, str], str]]
) -> str:
    """Give what a lock file says of this very release. A lock that says another release is installed here is named."""
    if locked is not None and locked.version == version:
        return locked.integrity
    if locked is not None and locked.version:
        shelf.fault("lock-differs", path, f"the lock file has another version here: {locked.version!a}, installed is {version!a}")
    at = folder_of(path)
    while True:
        found = by_release.get(at, {}).get((name, version), "")
        if found or not at:
            return found
        at = folder_of(at)


def _bundles(manifest: dict[str, Any], root: str) -> Iterator[str]:
    """Give the folders of packages that come inside this one's tarball."""
    for key in ("bundleDependencies", "bundledDependencies"):
        given = manifest.get(key)
        names = mapping_of(manifest.get("dependencies")) if given is True else list_of(given)
        for name in names:
            if isinstance(name, str):
                yield f"{root}/{_MODULES}{name}"


def _is_below(root: str, folders: set[str]) -> bool:
    """Say whether a folder is one of *folders*, or lies in one: asked by its own ancestors, which are few."""
    at = root
    while at and at not in folders:
        at = folder_of(at)
    return bool(at)


def _licence(manifest: dict[str, Any]) -> str:
    given = manifest.get("license")
    if isinstance(given, dict):
        return text_of(mapping_of(manifest.get("license")).get("type"), 120)
    if isinstance(given, str):
        return text_of(given, 120)
    kinds = [text_of(mapping_of(one).get("type"), 120) for one in list_of(manifest.get("licenses"))]
    return " OR ".join(kind for kind in kinds if kind)


def _version(text: str) -> str:
    # npm takes `v1.2.3` and `=1.2.3` for 1.2.3.
    return text.lstrip("=v ") if re.match(r"[=v ]+\d", text) else text


def _locked_only(shelf: Shelf, path: str, locked: Locked) -> None:
    if _NAME.match(locked.name) and locked.version:
        shelf.add(
            Package(
                purl=npm_purl(locked.name, locked.version),
                ecosystem="npm",
                name=locked.name,
                version=locked.version,
                path=path,
                source=path.rpartition("/")[2].partition(".")[0],
                checksum=locked.integrity,
            )
        )


def link(shelf: Shelf) -> None:
    """Say which package needs which, as Node resolves: in the nearest `node_modules` above it, links of pnpm included."""
    by_root = {package.root: package for package in shelf.of("npm") if package.root}

    # Siblings ask the same folders for the same names: each is asked once, however deep somebody nests them.
    asked: dict[tuple[str, str], str | None] = {}

    def resolve(package: Package, name: str) -> str | None:
        at, climbed, found = package.root, list[tuple[str, str]](), None
        while True:
            if (at, name) in asked:
                found = asked[at, name]
                break
            climbed.append((at, name))
            beside = at if at.endswith("node_modules") else join(at, "node_modules")
            there = by_root.get(shelf.landing(f"{beside}/{name}")) if beside in shelf.folders else None
            if there is not None:
                found = there.purl
            if found is not None or not at:
                break
            at = folder_of(at)
        asked.update(dict.fromkeys(climbed, found))
        return found

    shelf.link("npm", resolve)
