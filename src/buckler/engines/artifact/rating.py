"""How bad a flaw is: the score of CVSS vectors, or the database's own word."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from buckler.model.severity import Severity

_WORDS: Final = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "important": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "negligible": Severity.LOW,
    "unimportant": Severity.LOW,
}
_STEPS: Final = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))
"""CVSS v3.1 section 5 and v4.0 section 6, "Qualitative Severity Rating Scale"; v2 had no such scale, its numbers are read on this one."""


def score(vectors: Iterable[str]) -> float | None:
    """Give the base score of the newest version of CVSS among *vectors*; None when none is a vector."""
    best: tuple[int, float] | None = None
    for vector in vectors:
        found = _score(vector)
        if found is not None and (best is None or found > best):
            best = found
    return best[1] if best is not None else None


@lru_cache(maxsize=4096)
def _score(vector: str) -> tuple[int, float] | None:
    from cvss import CVSS2, CVSS3, CVSS4  # late: an inventory without a known flaw needs no score
    from cvss.exceptions import CVSSError

    generation = 4 if vector.startswith("CVSS:4") else 3 if vector.startswith("CVSS:3") else 2
    try:
        base: float | None = (CVSS4 if generation == 4 else CVSS3 if generation == 3 else CVSS2)(vector).scores()[0]
    except CVSSError:
        return None
    return None if base is None else (generation, float(base))


def severity_of(score: float | None, label: str) -> Severity | None:
    """Read a score on CVSS's scale, else the word; None when there is neither."""
    if score is not None:
        return next((severity for least, severity in _STEPS if score >= least), Severity.LOW)
    return _WORDS.get(label)
