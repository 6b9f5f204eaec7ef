"""The change of a function's source by which it takes references as well as values, as a patch.

Each read is wrapped in a call of a small module that is put at the top of the package: it asks for the secret that a reference names, once,
and gives anything else back as it is. So the patched code works before the variable changes, and after.
"""

import difflib
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import msgspec

from buckler.fixes._reads import HELPER, NotReadableError, Reads, newline_of
from buckler.model.code import CodePatch, Folder, Place, SourceFile, VariableInCode

_Add: TypeAlias = Callable[[str, str, Place], None]

_HELPERS: Final = Path(__file__).parents[1] / "guard" / "code"
_PYTHON: Final = (".py",)
_NODE: Final = (".js", ".mjs", ".cjs")
_BUILT: Final = (".ts", ".mts", ".cts", ".tsx", ".jsx")
_MANIFEST: Final = "package.json"
# What a line of a patch's header can hold and every `patch` and `git apply` reads.
_NAME: Final = re.compile(r"[^\x00-\x1f\"\\]+")


@dataclass(frozen=True, slots=True)
class _Language:
    """How a read is wrapped."""

    helper: str
    """The file that is put at the top of the package."""
    wrap: str
    is_python: bool

    def import_for(self, path: str) -> str:
        """Write the import of what reads are wrapped in."""
        if self.is_python:
            return f"from {HELPER} import {self.wrap}"
        up = "../" * path.count("/") or "./"
        return f'import {{ {self.wrap} }} from "{up}{self.helper}";'


_LANGUAGES: Final = {
    True: _Language(f"{HELPER}.py", HELPER, is_python=True),
    False: _Language(f"{HELPER}.mjs", "bucklerSecret", is_python=False),
}


def suffixes_of(runtime: str) -> tuple[str, ...]:
    """Say which files of a folder count."""
    return _PYTHON if runtime.startswith("python") else (*_NODE, *_BUILT, _MANIFEST) if runtime.startswith("nodejs") else ()


@dataclass(frozen=True, slots=True)
class _Looked:
    """A file and what it says; `trouble` when it cannot be patched."""

    file: SourceFile
    reads: Reads
    trouble: str = ""
    is_esm: bool = False


def make_patch(folder: Folder, runtime: str, handler: str, variables: Sequence[str]) -> CodePatch:
    """Patch the reads of *variables* in the files of a folder, which is what is deployed as the function's package."""
    if not runtime.startswith(("python", "nodejs")):
        told = runtime or "what an image runs"
        return CodePatch(
            folder=folder.name, refusal=f"source is patched for Python and Node.js, not for {told}: read the secret in the code"
        )
    refusal = _misplaced(folder, runtime, handler)
    if refusal:
        return CodePatch(folder=folder.name, refusal=refusal)
    wanted = frozenset(variables)
    language = _LANGUAGES[runtime.startswith("python")]
    looked = list(_python(folder, wanted) if language.is_python else _node(folder, wanted))
    return _patch(folder, language, looked, variables)


def _misplaced(folder: Folder, runtime: str, handler: str) -> str:
    """Say why the folder is not what is deployed: what is imported from its top would not be found."""
    module = handler.rpartition(".")[0]
    paths = {file.path for file in folder.files}
    if runtime.startswith("python"):
        path = module.replace(".", "/")
        if {f"{path}.py", f"{path}/__init__.py"} & paths:
            return ""
    elif any(f"{module}{suffix}" in paths for suffix in (*_NODE, *_BUILT)):
        return ""
    return f"the handler `{handler}` is not in `{folder.name}`: name the folder that is deployed (`CodeUri`)"


# --- what the files say --------------------------------------------------------------------------------------------------


def _python(folder: Folder, variables: frozenset[str]) -> Iterator[_Looked]:
    from buckler.fixes._reads_python import read_python

    for file in folder.files:
        if file.path == f"{HELPER}.py":
            continue
        try:
            yield _Looked(file, read_python(file.content, variables))
        except NotReadableError as bad:
            yield _Looked(file, Reads(), str(bad))


def _node(folder: Folder, variables: frozenset[str]) -> Iterator[_Looked]:
    # The grammar is for those whose function needs it.
    from buckler.fixes._reads_node import BUILT, is_module, read_node

    types = {posixpath.dirname(file.path): _type(file.content) for file in folder.files if posixpath.basename(file.path) == _MANIFEST}
    for file in folder.files:
        if file.path == f"{HELPER}.mjs" or posixpath.basename(file.path) == _MANIFEST:
            continue
        if file.path.endswith(_BUILT):
            yield _Looked(file, Reads(), BUILT)
            continue
        try:
            is_esm = is_module(file.path, types)
            yield _Looked(file, read_node(file.content, variables, is_esm=is_esm), is_esm=is_esm is True)
        except NotReadableError as bad:
            yield _Looked(file, Reads(), str(bad))


def _required(one: _Looked, modules: frozenset[str]) -> Iterator[Place]:
    """Name where an ES module is loaded by `require`, which Node.js does only while it waits for nothing (ERR_REQUIRE_ASYNC_MODULE)."""
    for path, line in one.reads.requires:
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(one.file.path), path))
        if not modules.isdisjoint(f"{wanted}{suffix}" for suffix in ("", *_NODE, *(f"/index{suffix}" for suffix in _NODE))):
            yield Place(file=one.file.path, line=line, why="an ES module is loaded by `require`, which fails when it waits for a secret")


