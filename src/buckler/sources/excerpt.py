"""The line of a file a finding points at, for people to see."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from buckler.model.origin import FileOrigin

# A line longer than this is generated code; nobody reads it, and it may hold anything.
_LONGEST = 400
_MAX_BYTES = 16 * 1024 * 1024


def excerpts(redact: Callable[[str], str]) -> Callable[[FileOrigin], str | None]:
    """Make a function that shows the line of an origin, every secret in it masked by *redact*; None when there is nothing to show."""

    @lru_cache(maxsize=64)
    def lines(file: str) -> list[str]:
        path = Path(file)
        try:
            if path.stat().st_size > _MAX_BYTES:
                return []
            return path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def excerpt(origin: FileOrigin) -> str | None:
        if not origin.line:
            return None
        read = lines(origin.file)
        if origin.line > len(read):
            return None
        line = read[origin.line - 1]
        return None if len(line) > _LONGEST else redact(line)

    return excerpt
