"""What a source file says of environment variables: the reads that can be patched, and those that cannot."""

from dataclasses import dataclass, field
from typing import Final

HELPER: Final = "buckler_secret"
"""The module of the package that gives the secret of a reference, and its function in Python."""
WRAP: Final = "bucklerSecret"
"""Its function in Node.js."""


@dataclass(frozen=True, slots=True)
class Read:
    """An expression whose value is that of a variable: wrapping it changes nothing for a value, and resolves a reference."""

    variable: str
    line: int
    start: int
    """Bytes of the file, from `start` up to `end`."""
    end: int
    is_done: bool = False
    """True: it is wrapped already."""


@dataclass(slots=True)
class Reads:
    """All of them in one file."""

    found: list[Read] = field(default_factory=list[Read])
    broken: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])
    """(variable, line, why): reads that cannot be wrapped."""
    perhaps: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])
    """(variable or empty for any, line, why): what may be a read."""
    import_at: int | None = None
    """Where a line with an import can go; None: nowhere."""
    has_import: bool = False
    requires: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """(relative path, line): modules of the package that are loaded without waiting for them."""
    relative: list[str] = field(default_factory=list[str])
    """How modules of the package are named, as they are written: `./x`, `../y.js`."""
    is_module: bool = False
    """True: it has `import` or `export` at its top."""


class NotReadableError(Exception):
    """A file that cannot be understood; carries why."""


def newline_of(content: bytes) -> bytes:
    """Give the line end a file is written with."""
    return b"\r\n" if b"\r\n" in content else b"\n"
