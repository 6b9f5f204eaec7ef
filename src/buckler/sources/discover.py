"""What is there to scan: from targets as typed to files of a known kind."""

import os
import stat
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, TypeAlias

from buckler.errors import SourceError
from buckler.model.value import Value
from buckler.sources.cfn import looks_like_template
from buckler.sources.saved.files import looks_like_saved
from buckler.sources.snapshot import looks_like_snapshot
from buckler.sources.terraform import looks_like_plan

Kind: TypeAlias = Literal["template", "plan", "terraform", "snapshot", "saved", "artifact"]
"""`terraform`: a folder of HCL, a root module."""

_SUFFIXES = (".yaml", ".yml", ".json", ".template", ".buckler", ".zip")
# Copies, dependencies and caches: what they hold is not what is deployed, or is found under its own name.
_SKIPPED = {"node_modules", ".git", ".aws-sam", ".terraform", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache", ".ruff_cache"}
# Hidden folders are passed over, except where tools write the CloudFormation they deploy.
_HIDDEN_BUT_WANTED = {".serverless"}
_HEAD_BYTES = 65536
_MOST_BYTES = 8 * 1024 * 1024
"""Of a file whose head does not tell: metadata, mappings or a sorted plan's configuration may come first."""
_HCL = ".tf"
_LONGEST_NAME = 200
_ZIP = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
_TAIL_BYTES = 65535 + 22
_USTAR_AT = 257
"""Where a tar says that it is one: an image as a file."""


class Found(Value):
    """A file of a kind we read, or a folder of HCL."""

    path: str
    kind: Kind


def discover(target: Path, *, exclude: tuple[str, ...] = ()) -> Iterator[Found]:
    """List what *target* (a file or folder) holds, in order of path.

    A file that was named must be of a known kind: raises `SourceError` when it is not, or cannot be read.
    In a folder other files are passed over in silence. A folder in it that may not be looked into is a `SourceError` after all else.
    """
    mode = _mode(target)
    if mode is not None and stat.S_ISDIR(mode):
        yield from _walk(target, exclude)
        return
    if mode is None:
        raise SourceError(
            f"`{target}` does not exist", hint="name a template, a plan, a snapshot or a folder; no target scans the live account"
        )
    if not stat.S_ISREG(mode):
        # Looking what is in a pipe would take it out, and wait for who writes to it.
        raise SourceError(f"`{target}` is not a file", cause="it is a pipe or a device", hint="save what it gives to a file and name that")
    if target.suffix == _HCL:
        # Terraform's unit is the folder: what a file refers to stands in those beside it.
        yield Found(path=str(target.parent), kind="terraform")
        return
    kind = _kind(target)
    if kind is None:
        raise SourceError(
            f"`{target}` is not something buckler reads",
            cause="it is no template, plan (`terraform show -json`), saved answer of AWS, zip, image or buckler snapshot",
            hint="for Terraform: name the folder of its `.tf` files, or what `terraform show -json plan > plan.json` writes",
        )
    yield Found(path=str(target), kind=kind)


def _mode(path: Path) -> int | None:
    """Say what is at *path*, links followed; None when nothing is."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as bad:
        raise _unread(path, bad) from None


def _unread(path: Path, bad: OSError) -> SourceError:
    name = str(path)
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    return SourceError(
        f"cannot read `{shown}`", cause=bad.strerror or bad.__class__.__name__, hint="check that the path is right and may be read"
    )


def _walk(root: Path, exclude: tuple[str, ...]) -> Iterator[Found]:
    closed: list[OSError] = []
    configurations: list[Path] = []
    planned: set[Path] = set()
    for folder, folders, files in os.walk(root, onerror=closed.append):
        inside_cdk = Path(folder).name == "cdk.out"
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED
            and (not name.startswith(".") or name in _HIDDEN_BUT_WANTED)
            and not (inside_cdk and name.startswith("asset."))
            and not _excluded(Path(folder, name).relative_to(root), exclude)
        )
        if any(name.endswith(_HCL) and not _excluded(Path(folder, name).relative_to(root), exclude) for name in files):
            configurations.append(Path(folder))
        for name in sorted(files):
            path = Path(folder, name)
            if not name.lower().endswith(_SUFFIXES) or _excluded(path.relative_to(root), exclude):
                continue
            try:
                mode = _mode(path)
                kind = _kind(path) if mode is not None and stat.S_ISREG(mode) else None
            except SourceError:
                kind = "template"  # It may be one, and reading it tells why that cannot be known.
            if kind == "plan":
                planned.add(Path(folder))
            if kind is not None:
                yield Found(path=str(path), kind=kind)
    yield from _configurations(configurations, planned)
    if closed:
        raise _unread(Path(closed[0].filename), closed[0])


def _configurations(folders: list[Path], planned: set[Path]) -> Iterator[Found]:
    """List the root modules among folders of HCL: those no other calls, and of which there is no plan beside them, which says more."""
    if not folders:
        return
    from buckler.sources.terraform.hcl import called_from

    called = {one for folder in folders for one in called_from(folder)}
    for folder in folders:
        if folder.resolve() not in called and folder not in planned:
            yield Found(path=str(folder), kind="terraform")


def _excluded(relative: Path, exclude: tuple[str, ...]) -> bool:
    text = relative.as_posix()
    return any(fnmatchcase(text, pattern) or fnmatchcase(text, f"{pattern.rstrip('/')}/*") for pattern in exclude)


def _kind(path: Path) -> Kind | None:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            kind = _looks_like(head)
            if kind is None and len(head) == _HEAD_BYTES:
                kind = _looks_like(head + file.read(_MOST_BYTES - _HEAD_BYTES))
            if kind is None and path.suffix.lower() == ".zip":
                # Readers of zips begin at the end: anything may stand in front.
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
                kind = "artifact" if _ZIP_END in file.read() else None
    except OSError as bad:
        raise _unread(path, bad) from None
    return kind


def _looks_like(head: bytes) -> Kind | None:
    if looks_like_snapshot(head):
        return "snapshot"
    if looks_like_plan(head):
        return "plan"
    if looks_like_template(head):
        return "template"
    if head.startswith(_ZIP) or head[_USTAR_AT : _USTAR_AT + 5] == b"ustar":
        return "artifact"
    return "saved" if looks_like_saved(head) else None
