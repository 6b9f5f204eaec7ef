"""JSON of a signature: an object, of bounded size, in which no key stands twice (two readers would take two different ones)."""

import json
from typing import Any, cast


def json_object(data: bytes, most: int) -> dict[str, Any]:
    """Decode an object. Raises `ValueError` for anything else."""
    if len(data) > most:
        raise ValueError("too large")
    try:
        found: object = json.loads(data, object_pairs_hook=_once)
    except RecursionError as bad:
        raise ValueError("too deep") from bad
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - what is wrong is the document, not a type of ours
    return cast("dict[str, Any]", found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found
