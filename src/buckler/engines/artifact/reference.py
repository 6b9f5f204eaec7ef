"""The registry's own artefact as the measure: per package URL, the hash of each file as published.

A manifest is made once from a wheel, an sdist or an npm tarball; afterwards nothing but hashes is compared, offline.
"""

import hashlib
import io
import json
import posixpath
import re
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any, Final, cast

import msgspec
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, canonicalize_name, parse_sdist_filename, parse_wheel_filename

from buckler.engines.artifact.catalog.npm import npm_purl
from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.tree import Tree
from buckler.engines.artifact.zip import Limits, ZipError, read_zip
from buckler.model.reference import Manifest

_MOST_BYTES: Final = 2 * 1024 * 1024 * 1024
_MOST_FILES: Final = 200_000
_ESSENTIAL: Final = (
    "name", "version", "type", "main", "module", "exports", "imports", "bin", "scripts", "dependencies", "optionalDependencies", "gypfile",
)  # fmt: skip
"""What decides what of a package runs. npm before 7 rewrites package.json when it installs, so its hash says nothing."""
_SCHEMES: Final = {"purelib": "", "platlib": "", "scripts": "bin/", "data": ""}
_WHEEL_SCRIPT: Final = re.compile(rb"#!python[^\n]*\n")


class NotAReference(ValueError):  # noqa: N818 - reads better where it is raised
    """The file is no wheel, sdist or npm tarball."""


def manifest_of(data: bytes, name: str = "") -> Manifest:
    """Make the manifest of a wheel, an sdist or an npm tarball. Raises `NotAReference`, with a reason fit to be told."""
    if data.startswith(b"PK\x03\x04"):
        return _of_wheel(data, name)
    if data.startswith(b"\x1f\x8b"):
        return _of_tar(data, name)
    raise NotAReference("it is neither a wheel nor a tarball")


# --- wheels ---------------------------------------------------------------------------------------------------------------


def _of_wheel(data: bytes, name: str) -> Manifest:
    try:
        tree = read_zip(data, limits=Limits(total_bytes=_MOST_BYTES))
    except ZipError as bad:
        raise NotAReference(str(bad)) from bad
    fatal = next((fault for fault in tree.faults if fault.is_fatal), None)
    if fatal is not None:
        raise NotAReference(f"{fatal.entry}: {fatal.detail}" if fatal.entry else fatal.detail)
    infos = {entry.path.partition("/")[0] for entry in tree.files() if entry.path.endswith(".dist-info/METADATA")}
    if len(infos) != 1:
        raise NotAReference("it is no wheel: it needs exactly one dist-info")
    (info,) = infos
    headers = _headers(tree, f"{info}/METADATA")
    found, version = headers.get("name", [""])[0], headers.get("version", [""])[0]
    if not found or not version:
        raise NotAReference("its METADATA gives no name or no version")
    tags = tuple(sorted(_headers(tree, f"{info}/WHEEL").get("tag", [])))
    if name.endswith(".whl"):
        try:
            named = parse_wheel_filename(name)
        except InvalidWheelFilename as bad:
            raise NotAReference("its name is not that of a wheel") from bad
        if named[0] != canonicalize_name(found):
            raise NotAReference("its name and its METADATA are of different packages")
    files: dict[str, str] = {}
    bodies: dict[str, str] = {}
    data_folder = f"{info.removesuffix('.dist-info')}.data/"
    for entry in tree.files():
        path = entry.path
        if path == f"{info}/RECORD":
            continue
        if path.startswith(data_folder):
            scheme, _, rest = path[len(data_folder) :].partition("/")
            if scheme not in _SCHEMES:
                continue
            path = _SCHEMES[scheme] + rest
            if scheme == "scripts":
                content = tree.read(entry.path)
                if _WHEEL_SCRIPT.match(content):
                    bodies[path] = body_hash(content)
        files[path] = entry.sha256
    return Manifest(
        purl=purl("pypi", canonicalize_name(found), _version(version)),
        kind="wheel",
        artefact=name,
        sha256=hashlib.sha256(data).hexdigest(),
        sha512=hashlib.sha512(data).hexdigest(),
        files=files,
        bodies=bodies,
        tags=tags,
        entry_points=tuple(_entry_points(tree, f"{info}/entry_points.txt")),
    )


def body_hash(content: bytes) -> str:
    """Hash a script without its first line, which names the interpreter of the machine it is installed on."""
    return hashlib.sha256(content.partition(b"\n")[2]).hexdigest()


def tags_of(wheel: bytes) -> tuple[str, ...]:
    """Give the tags a WHEEL file lists."""
    lines = wheel.decode("utf-8", "replace").splitlines()
    return tuple(sorted(line.partition(":")[2].strip() for line in lines if line.lower().startswith("tag:")))


