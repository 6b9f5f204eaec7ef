"""Actions that policies cannot tell apart: one stands for all of its class, whether AWS has it today or not.

Two actions are of one class when every list of actions in the policies names both or neither. Classes come from the catalogue's bitsets;
what the catalogue lacks (a new action, a typing error) has classes of its own where the lists treat it like no action of the catalogue.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from buckler.engines.iam.automata import GaveUp, signatures
from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.globs import Glob, action_glob, arn_glob, text_glob
from buckler.model.text import Partial, Text

Patterns: TypeAlias = tuple[Text, ...]
_ANY_ACTION = text_glob(("?*:?*",))
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
    unheard = signatures([_globs(patterns) for patterns in different], _ANY_ACTION)
    if isinstance(unheard, GaveUp):
        return tuple(known), unheard
    new = [ActionClass(action, 0) for way, action in unheard.items() if way not in classes]
    return (*known, *new), None


@lru_cache(maxsize=8192)
def _expanded(patterns: Patterns) -> int:
    bits = 0
    for pattern in patterns:
        bits |= catalogue().expand(_widest(pattern))
    return bits


def _widest(pattern: Text) -> str:
    """Write a hole as `*`."""
    return "".join(part if isinstance(part, str) else "*" for part in pattern.parts) if isinstance(pattern, Partial) else pattern


@lru_cache(maxsize=8192)
def _globs(patterns: Patterns) -> tuple[Glob, ...]:
    return tuple(glob for glob in (action_glob(_widest(pattern)) for pattern in patterns) if glob is not None)


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
