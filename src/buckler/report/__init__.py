"""Values in, text out: one format per file, `as_<format>.py`, found by its name. Each is imported only when it is asked for."""

import difflib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING

from buckler.errors import UsageError
from buckler.model.origin import FileOrigin

if TYPE_CHECKING:
    from buckler.model.page import CheckPage
    from buckler.model.result import ScanResult

_PREFIX = "as_"

# Not pkgutil: it imports zipimport, and the command line asks for the formats before it prints its help.
FORMATS: tuple[str, ...] = tuple(sorted(file.stem[len(_PREFIX) :] for file in Path(__file__).parent.glob(f"{_PREFIX}*.py")))
"""Every format there is: `asff`, `console`, `csv`, ..."""


def _no_excerpt(_origin: FileOrigin) -> str | None:
    return None


@dataclass(frozen=True)
class Context:
    """What a report may know beside the result."""

    width: int = 100
    """Columns of the terminal."""
    color: bool = False
    links: bool = False
    """The terminal understands OSC 8 hyperlinks."""
    verbose: bool = False
    excerpt: Callable[[FileOrigin], str | None] = _no_excerpt
    """The source line at a place, already redacted; None when there is none to show."""
    pages: Mapping[str, "CheckPage"] = field(default_factory=lambda: MappingProxyType({}))
    """Check id -> its page."""
    now: datetime | None = None
    """For formats that must state a time; default: when the facts were read."""
    command: str = "buckler scan"
    """What the user typed, for hints and titles."""
    targets: tuple[str, ...] = ()
    """The files that were read, for a command that asks more about them; () for a live account."""


def render(format_name: str, result: "ScanResult", context: Context) -> str:
    """Write *result* in a format of `FORMATS`. Raises `UsageError` for any other."""
    text: str = _module(format_name).render(result, context)
    return text


def remarks(format_name: str, result: "ScanResult") -> tuple[str, ...]:
    """Say what a format cannot hold of *result*, for stderr. Most hold all."""
    said: tuple[str, ...] = getattr(_module(format_name), "remarks", _nothing)(result)
    return said


def _nothing(_result: "ScanResult") -> tuple[str, ...]:
    return ()


def _module(format_name: str) -> ModuleType:
    if format_name not in FORMATS:
        near = difflib.get_close_matches(format_name.lower(), FORMATS, n=1)
        hint = f"a similar value exists: `--format {near[0]}`" if near else f"formats: {', '.join(FORMATS)}"
        raise UsageError("unknown format", cause=f"no format is called `{_printable(format_name)}`", hint=hint)
    return importlib.import_module(f"{__name__}.{_PREFIX}{format_name}")


def _printable(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name[:40])


__all__ = ["FORMATS", "Context", "remarks", "render"]