def _headers(tree: Tree, path: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if path not in tree:
        return found
    for line in tree.read(path).decode("utf-8", "replace").splitlines():
        if not line.strip():
            break
        key, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            found.setdefault(key.strip().lower(), []).append(value.strip())
    return found


def _entry_points(tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    section = ""
    text = tree.read(path).decode("utf-8", "replace") if path in tree else ""
    for line in text.splitlines():
        if line.strip().startswith("["):
            section = line.strip().strip("[]").strip()
        elif section in {"console_scripts", "gui_scripts"} and "=" in line:
            key, _, value = line.partition("=")
            yield key.strip(), value.partition("[")[0].replace(" ", "").strip()


def _version(text: str) -> str:
    from buckler.engines.artifact.catalog.python import version_of

    return version_of(text)


# --- tarballs -------------------------------------------------------------------------------------------------------------


def _of_tar(data: bytes, name: str) -> Manifest:
    files: dict[str, str] = {}
    manifest: bytes | None = None
    metadata: bytes | None = None
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
            for member in tar:
                if not member.isfile():
                    continue
                total += member.size
                if total > _MOST_BYTES or len(files) >= _MOST_FILES:
                    raise NotAReference("it is too large")
                # npm strips the first folder, whatever it is called; sdists have `name-version/`.
                path = posixpath.normpath(member.name).partition("/")[2]
                handle = tar.extractfile(member)
                if not path or handle is None:
                    continue
                content = handle.read()
                files[path] = hashlib.sha256(content).hexdigest()
                if path == "package.json":
                    manifest = content
                elif path == "PKG-INFO":
                    metadata = content
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as bad:
        if isinstance(bad, NotAReference):
            raise
        raise NotAReference("it is no tarball, or it is cut off") from bad
    sha256, sha512 = hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest()
    if metadata is not None and (manifest is None or name.endswith(".tar.gz")):
        return Manifest(purl=_sdist_purl(metadata, name), kind="sdist", artefact=name, sha256=sha256, sha512=sha512, files=_flat(files))
    if manifest is None:
        raise NotAReference("it holds neither a package.json nor a PKG-INFO")
    about = _json(manifest)
    found, version = about.get("name"), about.get("version")
    if not isinstance(found, str) or not isinstance(version, str) or not found or not version:
        raise NotAReference("its package.json gives no name or no version")
    return Manifest(
        purl=npm_purl(found, version),
        kind="npm",
        artefact=name,
        sha256=sha256,
        sha512=sha512,
        files=files,
        essentials=essentials_hash(manifest),
    )


def _sdist_purl(metadata: bytes, name: str) -> str:
    fields: dict[str, str] = {}
    for line in metadata.decode("utf-8", "replace").splitlines():
        if not line.strip():
            break
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.lower(), value.strip())
    if not fields.get("name") or not fields.get("version"):
        raise NotAReference("its PKG-INFO gives no name or no version")
    try:
        if name and parse_sdist_filename(name)[0] != canonicalize_name(fields["name"]):
            raise NotAReference("its name and its PKG-INFO are of different packages")
    except InvalidSdistFilename as bad:
        raise NotAReference("its name is not that of an sdist") from bad
    return purl("pypi", canonicalize_name(fields["name"]), _version(fields["version"]))


def _flat(files: dict[str, str]) -> dict[str, str]:
    """Lay the files of an sdist as they are installed: `src/x` and `lib/x` are x."""
    found = dict(files)
    for path, digest in files.items():
        for above in ("src/", "lib/", "python/"):
            if path.startswith(above):
                found.setdefault(path[len(above) :], digest)
    return found


def essentials_hash(manifest: bytes) -> str:
    """Hash what counts of a package.json, in one form: whatever npm adds to it when it installs is left out."""
    about = _json(manifest)
    kept = {key: about[key] for key in _ESSENTIAL if about.get(key) not in (None, {}, False)}
    name, command = kept.get("name"), kept.get("bin")
    if isinstance(command, str) and isinstance(name, str):
        kept["bin"] = command = {name.rpartition("/")[2]: command}
    if isinstance(command, dict):
        kept["bin"] = {str(key): posixpath.normpath(str(value)) for key, value in cast("dict[str, Any]", command).items()}
    scripts = kept.get("scripts")
    if isinstance(scripts, dict) and kept.get("gypfile") and cast("dict[str, Any]", scripts).get("install") == "node-gyp rebuild":
        # npm writes both of them itself for a package with a binding.gyp.
        kept["scripts"] = {key: value for key, value in cast("dict[str, Any]", scripts).items() if key != "install"}
        del kept["gypfile"]
    optional = kept.get("optionalDependencies")
    if isinstance(optional, dict) and isinstance(kept.get("dependencies"), dict):
        both = cast("dict[str, Any]", kept["dependencies"])
        kept["dependencies"] = {key: value for key, value in both.items() if key not in optional}
    kept = {key: value for key, value in kept.items() if value != {}}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _json(content: bytes) -> dict[str, Any]:
    try:
        found: Any = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as bad:
        raise NotAReference("its package.json is no JSON") from bad
    if not isinstance(found, dict):
        raise NotAReference("its package.json is no JSON object")
    return cast("dict[str, Any]", found)
