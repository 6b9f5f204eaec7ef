"""How actions and resources match. Patterns know `*` (any run of characters) and `?` (exactly one).

Actions compare without regard to case, resources with it. An ARN in `Resource` has six segments, of which the last, the resource, may hold
colons of its own:

- A `*` inside one of the first five segments stays in its segment; one that ends a segment may go on past its colon. AWS: "You can
  use wildcard characters within the individual segments of an ARN (the parts separated by colons) ... If the * wildcard is the last
  character of a resource ARN segment, it can expand to match beyond the colon boundaries." So `arn:aws:lambda:*:function:f` names `f`
  in every region and account.
- An ARN of fewer segments is completed with `*`: `arn:aws:sqs` is `arn:aws:sqs:*:*:*`.

Source: IAM User Guide, "IAM JSON policy elements: Resource", read 2026-11-25. An ARN in a condition is stricter: see `condition.py`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.variables import Literal, Piece, expand
from buckler.model.text import Hole, Text, unresolved

_SEGMENTS = 6


def action_matches(pattern: Text, action: str, doubts: Doubts) -> bool | None:
    """Say whether an entry of `Action` names an action."""
    if isinstance(pattern, str):
        if pattern == "*":
            return True
        pattern, action = pattern.lower(), action.lower()
        return ":" in pattern and action.startswith(_head(pattern)) and glob(pattern, action)
    return matches(tuple(part.lower() if isinstance(part, str) else part for part in pattern.parts), action.lower(), doubts)


def resource_matches(pattern: Text, resource: str, version: str, context: Context, doubts: Doubts) -> bool | None:
    """Say whether an entry of `Resource` names a resource."""
    if pattern in {"*", resource} and "${" not in resource:
        return True
    pieces = expand(pattern, version, context, doubts)
    if not isinstance(pieces, tuple):
        return pieces
    if len(pieces) == 1 and type(pieces[0]) is str:
        return resource.startswith(_head(pieces[0])) and resource_regex(pieces[0]).fullmatch(resource) is not None
    return _verdict(_complete(pieces), resource, doubts, per_segment=True)


def matches(pieces: Sequence[Piece], value: str, doubts: Doubts) -> bool | None:
    """Say whether a pattern of pieces (variables already replaced) matches a string, without regard to segments."""
    return _verdict(tuple(pieces), value, doubts, per_segment=False)


def glob(pattern: str, value: str) -> bool:
    """Match a plain pattern."""
    return _glob(pattern).fullmatch(value) is not None


def _verdict(pieces: tuple[Piece, ...], value: str, doubts: Doubts, *, per_segment: bool) -> bool | None:
    if _compile(pieces, per_segment=per_segment).fullmatch(value) is None:
        return False
    holes = [piece for piece in pieces if isinstance(piece, Hole)]
    for gap in holes:
        doubts.unknown(unresolved(gap))
    return None if holes else True


def _shortest(pieces: Sequence[Piece]) -> int:
    """Count the characters that any match has at least."""
    return sum(len(piece) - (0 if isinstance(piece, Literal) else piece.count("*")) for piece in pieces if not isinstance(piece, Hole))


_WILDCARD = re.compile(r"[*?]")
_STARS = re.compile(r"\*{2,}")


def _head(pattern: str) -> str:
    """Give what every match starts with: most patterns are told apart by it, without being compiled."""
    return _WILDCARD.split(pattern, maxsplit=1)[0]


@lru_cache(maxsize=65536)
def _glob(pattern: str) -> re.Pattern[str]:
    return _compile((pattern,), per_segment=False)


@lru_cache(maxsize=65536)
def resource_regex(pattern: str) -> re.Pattern[str]:
    """Compile an entry of `Resource` that has neither holes nor variables."""
    return _compile(_complete((pattern,)), per_segment=True)


def _complete(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Add `*` for the segments an incomplete ARN lacks. With a hole, which may bring colons or `arn:`, whatever could be lacking is one."""
    first = pieces[0] if pieces else ""
    colons = sum(piece.count(":") for piece in pieces if isinstance(piece, str))
    if colons >= _SEGMENTS - 1:
        return pieces
    holes = [piece for piece in pieces if isinstance(piece, Hole)]
    if holes:
        return (*pieces, holes[0]) if isinstance(first, Hole) or _may_be_arn(first) else pieces
    if isinstance(first, Hole) or not first.startswith("arn:"):
        return pieces
    return (*pieces, ":*" * (_SEGMENTS - 1 - colons))


def _may_be_arn(head: str) -> bool:
    return head.startswith("arn:") or "arn:".startswith(head)


@lru_cache(maxsize=65536)
def _compile(pieces: tuple[Piece, ...], *, per_segment: bool) -> re.Pattern[str]:
    """Write a pattern as a regular expression. A hole may be anything.

    Consecutive stars are one, so that `*a**b***` does not backtrack for ever; `_linear` keeps the rest bounded.
    """
    if _shortest(pieces) > _LONGEST:
        return _NEVER
    per_segment = per_segment and bool(pieces) and isinstance(pieces[0], str) and pieces[0].startswith("arn:")
    out: list[str] = []
    colons = 0
    for number, piece in enumerate(pieces):
        if isinstance(piece, Hole):
            out.append(_ANY)
            continue
        written = piece if isinstance(piece, Literal) else _STARS.sub("*", piece)
        for index, character in enumerate(written):
            if isinstance(piece, Literal) or character not in "*?":
                colons += character == ":"
                out.append(re.escape(character))
                continue
            inside = per_segment and colons < _SEGMENTS - 1
            if character == "?":
                out.append("[^:]" if inside else ".")
                continue
            following = written[index + 1 : index + 2] or _first(pieces[number + 1 :])
            out.append(_RUN if inside and following not in {":", ""} else _ANY)
    return re.compile(_linear(out), re.DOTALL)


# No policy of AWS's is longer (that of a key, 32 KiB), nor anything a request may hold. So a megabyte of `a*a*a*` is never compiled.
_LONGEST = 32768
_NEVER = re.compile(r"(?!)")

_ANY = ".*"
_RUN = "[^:]*?"


def _first(pieces: Sequence[Piece]) -> str:
    for piece in pieces:
        return piece[:1] if isinstance(piece, str) else "*"
    return ""


def _linear(tokens: list[str]) -> str:
    """Join the tokens so that matching is never exponential.

    What stands between two stars is matched at its first possible place and never tried again (atomic group): for globs the leftmost match
    is as good as any, since what follows may start later but never has to start earlier. Only what follows the last star has to stand at
    the end. A star that stays in its segment keeps this true: nothing later in its segment is lost by matching early, and a colon after
    it can only be the one that ends the segment.
    """
    chunks = _split(tokens, _ANY)
    if len(chunks) == 1:
        return _within(chunks[0], at_end=True)
    head, *middle, tail = chunks
    runs = "".join(f"(?>.*?{_within(chunk, at_end=False)})" for chunk in middle if chunk)
    return _within(head, at_end=False) + runs + ".*" + _within(tail, at_end=True)


def _within(tokens: list[str], *, at_end: bool) -> str:
    """Join what stands between two stars that cross segments."""
    head, *rest = ("".join(piece) for piece in _split(tokens, _RUN))
    if not rest:
        return head
    *middle, tail = rest
    last = _RUN + tail if at_end else f"(?>{_RUN}{tail})"
    return head + "".join(f"(?>{_RUN}{piece})" for piece in middle if piece) + last


def _split(tokens: list[str], star: str) -> list[list[str]]:
    pieces: list[list[str]] = [[]]
    for token in tokens:
        if token == star:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces
