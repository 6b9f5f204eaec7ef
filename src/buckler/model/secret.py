"""A value that is not kept: redacted at birth, when a source reads it."""

from collections.abc import Callable
from typing import TypeAlias

from buckler.model.severity import Confidence
from buckler.model.value import Value


class Redacted(Value):
    """What is left of a string that is a secret, or is not known to be harmless. The string itself is stored nowhere."""

    kind: str
    """The format seen: `aws-secret-access-key`, `password-in-url`, ...; `opaque` when none."""
    is_secret: bool
    """False: not judged a secret, but not known to be harmless either, so not stored."""
    confidence: Confidence
    shown: str
    """What may be printed: never more than the public prefix of the format and the length."""
    length: int


Judge: TypeAlias = Callable[[str, str], str | Redacted]
"""(name, value) -> the value itself only when it is demonstrably harmless, else `Redacted`. Sources are handed one by app.py."""
