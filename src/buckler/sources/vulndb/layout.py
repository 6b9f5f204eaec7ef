"""Where advisories lie: osv-scanner's cache, so that one copy serves both tools, and a folder of ours beside it for what users add.

    {root}/osv-scanner/{ecosystem}/all.zip      fetched from OSV's bulk archives, by either tool
    {root}/buckler/advisories/{digest}.zip      added by `buckler db add`
    {root}/buckler/vex/{digest}.json
    {root}/buckler/known-exploited.json         CISA's catalogue
    {root}/buckler/epss.csv

`{root}` is OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY, else the user's cache folder.
Source: google.github.io/osv-scanner, "Offline mode".
"""

import os
import re
import sys
from pathlib import Path
from typing import Final, NamedTuple

from buckler.errors import UsageError
from buckler.hints import closest

VARIABLE: Final = "OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY"
USUAL: Final = ("PyPI", "npm", "Go", "Maven", "crates.io", "RubyGems", "NuGet")
"""What functions are written in: fetched when nobody names an ecosystem."""
_KNOWN: Final = (*USUAL, "Debian", "Ubuntu", "Alpine", "AlmaLinux", "Rocky Linux", "Red Hat", "SUSE", "openSUSE", "Wolfi", "Chainguard")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9 _-]*(?:\.[A-Za-z0-9]+)?(?::[A-Za-z0-9 ._-]+)*")


class Layout(NamedTuple):
    """The folders under one root."""

    root: Path

    @property
    def fetched(self) -> Path:
        """What osv-scanner and we fetch."""
        return self.root / "osv-scanner"

    @property
    def added(self) -> Path:
        """What users added."""
        return self.root / "buckler" / "advisories"

    @property
    def vex(self) -> Path:
        """Statements that users added."""
        return self.root / "buckler" / "vex"

    @property
    def known_exploited(self) -> Path:
        """CISA's catalogue."""
        return self.root / "buckler" / "known-exploited.json"

    @property
    def epss(self) -> Path:
        """FIRST's scores."""
        return self.root / "buckler" / "epss.csv"

    def archive(self, ecosystem: str) -> Path:
        """Where the archive of an ecosystem lies."""
        return self.fetched / ecosystem / "all.zip"

    def archives(self) -> list[Path]:
        """Give all archives that are there, fetched and added, sorted."""
        try:
            return sorted((*self.fetched.glob("*/all.zip"), *self.added.glob("*.zip")))
        except OSError:
            return []


def layout(root: Path | None = None) -> Layout:
    """Give the layout under *root*, or under the folder that osv-scanner uses."""
    if root is not None:
        return Layout(root)
    given = os.environ.get(VARIABLE)
    if given:
        return Layout(Path(given))
    if sys.platform == "darwin":
        return Layout(Path.home() / "Library" / "Caches")
    cache = os.environ.get("XDG_CACHE_HOME")
    return Layout(Path(cache) if cache else Path.home() / ".cache")


def check_ecosystem(name: str) -> str:
    """Give back a name that can be an ecosystem of OSV. Raises `UsageError` for one that cannot, or is a known one misspelt."""
    base = name.partition(":")[0]
    if base in _KNOWN and _NAME.fullmatch(name) and ".." not in name:
        return name
    folded = {known.lower(): known for known in _KNOWN}
    meant = folded.get(base.lower()) or closest(base, _KNOWN)
    if meant:
        raise UsageError(f"`{name}` is not an ecosystem of OSV", hint=f"buckler db update --ecosystem '{meant}{name[len(base) :]}'")
    if not _NAME.fullmatch(name) or ".." in name:
        raise UsageError(
            f"`{name}` is not an ecosystem of OSV", hint=f"one of {', '.join(_KNOWN)}; of a distribution one release as `Debian:12`"
        )
    return name
