"""Patterns compiled to automata, one for each way in which a policy compares texts.

A pattern is a row of positions, each of which eats one character; a `*` is a loop in front of the position that follows it. So the set of
positions a string leads to is one integer. The languages are those of `match.py` and `condition.py`, whose regular expressions are the
obvious twin; `automata.py` asks questions about several patterns at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.variables import Literal, Piece, expand
from buckler.model.text import Hole, Text

_SEGMENTS = 6
_LONGEST = 32768
"""As in `match.py`: a pattern that needs more characters names nothing."""


class Glob:
    """One compiled pattern. Make it with one of the functions below; equal patterns are one object."""

    __slots__ = ("has_hole", "ignore_case", "literals", "loop_any", "loop_run", "one_any", "one_run", "size", "tokens")

    def __init__(self, tokens: Iterable[str], *, has_hole: bool = False, ignore_case: bool = False) -> None:
        """Lay *tokens* out: single characters, and the four wildcards."""
        self.tokens = tuple(tokens)
        self.has_hole = has_hole
        """A hole stands in it: the language is the widest it may have."""
        self.ignore_case = ignore_case
        self.literals: dict[str, int] = {}
        self.one_any = self.one_run = self.loop_any = self.loop_run = 0
        bit = 1
        for token in self.tokens:
            if token == MANY:
                self.loop_any |= bit
            elif token == MANY_INSIDE:
                self.loop_run |= bit
            else:
                if token == ONE:
                    self.one_any |= bit
                elif token == ONE_INSIDE:
                    self.one_run |= bit
                elif token != NEVER:
                    for spelling in _spellings(token) if ignore_case else (token,):
                        self.literals[spelling] = self.literals.get(spelling, 0) | bit
                bit <<= 1
        self.size = bit.bit_length()
        """Number of positions, with the one after the last character."""

    def accepts(self, text: str) -> bool:
        """Say whether the pattern names *text*."""
        state = 1
        for character in text:
            hit, loop = self.one_any | self.literals.get(character, 0), self.loop_any
            if character != ":":
                hit, loop = hit | self.one_run, loop | self.loop_run
            state = ((state & hit) << 1) | (state & loop)
        return bool(state >> (self.size - 1))

    def __repr__(self) -> str:
        """Write the pattern as AWS does."""
        return f"Glob({''.join(_SHOWN.get(token, token) for token in self.tokens)!r})"


# Tokens of more than one character, so that no character of a pattern can be one.
ONE, ONE_INSIDE, MANY, MANY_INSIDE, NEVER = "any-one", "one-but-colon", "any-run", "run-without-colon", "no-character"
_SHOWN = {ONE: "?", ONE_INSIDE: "?", MANY: "*", MANY_INSIDE: "*"}


def _spellings(character: str) -> tuple[str, ...]:
    # The Kelvin sign is the one character outside ASCII whose lower case is inside.
    return tuple({character.lower(), character.upper(), *("\u212a" if character in "kK" else "")})


# --- patterns of policies ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def text_glob(pieces: tuple[Piece, ...]) -> Glob:
    """Compile a pattern without segments: what `match.matches` answers True to."""
    return Glob(_tokens(pieces, per_segment=False), has_hole=_has_hole(pieces))


@lru_cache(maxsize=65536)
def literal_glob(pieces: tuple[Piece, ...], *, ignore_case: bool = False) -> Glob | None:
    """Compile a text in which `*` and `?` are themselves. None: its letters have more cases than can be listed here."""
    exact = tuple(piece if isinstance(piece, Hole) else Literal(piece) for piece in pieces)
    if ignore_case and not all(isinstance(piece, Hole) or piece.isascii() for piece in exact):
        return None
    return Glob(_tokens(exact, per_segment=False), has_hole=_has_hole(exact), ignore_case=ignore_case)


def resource_globs(pattern: Text, version: str, context: Context, doubts: Doubts) -> tuple[Glob, ...] | None:
    """Compile an entry of `Resource`: what `match.resource_matches` answers True to. None when a variable in it is not known."""
    pieces = expand(pattern, version, context, doubts)
    if not isinstance(pieces, tuple):
        return () if pieces is False else None
    # Written out, an entry names itself even where, completed, it would not: `arn:aws:sqs`.
    itself = isinstance(pattern, str) and "${" not in pattern
    return _resource_globs(pieces, literal=pattern if itself and isinstance(pattern, str) else None)


@lru_cache(maxsize=65536)
def _resource_globs(pieces: tuple[Piece, ...], *, literal: str | None) -> tuple[Glob, ...]:
    completed = _complete(pieces)
    is_arn = bool(completed) and isinstance(completed[0], str) and completed[0].startswith("arn:")
    glob = Glob(_tokens(completed, per_segment=is_arn), has_hole=_has_hole(completed))
    if literal is None or glob.accepts(literal):
        return (glob,)
    return (glob, Glob(literal))


@lru_cache(maxsize=65536)
def action_glob(pattern: Text) -> Glob | None:
    """Compile an entry of `Action`, in lower case. None when it names nothing."""
    if isinstance(pattern, str):
        if pattern != "*" and ":" not in pattern:
            return None
        return text_glob((pattern.lower(),) if pattern else ())
    return text_glob(tuple(part.lower() if isinstance(part, str) else part for part in pattern.parts))


@lru_cache(maxsize=65536)
def arn_glob(pieces: tuple[Piece, ...]) -> Glob | None:
    """Compile a value under `ArnLike`: six segments, each by itself. None when it names nothing."""
    if pieces == ("*",) or _has_hole(pieces):
        return Glob(("a", "r", "n", ":", MANY), has_hole=pieces != ("*",))
    tokens: list[str] = []
    colons = 0
    for piece in pieces:
        for character in piece if isinstance(piece, str) else ():
            wild = character in "*?" and not isinstance(piece, Literal)
            inside = colons < _SEGMENTS - 1
            if wild:
                tokens.append((ONE_INSIDE if inside else ONE) if character == "?" else (MANY_INSIDE if inside else MANY))
            else:
                tokens.append(character)
                colons += character == ":"
    if colons < _SEGMENTS - 1:
        return None
    first = tokens.index(":")
    if not Glob(tokens[:first]).accepts("arn"):
        return None
    return Glob(("a", "r", "n", *tokens[first:]))


def _has_hole(pieces: tuple[Piece, ...]) -> bool:
    return any(isinstance(piece, Hole) for piece in pieces)


def _tokens(pieces: tuple[Piece, ...], *, per_segment: bool) -> Iterator[str]:
    """Read pieces by the rule of `match.py`: in an ARN a wildcard stays in its segment, but a `*` that ends one may go on."""
    if sum(len(piece) - (0 if isinstance(piece, Literal) else piece.count("*")) for piece in pieces if isinstance(piece, str)) > _LONGEST:
        yield NEVER
        return
    colons = 0
    for number, piece in enumerate(pieces):
        if isinstance(piece, Hole):
            yield MANY
            continue
        for index, character in enumerate(piece):
            if isinstance(piece, Literal) or character not in "*?":
                colons += character == ":"
                yield character
                continue
            inside = per_segment and colons < _SEGMENTS - 1
            if character == "?":
                yield ONE_INSIDE if inside else ONE
                continue
            following = piece[index + 1 : index + 2] or _first(pieces[number + 1 :])
            yield MANY_INSIDE if inside and following not in {":", ""} else MANY


def _first(pieces: Sequence[Piece]) -> str:
    for piece in pieces:
        return "*" if isinstance(piece, Hole) else piece[:1]
    return ""


def _complete(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Add the segments an incomplete ARN lacks; with a hole, which may bring colons, whatever could be lacking."""
    colons = sum(piece.count(":") for piece in pieces if isinstance(piece, str))
    head = pieces[0] if pieces else ""
    if colons >= _SEGMENTS - 1:
        return pieces
    holes = [piece for piece in pieces if isinstance(piece, Hole)]
    if holes:
        may_be_arn = isinstance(head, Hole) or head.startswith("arn:") or "arn:".startswith(head)
        return (*pieces, holes[0]) if may_be_arn else pieces
    if isinstance(head, Hole) or not head.startswith("arn:"):
        return pieces
    return (*pieces, ":*" * (_SEGMENTS - 1 - colons))
