"""A way to mend a finding in texts."""

from collections.abc import Callable
from dataclasses import dataclass

from buckler.sources.cfn.editing import Placed


@dataclass(frozen=True, slots=True)
class Option:
    """Replacements that set what has to be set."""

    summary: str
    make: Callable[[], tuple[Placed, ...]]
    """Raises `CannotEditError`."""
    lost: tuple[str, ...] = ()
    is_safe: bool = False
