"""Modules as folders of files: what each declares, and where the modules it calls are."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec

from buckler.errors import SourceError
from buckler.sources.terraform.hcl.parse import parse
from buckler.sources.terraform.hcl.syntax import Argument, Block, Document, Literal
from buckler.sources.terraform.hcl.values import Value, from_json

_LOCAL = ("./", "../")


@dataclass(frozen=True, slots=True)
class Declared:
    """A block and the file it stands in."""

    block: Block
    file: str


@dataclass(slots=True)
class Source:
    """A module as written."""

    folder: Path
    shown: str
    documents: list[Document] = field(default_factory=list[Document])
    variables: dict[str, Declared] = field(default_factory=dict[str, Declared])
    locals: dict[str, tuple[Argument, str]] = field(default_factory=dict[str, tuple[Argument, str]])
    resources: dict[str, Declared] = field(default_factory=dict[str, Declared])
    """By address in the module: `aws_iam_role.this`, `data.aws_region.current`."""
    calls: dict[str, Declared] = field(default_factory=dict[str, Declared])
    outputs: dict[str, Declared] = field(default_factory=dict[str, Declared])
    providers: list[Declared] = field(default_factory=list[Declared])
    broken: list[SourceError] = field(default_factory=list[SourceError])
    """Files that are not HCL: what they declare is not known."""


class Library:
    """Modules by folder, each read once. Nothing outside of the folder that was named, and what `terraform init` put there, is read."""

    def __init__(self, root: Path, shown: str, texts: Mapping[str, str] | None = None) -> None:
        """Read below *root*; *texts* stand in the place of files, by the paths that are shown of these."""
        self.root = root
        self._shown = shown
        self._texts = texts or {}
        self._read: dict[Path, Source] = {}
        self._installed: dict[str, Path] | None = None

    def read(self, folder: Path) -> Source:
        """Read a module."""
        folder = folder.resolve()
        known = self._read.get(folder)
        if known is None:
            known = self._read[folder] = _source(folder, self._path(folder), self._texts)
        return known

    def has_read(self, folder: Path) -> bool:
        """Say whether a module was read already."""
        return folder.resolve() in self._read

    @property
    def documents(self) -> "Iterator[tuple[Path, Document]]":
        """Give every file that was read, with the folder it stands in."""
        for folder, source in self._read.items():
            for document in source.documents:
                yield folder, document

    def called(self, address: str, call: Declared, caller: Source) -> Path | None:
        """Find the folder of a called module; None when it is not here."""
        argument = call.block.body.arguments.get("source")
        source = argument.value.value if argument is not None and isinstance(argument.value, Literal) else None
        if not isinstance(source, str):
            return None
        if source.startswith(_LOCAL) or source in {".", ".."}:
            folder = (caller.folder / source).resolve()
            return folder if folder.is_dir() else None
        return self._installed_at(address)

    def _installed_at(self, address: str) -> Path | None:
        """Look up a module of a registry where `terraform init` notes what it fetched."""
        if self._installed is None:
            self._installed = dict(_installed(self.root))
        folder = self._installed.get(address)
        return folder if folder is not None and folder.is_dir() else None

    def _path(self, folder: Path) -> str:
        """Write a folder as the user would, from the one that was named."""
        relative = os.path.relpath(folder, self.root.resolve())
        return self._shown if relative == "." else os.path.normpath(f"{self._shown}/{relative}")


def _installed(root: Path) -> Iterator[tuple[str, Path]]:
    try:
        decoded = msgspec.json.decode((root / ".terraform" / "modules" / "modules.json").read_bytes())
    except (OSError, msgspec.DecodeError, RecursionError):
        return
    entries: object = cast("dict[str, object]", decoded).get("Modules") if isinstance(decoded, dict) else None
    for entry in cast("list[object]", entries) if isinstance(entries, list) else []:
        given = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
        key, folder = given.get("Key"), given.get("Dir")
        if isinstance(key, str) and isinstance(folder, str) and key:
            found = (root / folder).resolve()
            if found.is_relative_to(root.resolve()):
                yield key, found


def files_of(folder: Path) -> list[Path]:
    """List the configuration files of a folder, overrides last, as Terraform reads them."""
    found = sorted(one for one in folder.glob("*.tf") if one.is_file())
    return [one for one in found if not _is_override(one)] + [one for one in found if _is_override(one)]


def _is_override(path: Path) -> bool:
    return path.stem == "override" or path.stem.endswith("_override")


def _source(folder: Path, shown: str, texts: Mapping[str, str]) -> Source:
    source = Source(folder=folder, shown=shown)
    for path in files_of(folder):
        place = path.name if shown in {"", "."} else f"{shown}/{path.name}"
        try:
            text = texts.get(place)
            document = parse(path.read_bytes() if text is None else text.encode("utf-8", "surrogateescape"), place)
        except OSError as error:
            cause = error.strerror or type(error).__name__
            source.broken.append(SourceError("the file cannot be read", cause=cause, hint=f"ls -l {place}", place=place))
            continue
        except SourceError as error:
            source.broken.append(error)
            continue
        source.documents.append(document)
        declare(source, document, is_override=_is_override(path))
    return source


def declare(source: Source, document: Document, *, is_override: bool) -> None:
    for block in document.body.blocks:
        declared = Declared(block=block, file=document.shown)
        labels = block.labels
        match block.kind, len(labels):
            case "variable", 1:
                _put(source.variables, labels[0], declared, is_override=is_override)
            case "locals", 0:
                for name, argument in block.body.arguments.items():
                    source.locals[name] = (argument, document.shown)
            case "resource", 2:
                _put(source.resources, f"{labels[0]}.{labels[1]}", declared, is_override=is_override)
            case "data", 2:
                _put(source.resources, f"data.{labels[0]}.{labels[1]}", declared, is_override=is_override)
            case "module", 1:
                _put(source.calls, labels[0], declared, is_override=is_override)
            case "output", 1:
                _put(source.outputs, labels[0], declared, is_override=is_override)
            case "provider", 1:
                source.providers.append(declared)
            case _:
                pass


def _put(into: dict[str, Declared], name: str, declared: Declared, *, is_override: bool) -> None:
    """Declare something; an override file changes the arguments of what is there, and replaces its blocks of the same types."""
    old = into.get(name)
    if old is None or not is_override:
        into.setdefault(name, declared)
        return
    kinds = {block.kind for block in declared.block.body.blocks}
    kept = tuple(block for block in old.block.body.blocks if block.kind not in kinds)
    body = _overridden(old.block, declared.block, kept)
    into[name] = Declared(block=body, file=old.file)


def _overridden(old: Block, new: Block, kept: Sequence[Block]) -> Block:
    """Put the body of an override over that of a block."""
    merged = type(old.body)(arguments={**old.body.arguments, **new.body.arguments}, blocks=(*kept, *new.body.blocks))
    return Block(kind=old.kind, labels=old.labels, body=merged, span=old.span, body_span=old.body_span)


def settings(folder: Path, shown: str) -> "Iterator[tuple[str, Argument | Value]]":
    """Read the variable files Terraform loads by itself, those that count more last. Raises `SourceError`."""
    automatic = sorted(one for one in folder.iterdir() if one.name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    for path in (folder / "terraform.tfvars", folder / "terraform.tfvars.json", *automatic):
        if not path.is_file():
            continue
        place = path.name if shown in {"", "."} else f"{shown}/{path.name}"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SourceError(
                "the file cannot be read", cause=error.strerror or type(error).__name__, hint=f"ls -l {place}", place=place
            ) from None
        if path.suffix == ".json":
            yield from _json_settings(content, place)
        else:
            yield from parse(content, place).body.arguments.items()


def _json_settings(content: bytes, place: str) -> Iterator[tuple[str, Value]]:
    try:
        decoded = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        raise SourceError("this is not JSON", cause="it breaks off or is malformed", hint="terraform validate", place=place) from None
    values = from_json(decoded)
    if isinstance(values, dict):
        yield from values.items()


def called_from(folder: Path) -> set[Path]:
    """List the folders below that the modules of a folder call: those are not configurations of their own."""
    found: set[Path] = set()
    for declared in _source(folder, "", {}).calls.values():
        argument = declared.block.body.arguments.get("source")
        source = argument.value.value if argument is not None and isinstance(argument.value, Literal) else None
        if isinstance(source, str) and source.startswith(_LOCAL):
            found.add((folder / source).resolve())
    return found
