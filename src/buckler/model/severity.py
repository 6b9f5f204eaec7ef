"""Three different things about a finding: how bad, how sure, and for whom."""

import enum
from typing import Self


class _Ordered(enum.Enum):
    """Compared by the order of definition, lowest first."""

    @property
    def rank(self) -> int:
        return list(type(self)).index(self)

    def __lt__(self, other: Self) -> bool:
        return self.rank < other.rank

    def __le__(self, other: Self) -> bool:
        return self.rank <= other.rank

    def __gt__(self, other: Self) -> bool:
        return self.rank > other.rank

    def __ge__(self, other: Self) -> bool:
        return self.rank >= other.rank


class Severity(_Ordered):
    """What an attacker gains."""

    LOW = "low"
    """Makes another attack easier, or hides it."""
    MEDIUM = "medium"
    """A step towards the role or its data."""
    HIGH = "high"
    """The function, its role or a secret, to somebody who should not have it."""
    CRITICAL = "critical"
    """The account, to anyone."""


class Confidence(_Ordered):
    """How sure we are."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Persona(enum.Enum):
    """Who wants to hear it."""

    REGULAR = "regular"
    """Everyone: no false alarms, nothing of taste."""
    AUDITOR = "auditor"
    """Who wants every deviation from good practice: tracing, failure destinations, VPC at all."""
