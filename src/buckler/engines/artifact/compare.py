"""An installed package against the manifests of its published artefacts."""

import base64
import posixpath
import re
from collections.abc import Callable, Collection
from typing import Final

from buckler.engines.artifact.record import is_bookkeeping
from buckler.engines.artifact.reference import NotAReference, body_hash, essentials_hash, tags_of
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Package
from buckler.model.reference import Manifest
from buckler.model.value import Value

DIFFERS: Final = "the registry's artefact has another file"
ADDED: Final = "its package lists it, and the registry's artefact does not have it"
STRANGE: Final = "it stands in a package whose registry artefact does not have it"
_PREFIX: Final = re.compile(r"(?:(.*)/)?lib(?:64)?/python\d(?:\.\d+)?/site-packages\Z")
_CODE: Final = (".py", ".so", ".pyd", ".pth")
_SHEBANG: Final = re.compile(rb"#![^\n]*python[^\n]*\n|#!/bin/sh\n'''exec' [^\n]*\n' '''\n")
_WRAPPER: Final = frozenset({
    "", "# -*- coding: utf-8 -*-", "# -*- coding: utf8 -*-", "import re", "import sys",
    "if __name__ == '__main__':", 'if __name__ == "__main__":',
    r"sys.argv[0] = re.sub(r'(-script\.pyw|\.exe)?$', '', sys.argv[0])",
    r"sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?$', '', sys.argv[0])",
    "sys.argv[0] = sys.argv[0].removesuffix('.exe')", 'sys.argv[0] = sys.argv[0].removesuffix(".exe")',
    'if sys.argv[0].endswith("-script.pyw"):', "sys.argv[0] = sys.argv[0][:-11]",
    'elif sys.argv[0].endswith(".exe"):', "sys.argv[0] = sys.argv[0][:-4]",
})  # fmt: skip
"""The lines that pip, distlib, uv and installer write into a console script, besides those that name its function."""


class Compared(Value):
    """One package beside its reference."""

    manifest: Manifest | None
    """The one it was compared with; None: no known one is of this build."""
    equal: Collection[str] = ()
    differing: tuple[tuple[str, str], ...] = ()
    """(path, why)"""
    strange: tuple[str, ...] = ()
    """In the package's folder, listed nowhere."""
    missing: tuple[str, ...] = ()
    why: str = ""
    """Why none was compared with."""


def compare(tree: Tree, package: Package, manifests: tuple[Manifest, ...], own: Collection[str]) -> Compared:
    """Compare a package with the published artefact that is nearest to it. *own*: the files that are its own, by record or by folder."""
    if package.ecosystem == "npm":
        return _npm(tree, package, manifests, own)
    return _pypi(tree, package, manifests, own)


# --- npm ------------------------------------------------------------------------------------------------------------------


def _npm(tree: Tree, package: Package, manifests: tuple[Manifest, ...], own: Collection[str]) -> Compared:
    known = [one for one in manifests if one.kind == "npm"]
    kind, _, digest = package.checksum.partition("-")
    if kind == "sha512" and digest:
        known = [one for one in known if base64.b64encode(bytes.fromhex(one.sha512)).decode() == digest]
        if not known and manifests:
            return Compared(manifest=None, why="the reference is of another tarball than the lock file's")
    return _nearest([_npm_one(tree, package, one, own) for one in known])


def _npm_one(tree: Tree, package: Package, manifest: Manifest, own: Collection[str]) -> Compared:
    root = f"{package.root}/"
    equal: set[str] = set()
    differing: list[tuple[str, str]] = []
    strange: list[str] = []
    for path in own:
        name = path[len(root) :]
        expected = manifest.files.get(name)
        if expected is None and name.endswith(".npmignore"):
            # npm renames it, so that packing the folder again gives the same.
            expected = manifest.files.get(f"{name.removesuffix('.npmignore')}.gitignore")
        if expected is None:
            strange.append(path)
        elif tree.entries[path].sha256 == expected or (name == "package.json" and _same_essentials(tree, path, manifest)):
            equal.add(path)
        else:
            differing.append((path, DIFFERS))
    missing = tuple(root + name for name in manifest.files if root + name not in tree.entries)
    return Compared(manifest=manifest, equal=equal, differing=tuple(differing), strange=tuple(strange), missing=missing)


def _same_essentials(tree: Tree, path: str, manifest: Manifest) -> bool:
    try:
        return essentials_hash(tree.read(path)) == manifest.essentials
    except (KeyError, NotAReference):
        return False


# --- Python ---------------------------------------------------------------------------------------------------------------


