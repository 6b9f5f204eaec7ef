"""What can be said of each file of an artifact: verified, record-only, modified, unowned, or not assessed.

Whose a file is: the package whose record lists it, or in whose folder of `node_modules` it stands. What no package claims is `unowned`: in
a function that is its own code, in a layer something somebody added; either way it is what the hunt for malware looks at.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from buckler.engines.artifact.bytecode import THIS, Cached, cached, differs, strange_names
from buckler.engines.artifact.catalog.shelf import folder_of, join
from buckler.engines.artifact.compare import STRANGE, compare
from buckler.engines.artifact.lockfile import UNLISTED, by_lock, landing
from buckler.engines.artifact.names import SIGNATURE
from buckler.engines.artifact.record import by_record
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Entry, FileState, Integrity, Package
from buckler.model.reference import Reference
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

MISSING: Final = "its package lists it, and it is missing"
OWN_CODE: Final = "no package lists it: the function's own code, as far as anybody can tell"
ADDED: Final = "no package lists it"
AMONG: Final = "it stands among the files of a package that does not list it"
TOOL: Final = "written by the package manager"
INTERPRETER: Final = "it belongs to a Python that keeps no hashes of its files"
NO_SOURCE: Final = "it is compiled Python without its source"
_ORDER: Final[tuple[Integrity, ...]] = ("verified", "record-only", "modified", "unowned", "not-assessed")
_LAYER_FOLDERS: Final = frozenset({"python", "nodejs", "ruby", "java", "dotnet", "bin", "lib", "extensions", "opt"})
_MANAGERS: Final = frozenset({
    "package.json", "package-lock.json", "npm-shrinkwrap.json", ".package-lock.json", "yarn.lock", ".yarn-integrity", ".yarn-state.yml",
    "pnpm-lock.yaml", ".modules.yaml", "lock.yaml",
    ".pnpm-workspace-state.json", ".pnpm-workspace-state-v1.json", "requirements.txt",
    "Pipfile",
    "Pipfile.lock", "poetry.lock", "uv.lock", "pyproject.toml", ".lock",
})  # fmt: skip
_CODE: Final = (".py", ".so", ".pyd", ".pth", ".js", ".cjs", ".mjs", ".node", ".wasm", ".rb", ".jar", ".class", ".php")
_TRIMMED: Final = frozenset({
    "test", "tests", "__tests__", "doc", "docs", "example", "examples", "bench", "benchmark",
    "benchmarks", "sample", "samples", "man", "include",
})  # fmt: skip
"""Folders that people remove to stay below Lambda's limit. What is missing of them is counted, not told as tampering."""
_SOURCE_BYTES: Final = 6 * 1024 * 1024
"""Of Python compiled anew at most, to be compared: about two seconds. Beyond it only what has names that its source does not spell."""
_SHIM: Final = b"#!/bin/sh\nbasedir=$(dirname "
_STDLIB: Final = re.compile(r"(?:^|/)lib(?:64)?/python\d\.\d+/os\.py\Z")
_PYPI_TOP: Final = re.compile(r"[A-Za-z0-9_.]+\Z")


class States(Value):
    """The integrity of one artifact."""

    states: tuple[FileState, ...]
    """Of files that are modified, unowned or not assessed; of missing ones too (`modified`, why `MISSING`). By path."""
    counted: tuple[tuple[Integrity, int], ...]
    """Files of every state, in the order of the states."""
    not_assessed: tuple[Unknown, ...] = ()
    """What could not be compared, and what would allow it."""
    trimmed: int = 0
    """Files that packages list and that are gone, of the kinds people leave out on purpose: tests, docs, types, scripts."""
    referenced: tuple[str, ...] = ()
    """Package URLs that were compared with the registry's artefact."""

    def paths(self, *states: Integrity) -> tuple[str, ...]:
        """Give the paths in any of *states* that are there, to hunt in.

        A Python's own library, which loads code as malware does, is left out.
        """
        return tuple(one.path for one in self.states if one.state in states and one.why not in {MISSING, INTERPRETER})


def may_run(entry: Entry) -> bool:
    """Say whether a file is one that something runs, imports or loads: what nobody owns of these is worth a look."""
    if entry.kind != "file":
        return False
    folder, _, name = entry.path.rpartition("/")
    if name.endswith((*_CODE, ".pyc", ".sh", ".ts")) or name == "bootstrap" or folder.rpartition("/")[2] == "extensions":
        return not name.endswith(".d.ts")
    # Archives made on other systems have everything executable.
    return bool(entry.mode & 0o111) and "." not in name.lstrip(".")


