"""What a lock keeps of an artifact: enough to say of the next build what is not the same, few enough lines to be read."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

from buckler.engines.artifact.states import States
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import ArtifactKind, Entry, Package, Signature
from buckler.model.lock import ArtifactPin, FilePin, PackagePin, SignaturePin, Unread, unread
from buckler.model.unknown import Unknown


def pin_artifact(
    tree: Tree,
    *,
    path: str,
    kind: ArtifactKind,
    sha256: str,
    size_bytes: int,
    packages: Iterable[Package] = (),
    states: States | None = None,
    signature: Signature | None = None,
    not_assessed: Iterable[Unknown] = (),
) -> ArtifactPin:
    """Pin a tree as it is, tampered or not: a lock says what was accepted, never that it is good."""
    listed = sorted(packages, key=lambda one: (one.purl, one.path))
    owned, free = _owners(tree, listed)
    gaps = [unread(one) for one in (*not_assessed, *(states.not_assessed if states is not None else ()))]
    blind = [
        Unread(not_read=f"`{fault.entry or path}` was not read: {fault.detail}", need="an archive without it", kind="unsupported")
        for fault in tree.faults
        if fault.is_fatal
    ]
    return ArtifactPin(
        path=path,
        kind=kind,
        sha256=sha256,
        size_bytes=size_bytes,
        entries=len(tree),
        tree_hash=tree.tree_hash(),
        faults=tuple(sorted({f"{fault.kind} {fault.entry}".strip() for fault in tree.faults})),
        signature=_signature(signature),
        packages=tuple(_package(one, owned.get(index, ()), states) for index, one in enumerate(listed)),
        files=tuple(FilePin(path=entry.path, sha256=_content(entry)) for entry in free),
        unread=tuple(dict.fromkeys(blind)),
        not_assessed=tuple(dict.fromkeys(gaps)),
    )


def _owners(tree: Tree, packages: list[Package]) -> tuple[Mapping[int, list[Entry]], list[Entry]]:
    """Give each package its files, and the rest. INVARIANT: every file is in exactly one place, so nothing changes unseen."""
    by_path: dict[str, int] = {}
    by_root: dict[str, int] = {}
    for number, package in enumerate(packages):
        for file in package.files or ():
            by_path.setdefault(file.path, number)
        # Packages that keep no record own the folder they stand in, unless it is the whole artifact.
        if package.files is None and package.root.strip("./"):
            by_root.setdefault(package.root.rstrip("/"), number)
    owned: dict[int, list[Entry]] = {}
    free: list[Entry] = []
    for path in sorted(tree.entries):
        entry = tree.entries[path]
        if entry.kind == "directory":
            continue
        index: int | None = by_path.get(path)
        folder = path.rpartition("/")[0]
        while index is None and folder:
            index = by_root.get(folder)
            folder = folder.rpartition("/")[0]
        if index is None:
            free.append(entry)
        else:
            owned.setdefault(index, []).append(entry)
    return owned, free


def _package(package: Package, files: Iterable[Entry], states: States | None) -> PackagePin:
    total, count = hashlib.sha256(), 0
    for entry in files:
        count += 1
        total.update(f"{entry.path}\0{_content(entry)}\n".encode("utf-8", "surrogateescape"))
    return PackagePin(
        purl=package.purl, path=package.path, files=count, content=total.hexdigest() if count else "", integrity=_integrity(package, states)
    )


def _integrity(package: Package, states: States | None) -> Literal["verified", "record-only", "modified", "not-assessed"]:
    if states is None:
        return "not-assessed"
    found = {one.state for one in states.states if one.purl == package.purl}
    if "modified" in found:
        return "modified"
    if "not-assessed" in found:
        return "not-assessed"
    if package.purl in states.referenced:
        return "verified"
    return "record-only" if package.files and any(file.sha256 for file in package.files) else "not-assessed"


def _content(entry: Entry) -> str:
    """Give what counts of an entry: its hash; of a link also where it leads; with what makes it a program."""
    if entry.kind == "file":
        return f"{entry.sha256}{' x' if entry.mode & 0o111 else ''}"
    return f"{entry.kind} {entry.target}".rstrip()


def _signature(signature: Signature | None) -> SignaturePin | None:
    if signature is None:
        return None
    state = unread(signature.state) if isinstance(signature.state, Unknown) else signature.state
    return SignaturePin(kind=signature.kind, state=state, signer=signature.signer, job=signature.job, expires=signature.expires)
