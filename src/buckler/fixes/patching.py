"""The change of a function's source by which it takes references as well as values, as a patch.

Each read is wrapped in a call of a small module that is put into the package: it asks for the secret that a reference names, once, and
gives anything else back as it is. So the patched code works before the variable changes, and after.
"""

import difflib
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import msgspec

from buckler.fixes._helpers import BUILT, NODE, TYPED, Helper, Looked, chosen, required
from buckler.fixes._reads import HELPER, WRAP, NotReadableError, Read, Reads, newline_of
from buckler.model.code import CodePatch, Folder, Place, VariableInCode

_Add: TypeAlias = Callable[[str, str, Place], None]

_HELPERS: Final = Path(__file__).parents[1] / "guard" / "code"
_PYTHON: Final = (".py",)
_DECLARED: Final = (".d.ts", ".d.mts", ".d.cts")
_MANIFEST: Final = "package.json"
# What a line of a patch's header can hold and every `patch` and `git apply` reads.
_NAME: Final = re.compile(r"[^\x00-\x1f\"\\]+")


def suffixes_of(runtime: str) -> tuple[str, ...]:
    """Say which files of a folder count."""
    return _PYTHON if runtime.startswith("python") else (*NODE, *BUILT, *TYPED, _MANIFEST) if runtime.startswith("nodejs") else ()


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
    looked = list(_python(folder, wanted) if runtime.startswith("python") else _node(folder, wanted))
    return _patch(folder, looked, variables)


def _misplaced(folder: Folder, runtime: str, handler: str) -> str:
    """Say why the folder is not what is deployed: what is imported from its top would not be found."""
    module = handler.rpartition(".")[0]
    paths = {file.path for file in folder.files}
    if runtime.startswith("python"):
        path = module.replace(".", "/")
        if {f"{path}.py", f"{path}/__init__.py"} & paths:
            return ""
    elif any(f"{module}{suffix}" in paths for suffix in (*NODE, *BUILT, *TYPED)):
        return ""
    elif any(posixpath.splitext(posixpath.basename(path)) == (posixpath.basename(module), suffix) for path in paths for suffix in TYPED):
        return ""  # what it is compiled to stands elsewhere
    return f"the handler `{handler}` is not in `{folder.name}`: name the folder that is deployed (`CodeUri`)"


# --- what the files say --------------------------------------------------------------------------------------------------


def _python(folder: Folder, variables: frozenset[str]) -> Iterator[Looked]:
    from buckler.fixes._reads_python import read_python

    for file in folder.files:
        if file.path == f"{HELPER}.py":
            continue
        try:
            yield Looked(file, read_python(file.content, variables))
        except NotReadableError as bad:
            yield Looked(file, Reads(), str(bad))


def _node(folder: Folder, variables: frozenset[str]) -> Iterator[Looked]:
    # The grammars are for those whose function needs them.
    from buckler.fixes._reads_node import is_module, read_node

    types = {posixpath.dirname(file.path): _type(file.content) for file in folder.files if posixpath.basename(file.path) == _MANIFEST}
    for file in folder.files:
        stem, suffix = posixpath.splitext(file.path)
        if posixpath.basename(stem) == HELPER or posixpath.basename(file.path) == _MANIFEST or file.path.endswith(_DECLARED):
            continue
        try:
            reads = read_node(file.content, variables, suffix)
        except NotReadableError as bad:
            yield Looked(file, Reads(), str(bad))
            continue
        is_esm = is_module(file.path, types)
        if suffix in TYPED:
            yield Looked(file, reads, kind="typescript", is_esm=is_esm is True)
        elif suffix in BUILT or (is_esm is not True and reads.is_module):
            # Nobody says which it is, or it says both: it is built, or Node.js finds out.
            yield Looked(file, reads, kind="built")
        else:
            yield Looked(file, reads, kind="esm" if is_esm else "commonjs")


