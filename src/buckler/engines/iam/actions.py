"""Actions that policies cannot tell apart: one stands for all of its class, whether AWS has it today or not.

Two actions are of one class when every list of actions in the policies names both or neither. Classes come from the catalogue's bitsets;
what the catalogue lacks (a new action, a typing error) has classes of its own where the lists treat it like no action of the catalogue.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from buckler.engines.iam.automata import GaveUp, signatures
from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.globs import Glob, action_glob, arn_glob, text_glob
from buckler.model.text import Partial, Text

Patterns: TypeAlias = tuple[Text, ...]
_USUAL = ("s3:GetObject", "lambda:InvokeFunction", "lambda:*", "iam:*", "s3:*", "sts:*", "ec2:*", "dynamodb:*")
"""What is shown of a class that has it: most people know these."""


class ActionClass(NamedTuple):
    """Actions of one class."""

    action: str
    """One of them, as AWS writes it."""
    bits: int
    """Those in the catalogue; 0: none is."""


def action_classes(lists: Iterable[Patterns]) -> tuple[tuple[ActionClass, ...], GaveUp | None]:
    """Split all actions into classes by the lists that name them; and say if actions outside the catalogue could not be split."""
    different = tuple(dict.fromkeys(lists))
    classes: dict[int, int] = {0: catalogue().everything}
    for number, patterns in enumerate(different):
        named = _expanded(patterns)
        split: dict[int, int] = {}
        for way, bits in classes.items():
            halves = {way: bits & ~named, way | 1 << number: bits & named}
            split.update({new_way: new_bits for new_way, new_bits in halves.items() if new_bits})
        classes = split
    known = [ActionClass(_shown(bits), bits) for bits in classes.values()]
    new: dict[int, str] = {}
    for way, action in _unheard(different, classes):
        if isinstance(action, GaveUp):
            return tuple(known), action
        new.setdefault(way, action)
    return (*known, *(ActionClass(action, 0) for action in new.values())), None


def _unheard(lists: Sequence[Patterns], known: Container[int]) -> Iterator[tuple[int, str | GaveUp]]:
    """List the ways, but for those *known*, in which actions that the catalogue lacks can be named.

    Service by service: few patterns speak of several.
    """
    wide = [[pattern for pattern in map(_widest, patterns) if pattern.lower() not in catalogue().index] for patterns in lists]
    by_service: dict[str, list[list[str]]] = {"": [[pattern for pattern in patterns if not _service(pattern)] for patterns in wide]}
    for service in dict.fromkeys(_service(pattern) for patterns in wide for pattern in patterns):
        by_service[service] = [[pattern for pattern in patterns if _service(pattern) in {"", service}] for patterns in wide]
    for service, patterns_of in by_service.items():
        sets = [_compiled(patterns) for patterns in patterns_of]
        found = signatures(sets, text_glob((f"{service or '?*'}:?*",)))
        if isinstance(found, GaveUp):
            yield 0, found
            return
        for way, action in found.items():
            if way in known:
                continue
            new = next((one for one in _variants(action) if _is_new(one, service, by_service) and _way(one, sets) == way), None)
            yield way, GaveUp(why=f"no action like `{action}` could be made up") if new is None else new


def _variants(action: str) -> Iterator[str]:
    """Give the action, and others that most patterns cannot tell from it: with one more letter."""
    yield action
    for letter in "x0q_":
        yield from (action[:at] + letter + action[at:] for at in range(len(action), -1, -1))


def _is_new(action: str, service: str, services: Container[str]) -> bool:
    prefix = action.partition(":")[0]
    return action not in catalogue().index and (prefix == service if service else prefix not in services)


def _way(action: str, sets: Sequence[Sequence[Glob]]) -> int:
    return sum(1 << number for number, globs in enumerate(sets) if any(glob.accepts(action) for glob in globs))


def _service(pattern: str) -> str:
    """Give the service of a pattern in lower case; "" when it may be several."""
    prefix = pattern.partition(":")[0].lower()
    return "" if set(prefix) & set("*?") else prefix


def _compiled(patterns: Iterable[str]) -> tuple[Glob, ...]:
    return tuple(glob for glob in map(action_glob, patterns) if glob is not None)


@lru_cache(maxsize=8192)
def _expanded(patterns: Patterns) -> int:
    bits = 0
    for pattern in patterns:
        bits |= catalogue().expand(_widest(pattern))
    return bits


def _widest(pattern: Text) -> str:
    """Write a hole as `*`."""
    return "".join(part if isinstance(part, str) else "*" for part in pattern.parts) if isinstance(pattern, Partial) else pattern


def _shown(bits: int) -> str:
    for usual in _USUAL:
        found = bits & catalogue().expand(usual)
        if found:
            return _first(found)
    return _first(bits)


def _first(bits: int) -> str:
    return catalogue().spelling(next(catalogue().names(bits)))


@lru_cache(maxsize=8192)
def shapes(action: str) -> tuple[Glob, ...]:
    """Give the forms of the resources that an action acts on; (): it is not in the catalogue."""
    types = catalogue().resource_types(action)
    if types is None:
        return ()
    # The plainest first: an object of a bucket, before one of an access point.
    return tuple(sorted((glob for kind in types for glob in _forms(kind)), key=lambda glob: glob.size)) or (Glob("*"),)


@lru_cache(maxsize=8192)
def _forms(kind: str) -> tuple[Glob, ...]:
    # In AWS's forms each placeholder is a name inside its segment; an empty one is no resource.
    patterns = (form.replace(":*", ":?*").replace("/*", "/?*") for form in catalogue().arn_patterns(kind))
    return tuple(glob for glob in (arn_glob((pattern,)) for pattern in patterns) if glob is not None)


def acting_on(bits: int, resource: str) -> str | None:
    """Name an action among *bits* that acts on *resource*."""
    segments = resource.split(":", 5)
    services: Sequence[str] = (segments[2],) if len(segments) > 2 else ()
    for service in services:
        for kind in catalogue().types_of(service):
            found = bits & catalogue().acting_on(kind)
            if found and any(glob.accepts(resource) for glob in _forms(kind)):
                return _first(found)
    return None
