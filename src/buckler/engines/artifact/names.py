"""Names in archives that mean one thing to one reader and something else to another, or that lead out of it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from buckler.model.artifact import Entry, Fault

SIGNATURE = "META_INF/aws_signer_signature_v1.0.SF"
"""Where AWS Signer puts its signature."""
_DRIVE = re.compile(r"[A-Za-z]:")
_LONGEST = 4096
_LOOKALIKES = str.maketrans("аеорсухіѕјԁһԛԝ", "aeopcyxisjdhqw")


def name_faults(path: str) -> Iterator[Fault]:
    """Name what is wrong with one name."""
    parts = path.split("/")
    if path.startswith("/") or _DRIVE.match(path):
        yield Fault(kind="absolute-path", entry=path, detail="the name is absolute")
    if ".." in parts:
        yield Fault(kind="traversal", entry=path, detail="the name leads out of the archive")
    if "\\" in path:
        yield Fault(kind="backslash", entry=path, detail="a backslash in the name separates folders for some readers")
    if "\0" in path:
        yield Fault(kind="nul-in-name", entry=path.replace("\0", "\\0"), detail="some readers take the name to end at a NUL")
    if any(unicodedata.category(character) in {"Cc", "Cf"} for character in path if not character.isascii() or character < " "):
        yield Fault(kind="invisible-characters", entry=path, detail="the name holds characters that are not seen")
    if len(path) > _LONGEST:
        yield Fault(kind="long-name", entry=path[:80], detail=f"the name has {len(path):,} characters")


def twin_faults(paths: Iterable[str]) -> Iterator[Fault]:
    """Name the entries whose names are the same to a reader that folds case, Unicode forms or look-alike letters."""
    seen: dict[str, str] = {}
    for path in paths:
        folded = path.casefold() if path.isascii() else unicodedata.normalize("NFKC", path).translate(_LOOKALIKES).casefold()
        first = seen.setdefault(folded, path)
        if first != path:
            yield Fault(kind="twin-name", entry=path, detail=f"to some readers it is the same name as {first!a}")


def link_faults(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Name the links that lead out of the archive, and the entries that stand below a link."""
    links: set[str] = set()
    listed = list(entries)
    for entry in listed:
        if entry.kind not in {"symlink", "hardlink"}:
            continue
        links.add(entry.path.rstrip("/"))
        if _escapes(entry):
            yield Fault(kind=f"{entry.kind}-escapes", entry=entry.path, detail="the link leads out of the archive")
    if not links:
        return
    for entry in listed:
        above = entry.path.rstrip("/").split("/")[:-1]
        if any("/".join(above[: depth + 1]) in links for depth in range(len(above))):
            yield Fault(kind="below-a-link", entry=entry.path, detail="the entry stands below a link: unpacked, it lands where that leads")


def _escapes(entry: Entry) -> bool:
    target = entry.target
    if target.startswith("/"):
        # Lambda unpacks layers to /opt and code to /var/task: links into those stay inside.
        return not target.startswith(("/opt/", "/var/task/", "/var/lang/", "/var/runtime/"))
    depth = entry.path.rstrip("/").count("/") if entry.kind == "symlink" else 0
    for part in target.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return True
    return False
