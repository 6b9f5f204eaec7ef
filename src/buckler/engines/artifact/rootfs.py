"""The layers of an image laid one over the other: the file system a function starts in.

A layer's whiteouts (`.wh.name`, `.wh..wh..opq`) delete what lower layers hold, never what their own layer brings. A name below a symbolic
link lands where the link leads, always within the root, as containerd does it; tools that unpack each layer by itself see it elsewhere, so
it is named.
Source: OCI Image Format Specification 1.1, "Image Layer Filesystem Changeset", read 2026-11-26.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from msgspec.structs import replace

from buckler.engines.artifact.names import twin_faults
from buckler.engines.artifact.tar import Member, bounded
from buckler.engines.artifact.tree import Read, Tree
from buckler.model.artifact import Entry, Fault

WHITEOUT: Final = ".wh."
OPAQUE: Final = ".wh..wh..opq"
_AUFS: Final = ".wh..wh."
_MOST_HOPS: Final = 40
"""As many links in a row as Linux follows."""
_MOST_STEPS: Final = 1_000_000
"""Parts of names gone through to follow links, for a whole image."""
_MOST_IMPLIED: Final = 32 * 1024 * 1024
"""Bytes of names of folders that only the names below them tell of."""
_LONGEST: Final = 4096


class _Loop(Exception):  # noqa: N818 - control flow inside this module
    pass


class Rootfs:
    """The file system as it grows, layer by layer."""

    def __init__(self) -> None:
        self._nodes: dict[str, Member] = {}
        # INVARIANT: the keys are folders, reached without following a link; a folder may have no entry of its own.
        self._children: dict[str, set[str]] = {"": set()}
        self.faults: list[Fault] = []
        self._room = _MOST_IMPLIED
        self._steps = _MOST_STEPS
        self._found: dict[str, str] = {}
        """Where folders really are, as long as no link is added and nothing removed."""

    def add(self, members: Sequence[Member], layer: str) -> None:
        """Lay a layer over what is there; *layer* is what faults call it."""
        kept: list[Member] = []
        whited: set[str] = set()
        for member in members:
            base = member.entry.path.rpartition("/")[2]
            if base.startswith(WHITEOUT):
                # All whiteouts come first: they are about lower layers, wherever in the archive they stand.
                self._whiteout(member.entry, base, layer)
                whited.add(_whited(member))
            else:
                kept.append(member)
        for path in sorted({member.entry.path for member in kept if member.entry.path in whited} if whited else ()):
            self._fault("whiteout-beside-file", path, f"{layer} both holds and deletes it: readers differ in what is left")
        for member in kept:
            self._put(member, layer)

    def tree(self, faults: Iterable[Fault]) -> Tree:
        """Give what is there now."""
        entries = [member.entry for member in self._nodes.values()]
        readers: dict[str, Read] = {path: member.read for path, member in self._nodes.items() if member.read is not None}
        return Tree(entries, readers, bounded((*faults, *self.faults, *_twins(self._nodes), *_escapes(entries))))

    def _fault(self, kind: str, entry: str, detail: str, *, fatal: bool = False) -> None:
        self.faults.append(Fault(kind=kind, entry=entry, detail=detail, is_fatal=fatal))

    # --- deleting ---------------------------------------------------------------------------------------------------------

    def _whiteout(self, entry: Entry, base: str, layer: str) -> None:
        path = entry.path
        if path.startswith("../"):
            return
        name = base[len(WHITEOUT) :]
        if base != OPAQUE and base.startswith(_AUFS):
            # What aufs kept for itself; every reader passes over it.
            return
        if name in {"", ".", ".."}:
            self._fault("whiteout-escapes", path, f"in {layer} it deletes the folder it stands in, or the one above", fatal=True)
            return
        above = path.rpartition("/")[0]
        try:
            folder = self._folder(above)
        except _Loop:
            self._fault("link-loop", path, f"in {layer} it stands below links that lead in circles or too far", fatal=True)
            return
        if folder != above:
            self._fault("below-a-link", path, f"in {layer} it deletes through a link: in `{folder}`, not where its name says")
        if base == OPAQUE:
            for child in tuple(self._children.get(folder, ())):
                self._remove(_join(folder, child))
            return
        if name not in self._children.get(folder, ()):
            self._fault("whiteout-of-nothing", path, f"{layer} deletes what no lower layer holds")
            return
        self._remove(_join(folder, name))

    def _remove(self, path: str) -> None:
        """Remove a file, or a folder with all that is in it; a link is removed, not what it leads to."""
        self._found.clear()
        above, _, name = path.rpartition("/")
        self._children[above].discard(name)
        left = [path]
        while left:
            one = left.pop()
            self._nodes.pop(one, None)
            left.extend(_join(one, child) for child in self._children.pop(one, ()))

    # --- adding -----------------------------------------------------------------------------------------------------------

    def _put(self, member: Member, layer: str) -> None:
        path = member.entry.path
        if path.startswith("../") or not path or len(path) > _LONGEST:
            return
        above, _, name = path.rpartition("/")
        try:
            folder = above if above in self._children else self._folder(above)
        except _Loop:
            self._fault("link-loop", path, f"in {layer} it stands below links that lead in circles or too far", fatal=True)
            return
        # The same text is kept once, as large images have many names.
        landed = path if folder == above else _join(folder, name)
        if landed != path:
            self._fault("below-a-link", path, f"in {layer} it stands below a link and lands at `{landed}`; other tools see it here")
            member = Member(replace(member.entry, path=landed), member.read)
        if member.entry.kind == "hardlink":
            linked = self._linked(member.entry, layer)
            if linked is None:
                return
            member = linked
        is_folder = member.entry.kind == "directory"
        if landed in self._nodes or landed in self._children:
            if is_folder and landed in self._children:
                self._nodes[landed] = member
                return
            self._remove(landed)
        if not self._make(folder, member.entry, layer):
            return
        self._children[folder].add(name)
        if is_folder:
            self._children[landed] = set()
        elif member.entry.kind == "symlink":
            self._found.clear()
        self._nodes[landed] = member

    def _linked(self, entry: Entry, layer: str) -> Member | None:
        """Give a hard link as what it is: the same file under another name."""
        target = entry.target
        if target.startswith("../") or target == "..":
            self._fault("hardlink-escapes", entry.path, f"in {layer} it is a hard link that leads out of the image", fatal=True)
            return None
        above, _, name = target.rpartition("/")
        try:
            folder = self._folder(above)
        except _Loop:
            self._fault("link-loop", entry.path, f"in {layer} its target stands below links that lead in circles or too far", fatal=True)
            return None
        if folder != above:
            self._fault("hardlink-through-link", entry.path, f"in {layer} its target is reached through a link, in `{folder}`")
        held = self._nodes.get(_join(folder, name))
        if held is None or held.entry.kind == "directory":
            self._fault("hardlink-of-nothing", entry.path, f"in {layer} it is a hard link of a file that is not there", fatal=True)
            return None
        return Member(replace(held.entry, path=entry.path), held.read)

    def _make(self, folder: str, entry: Entry, layer: str) -> bool:
        """Make a folder that no entry told of, and those above it; False when it would cost too much."""
        if folder in self._children:
            return True
        self._room -= len(folder) * (folder.count("/") + 1)
        if self._room < 0:
            self._fault("bomb", entry.path, f"in {layer} the folders above it are too many to keep", fatal=True)
            return False
        at = ""
        for part in folder.split("/"):
            self._children[at].add(part)
            at = _join(at, part)
            if at not in self._children:
                if self._nodes.pop(at, None) is not None:
                    self._fault(
                        "below-a-file", at, f"in {layer} entries stand below it, and it is no folder: readers differ in what is left"
                    )
                self._children[at] = set()
        return True

    def _folder(self, path: str) -> str:
        """Give where a folder really is, all links on the way followed within the root. Raises `_Loop`."""
        if path in self._children:
            return path
        found = self._found.get(path)
        if found is None:
            found = self._found[path] = self._walk(path)
        return found

    def _walk(self, path: str) -> str:
        done: list[str] = []
        left = path.split("/")[::-1]
        hops = 0
        # Below this depth nothing exists, so that no link can stand there.
        nothing_from = _LONGEST
        while left:
            part = left.pop()
            if part in {"", "."}:
                continue
            if part == "..":
                del done[-1:]
                continue
            done.append(part)
            if len(done) > nothing_from:
                continue
            self._steps -= 1
            if self._steps < 0:
                raise _Loop
            here = "/".join(done)
            held = self._nodes.get(here)
            nothing_from = _LONGEST
            if held is None and here not in self._children:
                if ".." not in left:
                    return "/".join((*done, *(one for one in reversed(left) if one not in {"", "."})))
                nothing_from = len(done)
            if held is None or held.entry.kind != "symlink":
                continue
            hops += 1
            if hops > _MOST_HOPS or len(held.entry.target) > _LONGEST:
                raise _Loop
            done.pop()
            if held.entry.target.startswith("/"):
                done.clear()
            left.extend(held.entry.target.split("/")[::-1])
        return "/".join(done)


def subtree(tree: Tree, folder: str) -> Tree:
    """Give what stands in a folder (`var/task`, `opt`) as a tree of its own, without the faults of the whole."""
    prefix = f"{folder.strip('/')}/"
    inside = [entry for entry in tree if entry.path.startswith(prefix)]
    readers: dict[str, Read] = {
        entry.path[len(prefix) :]: partial(tree.read, entry.path) for entry in inside if entry.kind == "file" and entry.sha256
    }
    return Tree((replace(entry, path=entry.path[len(prefix) :]) for entry in inside), readers)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _whited(member: Member) -> str:
    above, _, base = member.entry.path.rpartition("/")
    return _join(above, base[len(WHITEOUT) :]) if base.startswith(WHITEOUT) and not base.startswith(_AUFS) else ""


def _twins(paths: Iterable[str]) -> Iterator[Fault]:
    # Linux tells case apart, and real images use that; letters of another alphabet that look like these are another matter.
    listed = sorted(paths, key=lambda path: not path.isascii())
    if listed and not listed[-1].isascii():
        yield from (fault for fault in twin_faults(listed) if not fault.entry.isascii())


def _escapes(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Name the links that climb above the root: harmless where it is the root, an attack on who unpacks it elsewhere."""
    for entry in entries:
        if entry.kind != "symlink" or ".." not in entry.target:
            continue
        depth = 0 if entry.target.startswith("/") else entry.path.count("/")
        for part in entry.target.split("/"):
            depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
            if depth < 0:
                yield Fault(kind="symlink-escapes", entry=entry.path, detail="the link climbs above the root of the image")
                break
