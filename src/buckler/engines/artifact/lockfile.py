"""What lock files say of `node_modules`, against what is there. npm hashes tarballs, not files: this finds what needs no reference.

A link of pnpm that leads to another package than its lock says, and a package that got an install script after it was locked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import msgspec

from buckler.engines.artifact.catalog.npm import installed_name
from buckler.engines.artifact.catalog.shelf import folder_of, join, mapping_of, normal, text_of
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Entry, Package

_NPM: Final = frozenset({".package-lock.json", "package-lock.json", "npm-shrinkwrap.json"})
_PNPM: Final = frozenset({"pnpm-lock.yaml", "lock.yaml"})
UNLISTED: Final = "the lock file does not list its package"
_INSTALL: Final = ("preinstall", "install", "postinstall")
_KINDS: Final = ("dependencies", "optionalDependencies", "devDependencies")
_MOST: Final = 32 * 1024 * 1024
_HOPS = 16
_RELEASE: Final = re.compile(r"/?(?P<name>(?:@[^/@]+/)?[^/@(]+)[@/](?P<version>\d[^(_]*)")


def by_lock(tree: Tree, packages: Iterable[Package]) -> dict[str, tuple[str, str]]:
    """Compare installed npm packages and links with the locks: path -> (package URL, why)."""
    by_root = {package.root: package for package in packages if package.ecosystem == "npm" and package.root}
    found: dict[str, tuple[str, str]] = {}
    if not by_root:
        return found
    locks = [entry.path for entry in tree.files() if entry.path.rpartition("/")[2] in _NPM | _PNPM and entry.size_bytes <= _MOST]
    for path in locks:
        if path.rpartition("/")[2] in _NPM:
            found.update(_scripts_since(tree, path, by_root))
            found.update(_unlisted(tree, path, by_root))
    links = [entry for entry in tree if entry.kind == "symlink" and installed_name(entry.path)]
    # pnpm keeps the same lock twice, beside the project and below `node_modules`.
    found_locks = {tree.entries[path].sha256: path for path in locks if path.rpartition("/")[2] in _PNPM}
    if links or found_locks:
        lock = _Pnpm([_yaml(tree, path) for path in found_locks.values()])
        for root, package in by_root.items():
            if "/.pnpm/" in f"/{root}" and not package.is_vendored and not lock.lists(package.name, package.version):
                found[package.path] = (package.purl, UNLISTED)
        for entry in links:
            why, purl = _misled(tree, entry, by_root, lock)
            if why:
                found[entry.path] = (purl, why)
    return found


def _unlisted(tree: Tree, path: str, by_root: Mapping[str, Package]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give the packages in reach of a lock of npm that it does not list: npm lists all it installs, bundled ones too."""
    folder = folder_of(path)
    if path.rpartition("/")[2].startswith("."):
        folder = folder_of(folder)
    lock = _json(tree, path)
    packages = mapping_of(lock.get("packages"))
    if lock.get("lockfileVersion") not in {2, 3} or not packages:
        return
    places = {join(folder, place) for place in packages}
    for root, package in by_root.items():
        above, inside, _ = root.rpartition("/node_modules/")
        above = above if inside else ""
        # Only where Node would find it: fixtures of tests have folders called `node_modules` too.
        is_found = above == folder or above in places
        if is_found and root not in places and not package.is_vendored and root.startswith(f"{folder}/" if folder else ""):
            yield package.path, (package.purl, UNLISTED)


def landing(tree: Tree, path: str) -> str | None:
    """Follow links, also of folders above, inside the artifact; None when they lead out of it or in a circle."""
    for _ in range(_HOPS):
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            above = "/".join(parts[:depth])
            entry = tree.entries.get(above)
            if entry is not None and entry.kind == "symlink":
                target = normal(folder_of(above), _inside(entry.target))
                if target is None:
                    return None
                path = join(target, "/".join(parts[depth:])) if depth < len(parts) else target
                break
        else:
            return path
    return None


def _inside(target: str) -> str:
    # Layers are unpacked to /opt: an absolute link there stays inside the layer.
    return "/" + target.removeprefix("/opt/") if target.startswith("/opt/") else target


