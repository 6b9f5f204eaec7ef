"""Packages of Debian and Ubuntu: the status file of dpkg, or one file per package where there is no dpkg (distroless).

Source: deb-control(5), dpkg(1); the source package's name is kept, for advisories of Debian speak of that.
"""

import re
from collections.abc import Iterator
from typing import Final

from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.shelf import Shelf, join, text_of
from buckler.engines.artifact.catalog.system import Distribution, distribution, placed
from buckler.model.artifact import Package, PackageFile

_STATUS: Final = "var/lib/dpkg/status"
_FOLDER: Final = "var/lib/dpkg/status.d"
_MOST: Final = 64 * 1024 * 1024
_SOURCE: Final = re.compile(r"(\S+)(?:\s+\(([^)]+)\))?")
_NEED: Final = re.compile(r"\s*([a-z0-9][a-z0-9+.-]*)")


def find(shelf: Shelf) -> None:
    """Find the installed packages."""
    for path in shelf.named("status"):
        if path == _STATUS or path.endswith(f"/{_STATUS}"):
            root = path.removesuffix(_STATUS).rstrip("/")
            _read(shelf, path, root, distribution(shelf, root))
    for folder, paths in shelf.by_folder.items():
        if folder == _FOLDER or folder.endswith(f"/{_FOLDER}"):
            root = folder.removesuffix(_FOLDER).rstrip("/")
            for path in paths:
                if not path.endswith((".md5sums", ".preinst", ".postinst", ".list")):
                    _read(shelf, path, root, distribution(shelf, root))


def _read(shelf: Shelf, path: str, root: str, system: Distribution) -> None:
    text = shelf.text(path, _MOST)
    for fields in _stanzas(text or ""):
        name, version = text_of(fields.get("package", ""), 214), text_of(fields.get("version", ""), 256)
        if not name or not version:
            shelf.fault("malformed-metadata", path, "a package in it has no name or no version")
            continue
        # `deinstall ok config-files`: only its configuration is left.
        if "status" in fields and fields["status"].split()[-1:] not in (
            ["installed"],
            ["triggers-pending"],
            ["triggers-awaited"],
            ["unpacked"],
        ):
            continue
        source = _SOURCE.match(fields.get("source", ""))
        upstream = "" if source is None or (source[1] == name and not source[2]) else source[1] + (f"@{source[2]}" if source[2] else "")
        arch = text_of(fields.get("architecture", ""), 64)
        shelf.add(
            Package(
                purl=purl(
                    "deb", name, version, namespace=system.id, qualifiers={"arch": arch, "distro": system.name, "upstream": upstream}
                ),
                ecosystem="deb",
                name=name,
                version=version,
                path=path,
                files=_files(shelf, path, root, name, arch),
                source="dpkg",
            ),
            needs=[found[1] for one in re.split("[,|]", fields.get("depends", "")) if (found := _NEED.match(one))],
        )


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            if fields:
                yield fields
            fields = {}
        elif line[0] not in {" ", "\t"}:
            key, colon, value = line.partition(":")
            if colon:
                fields[key.lower()] = value.strip()
    if fields:
        yield fields


def _files(shelf: Shelf, path: str, root: str, name: str, arch: str) -> tuple[PackageFile, ...] | None:
    """Give the files a package lists. dpkg keeps only MD5 of them, which proves nothing: no hash is given."""
    info = join(root, "var/lib/dpkg/info")
    for listed in (f"{info}/{name}.list", f"{info}/{name}:{arch}.list", f"{path}.md5sums"):
        text = shelf.text(listed, _MOST) if shelf.has(listed) else None
        if text is None:
            continue
        lines = (line.partition("  ")[2] if listed.endswith(".md5sums") else line for line in text.splitlines())
        found = (placed(shelf, root, line) for line in lines if line.strip("/. "))
        return tuple(PackageFile(path=one) for one in dict.fromkeys(found) if one is not None)
    return None


def link(shelf: Shelf) -> None:
    """Say which package needs which."""
    by_name = {package.name: package.purl for package in shelf.of("deb")}
    shelf.link("deb", lambda _, name: by_name.get(name))
