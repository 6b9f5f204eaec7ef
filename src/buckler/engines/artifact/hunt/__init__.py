"""The hunt for malware, in the files that integrity does not explain.

What a registry published is not looked at: that is why the rules may be sharp, and yet no clean layer sets one off.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from buckler.engines.artifact.hunt import binaries, javascript, places, python_code, secrets, text, yara
from buckler.engines.artifact.hunt.trace import Trace, high, medium
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Entry, Hit
from buckler.model.secret import Judge
from buckler.model.severity import Confidence, Severity
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

__all__ = ["Hunted", "hunt", "search"]

_MOST_BYTES: Final = 128 * 1024 * 1024
_OF_NOTHING: Final = hashlib.sha256(b"").hexdigest()
_JAVASCRIPT: Final = (".js", ".cjs", ".mjs", ".jsx", ".ts", ".mts", ".cts")
_SCRIPTS: Final = (".sh", ".bash", ".rb", ".pl", ".php", ".lua", ".ps1")
_DULL: Final = (
    ".md",
    ".rst",
    ".txt",
    ".map",
    ".d.ts",
    ".html",
    ".css",
    ".svg",
    ".png",
    ".jpg",
    ".gif",
    ".woff",
    ".woff2",
    ".ttf",
    ".pdf",
    ".csv",
)
"""Nothing runs them. Among doubtful files, of which there are many, they are not read."""
_SECRET_NAMES: Final = (
    ".py",
    ".json",
    ".yaml",
    ".yml",
    ".toml",
    ".ini",
    ".cfg",
    ".env",
    ".properties",
    ".xml",
    ".txt",
    ".pem",
    ".key",
    ".conf",
    ".sh",
)


class Hunted(Value):
    """What the hunt found."""

    hits: tuple[Hit, ...]
    not_assessed: tuple[Unknown, ...] = ()


def hunt(tree: Tree, paths: Iterable[str], doubtful: Iterable[str] = (), judge: Judge | None = None) -> tuple[Hit, ...]:
    """Give what `search` finds."""
    return search(tree, paths, doubtful, judge).hits


def search(tree: Tree, paths: Iterable[str], doubtful: Iterable[str] = (), judge: Judge | None = None) -> Hunted:
    """Look for malware in *paths*: what is modified or unowned. Raises nothing: what cannot be read is not assessed.

    *doubtful*: files that nothing vouches for, but that probably are what a registry published (`node_modules` without a reference): there
    only what is hostile beyond doubt counts. *judge* tells secrets; without one none are looked for.
    """
    hits: set[Hit] = set()
    unknown: list[Unknown] = []
    missed = 0

    def over(chosen: Iterable[str], look: Callable[[Entry, bytes], Iterator[Trace]], *, is_doubtful: bool) -> int:
        failed = 0
        for path in chosen:
            entry = tree.entries.get(path)
            if entry is None or entry.kind not in {"file", "hardlink"}:
                continue
            try:
                content = _read(tree, entry)
                if not content and not places.is_telling(path):
                    continue
                for trace in look(entry, content):
                    if not is_doubtful or (trace.confidence is Confidence.HIGH and trace.severity >= Severity.HIGH):
                        hits.add(_hit(path, trace))
            except (KeyError, OSError, ValueError, TimeoutError):
                failed += 1
                continue
            if judge is not None and not is_doubtful and content:
                hits.update(_secrets(path, content, judge))
        return failed

    missed += over(sorted(set(paths)), _all, is_doubtful=False)
    missed += over([path for path in sorted(set(doubtful)) if not path.endswith(_DULL)], _doubted, is_doubtful=True)
    if missed:
        unknown.append(
            Unknown(
                kind=UnknownKind.UNSUPPORTED, why=f"malware was not looked for in {missed:,} files: too large, or not readable", need=""
            )
        )
    if not yara.is_there():
        unknown.append(
            Unknown(
                kind=UnknownKind.NOT_ASKED,
                why="the YARA rules were not run: YARA-X is not installed",
                need="pip install 'buckler[artifacts]'",
            )
        )
    return Hunted(hits=tuple(sorted(hits, key=lambda one: (one.path, one.line, one.rule, one.note))), not_assessed=tuple(unknown))


def _read(tree: Tree, entry: Entry) -> bytes:
    if entry.size_bytes > _MOST_BYTES:
        raise ValueError("it is too large")
    if entry.sha256 == _OF_NOTHING:
        return b""
    return tree.read(entry.path)


def _hit(path: str, trace: Trace) -> Hit:
    return Hit(path=path, rule=trace.rule, severity=trace.severity, confidence=trace.confidence, note=trace.note, line=trace.line)


def _all(entry: Entry, content: bytes) -> Iterator[Trace]:
    yield from places.look(entry)
    if not content:
        return
    yield from _by_kind(entry.path, content)
    yield from text.miners(content)
    yield from yara.look(content)


def _doubted(entry: Entry, content: bytes) -> Iterator[Trace]:
    if entry.path.endswith(".py") and not python_code.is_worth_a_look(content):
        return
    yield from _by_kind(entry.path, content)
    if content.startswith(binaries.ELF):
        yield from yara.look(content)


def _by_kind(path: str, content: bytes) -> Iterator[Trace]:
    name = path.rpartition("/")[2]
    first = content[:128].partition(b"\n")[0] if content.startswith(b"#!") else b""
    if content.startswith(binaries.ELF):
        yield from binaries.look(content)
    elif name.endswith(".pth"):
        yield from _path_file(content)
    elif name.endswith((".py", ".pyi", ".pyw")) or b"python" in first:
        yield from python_code.look(content)
    elif name == "package.json":
        yield from javascript.manifest(content)
    elif name.endswith(_JAVASCRIPT) or b"node" in first:
        yield from javascript.look(content)
    elif name.endswith(_SCRIPTS) or first:
        yield from text.look(content.decode("utf-8", "replace"))


def _path_file(content: bytes) -> Iterator[Trace]:
    """Python runs each line of a `.pth` that begins with `import`, at every start."""
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if not line.startswith(("import ", "import\t")):
            continue
        found = False
        for trace in python_code.look(line.encode("utf-8", "surrogateescape")):
            found = True
            yield trace._replace(line=number)
        if found or ";" in line:
            yield high("runs-at-start", "Python runs this line whenever it starts", number, Confidence.HIGH if found else Confidence.MEDIUM)
        else:
            yield medium("runs-at-start", "Python imports a module whenever it starts", number)


_LOCKS: Final = frozenset(
    {"package-lock.json", ".package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "lock.yaml", "poetry.lock"}
)
"""Thousands of hashes that are public, and nothing else."""


def _secrets(path: str, content: bytes, judge: Judge) -> Iterator[Hit]:
    name = path.rpartition("/")[2]
    if name in _LOCKS or not (name.endswith((*_SECRET_NAMES, *_JAVASCRIPT, *_SCRIPTS)) or name.startswith(".") or "." not in name):
        return
    # Code is full of things that are only called like secrets; where values are configured, less is enough.
    least = Confidence.HIGH if name.endswith((".py", *_JAVASCRIPT)) else Confidence.MEDIUM
    for line, secret in secrets.look(content, judge):
        if secret.confidence < least:
            continue
        yield Hit(
            path=path,
            rule="secret",
            severity=Severity.HIGH,
            confidence=secret.confidence,
            note=f"it holds a secret: {secret.kind}",
            line=line,
            secret=secret,
        )
