"""What every reader of archives gives: names with their content, read once, held or read again on demand, never written to disk."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from buckler.model.artifact import Entry, Fault

Read = Callable[[], bytes]


class Tree:
    """The entries of one archive or folder, in its order, each path once: which of two duplicates counts is the reader's to say.

    `read` gives the content of a file, a link not followed. Raises `KeyError` for a path that is not there or is no readable file.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        readers: Mapping[str, Read],
        faults: Iterable[Fault] = (),
        *,
        without_inventory: AbstractSet[str] = frozenset(),
    ) -> None:
        self.entries: dict[str, Entry] = {entry.path: entry for entry in entries}
        self.faults: tuple[Fault, ...] = tuple(faults)
        self.without_inventory = without_inventory
        """Files that were looked into when they were read: no program that lists what it was built from."""
        self._readers = readers

    def __contains__(self, path: object) -> bool:
        return path in self.entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def files(self) -> Iterator[Entry]:
        """Give the regular files."""
        return (entry for entry in self.entries.values() if entry.kind == "file")

    def read(self, path: str) -> bytes:
        """Give the content of a file."""
        return self._readers[path]()

    def tree_hash(self) -> str:
        """Hash what counts: sorted paths, kinds, whether executable, and content. Times, order and compression do not."""
        total = hashlib.sha256()
        for path in sorted(self.entries):
            entry = self.entries[path]
            if entry.kind == "directory":
                continue
            executable = "x" if entry.mode & 0o111 else "-"
            total.update(f"{path}\0{entry.kind}\0{executable}\0{entry.sha256}\0{entry.target}\n".encode("utf-8", "surrogateescape"))
        return total.hexdigest()
