"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the literals `${*}`, `${?}`, `${$}`.

They exist since policy version 2012-10-17; in a document of version 2008-10-17 (AWS's default) `${aws:username}` is plain text.
Source: IAM User Guide, "IAM policy elements: Variables and tags".
"""

import re

from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts
from buckler.model.text import Hole, Partial, Text

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_WITH_DEFAULT = re.compile(r"\s*([^,]+?)\s*,\s*'(.*)'\s*", re.DOTALL)


class Literal(str):
    """Text in which `*` and `?` mean themselves: what a variable stood for. Never equal to a pattern of the same characters."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Tell `*` the character from `*` the wildcard: compiled patterns are kept by their pieces."""
        return isinstance(other, Literal) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        """Turn `==` round; `str` has a `!=` of its own."""
        return not self == other

    def __hash__(self) -> int:
        """Differ from the pattern, too."""
        return hash((Literal, str.__hash__(self)))


Piece = str | Literal | Hole


def expand(text: Text, version: str, context: Context, doubts: Doubts) -> tuple[Piece, ...] | bool | None:
    """Replace the variables of a text.

    Gives its pieces; False when a variable has no value in this request (such a text matches nothing); None when nobody can tell.
    """
    pieces: list[Piece] = []
    outcome: bool | None = True
    for part in text.parts if isinstance(text, Partial) else (text,):
        if isinstance(part, Hole) or version != "2012-10-17" or "${" not in part:
            pieces.append(part)
            continue
        end = 0
        for match in _VARIABLE.finditer(part):
            pieces.append(part[end : match.start()])
            end = match.end()
            value = _value(match[1], context, doubts)
            if isinstance(value, str):
                pieces.append(Literal(value))
            elif outcome is not False:
                outcome = value
        pieces.append(part[end:])
    return tuple(piece for piece in pieces if isinstance(piece, Hole) or len(piece)) if outcome is True else outcome


def _value(inside: str, context: Context, doubts: Doubts) -> str | bool | None:
    if inside in {"*", "?", "$"}:
        return inside
    with_default = _WITH_DEFAULT.fullmatch(inside)
    key = with_default[1] if with_default else inside.strip()
    values = context.get(key)
    if values is None:
        doubts.key(key)
        return None
    if len(values) == 1:
        return values[0]
    # Only keys with a single value can stand in a variable.
    return with_default[2] if with_default and not values else False
