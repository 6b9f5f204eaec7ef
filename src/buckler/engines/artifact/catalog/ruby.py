"""Ruby gems, by the specifications that RubyGems writes when it installs: `specifications/NAME-VERSION.gemspec`.

They are programs; the lines that RubyGems writes are read as text and never run. A gem's own `.gemspec` in its folder is not one of these.
"""

import re
from typing import Final

from buckler.engines.artifact.catalog.purl import purl
from buckler.engines.artifact.catalog.shelf import Shelf, folder_of, join, text_of
from buckler.model.artifact import Package

_FIELD: Final = re.compile(r"""^[ \t]*s\.(name|version|platform)\s*=\s*(?:Gem::Version\.new\()?["']([^"']+)["']""", re.MULTILINE)
_LICENCES: Final = re.compile(r"^[ \t]*s\.licen[sc]es?\s*=\s*(.+)$", re.MULTILINE)
_QUOTED: Final = re.compile(r"""["']([^"']+)["']""")
_NEEDS: Final = re.compile(r"""add_(?:runtime_)?dependency\(\s*(?:%q<([^>]+)>|["']([^"']+)["'])""")
_MOST: Final = 1024 * 1024


def find(shelf: Shelf) -> None:
    """Find the installed gems."""
    for path in shelf.ending("gemspec"):
        folder = folder_of(path)
        kind = folder.rpartition("/")[2]
        if kind == "specifications" or folder.endswith("specifications/default") or folder == "default":
            _gem(shelf, path, folder.removesuffix("/default"))


def _gem(shelf: Shelf, path: str, folder: str) -> None:
    text = shelf.text(path, _MOST)
    if text is None:
        return
    fields: dict[str, str] = {}
    for key, value in _FIELD.findall(text):
        fields.setdefault(key, text_of(value, 214))
    name, version = fields.get("name", ""), fields.get("version", "")
    if not name or not version:
        shelf.fault("malformed-metadata", path, "it gives no name or no version as RubyGems writes them")
        return
    platform = fields.get("platform", "")
    root = join(folder_of(folder), f"gems/{path.rpartition('/')[2].removesuffix('.gemspec')}")
    licences = _LICENCES.search(text)
    shelf.add(
        Package(
            purl=purl("gem", name, version, qualifiers={"platform": "" if platform == "ruby" else platform}),
            ecosystem="gem",
            name=name,
            version=version,
            path=path,
            root=root,
            licence=" OR ".join(text_of(one, 120) for one in _QUOTED.findall(licences[1])) if licences else "",
            source="gemspec",
        ),
        needs=[one or other for one, other in _NEEDS.findall(text)],
    )


def link(shelf: Shelf) -> None:
    """Say which gem needs which."""
    by_name = {package.name: package.purl for package in shelf.of("gem")}
    shelf.link("gem", lambda _, name: by_name.get(name))
