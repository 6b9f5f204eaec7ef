"""Not knowing, as a value."""

import enum
from typing import TYPE_CHECKING, Any, TypeVar, overload

from buckler.model.value import Value

if TYPE_CHECKING:
    from buckler.model.text import Partial

T = TypeVar("T")


class UnknownKind(enum.Enum):
    """Why nobody knows: decides whether it is reported as a gap or as not asked."""

    DENIED = "denied"
    """AWS refused: a permission is missing."""
    THROTTLED = "throttled"
    """AWS kept answering 429 until patience ran out."""
    FAILED = "failed"
    """The call broke: 5xx, timeout, cut connection, expired credentials."""
    UNSUPPORTED = "unsupported"
    """The endpoint does not know the operation, or the region does not have the service."""
    UNRESOLVED = "unresolved"
    """A template or plan does not say: an intrinsic with no value, `after_unknown`, a sensitive mark."""
    NOT_ASKED = "not-asked"
    """The chosen depth does not ask. Counted in the coverage, never a pass and never a gap."""
    OUTSIDE = "outside"
    """This kind of source cannot tell: a template knows no trails. Counted in the coverage like NOT_ASKED."""


class Unknown(Value):
    """A fact nobody could look at.

    `None` or empty means AWS said there is none; `Unknown` means nobody could look.
    """

    kind: UnknownKind
    why: str
    """What happened, in a phrase: "AccessDenied on lambda:GetPolicy"."""
    need: str
    """What would answer it: an IAM action ("lambda:GetPolicy"), a parameter ("--parameter RoleArn=..."), or a flag ("--deep")."""


class Undecided(Exception):  # noqa: N818 - a verdict, not an error: the runner turns it into a Gap
    """Raised by `known` when a check needs a fact nobody could look at."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.why)
        self.unknown = unknown


# The first overloads only help type checkers, which join `str` and `Partial` to `object` when they solve for T.
@overload
def known(value: "str | Unknown") -> str: ...
@overload
def known(value: "str | Partial | Unknown") -> "str | Partial": ...
@overload
def known(value: "str | Partial | Unknown | None") -> "str | Partial | None": ...
@overload
def known(value: T | Unknown) -> T: ...
def known(value: Any) -> Any:
    """Unwrap a fact, or raise `Undecided`, which becomes a reported gap."""
    if isinstance(value, Unknown):
        raise Undecided(value)
    return value
