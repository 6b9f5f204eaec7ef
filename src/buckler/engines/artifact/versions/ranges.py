"""Whether a version lies in a range of an advisory."""

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from buckler.engines.artifact.versions._key import Key

EventKind: TypeAlias = Literal["introduced", "fixed", "last_affected", "limit"]
_FIXED, _INTRODUCED, _LAST = range(3)
_ORDER: Final = {"fixed": _FIXED, "introduced": _INTRODUCED, "last_affected": _LAST}
"""At one version: what was fixed may be introduced again there, and the last affected version is still affected."""


class Event(NamedTuple):
    """A version at which an advisory begins or ends to apply."""

    kind: EventKind
    version: str


def affects(version: str, events: Sequence[Event], key: Callable[[str], Key]) -> bool:
    """Say whether *version* is inside.

    Events are taken in the order of their versions, not as written; `0` is before every version. `last_affected` is inside, `fixed` and
    `limit` are not; `*` is no limit.
    Raises `VersionError` when the version, or a bound that matters, is none: nobody can say.
    Source: ossf.github.io/osv-schema, "Evaluation".
    """
    asked = key(version)
    limits = [event.version for event in events if event.kind == "limit" and event.version != "*"]
    if limits and not any(asked < key(limit) for limit in limits):
        return False
    steps = [
        (event.version != "0", () if event.version == "0" else key(event.version), _ORDER[event.kind])
        for event in events
        if event.kind != "limit"
    ]
    inside = False
    for is_bound, bound, order in sorted(steps):
        if order == _INTRODUCED:
            inside = inside or not is_bound or asked >= bound
        elif order == _FIXED:
            inside = inside and is_bound and asked < bound
        else:
            inside = inside and is_bound and asked <= bound
    return inside