def _type(manifest: bytes) -> str:
    """Give the `type` of a package.json; empty where it says none, which Node.js takes for CommonJS unless the code says otherwise."""
    try:
        found = msgspec.json.decode(manifest)
    except msgspec.DecodeError:
        return ""
    told = cast("dict[str, Any]", found).get("type") if isinstance(found, dict) else None
    return told if isinstance(told, str) else ""


# --- the patch -----------------------------------------------------------------------------------------------------------


def _patch(folder: Folder, language: _Language, looked: Sequence[_Looked], variables: Sequence[str]) -> CodePatch:
    found = {name: VariableInCode(variable=name) for name in variables}

    def add(name: str, what: str, place: Place) -> None:
        # What may be a read of any variable may be one of each.
        for one in [name] if name else list(found):
            before: tuple[Place, ...] = getattr(found[one], what)
            if place not in before:
                found[one] = msgspec.structs.replace(found[one], **{what: (*before, place)})

    for place in folder.unread:
        add("", "perhaps", place)
    modules = frozenset(one.file.path for one in looked if one.is_esm)
    for one in looked:
        for place in _required(one, modules):
            add("", "perhaps", place)
        if one.trouble:
            _troubled(one, variables, add)
            continue
        for name, line, why in one.reads.broken:
            add(name, "broken", Place(file=one.file.path, line=line, why=why))
        for name, line, why in one.reads.perhaps:
            add(name, "perhaps", Place(file=one.file.path, line=line, why=why))
        trouble = _unpatchable(one)
        for read in one.reads.found:
            is_broken = bool(trouble) and not read.is_done
            place = Place(file=one.file.path, line=read.line, why=trouble if is_broken else "it is read here")
            add(read.variable, "broken" if is_broken else "reads", place)
    # A variable of which one read cannot be patched stays as it is, and so do its other reads.
    moved = frozenset(name for name, one in found.items() if one.reads and not one.broken)
    changed = {one.file.path: (one.file.content, _edited(one, language, moved)) for one in looked if not one.trouble}
    changed = {path: (before, after) for path, (before, after) in changed.items() if before != after}
    helper = language.helper
    ours = (_HELPERS / helper).read_bytes()
    there = next((file.content for file in folder.files if file.path == helper), None)
    if there is not None and there != ours:
        return CodePatch(
            folder=folder.name, refusal=f"there is a `{helper}` in `{folder.name}` that is not buckler's: give it another name"
        )
    diff = [_diff(path, before, after) for path, (before, after) in sorted(changed.items())]
    if diff and there is None:
        diff.append(_diff(helper, None, ours))
        changed[helper] = (b"", ours)
    return CodePatch(folder=folder.name, diff="".join(diff), files=tuple(sorted(changed)), variables=tuple(found.values()))


def _troubled(one: _Looked, variables: Sequence[str], add: _Add) -> None:
    """Name a file that was not understood: as a read where it names the variable, else as one that may be."""
    for name in variables:
        at = one.file.content.find(name.encode())
        if at >= 0:
            line = one.file.content.count(b"\n", 0, at) + 1
            add(name, "broken", Place(file=one.file.path, line=line, why=f"it is named here, and the file is not patched: {one.trouble}"))
        elif not one.file.path.endswith(_BUILT):
            add(name, "perhaps", Place(file=one.file.path, why=f"was not looked into: {one.trouble}"))


def _unpatchable(one: _Looked) -> str:
    if not _NAME.fullmatch(one.file.path):
        return "it is read in a file whose name no patch can hold"
    if one.reads.import_at is None and not one.reads.has_import:
        return "it is read here, and no line of the file takes an import"
    return ""


def _edited(one: _Looked, language: _Language, variables: frozenset[str]) -> bytes:
    """Wrap the reads of *variables* in a file, and import what they are wrapped in."""
    content = one.file.content
    reads = [read for read in one.reads.found if read.variable in variables and not read.is_done]
    insertions = [each for read in reads for each in ((read.start, f"{language.wrap}(".encode()), (read.end, b")"))]
    if reads and not one.reads.has_import and one.reads.import_at is not None:
        insertions.append((one.reads.import_at, language.import_for(one.file.path).encode() + newline_of(content)))
    for at, text in sorted(insertions, key=lambda each: each[0], reverse=True):
        content = content[:at] + text + content[at:]
    return content


def _diff(path: str, before: bytes | None, after: bytes) -> str:
    old, new = _lines(before or b""), _lines(after)
    # A name with a space is known to end where a tab stands.
    end = "\t" if " " in path else ""
    names = ("/dev/null" if before is None else f"a/{path}{end}", f"b/{path}{end}")
    lines = difflib.unified_diff(old, new, *names)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(content: bytes) -> list[str]:
    text = content.decode("utf-8")
    return [f"{line}\n" for line in text.split("\n")[:-1]] + ([text.rpartition("\n")[2]] if not text.endswith("\n") and text else [])