def _type(manifest: bytes) -> str:
    """Give the `type` of a package.json; empty where it says none, which Node.js takes for CommonJS unless the code says otherwise."""
    try:
        found = msgspec.json.decode(manifest)
    except msgspec.DecodeError:
        return ""
    told = cast("dict[str, Any]", found).get("type") if isinstance(found, dict) else None
    return told if isinstance(told, str) else ""


# --- the patch -----------------------------------------------------------------------------------------------------------


def _patch(folder: Folder, looked: Sequence[Looked], variables: Sequence[str]) -> CodePatch:
    found = {name: VariableInCode(variable=name) for name in variables}

    def add(name: str, what: str, place: Place) -> None:
        # What may be a read of any variable may be one of each.
        for one in [name] if name else list(found):
            before: tuple[Place, ...] = getattr(found[one], what)
            if place not in before:
                found[one] = msgspec.structs.replace(found[one], **{what: (*before, place)})

    for place in folder.unread:
        add("", "perhaps", place)
    if any(one.kind == "esm" and f"{HELPER}.mjs".encode() in one.file.content for one in looked):
        for place in required(looked):
            add("", "perhaps", place)
    for one in looked:
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
    wrapping = [one for one in looked if not one.trouble and _wanted(one, moved)]
    helpers = chosen([one for one in wrapping if not one.reads.has_import], looked, folder.files)
    changed: dict[str, tuple[bytes | None, bytes]] = {}
    changed |= {one.file.path: (one.file.content, _edited(one, helpers.get(one.file.path), moved)) for one in wrapping}
    for helper in dict.fromkeys(one.path for one in helpers.values()):
        ours = (_HELPERS / posixpath.basename(helper)).read_bytes()
        there = next((file.content for file in folder.files if file.path == helper), None)
        if there is not None and there != ours:
            return CodePatch(
                folder=folder.name, refusal=f"there is a `{helper}` in `{folder.name}` that is not buckler's: give it another name"
            )
        if there is None:
            changed[helper] = (None, ours)
    # What is new comes last.
    diff = [_diff(path, before, after) for path, (before, after) in sorted(changed.items(), key=lambda one: (one[1][0] is None, one[0]))]
    return CodePatch(folder=folder.name, diff="".join(diff), files=tuple(sorted(changed)), variables=tuple(found.values()))


def _wanted(one: Looked, variables: frozenset[str]) -> list[Read]:
    return [read for read in one.reads.found if read.variable in variables and not read.is_done]


def _troubled(one: Looked, variables: Sequence[str], add: _Add) -> None:
    """Name a file that was not understood: as a read where it names the variable, else as one that may be."""
    for name in variables:
        at = one.file.content.find(name.encode())
        if at >= 0:
            line = one.file.content.count(b"\n", 0, at) + 1
            add(name, "broken", Place(file=one.file.path, line=line, why=f"it is named here, and the file is not patched: {one.trouble}"))
        else:
            add(name, "perhaps", Place(file=one.file.path, why=f"was not looked into: {one.trouble}"))


def _unpatchable(one: Looked) -> str:
    if not _NAME.fullmatch(one.file.path):
        return "it is read in a file whose name no patch can hold"
    if one.reads.import_at is None and not one.reads.has_import:
        return "it is read here, and no line of the file takes an import"
    if one.kind == "typescript" and not one.reads.is_module:
        return "it is read in a script, which an import would make a module: export what others use of it"
    return ""


def _edited(one: Looked, helper: Helper | None, variables: frozenset[str]) -> bytes:
    """Wrap the reads of *variables* in a file, and import what they are wrapped in; None: it is imported already."""
    content = one.file.content
    wrap = HELPER if one.kind == "python" else WRAP
    insertions = [each for read in _wanted(one, variables) for each in ((read.start, f"{wrap}(".encode()), (read.end, b")"))]
    if helper is not None and one.reads.import_at is not None:
        insertions.append((one.reads.import_at, helper.import_for(one).encode() + newline_of(content)))
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
