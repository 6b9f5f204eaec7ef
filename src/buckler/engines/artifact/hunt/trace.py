"""What the hunters put down: one thing seen in one file."""

from typing import NamedTuple

from buckler.model.severity import Confidence, Severity


class Trace(NamedTuple):
    """A hit before it has a path."""

    rule: str
    severity: Severity
    confidence: Confidence
    note: str
    line: int = 0


def high(rule: str, note: str, line: int = 0, confidence: Confidence = Confidence.HIGH) -> Trace:
    """Make a trace of what gives the function, or what it holds, to somebody else."""
    return Trace(rule, Severity.HIGH, confidence, note, line)


def medium(rule: str, note: str, line: int = 0, confidence: Confidence = Confidence.MEDIUM) -> Trace:
    """Make a trace of what is a step towards it, or is done by few for good reasons."""
    return Trace(rule, Severity.MEDIUM, confidence, note, line)
