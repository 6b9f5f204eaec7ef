"""`lambda.lock` on disk: JSON that people review line by line, read back strictly."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec

from buckler.errors import SourceError
from buckler.model.lock import SCHEMA, Lock

_LIMIT_BYTES = 256 * 1024 * 1024
_LONG = 120
_AGAIN = "take back the edit, or make it again with `buckler lock`"


class _Head(msgspec.Struct):
    schema: str = ""


def read_lock(path: Path) -> Lock:
    """Read a lock. Raises `SourceError` for anything that is not one whole lock of this schema; never quotes what it holds."""
    try:
        size = path.stat().st_size
        if size > _LIMIT_BYTES:
            raise SourceError(f"`{path}` is no lock", cause=f"it has {size:,} bytes")
        text = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"there is no lock `{path}`", hint=f"buckler lock --output {path}") from None
    except OSError as bad:
        raise SourceError(f"cannot read `{path}`", cause=bad.strerror or type(bad).__name__) from None
    try:
        head = msgspec.json.decode(text, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError):
        ended = text.rstrip().endswith(b"}")
        cause = "it is not JSON" if ended else "it is not JSON to its end: cut off, or a merge left marks in it"
        raise SourceError(f"`{path}` is not a whole lock", cause=cause, hint=_AGAIN) from None
    if head.schema != SCHEMA:
        if not head.schema.startswith("buckler/lock/"):
            raise SourceError(f"`{path}` is no lock", cause=f"it does not say `{SCHEMA}`", hint=f"buckler lock --output {path}")
        raise SourceError(
            f"`{path}` is a lock of another schema, this buckler reads `{SCHEMA}`", hint="use the buckler that wrote it, or make it again"
        )
    try:
        lock = msgspec.json.decode(text, type=Lock)
    except msgspec.ValidationError as bad:
        # msgspec names the field and its path, never a value.
        raise SourceError(f"`{path}` was edited by hand, and is no lock any more", cause=str(bad), hint=_AGAIN) from None
    _insist_on_once(path, lock)
    return lock


def _insist_on_once(path: Path, lock: Lock) -> None:
    """Refuse a lock that pins one thing twice: which of the two counts would be chance."""
    keys: list[tuple[str, ...]] = [("function", one.file, one.id) for one in lock.functions]
    keys += [("layer", one.arn) for one in lock.layers]
    keys += [("publisher", one.account) for one in lock.publishers]
    seen: set[tuple[str, ...]] = set()
    for key in keys:
        if key in seen:
            raise SourceError(f"`{path}` pins the {key[0]} `{key[-1]}` twice", cause="which of them counts would be chance", hint=_AGAIN)
        seen.add(key)


def write_lock(path: Path, lock: Lock) -> None:
    """Write a lock, whole or not at all."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_text(lock_text(lock), encoding="utf-8")
        scratch.replace(path)
    except OSError as bad:
        scratch.unlink(missing_ok=True)
        raise SourceError(f"cannot write `{path}`", cause=bad.strerror or type(bad).__name__) from None


def lock_text(lock: Lock) -> str:
    """Write a lock as JSON: what belongs together on one line, so that a diff of lines is a diff of facts."""
    return "".join(_lines(msgspec.to_builtins(lock), "")) + "\n"


def _lines(value: object, indent: str) -> Iterator[str]:
    whole: object = value
    if not isinstance(value, dict | list | tuple) or not value or _is_short(whole):
        yield _encoded(whole)
        return
    deeper = f"{indent}  "
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value)
        yield "{"
        for number, (key, entry) in enumerate(pairs.items()):
            yield f"{',' if number else ''}\n{deeper}{_encoded(key)}: "
            yield from _lines(entry, deeper)
        yield f"\n{indent}}}"
        return
    yield "["
    for number, entry in enumerate(cast("list[object]", value)):
        yield f"{',' if number else ''}\n{deeper}"
        yield from _lines(entry, deeper)
    yield f"\n{indent}]"


def _is_short(value: object) -> bool:
    """Say whether a value stands on one line: an object without anything inside it, or a short list."""
    if isinstance(value, dict):
        return all(not isinstance(entry, dict | list | tuple) or not entry for entry in cast("dict[str, object]", value).values())
    return len(_encoded(value)) <= _LONG and all(not isinstance(entry, dict | list) for entry in cast("list[object]", value))


def _encoded(value: object) -> str:
    # ASCII: a name with a right-to-left override must not rearrange the line a reviewer reads.
    return json.dumps(value, ensure_ascii=True)
