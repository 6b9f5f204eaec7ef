"""NuGet packages, by the `*.deps.json` the .NET SDK writes beside a program.

Source: github.com/dotnet/sdk, documentation/specs/runtime-configuration-file.md.
"""

from typing import Final

from buckler.engines.artifact.catalog.npm_lock import integrity_of
from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.shelf import Shelf, mapping_of, text_of
from buckler.model.artifact import Package

_KINDS: Final = frozenset({"package", "runtimepack"})
"""`project` is the program itself, `reference` a library without a package."""


def find(shelf: Shelf) -> None:
    """Find the packages that programs for .NET were built with."""
    for path in shelf.ending("json"):
        if path.endswith(".deps.json"):
            _program(shelf, path)


def _program(shelf: Shelf, path: str) -> None:
    found = shelf.json(path)
    if found is None:
        return
    needs: dict[str, list[str]] = {}
    libraries = mapping_of(found.get("libraries"))
    for target in mapping_of(found.get("targets")).values():
        for key, about in mapping_of(target).items():
            given = mapping_of(mapping_of(about).get("dependencies"))
            needs.setdefault(key, []).extend(_url(f"{name}/{version}") for name, version in given.items() if isinstance(version, str))
    for key, about in libraries.items():
        one = mapping_of(about)
        name, version = _split(key)
        if one.get("type") not in _KINDS or not name or not version:
            continue
        shelf.add(
            Package(
                purl=purl("nuget", name, version),
                ecosystem="nuget",
                name=name,
                version=version,
                path=path,
                source="deps.json",
                checksum=integrity_of(one.get("sha512")),
            ),
            needs=needs.get(key, []),
        )


def _split(key: str) -> tuple[str, str]:
    name, _, version = key.partition("/")
    return text_of(name.removeprefix("runtimepack."), 214), text_of(version, 128)


def _url(key: str) -> str:
    name, version = _split(key)
    return purl("nuget", name, version)


def link(shelf: Shelf) -> None:
    """Say which package needs which: those that are there."""
    there = {package.purl for package in shelf.of("nuget")}
    shelf.link("nuget", lambda _, url: url if url in there else None)
