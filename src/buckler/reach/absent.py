"""Saying that something an entity names is not among what was read."""

from buckler.model.entity import Entity
from buckler.model.origin import FileOrigin
from buckler.model.text import Hole, Partial, Text, unresolved
from buckler.model.unknown import Unknown, UnknownKind


def absent(what: str, entity: Entity, need: str) -> Unknown:
    """Make the `Unknown` for a thing that *entity* names and nobody read.

    In a file that is the nature of files (OUTSIDE: it stands in another stack or in the account); live it means a list was not whole.
    """
    if isinstance(entity.origin, FileOrigin):
        return Unknown(kind=UnknownKind.OUTSIDE, why=f"{what} is not in this file", need="a live scan")
    return Unknown(kind=UnknownKind.FAILED, why=f"{what} was not among what AWS listed", need=need)


def first_hole(*texts: Text) -> Unknown:
    """Say which hole keeps a comparison of *texts* from being decided. One of them has a hole."""
    return unresolved(next(part for text in texts if isinstance(text, Partial) for part in text.parts if isinstance(part, Hole)))
