"""The one secret detector: judges a named string when a source reads it, so that no secret is kept, and masks text before it is shown.

Importing this is cheap; its patterns are compiled when the first string is judged.
"""

from typing import Final

from buckler.engines.secrets.names import is_secret_name
from buckler.model.secret import Redacted

MASK: Final = "…"
"""Stands for what is not shown."""


def judge(name: str, value: str) -> str | Redacted:
    """Return *value* itself only when it is demonstrably harmless under *name*; otherwise what is left of it.

    Takes time linear in the length of *value*, keeps nothing, and puts no part of it but its format's public prefix into the answer.
    """
    from buckler.engines.secrets import judging

    return judging.judge(name, value)


def redact_line(text: str) -> str:
    """Return *text* with every secret in it replaced by its public prefix and `…`."""
    from buckler.engines.secrets import redact

    return redact.redact_line(text)


__all__ = ["MASK", "is_secret_name", "judge", "redact_line"]