def _scripts_since(tree: Tree, path: str, by_root: Mapping[str, Package]) -> Iterator[tuple[str, tuple[str, str]]]:
    folder = folder_of(path)
    if path.endswith("/.package-lock.json") or path == ".package-lock.json":
        folder = folder_of(folder)
    lock = _json(tree, path)
    if lock.get("lockfileVersion") not in {2, 3}:
        return
    for place, about in mapping_of(lock.get("packages")).items():
        package = by_root.get(join(folder, place)) if place else None
        about = mapping_of(about)  # noqa: PLW2901 - narrowed
        if package is None or about.get("hasInstallScript") or about.get("link") or about.get("version") != package.version:
            continue
        scripts = mapping_of(_json(tree, package.path).get("scripts"))
        for name in _INSTALL:
            if text_of(scripts.get(name), 8) and not (name == "install" and text_of(scripts.get(name), 99) == "node-gyp rebuild"):
                yield package.path, (package.purl, f"it has a `{name}` script, and had none when it was locked")
                break


def _misled(tree: Tree, entry: Entry, by_root: Mapping[str, Package], lock: "_Pnpm") -> tuple[str, str]:
    """Say where a link in `node_modules` leads wrongly, and to which package; ("", "") when it does not."""
    name = installed_name(entry.path)
    target = landing(tree, entry.path)
    if target is None:
        return "the link leads out of the artifact", ""
    package = by_root.get(target)
    if package is None:
        manifest = join(target, "package.json")
        if manifest not in tree:
            # pnpm leaves links to what was optional and is not installed.
            return ("the link leads to no package", "") if _below(tree, target) else ("", "")
        return ("", "") if _json(tree, manifest).get("name") == name else ("the link leads to another package than its name says", "")
    versions = lock.versions(entry.path, name)
    if package.name != name:
        if any(real == package.name for real, _ in versions):
            return "", ""
        return f"the link leads to `{package.name}`", package.purl
    if versions and not any(version == package.version for _, version in versions):
        return (
            f"the link leads to version {package.version}, the lock file has {', '.join(sorted(one for _, one in versions))}",
            package.purl,
        )
    return "", ""


def _below(tree: Tree, folder: str) -> bool:
    return any(path.startswith(f"{folder}/") for path in tree.entries)


class _Pnpm:
    """What pnpm's lock files say of links: in which package, under which name, to which release."""

    def __init__(self, locks: Iterable[dict[str, Any]]) -> None:
        self._top: dict[str, set[tuple[str, str]]] = {}
        self._listed: set[tuple[str, str]] | None = set()
        """Every release; None when a lock names some in a way that is not read here, repositories for example."""
        self._inner: dict[tuple[str, str], dict[str, set[tuple[str, str]]]] = {}
        for lock in locks:
            importers = mapping_of(lock.get("importers"))
            for importer in importers.values() if importers else (lock,):
                self._note(self._top, mapping_of(importer))
            for section in ("packages", "snapshots"):
                for key, about in mapping_of(lock.get(section)).items():
                    release = _RELEASE.match(str(key))
                    if release is None:
                        self._listed = None
                        continue
                    if self._listed is not None:
                        self._listed.add((release["name"], release["version"]))
                    self._note(self._inner.setdefault((release["name"], release["version"]), {}), mapping_of(about))

    @staticmethod
    def _note(into: dict[str, set[tuple[str, str]]], about: dict[str, Any]) -> None:
        for kind in _KINDS:
            for name, given in mapping_of(about.get(kind)).items():
                version = text_of(mapping_of(given).get("version", given), 512)
                release = _RELEASE.match(version)
                if version[:1].isdigit():
                    into.setdefault(name, set()).add((name, re.split(r"[(_]", version, maxsplit=1)[0]))
                elif release is not None:
                    into.setdefault(name, set()).add((release["name"], release["version"]))

    def lists(self, name: str, version: str) -> bool:
        """Say whether a release is listed; True when that cannot be told."""
        return not self._listed or (name, version) in self._listed

    def versions(self, path: str, name: str) -> set[tuple[str, str]]:
        """Give the releases, (name, version), that a link may lead to; empty when no lock says."""
        _, inner, rest = path.rpartition("/.pnpm/")
        if not inner:
            return self._top.get(name, set())
        folder = rest.partition("/")[0]
        if folder == "node_modules":
            # `.pnpm/node_modules` holds one release of everything, whichever came first.
            return set()
        release = _RELEASE.match(folder.replace("+", "/") if folder.startswith("@") else folder)
        known = self._inner.get((release["name"], release["version"]), {}) if release is not None else {}
        return known.get(name, set())


def _yaml(tree: Tree, path: str) -> dict[str, Any]:
    import yaml

    try:
        found: Any = yaml.load(tree.read(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except (yaml.YAMLError, KeyError, ValueError, RecursionError):
        return {}
    return mapping_of(found)


def _json(tree: Tree, path: str) -> dict[str, Any]:
    try:
        found: Any = msgspec.json.decode(tree.read(path).removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, KeyError, ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
