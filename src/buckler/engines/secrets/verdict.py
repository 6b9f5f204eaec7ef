"""What is concluded about one string, before its value is dropped."""

from typing import NamedTuple

from buckler.model.severity import Confidence


class Verdict(NamedTuple):
    """A string that will not be kept, and why. A string that may be kept has no verdict (None)."""

    kind: str
    is_secret: bool
    confidence: Confidence
    prefix: str = ""
    """The public prefix of its format: all of it that may ever be shown."""


OPAQUE = Verdict("opaque", is_secret=False, confidence=Confidence.LOW)
ENCRYPTED = Verdict("encrypted", is_secret=False, confidence=Confidence.HIGH)


def worst(left: Verdict | None, right: Verdict | None) -> Verdict | None:
    """The verdict that says more: a secret before an opaque value before none, the surer one first."""
    if left is None or right is None:
        return left or right
    return max(left, right, key=lambda verdict: (verdict.is_secret, verdict.confidence.rank))