def assess(
    tree: Tree,
    packages: Iterable[Package],
    reference: Reference | None = None,
    *,
    is_layer: bool | None = None,
    most_source: int = _SOURCE_BYTES,
) -> States:
    """Say of every file what can be said.

    *reference* gives the manifests of a package URL. *is_layer*: whether the artifact is a layer, where nobody's files are not expected;
    None: told by its folders. Raises nothing: what cannot be compared is `not-assessed`.
    """
    assessor = _Assessor(tree, tuple(packages), is_layer=_looks_like_layer(tree) if is_layer is None else is_layer)
    assessor.records()
    assessor.folders()
    assessor.references(reference)
    assessor.locks()
    assessor.rest()
    assessor.bytecode(most_source)
    return assessor.states()


def _looks_like_layer(tree: Tree) -> bool:
    # What AWS Signer adds makes no function of a layer.
    tops = {path.partition("/")[0] for path, entry in tree.entries.items() if entry.kind != "directory" and path != SIGNATURE}
    return bool(tops) and tops <= _LAYER_FOLDERS


class _Assessor:
    def __init__(self, tree: Tree, packages: tuple[Package, ...], *, is_layer: bool) -> None:
        self.tree = tree
        self.packages = packages
        self.is_layer = is_layer
        self.state: dict[str, tuple[Integrity, str, str]] = {}
        """Path -> (state, package URL, why)."""
        self.own: dict[str, set[str]] = {}
        """Path of a package's manifest -> its files."""
        self.missing: dict[str, str] = {}
        self.trimmed = 0
        self.referenced: set[str] = set()
        self.unknown: list[Unknown] = []
        self.unreferenced: set[str] = set()

    # --- whose, and what their packages say --------------------------------------------------------------------------------

    def records(self) -> None:
        for package in self.packages:
            if package.files is not None:
                self.own[package.path] = {file.path for file in package.files if file.path in self.tree.entries}
            elif package.source == "dist-info" and self._was_recorded(package):
                self.missing[join(folder_of(package.path), "RECORD")] = package.purl
        recorded = by_record(self.tree, self.packages)
        for path, purl in recorded.agreed.items():
            self.state[path] = ("record-only", purl, "")
        for path, purl in recorded.unhashed.items():
            self.state[path] = ("not-assessed", purl, "its package lists it without a hash")
        for path, (purl, why) in recorded.differing.items():
            self.state[path] = ("modified", purl, why)
        for path, purl in recorded.missing.items():
            self.gone(path, purl)

    def _was_recorded(self, package: Package) -> bool:
        """Say whether a package without RECORD had one: installers that say who they are write it, distributions remove it."""
        installer = join(folder_of(package.path), "INSTALLER")
        try:
            return installer in self.tree.entries and self.tree.read(installer).strip() in {b"pip", b"uv", b"poetry", b"pdm"}
        except KeyError:
            return False

    def gone(self, path: str, purl: str) -> None:
        """Note a file that should be there. `.pyc` are left out by whoever builds for another Python."""
        parts = path.split("/")
        is_package_file = not any(part in _TRIMMED or part.endswith((".dist-info", ".egg-info")) for part in parts[:-1])
        if is_package_file and path.endswith(_CODE) and not path.endswith(".d.ts") and "bin" not in parts[:-1]:
            self.missing[path] = purl
        elif not path.endswith(".pyc"):
            self.trimmed += 1

    def folders(self) -> None:
        """Give the files of packages that keep no list: of npm and gems what stands in their folder, of eggs what they call their own."""
        owners: dict[str, Package] = {}
        for package in self.packages:
            if package.files is not None or package.source.endswith("lock"):
                continue
            if package.ecosystem == "npm" and package.root and not package.is_vendored:
                owners[package.root] = package
            elif package.ecosystem == "pypi" and not package.is_vendored:
                for top in self._tops(package):
                    owners.setdefault(top, package)
            elif package.ecosystem not in {"npm", "pypi"}:
                owners.setdefault(package.root or package.path, package)
                if package.path not in self.state and package.path in self.tree.entries:
                    self._listed(package.path, package)
        owners.pop("", None)
        if not owners:
            return
        nearest: dict[str, Package | None] = {}
        for path, entry in self.tree.entries.items():
            if entry.kind == "directory" or path in self.state:
                continue
            owner = owners.get(path) or self._nearest(folder_of(path), owners, nearest)
            if owner is not None and entry.kind == "file":
                self._listed(path, owner)

    def _listed(self, path: str, owner: Package) -> None:
        self.own.setdefault(owner.path, set()).add(path)
        self.state[path] = ("not-assessed", owner.purl, "its package keeps no hashes of its files")

    def _nearest(self, folder: str, owners: dict[str, Package], known: dict[str, Package | None]) -> Package | None:
        if folder in known:
            return known[folder]
        if not folder:
            return None
        found = owners.get(folder)
        if found is None and folder.rpartition("/")[2] != ".bin":
            # What stands in a package's own `node_modules` without being a package, or was bundled with it, is the package's.
            found = self._nearest(folder_of(folder), owners, known)
        known[folder] = found
        return found

    def _tops(self, package: Package) -> list[str]:
        """Give what an egg puts into its folder."""
        info = folder_of(package.path)
        if package.source == "egg":
            return [folder_of(info)]
        tops = [info] if info.endswith(".egg-info") else [package.path]
        listed = join(info, "top_level.txt")
        names = [package.name.replace("-", "_")]
        if info.endswith(".egg-info") and listed in self.tree.entries:
            try:
                names = [line.strip() for line in self.tree.read(listed).decode("utf-8", "replace").splitlines()]
            except KeyError:
                names = []
        for name in names:
            if _PYPI_TOP.match(name):
                tops += [join(package.root, name), join(package.root, f"{name}.py")]
        return tops

    # --- what the registry has ---------------------------------------------------------------------------------------------

    def references(self, reference: Reference | None) -> None:
        for package in self.packages:
            own = self.own.get(package.path)
            if own is None or package.ecosystem not in {"pypi", "npm"}:
                continue
            manifests = reference(package.purl) if reference is not None else ()
            compared = compare(self.tree, package, manifests, own)
            if compared.manifest is None:
                self.unreferenced.add(package.purl)
                if compared.why:
                    self.unknown.append(Unknown(kind=UnknownKind.UNSUPPORTED, why=f"{package.purl}: {compared.why}", need=_ADD))
                continue
            self.referenced.add(package.purl)
            for path in compared.equal:
                self.state[path] = ("verified", package.purl, "")
                self.missing.pop(path, None)
            for path, why in compared.differing:
                if self.state.get(path, ("",))[0] != "verified":
                    self.state[path] = ("modified", package.purl, why)
            for path in compared.strange:
                if self.state.get(path, ("",))[0] != "verified":
                    self.state[path] = ("unowned", package.purl, STRANGE)
            for path in compared.missing:
                if path not in self.missing:
                    self.gone(path, package.purl)
        self._copies()

    def _copies(self) -> None:
        """Let a program be what another package has: esbuild's install script puts the one of its platform in the place of its own."""
        known = {
            self.tree.entries[path].sha256: purl for path, (state, purl, _) in self.state.items() if state == "verified" and _is_bin(path)
        }
        for path, (state, purl, _) in list(self.state.items()):
            if (
                state == "modified"
                and _is_bin(path)
                and self.tree.entries[path].sha256 in known
                and self.tree.entries[path].size_bytes > 4096
            ):
                self.state[path] = ("verified", purl, "")

    def locks(self) -> None:
        for path, (purl, why) in by_lock(self.tree, self.packages).items():
            # What the registry published may still be nothing that was installed here.
            if why == UNLISTED or self.state.get(path, ("",))[0] != "verified":
                self.state[path] = ("modified", purl, why)

    # --- the rest ----------------------------------------------------------------------------------------------------------

    def rest(self) -> None:
        inhabited = self._inhabited()
        interpreters = () if self.is_layer else self._interpreters()
        known = _with_those_above({folder_of(path) for path in self.state})
        for path, entry in self.tree.entries.items():
            if entry.kind == "directory" or path in self.state or path == SIGNATURE or (path.endswith(".pyc") and cached(path) is not None):
                continue  # whether the signature holds is a question of its own
            folder, _, name = path.rpartition("/")
            if entry.kind in {"symlink", "hardlink"}:
                if not self._leads_home(entry, known):
                    self.state[path] = ("unowned", "", "a link that leads to nothing of this artifact")
            elif name in _MANAGERS or (folder.endswith(".bin") and self._is_shim(entry)):
                self.state[path] = ("unowned", "", TOOL)
            elif interpreters and path.startswith(interpreters) and "/site-packages/" not in path and "/dist-packages/" not in path:
                self.state[path] = ("not-assessed", "", INTERPRETER)
            elif folder in inhabited:
                self.state[path] = ("unowned", inhabited[folder], AMONG)
            else:
                self.state[path] = ("unowned", "", ADDED if self.is_layer else OWN_CODE)

    def _interpreters(self) -> tuple[str, ...]:
        """Give the folders of the standard library of a Python that was not installed as a package: images have one."""
        found = (path for path in self.tree.entries if path.endswith("/os.py") and _STDLIB.search(path))
        return tuple(f"{folder_of(path)}/" for path in found if f"{folder_of(path)}/encodings/__init__.py" in self.tree.entries)

    def _is_shim(self, entry: Entry) -> bool:
        """Say whether a file is what pnpm and yarn write into `.bin` instead of a link."""
        if folder_of(entry.path).rpartition("/")[2] != ".bin" or entry.size_bytes > 8192 or entry.kind != "file":
            return False
        return self.tree.read(entry.path).startswith(_SHIM)

    def _inhabited(self) -> dict[str, str]:
        """Give the folders that packages put files into, without those that everybody shares: folder -> package URL."""
        shared = {package.root for package in self.packages} | {""}
        found: dict[str, str] = {}
        for path, (_, purl, _) in self.state.items():
            at = folder_of(path)
            if not purl.startswith(("pkg:pypi/", "pkg:npm/")):
                continue
            if at not in shared and not at.endswith(("/bin", "/lib", "/extensions", "/node_modules", "/.bin")) and at not in {"bin", "lib"}:
                found.setdefault(at, purl)
        return found

    def _leads_home(self, entry: Entry, folders: Collection[str]) -> bool:
        target = landing(self.tree, entry.path)
        return target is not None and (target in self.tree.entries or target in folders)

    # --- compiled Python ---------------------------------------------------------------------------------------------------

    def bytecode(self, most_source: int) -> None:
        left = most_source
        skipped = others = 0
        for path, entry in self.tree.entries.items():
            if entry.kind != "file" or not path.endswith(".pyc"):
                continue
            about = cached(path)
            if about is None:
                self._sourceless(path)
                continue
            source = self.tree.entries.get(about.source)
            if source is None or source.kind != "file":
                self.state[path] = ("unowned", "", NO_SOURCE)
                continue
            of = self.state.get(about.source, ("unowned", "", ADDED))
            left -= source.size_bytes
            if about.version == THIS and left < 0 and not self._is_strange(path, about):
                skipped += 1
            elif about.version != THIS:
                others += 1
            elif self._compiled(path, about, of):
                continue
            self.state[path] = ("not-assessed", of[1], "its code was not compared with its source")
        if skipped:
            why = f"{skipped:,} compiled files were compared with their sources by names only: more than {most_source:,} bytes of Python"
            self.unknown.append(Unknown(kind=UnknownKind.NOT_ASKED, why=why, need="a build without __pycache__"))
        if others:
            why = f"{others:,} compiled files are of another Python than {THIS[0]}.{THIS[1:]}, on which buckler runs"
            self.unknown.append(Unknown(kind=UnknownKind.UNSUPPORTED, why=why, need="buckler on the Python of the function"))

    def _is_strange(self, path: str, about: Cached) -> bool:
        try:
            return strange_names(self.tree.read(path), self.tree.read(about.source)) > 0
        except KeyError:
            return False

    def _compiled(self, path: str, about: Cached, of: tuple[Integrity, str, str]) -> bool:
        try:
            why = differs(self.tree.read(path), self.tree.read(about.source), about)
        except KeyError:
            return False
        if why is None:
            return False
        self.state[path] = ("modified", of[1], why) if why else of
        return True

    def _sourceless(self, path: str) -> None:
        """Python runs `x.pyc` beside no `x.py`; with one beside it, it does not."""
        if path not in self.state or self.state[path][0] == "unowned":
            why = NO_SOURCE if path[:-1] not in self.tree.entries else ADDED
            self.state[path] = ("unowned", self.state.get(path, ("", "", ""))[1], why)

    # --- the answer --------------------------------------------------------------------------------------------------------

    def states(self) -> States:
        counts: Counter[Integrity] = Counter(state for state, _, _ in self.state.values())
        told = [
            FileState(path=path, state=state, purl=purl, why=why)
            for path, (state, purl, why) in self.state.items()
            if state not in {"verified", "record-only"}
        ]
        told += [FileState(path=path, state="modified", purl=purl, why=MISSING) for path, purl in self.missing.items()]
        counts["modified"] += len(self.missing)
        if self.unreferenced:
            few = ", ".join(sorted(self.unreferenced)[:3]) + (", ..." if len(self.unreferenced) > 3 else "")
            why = f"{len(self.unreferenced):,} packages were not compared with the registry's artefacts: {few}"
            self.unknown.append(Unknown(kind=UnknownKind.NOT_ASKED, why=why, need=_ADD))
        return States(
            states=tuple(sorted(told, key=lambda one: one.path)),
            counted=tuple((state, counts[state]) for state in _ORDER if counts[state]),
            not_assessed=tuple(self.unknown),
            trimmed=self.trimmed,
            referenced=tuple(sorted(self.referenced)),
        )


_ADD: Final = "buckler reference add"


def _is_bin(path: str) -> bool:
    return "/bin/" in path


def _with_those_above(folders: set[str]) -> set[str]:
    """Add the folders that folders stand in: one look-up then says whether anything stands below a folder."""
    found = set(folders)
    for folder in folders:
        above = folder_of(folder)
        while above and above not in found:
            found.add(above)
            above = folder_of(above)
    return found
