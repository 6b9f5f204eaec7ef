"""Take AWS's answers apart without tripping over what is not in them."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from buckler.model.entity import Tag

Answer: TypeAlias = dict[str, Any]
"""An answer of AWS as botocore decodes it. Lives only until its facts are read: it may hold secrets."""


def inner(answer: Answer, *names: str) -> Answer:
    """Give a structure inside *answer*; an empty one where it is not."""
    for name in names:
        answer = answer.get(name) or {}
    return answer


def each(answer: Answer, name: str) -> list[Answer]:
    """Give the structures of a list; AWS leaves empty lists out or not as it likes."""
    return answer.get(name) or []


def strings(answer: Answer, name: str) -> tuple[str, ...]:
    """Give the strings of a list."""
    return tuple(answer.get(name) or ())


def batched(items: Sequence[str], size: int) -> Iterator[list[str]]:
    """Cut *items* into lists of at most *size*, as much as a call takes."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def tags(answer: Answer, name: str = "Tags") -> tuple[Tag, ...]:
    """Read a list of `{"Key": ..., "Value": ...}`, as most services write tags."""
    return tuple(sorted((Tag(key=tag["Key"], value=tag.get("Value", "")) for tag in each(answer, name)), key=lambda tag: str(tag.key)))
