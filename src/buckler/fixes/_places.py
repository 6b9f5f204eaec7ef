"""What the user named for one place or for several: of each account and region what is meant there."""

from typing import Final

from msgspec.structs import replace

from buckler.model.estate import Estate
from buckler.model.fix import Wishes
from buckler.model.text import shown

_IN_REGION: Final = {"kms_key": "--kms-key", "failure_destination": "--failure-destination", "extension_layer": "--extension-layer"}
"""Lambda and CloudWatch Logs take keys, queues, topics and layers of their own region only."""


def wishes_in(wishes: Wishes, account: str, region: str, estate: Estate) -> tuple[Wishes, dict[str, str]]:
    """Give the wishes as they are meant in a region, and why some are not: option -> what is said of it.

    What has no region, a name, is meant everywhere. A profile that is of no place that fits stays, and what signs says so.
    """
    if not region:
        return wishes, {}
    changes: dict[str, str] = {}
    why: dict[str, str] = {}
    for field, option in _IN_REGION.items():
        named = named_for(wishes, field)
        fitting = [one for one in named if _part(one, 3) in {"", region}]
        # Of one's own account, where there are several.
        chosen = next((one for one in fitting if _part(one, 4) == account), next(iter(fitting), ""))
        if named and not chosen:
            why[option] = f"what you named is of {_part(named[0], 3)}: name one of {region} too ({option} may be repeated)"
        changes[field] = chosen
    profiles = named_for(wishes, "signing_profile")
    profile = next((one for one in profiles if (_part(one, 3), _part(one, 4)) == (region, account)), next(iter(profiles), ""))
    buckets = named_for(wishes, "signing_bucket")
    here = {shown(one.name) for one in estate.stores if one.kind == "bucket" and (one.account, one.region) == (account, region)}
    bucket = next((one for one in buckets if one in here), next(iter(buckets), ""))
    return replace(wishes, **changes, signing_profile=profile, signing_bucket=bucket), why


def named_for(wishes: Wishes, field: str) -> tuple[str, ...]:
    """Give all that was named for an option."""
    first: str = getattr(wishes, field)
    return (*([first] if first else []), *(value for name, value in wishes.more if name == field))


def _part(arn: str, number: int) -> str:
    parts = arn.split(":")
    return parts[number] if parts[0] == "arn" and len(parts) > number else ""
