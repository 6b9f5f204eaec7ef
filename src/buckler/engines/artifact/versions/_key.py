"""What a version becomes to be compared: a tuple that Python itself orders as the ecosystem does."""

from typing import Any, TypeAlias

Key: TypeAlias = tuple[Any, ...]
"""Keys of one ecosystem compare with `<` and `==`. Being tuples they are a total order, whatever the strings were."""


class VersionError(ValueError):
    """The text is no version of this ecosystem: nobody can say where it stands."""

    def __init__(self, version: str) -> None:
        super().__init__(f"{version[:80]!a} is no version of its ecosystem")


def ascii_int(digits: str) -> int:
    """Read ASCII digits. Raises `VersionError` where they are too many to be a version."""
    if len(digits) > 1000:  # Python refuses 4,300; nobody means the thousandth
        raise VersionError(digits)
    return int(digits or "0")
