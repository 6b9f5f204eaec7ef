"""Whether an artifact was looked at whole: what was not read may hold what a check asks for."""

from buckler.model.artifact import Inventory
from buckler.model.unknown import Undecided, UnknownKind


def insist_on_whole(inventory: Inventory) -> None:
    """Raise `Undecided` for the first part of an artifact that could not be looked at; what was only not asked for is told, not raised."""
    for unknown in inventory.not_assessed:
        if unknown.kind is not UnknownKind.NOT_ASKED:
            raise Undecided(unknown)
    for unknown in inventory.not_assessed:
        raise Undecided(unknown)
