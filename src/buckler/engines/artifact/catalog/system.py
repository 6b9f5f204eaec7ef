"""Which Linux an image is, and where its files really stand."""

import re
from typing import Final

from buckler.engines.artifact.catalog.shelf import Shelf, join, text_of
from buckler.model.value import Value

_LINE: Final = re.compile(r"""^(ID|VERSION_ID)=(?:"([^"]*)"|'([^']*)'|(\S*))[ \t]*$""", re.MULTILINE)
_MERGED: Final = ("bin/", "sbin/", "lib/", "lib64/")


class Distribution(Value):
    """What `os-release` says."""

    id: str
    """`debian`, `alpine`, `amzn`, ...; empty when nothing says it."""
    version: str

    @property
    def name(self) -> str:
        """Give it as the `distro` of a package URL."""
        return f"{self.id}-{self.version}" if self.id and self.version else self.id


def distribution(shelf: Shelf, root: str) -> Distribution:
    """Read `os-release` below a root."""
    for place in ("etc/os-release", "usr/lib/os-release"):
        path = join(root, place)
        entry = shelf.tree.entries.get(path)
        if entry is None or entry.kind == "symlink":
            continue
        fields = {key: one or two or three for key, one, two, three in _LINE.findall(shelf.text(path, 65536) or "")}
        return Distribution(id=text_of(fields.get("ID", ""), 64).lower(), version=text_of(fields.get("VERSION_ID", ""), 64))
    return Distribution(id="", version="")


def placed(shelf: Shelf, root: str, path: str) -> str | None:
    """Say where a file of a package stands: `/lib` may be a link to `/usr/lib`. None for a folder."""
    relative = path.lstrip("/")
    place = join(root, relative)
    if not shelf.has(place) and relative.startswith(_MERGED):
        merged = join(root, f"usr/{relative}")
        place = merged if shelf.has(merged) else place
    entry = shelf.tree.entries.get(place)
    if place in shelf.folders or (entry is not None and entry.kind == "directory"):
        return None
    return place
