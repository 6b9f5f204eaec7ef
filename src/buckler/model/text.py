"""Strings with holes: what a template says when it does not say everything.

`Text` is a `str` when every character is known, a `Partial` when some are not: `arn:aws:s3:::${Bucket}/*`.
Two texts are compared in three values: the same, not the same, or nobody can tell.
"""

import re
from functools import lru_cache
from typing import TypeAlias

from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.model.value import Value


class Hole(Value):
    """A piece of a string that the source does not tell."""

    ref: str
    """What stands there, as its language writes it: `AWS::Region`, `Bucket.Arn`, `var.name`. Two holes with one ref have one value."""
    need: str = ""
    """What would fill it: `--parameter Stage=...`. Empty when nothing before deployment can."""


class Partial(Value):
    """A string of known and unknown pieces. Never two known pieces in a row, never all known: see `join`."""

    parts: tuple[str | Hole, ...]


Text: TypeAlias = str | Partial


def join(*pieces: Text | Hole) -> Text:
    """Concatenate, merging known neighbours; the result is a plain `str` when no hole is left."""
    parts: list[str | Hole] = []
    for piece in pieces:
        for part in piece.parts if isinstance(piece, Partial) else (piece,):
            if isinstance(part, str):
                if not part:
                    continue
                if parts and isinstance(parts[-1], str):
                    parts[-1] += part
                    continue
            parts.append(part)
    if not parts:
        return ""
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return Partial(parts=tuple(parts))


def hole(ref: str, need: str = "") -> Partial:
    """Make a text of which nothing is known but its name."""
    return Partial(parts=(Hole(ref=ref, need=need),))


def shown(text: Text) -> str:
    """Write a text for people: holes as `${ref}`."""
    if isinstance(text, str):
        return text
    return "".join(part if isinstance(part, str) else f"${{{part.ref}}}" for part in text.parts)


def known_text(text: Text | Unknown) -> str:
    """Unwrap a fully known string or raise `Undecided`, naming the first hole."""
    if isinstance(text, str):
        return text
    if isinstance(text, Unknown):
        raise Undecided(text)
    gap = next(part for part in text.parts if isinstance(part, Hole))
    raise Undecided(unresolved(gap))


def unresolved(gap: Hole) -> Unknown:
    """Say of a hole that, and why, it is one."""
    return Unknown(kind=UnknownKind.UNRESOLVED, why=f"`{gap.ref}` is not resolved", need=gap.need or f"a value for {gap.ref}")


# What AWS lets stand in a pseudo parameter. Anything else may be any string.
_HOLE_PATTERNS = {"AWS::AccountId": r"\d{12}", "AWS::Region": r"[a-z]{2}(?:-[a-z]+)+-\d", "AWS::Partition": r"aws(?:-[a-z-]+)?"}


@lru_cache(maxsize=65536)
def _pattern(text: Partial) -> re.Pattern[str]:
    return re.compile("".join(re.escape(p) if isinstance(p, str) else _HOLE_PATTERNS.get(p.ref, ".*") for p in text.parts), re.DOTALL)


def same(left: Text, right: Text) -> bool | None:
    """Say whether two texts are the same string: True, False, or None when it depends on a hole."""
    if left == right:
        return True
    if isinstance(left, str):
        if isinstance(right, str):
            return False
        return None if _pattern(right).fullmatch(left) else False
    if isinstance(right, str):
        return None if _pattern(left).fullmatch(right) else False
    # Two partial texts: only their known ends can contradict each other.
    head_l, head_r = _end(left, 0), _end(right, 0)
    tail_l, tail_r = _end(left, -1), _end(right, -1)
    heads_agree = head_l.startswith(head_r) or head_r.startswith(head_l)
    tails_agree = tail_l.endswith(tail_r) or tail_r.endswith(tail_l)
    return None if heads_agree and tails_agree else False


def _end(text: Partial, index: int) -> str:
    part = text.parts[index]
    return part if isinstance(part, str) else ""


def starts(text: Text, prefix: str) -> bool | None:
    """Say whether a text starts with *prefix*: True, False, or None when it depends on a hole."""
    if isinstance(text, str):
        return text.startswith(prefix)
    head = _end(text, 0)
    if head.startswith(prefix):
        return True
    return None if prefix.startswith(head) else False
