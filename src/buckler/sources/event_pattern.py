"""Which events the pattern of an EventBridge rule lets through, as far as it matters who can send them.

Source: Amazon EventBridge User Guide, "Creating Amazon EventBridge event patterns", and API reference, PutEvents: a `source` that begins
with `aws.` is refused from anyone but AWS's services.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from buckler.model.text import Partial, same, shown
from buckler.model.unknown import Unknown

S3 = "aws.s3"


def takes_sent(pattern: object) -> bool:
    """Say whether an event that somebody puts on the bus may match: not when the rule only wants what AWS's services tell."""
    sources = _entries(_fields(pattern).get("source"))
    return sources is None or not all(isinstance(one, str) and one.startswith("aws.") for one in sources)


def takes_bucket(pattern: object, bucket: object) -> bool:
    """Say whether what S3 tells of a bucket may match."""
    fields = _fields(pattern)
    if isinstance(pattern, Unknown):
        return True
    sources = _entries(fields.get("source"))
    if sources is not None and not any(_may_be(one, S3) for one in sources):
        return False
    names = _entries(_fields(_fields(fields.get("detail")).get("bucket")).get("name"))
    return names is None or any(_may_be(one, bucket) for one in names)


def _fields(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _entries(value: object) -> Sequence[object] | None:
    """Give the alternatives of a field; None when the pattern does not ask for it, or nobody knows what it asks for."""
    if isinstance(value, list | tuple):
        return cast("Sequence[object]", value)
    return None


def _may_be(wanted: object, value: object) -> bool:
    if isinstance(wanted, Mapping):
        prefix = cast("Mapping[str, object]", wanted).get("prefix")
        # Other matchers (`suffix`, `wildcard`, `anything-but`) are taken to match.
        known = isinstance(prefix, str) and isinstance(value, str | Partial)
        return not known or _begins(value, prefix)
    if isinstance(wanted, str | Partial) and isinstance(value, str | Partial):
        return same(wanted, value) is not False
    return True


def _begins(value: object, prefix: object) -> bool:
    if not isinstance(value, str | Partial) or not isinstance(prefix, str):
        return True
    known = shown(value).partition("${")[0]
    return known.startswith(prefix) or (isinstance(value, Partial) and prefix.startswith(known))