def _pypi(tree: Tree, package: Package, manifests: tuple[Manifest, ...], own: Collection[str]) -> Compared:
    info = posixpath.dirname(package.path)
    place = _placer(tree, package.root)
    wheels = [one for one in manifests if one.kind == "wheel"]
    entry = tree.entries.get(f"{info}/WHEEL")
    digest = entry.sha256 if entry is not None else ""
    named = f"{posixpath.basename(info)}/WHEEL"
    exact = [one for one in wheels if digest and one.files.get(named) == digest]
    if exact:
        return _nearest([_wheel(tree, one, own, place, is_rebuilt=False) for one in exact])
    # Another build of the same release, or somebody wrote into WHEEL so that it looks like one: for the same platforms code is the same.
    tags = tags_of(tree.read(f"{info}/WHEEL")) if digest else ()
    rebuilt = [one for one in wheels if one.tags == tags or (not tags and all(tag.endswith("-none-any") for tag in one.tags))]
    if rebuilt:
        return _nearest([_wheel(tree, one, own, place, is_rebuilt=True) for one in rebuilt])
    sdists = [_sdist(tree, package, one, own) for one in manifests if one.kind == "sdist"]
    if sdists:
        return _nearest(sdists)
    return Compared(manifest=None, why="no reference is of this build: its wheel is for other platforms" if manifests else "")


def wheel_tags(tree: Tree, package: Package) -> tuple[str, ...]:
    """Give the tags of the wheel a package was installed from; empty for other packages."""
    path = f"{posixpath.dirname(package.path)}/WHEEL"
    return tags_of(tree.read(path)) if package.ecosystem == "pypi" and path in tree and tree.entries[path].kind == "file" else ()


def _placer(tree: Tree, root: str) -> Callable[[str], str]:
    """Say where a path of a manifest stands in the artifact."""
    match = _PREFIX.match(root)
    above = match[1] or "" if match else ""

    def place(path: str) -> str:
        here = f"{root}/{path}" if root else path
        if match and here not in tree.entries:
            other = f"{above}/{path}" if above else path
            if other in tree.entries:
                return other
        return here

    return place


def _wheel(tree: Tree, manifest: Manifest, own: Collection[str], place: Callable[[str], str], *, is_rebuilt: bool) -> Compared:
    equal: set[str] = set()
    differing: list[tuple[str, str]] = []
    missing: list[str] = []
    told: set[str] = set()
    for name, expected in manifest.files.items():
        path = place(name)
        told.add(path)
        entry = tree.entries.get(path)
        if entry is None:
            missing.append(path)
        elif entry.sha256 == expected or (name in manifest.bodies and _same_body(tree, path, manifest.bodies[name])):
            equal.add(path)
        elif not (is_rebuilt and ".dist-info/" in name):
            differing.append((path, DIFFERS))
    for path in own:
        entry = tree.entries.get(path)
        if path in told or entry is None or is_bookkeeping(path) or path.endswith(".pyc") or "/include/" in path:
            continue
        if entry.kind == "file" and _is_wrapper(tree, path, manifest):
            equal.add(path)
        elif not is_rebuilt or path.endswith(_CODE):
            differing.append((path, ADDED))
    return Compared(manifest=manifest, equal=equal, differing=tuple(differing), missing=tuple(missing))


def _same_body(tree: Tree, path: str, expected: str) -> bool:
    """Say whether a script is the published one below its first line, which names the interpreter."""
    content = tree.read(path)
    return _SHEBANG.match(content) is not None and body_hash(content) == expected


def _is_wrapper(tree: Tree, path: str, manifest: Manifest) -> bool:
    """Say whether a file is the console script an installer writes for one of a package's entry points, and nothing more."""
    if tree.entries[path].size_bytes > 4096 or not manifest.entry_points:
        return False
    content = tree.read(path)
    match = _SHEBANG.match(content)
    if match is None:
        return False
    lines = {line.strip() for line in content[match.end() :].decode("utf-8", "replace").splitlines()} - _WRAPPER
    for _, target in manifest.entry_points:
        module, _, function = target.partition(":")
        first = function.partition(".")[0]
        if lines == {f"from {module} import {first}", f"sys.exit({function}())"}:
            return True
    return False


def _sdist(tree: Tree, package: Package, manifest: Manifest, own: Collection[str]) -> Compared:
    """Compare with a source distribution: what it has too must be the same; what a build made is left alone."""
    root = f"{package.root}/" if package.root else ""
    equal: set[str] = set()
    differing: list[tuple[str, str]] = []
    for path in own:
        expected = manifest.files.get(path[len(root) :]) if path.startswith(root) else None
        if expected is not None and path.endswith(_CODE):
            if expected == tree.entries[path].sha256:
                equal.add(path)
            else:
                differing.append((path, DIFFERS))
    return Compared(manifest=manifest, equal=equal, differing=tuple(differing))


def _nearest(compared: list[Compared]) -> Compared:
    def distance(one: Compared) -> tuple[int, str]:
        return len(one.differing) + len(one.strange) + len(one.missing), one.manifest.sha256 if one.manifest else ""

    return min(compared, key=distance) if compared else Compared(manifest=None)
