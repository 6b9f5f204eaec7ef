"""Which module of ours a file's reads are wrapped by, where it is put, and how the file imports it.

An ES module can wait for a request before its own code runs; CommonJS cannot: "CommonJS modules do not support top-level await" (AWS
Compute Blog, "Using Node.js ES modules and top-level await in AWS Lambda"). There the module fetches synchronously, and so it does in
TypeScript and in what is built: nobody says here which of the two they become.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from buckler.fixes._reads import HELPER, WRAP, Reads
from buckler.model.code import Place, SourceFile

NODE: Final = (".js", ".mjs", ".cjs")
BUILT: Final = (".jsx",)
TYPED: Final = (".ts", ".mts", ".cts", ".tsx")


@dataclass(frozen=True, slots=True)
class Looked:
    """A file and what it says; `trouble` when it cannot be patched."""

    file: SourceFile
    reads: Reads
    trouble: str = ""
    kind: Literal["python", "esm", "commonjs", "built", "typescript"] = "python"
    is_esm: bool = False
    """True: Node.js takes it, or what it is compiled to, for an ES module."""


@dataclass(frozen=True, slots=True)
class Helper:
    """A module that is put into the package."""

    suffix: str
    folder: str = ""
    style: Mapping[str, str] = field(default_factory=dict[str, str])
    """How TypeScript names modules of its own package, by file: `.js`, `.ts`, or nothing."""

    @property
    def path(self) -> str:
        """Where it is put, from the top of the package."""
        return posixpath.join(self.folder, f"{HELPER}{self.suffix}")

    def import_for(self, one: Looked) -> str:
        """Write the line that a file imports it by."""
        if self.suffix == ".py":
            return f"from {HELPER} import {HELPER}"
        end = self.style.get(one.file.path, "") if self.suffix == ".ts" else self.suffix
        here = posixpath.relpath(posixpath.join(self.folder, HELPER), posixpath.dirname(one.file.path) or ".")
        path = f"{here if here.startswith('.') else f'./{here}'}{end}"
        if one.kind == "commonjs" and not one.reads.is_module:
            return f'const {{ {WRAP} }} = require("{path}");'
        return f'import {{ {WRAP} }} from "{path}";'


def required(looked: Sequence[Looked]) -> Iterator[Place]:
    """Name where an ES module is loaded by `require`, which Node.js does only while it waits for nothing (ERR_REQUIRE_ASYNC_MODULE)."""
    modules = {one.file.path for one in looked if one.kind == "esm"}
    for one in looked:
        for path, line in one.reads.requires:
            wanted = posixpath.normpath(posixpath.join(posixpath.dirname(one.file.path), path))
            if not modules.isdisjoint(f"{wanted}{suffix}" for suffix in ("", *NODE, *(f"/index{suffix}" for suffix in NODE))):
                yield Place(
                    file=one.file.path, line=line, why="an ES module is loaded by `require`, which fails when it waits for a secret"
                )


def chosen(changing: Sequence[Looked], looked: Sequence[Looked], files: Sequence[SourceFile]) -> dict[str, Helper]:
    """Choose for each file that begins to wrap reads; all JavaScript of a package shares one, so that all is fetched at once."""
    there = {file.path for file in files}
    python = Helper(".py")
    scripts = [one for one in changing if one.kind in {"esm", "commonjs", "built"}]
    may_wait = all(one.kind == "esm" for one in scripts) and f"{HELPER}.cjs" not in there and not any(required(looked))
    javascript = Helper(".mjs" if may_wait else ".cjs")
    typed = [one for one in changing if one.kind == "typescript"]
    typescript = Helper(".ts", _folder(typed, there), {one.file.path: _style(one, looked) for one in typed})
    return {one.file.path: {"python": python, "typescript": typescript}.get(one.kind, javascript) for one in changing}


def _folder(typed: Sequence[Looked], there: set[str]) -> str:
    """Give the folder that all files have in common: at the top of the package the compiler might not look (`rootDir`)."""
    already = sorted(path for path in there if posixpath.basename(path) == f"{HELPER}.ts")
    if already:
        return posixpath.dirname(already[0])
    folders = [posixpath.dirname(one.file.path) for one in typed]
    return posixpath.commonpath(folders) if all(folders) and folders else ""


def _style(one: Looked, looked: Sequence[Looked]) -> str:
    """Say how a file names a module of its package: as it does itself, else as the others do, else as every compiler takes it."""
    others = [path for other in looked if other.kind == "typescript" for path in other.reads.relative]
    for path in (*one.reads.relative, *others):
        suffix = posixpath.splitext(path)[1]
        return suffix if suffix in {".js", ".ts"} else ".js" if suffix in {".mjs", ".cjs"} else ""
    # An ES module of Node.js names the whole file; elsewhere the compiler finds it with and without.
    return ".js" if one.is_esm else ""
