"""The line of a file a finding points at, for people to see."""

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from buckler.model.origin import FileOrigin

# A line longer than this is generated code; nobody reads it, and it may hold anything.
_LONGEST = 400
_MAX_BYTES = 16 * 1024 * 1024


# Paths of values that may be secrets no detector knows: their lines are shown up to the name.
_SENSITIVE = re.compile(r"\.(?:Environment\.Variables|SourceAccessConfigurations|environment)\b")
# What refers to a value elsewhere holds none, and says where to look.
_REFERENCE = re.compile(r"\s*(?:!|\{\s*[\"']?(?:Ref|Fn::)|[\"']?\{\{resolve:)")


def _without_value(line: str, origin: FileOrigin) -> str:
    """Cut the value off the line of a variable: `DB_URL: …`."""
    if not _SENSITIVE.search(origin.path):
        return line
    name = origin.path.rpartition(".")[2]
    found = re.search(rf"[\"']?{re.escape(name)}[\"']?\s*[:=]", line)
    if found is None:
        # The line of a value alone (a block scalar, a list item): nothing of it is known to be harmless.
        return line[: len(line) - len(line.lstrip())] + "…"
    rest = line[found.end() :]
    return line if _REFERENCE.match(rest) or not rest.strip() else line[: found.end()] + " …"


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
        if len(line) > _LONGEST:
            return None
        return redact(_without_value(line, origin))

    return excerpt
