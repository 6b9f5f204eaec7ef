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
    # The last event at or before the version decides.
    last_bound: Key | None = None
    last = _FIXED
    has_limits = is_within = False
    for kind, text in events:
        if kind == "limit":
            has_limits = has_limits or text != "*"
            is_within = is_within or text == "*" or asked < key(text)
            continue
        bound: Key = () if text == "0" else key(text)
        order = _ORDER[kind]
        if bound > asked or (order == _LAST and bound == asked):
            continue
        if last_bound is None or bound > last_bound or (order > last and bound == last_bound):
            last_bound, last = bound, order
    return last == _INTRODUCED and (is_within or not has_limits)
