"""What both forms of a bill of materials have in common: one component per package URL, licences, and lasting identities.

INVARIANT: the same artifact and the same buckler give the same bytes. No clock is read; whoever wants a time in it passes one.
"""

import base64
import binascii
import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from buckler.model.artifact import Ecosystem, Inventory
from buckler.model.value import Value
from buckler.report.clean import clean

_NAMESPACE: Final = uuid.UUID("6f1f0f0e-4b0c-5f0a-9a3e-2d6f0a1c7b54")
"""Of the identities of our documents; made once, kept for ever."""
_ALGORITHMS: Final = {"sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}
_FILE_IS_PACKAGE: Final = frozenset({"jar"})
"""Found so, the file itself is the published artefact."""


class Component(Value):
    """One package, wherever in the artifact it stands."""

    purl: str
    ecosystem: Ecosystem
    group: str
    """Scope of npm, group of Maven; empty elsewhere."""
    name: str
    version: str
    licence: str
    """As an SPDX expression; empty when it says none, or in words of its own."""
    licence_text: str
    """In words of its own, where that is no SPDX expression."""
    places: tuple[str, ...]
    sources: tuple[str, ...]
    hashes: tuple[tuple[str, str], ...]
    """(`sha512`, hex), of the artefact its registry has."""
    is_vendored: bool
    """Every copy of it stands inside another package."""
    depends_on: tuple[str, ...]


class Bill(Value):
    """A bill of materials, before it is written in a form."""

    name: str
    """Of the artifact: its file's name, without the folders of whoever made it."""
    digest: str
    kind: str
    components: tuple[Component, ...]
    top: tuple[str, ...]
    """Package URLs that nothing else leads to."""
    gaps: tuple[str, ...]
    """What could not be looked at."""
    created: datetime | None = None

    def identity(self, form: str, version: str) -> uuid.UUID:
        """Name this bill in one form: another content is another name."""
        whole = "\n".join((form, version, self.name, self.digest, repr(self.created), *map(repr, self.components), *self.gaps))
        return uuid.uuid5(_NAMESPACE, hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest())


def bill(inventory: Inventory, name: str, hashes: Mapping[str, str] | None = None, created: datetime | None = None) -> Bill:
    """Make the bill of an inventory. *hashes* are of files, path to sha256, for packages that are one file."""
    by_purl: dict[str, list[int]] = {}
    for index, package in enumerate(inventory.packages):
        by_purl.setdefault(package.purl, []).append(index)
    components: list[Component] = []
    for purl in sorted(by_purl):
        found = [inventory.packages[index] for index in by_purl[purl]]
        first = found[0]
        group, short = _split(first.ecosystem, first.name)
        said = next((one.licence for one in found if one.licence), "")
        licence = _expression(said)
        digests = {given for one in found if (given := _digest(one.checksum))}
        digests |= {
            ("sha256", (hashes or {})[one.path])
            for one in found
            if one.source in _FILE_IS_PACKAGE and not one.is_vendored and (hashes or {}).get(one.path)
        }
        components.append(
            Component(
                purl=purl,
                ecosystem=first.ecosystem,
                group=clean(group),
                name=clean(short),
                version=clean(first.version),
                licence=licence,
                licence_text="" if licence else clean(said),
                places=tuple(sorted({_plain(one.path) for one in found})),
                sources=tuple(sorted({one.source for one in found if one.source})),
                hashes=tuple(sorted(digests)),
                is_vendored=all(one.is_vendored for one in found),
                depends_on=tuple(sorted({need for one in found for need in one.depends_on if need in by_purl and need != purl})),
            )
        )
    return Bill(
        name=_plain(name),
        digest=inventory.digest,
        kind=inventory.kind,
        components=tuple(components),
        top=_top(components),
        gaps=tuple(sorted({clean(one.why) for one in inventory.not_assessed})),
        created=created,
    )


def moment(bill_: Bill) -> str | None:
    """Write the time of a bill, where it was given one."""
    return None if bill_.created is None else bill_.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _split(ecosystem: Ecosystem, name: str) -> tuple[str, str]:
    if ecosystem == "npm" and name.startswith("@"):
        group, _, short = name.partition("/")
        return group, short
    if ecosystem == "maven":
        group, _, short = name.rpartition(":")
        return group, short
    return "", name


def _expression(text: str) -> str:
    """Give a licence as SPDX writes it; "" for what is no expression of SPDX."""
    try:
        return str(canonicalize_license_expression(text)) if text else ""
    except (InvalidLicenseExpression, RecursionError, MemoryError):
        return ""


def _digest(checksum: str) -> tuple[str, str] | None:
    """Turn `sha512-<base64>` into hex; None for a checksum of another kind, as Go's is, which is no hash of a file."""
    kind, _, encoded = checksum.partition("-")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return (kind, raw.hex()) if _ALGORITHMS.get(kind) == len(raw) else None


def _top(components: Iterable[Component]) -> tuple[str, ...]:
    """Give what nothing leads to, and one of each circle that nothing leads into: from these everything is reached."""
    needs = {one.purl: one.depends_on for one in components}
    led_to = {need for wanted in needs.values() for need in wanted}
    top: list[str] = []
    reached: set[str] = set()
    for start in (*(purl for purl in needs if purl not in led_to), *needs):
        if start in reached:
            continue
        top.append(start)
        left = [start]
        while left:
            at = left.pop()
            if at not in reached:
                reached.add(at)
                left.extend(needs[at])
    return tuple(sorted(top))


def _plain(text: str) -> str:
    """Write a name that a stranger chose so that it is valid in any document: bytes that are no text become visible escapes."""
    return clean(text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def slug(text: str) -> str:
    """Give a text as the letters an SPDX identifier may have."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-")
