"""Names of regions: which cannot be one."""

from collections.abc import Iterable
from typing import Any

from buckler import errors
from buckler.hints import closest


def refuse_mistyped(names: Iterable[str], session: Any) -> None:  # noqa: ANN401 - botocore has no types
    """Raise `UsageError` for a name that no region can have.

    A region that is newer than botocore passes: it is made of an area, a direction and a number as the others are. `eu-wst-1` is not,
    and would otherwise be an empty region in which every question stays open.
    """
    known = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("lambda", partition, allow_non_regional=True)
    ]
    directions = {name.split("-")[-2] for name in known}
    for name in names:
        parts = name.split("-")
        if name in known or (len(parts) >= 3 and parts[-1].isdigit() and parts[-2] in directions):
            continue
        close = closest(name, known)
        raise errors.UsageError(
            f"there is no region `{name}`", hint=f"a similar region exists: `--region {close}`" if close else "--region eu-west-1"
        )
