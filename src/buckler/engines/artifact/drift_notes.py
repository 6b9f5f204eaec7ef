"""Where comparisons write what they find, and how two facts are compared when either may be unread."""

import re
from typing import TypeAlias

from buckler.model.drift import SEVERITY, Doubt, Drift, DriftKind
from buckler.model.lock import Unread, unknown_of
from buckler.model.severity import Severity
from buckler.model.text import Hole, Text, join, same
from buckler.model.unknown import Unknown, UnknownKind

Fact: TypeAlias = str | int | Unread | None


class Notes:
    """Drifts and doubts, in the order in which they are found."""

    def __init__(self) -> None:
        self.drifts: list[Drift] = []
        self.doubts: list[Doubt] = []
        self.file = ""
        """Of the function that is being compared; empty for what stands in no template."""

    def drift(
        self,
        kind: DriftKind,
        subject: str,
        message: str,
        *,
        key: str = "",
        details: tuple[str, ...] = (),
        severity: Severity | None = None,
    ) -> None:
        self.drifts.append(
            Drift(
                kind=kind, severity=severity or SEVERITY[kind], subject=subject, message=message, key=key, details=details, file=self.file
            )
        )

    def doubt(self, subject: str, what: str, unknown: Unknown, *, is_pinned: bool = True) -> None:
        self.doubts.append(Doubt(subject=subject, what=what, unknown=unknown, is_pinned=is_pinned, file=self.file))

    def unread(self, subject: str, what: str, was: object, now: object) -> bool:
        """Note that either of two facts was not read; False when both were."""
        # What the target could not tell weighs more: it could be told by looking again, a pin only by locking again.
        gap = now if isinstance(now, Unread) else was if isinstance(was, Unread) else None
        if gap is None:
            return False
        self.doubt(subject, what, unknown_of(gap), is_pinned=not isinstance(was, Unread))
        return True

    def differ(self, subject: str, what: str, was: Fact, now: Fact) -> bool:
        """Say whether two facts are certainly not the same; note it when nobody can tell."""
        if self.unread(subject, what, was, now):
            return False
        if was is None or now is None or isinstance(was, int) or isinstance(now, int):
            return was != now
        answer = same(text_of(str(was)), text_of(str(now)))
        if answer is None:
            why = f"`{now if '${' in str(now) else was}` is not resolved"
            self.doubt(subject, what, Unknown(kind=UnknownKind.UNRESOLVED, why=why, need="--parameter, or the live account"))
        return answer is False


def text_of(written: str) -> Text:
    """Read a text of a lock back: `${Ref}` is a hole."""
    if "${" not in written:
        return written
    pieces = re.split(r"\$\{([^}]*)\}", written)
    return join(*(Hole(ref=piece) if number % 2 else piece for number, piece in enumerate(pieces)))
