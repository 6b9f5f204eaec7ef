"""The actions that exist, as bitsets over one sorted row, and what AWS's pages say of each.

An action of a policy need not be in the catalogue: AWS adds some every week. `expand` names only those that are, so who must not miss any
keeps the pattern beside the bits. For an action that is not in the catalogue every question here answers None, never "nothing".
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

from buckler.data.iam_actions import ActionDetails, Names, ServiceDetails, details, names
from buckler.engines.iam.match import glob

Level: TypeAlias = Literal["List", "Read", "Write", "Tagging", "Permissions management"]

_LEVELS: Final[dict[str, Level]] = {"L": "List", "R": "Read", "W": "Write", "T": "Tagging", "P": "Permissions management"}
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")


class Catalogue:
    """What actions exist. One per process, see `catalogue`; names compare without regard to case everywhere."""

    # INVARIANT: `actions` is sorted, so every action of a service, and all that start alike, are one run of bits.

    def __init__(self, table: Names) -> None:
        self._table = table
        self._spellings = tuple(f"{prefix}:{name}" for prefix, service in table.services.items() for name in service)
        self.actions: tuple[str, ...] = tuple(map(str.lower, self._spellings))
        self.index: Mapping[str, int] = {action: number for number, action in enumerate(self.actions)}
        self._accepted = frozenset(map(str.lower, table.accepted))

    @property
    def services(self) -> tuple[str, ...]:
        """Every prefix, sorted as its actions are."""
        return tuple(self._table.services)

    @property
    def everything(self) -> int:
        """The bits of all actions."""
        return (1 << len(self.actions)) - 1

    def knows(self, action: str) -> bool:
        """Say whether such an action exists, or once did: it is in the catalogue, or AWS's former pages or own policies name it.

        Every action of a service nobody lists any more is known.
        """
        action = action.lower()
        return action in self.index or action in self._accepted or action.partition(":")[0] in self._table.accepted_services

    def knows_any(self, pattern: str) -> bool:
        """Say whether a pattern names an action that exists, or once did."""
        if not {"*", "?"} & set(pattern):
            return self.knows(pattern)
        if self.expand(pattern):
            return True
        pattern = pattern.lower()
        prefixes = (prefix + ":" for prefix in self._table.accepted_services)
        return any(glob(pattern, action) for action in self._accepted) or any(
            glob(pattern.partition(":")[0] + ":", prefix) for prefix in prefixes if ":" in pattern
        )

    def knows_service(self, prefix: str) -> bool:
        """Say whether actions with this prefix exist."""
        prefix = prefix.lower()
        return prefix in self._table.services or prefix in self._table.accepted_services

    def spelling(self, action: str) -> str:
        """Write an action as AWS does; one that is not in the catalogue as it came."""
        number = self.index.get(action.lower())
        return action if number is None else self._spellings[number]

    @lru_cache(maxsize=8192)  # noqa: B019 - the one catalogue lives as long as the process
    def expand(self, pattern: str) -> int:
        """Give the bits of the actions in the catalogue that an entry of `Action` names."""
        if pattern == "*":
            return self.everything
        pattern = pattern.lower()
        if ":" not in pattern:
            return 0
        head = re.split(r"[*?]", pattern, maxsplit=1)[0]
        first, last = bisect_left(self.actions, head), bisect_left(self.actions, head + "\U0010ffff")
        if pattern == head:
            number = self.index.get(pattern)
            return 0 if number is None else 1 << number
        if first == last:
            return 0
        if pattern == head + "*":
            bits = (1 << (last - first)) - 1
        else:
            bits = int("".join("1" if glob(pattern, action) else "0" for action in reversed(self.actions[first:last])), 2)
        return bits << first

    def names(self, bits: int) -> Iterator[str]:
        """Name the actions of a bitset, in lower case and in order."""
        text = f"{bits:b}"[::-1]
        at = text.find("1")
        while at >= 0:
            yield self.actions[at]
            at = text.find("1", at + 1)

    def level(self, action: str) -> Level | None:
        """Give the access level; "Permissions management" and "Tagging" come before the Write they are, too."""
        number = self.index.get(action.lower())
        return None if number is None else _LEVELS[self._table.levels[number]]

    @cache  # noqa: B019 - as above
    def at_level(self, level: Level) -> int:
        """Give the bits of all actions of a level."""
        letter = level[0]
        return int("".join("1" if one == letter else "0" for one in reversed(self._table.levels)), 2)

    def resource_types(self, action: str) -> tuple[str, ...] | None:
        """Name the kinds of resource it acts on, `s3:object`. (): none, so only `"Resource": "*"` allows it."""
        found = self._details(action)
        if found is None:
            return None
        prefix, service, one = found
        return tuple(f"{prefix}:{service.types[number].name}" for number in sorted((*one.required, *one.optional)))

    def required_types(self, action: str) -> tuple[str, ...] | None:
        """Name those kinds of which every request has a resource. Without any, a request may have none and ask for `*`."""
        found = self._details(action)
        return None if found is None else tuple(f"{found[0]}:{found[1].types[number].name}" for number in found[2].required)

    @cache  # noqa: B019 - as above
    def arn_patterns(self, resource_type: str) -> tuple[str, ...]:
        """Give the ARNs of a kind of resource as patterns: `lambda:function` has `arn:*:lambda:*:*:function:*`. (): no such kind."""
        return tuple(_PLACEHOLDER.sub("*", form) for form in self.arn_formats(resource_type))

    @cache  # noqa: B019 - as above
    def arn_formats(self, resource_type: str) -> tuple[str, ...]:
        """Give the same with AWS's placeholders: `arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}`."""
        prefix, _, name = resource_type.lower().partition(":")
        if prefix not in self._table.services:
            return ()
        return tuple(kind.arn for kind in details(prefix).types if kind.name.lower() == name)

    def names_of(self, prefix: str) -> tuple[str, ...]:
        """Give the names of a service's actions, as AWS spells them, without the prefix."""
        return self._table.services.get(prefix.lower(), ())

    def types_of(self, prefix: str) -> tuple[str, ...]:
        """Name the kinds of resource a service has."""
        prefix = prefix.lower()
        return tuple(f"{prefix}:{kind.name}" for kind in details(prefix).types) if prefix in self._table.services else ()

    @cache  # noqa: B019 - as above
    def acting_on(self, resource_type: str) -> int:
        """Give the bits of the actions that act on a kind of resource."""
        prefix, _, name = resource_type.lower().partition(":")
        if prefix not in self._table.services:
            return 0
        service = details(prefix)
        wanted = {number for number, kind in enumerate(service.types) if kind.name.lower() == name}
        first = bisect_left(self.actions, prefix + ":")
        return sum(1 << first + n for n, one in enumerate(service.actions) if not wanted.isdisjoint((*one.required, *one.optional)))

    def condition_keys(self, action: str) -> tuple[str, ...] | None:
        """Name the condition keys of an action and of the resources it acts on, besides AWS's global ones, as AWS writes them."""
        found = self._details(action)
        if found is None:
            return None
        _, service, one = found
        numbers = {*one.keys, *(key for kind in (*one.required, *one.optional) for key in service.types[kind].keys)}
        return tuple(service.keys[number][0] for number in sorted(numbers))

    def key_type(self, key: str) -> str | None:
        """Give the type of a service's condition key: `String`, `ArrayOfString`, `ARN`, `Bool`, `Numeric`, `Date`, `IPAddress`..."""
        prefix = key.partition(":")[0].lower()
        if prefix not in self._table.services:
            return None
        return next((kind or None for name, kind in details(prefix).keys if name.lower() == key.lower()), None)

    def dependent(self, action: str) -> tuple[str, ...] | None:
        """Name the actions its caller needs besides, `iam:PassRole`, as AWS writes them."""
        found = self._details(action)
        return None if found is None else found[2].dependent

    def rcp_services(self) -> frozenset[str]:
        """Give the prefixes of the services that resource control policies apply to."""
        return self._table.rcp

    def _details(self, action: str) -> tuple[str, ServiceDetails, ActionDetails] | None:
        action = action.lower()
        number = self.index.get(action)
        if number is None:
            return None
        prefix = action.partition(":")[0]
        service = details(prefix)
        return prefix, service, service.actions[number - bisect_left(self.actions, prefix + ":")]


@cache
def catalogue() -> Catalogue:
    """Load the catalogue, once."""
    return Catalogue(names())
