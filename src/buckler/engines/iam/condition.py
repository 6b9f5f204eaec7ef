"""Conditions: whether the context of a request satisfies one operator on one key.

- Several values in the policy are alternatives; for a negated operator none of them may match.
- A key that is absent makes a condition false, a negated one true, and one with `IfExists` true.
- `ForAllValues` holds when every value of the request does, so also when there is none; `ForAnyValue` when at least one does, so never
  when there is none (not even with `IfExists`).
- A value that is not of the operator's type (a word under `NumericLessThan`) satisfies neither the operator nor its negation.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context keys or values".
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts, all3, any3, not3
from buckler.engines.iam.match import matches
from buckler.engines.iam.variables import Literal, Piece, expand
from buckler.model.policy import Condition
from buckler.model.text import Hole, Partial, Text, unresolved

Test = Callable[[str, str], bool | None]
"""(value in the request, value in the policy) -> matches, or None when one of them is not of the operator's type."""


def condition_holds(condition: Condition, version: str, context: Context, doubts: Doubts) -> bool | None:
    """Say whether a condition holds. Raises `UnknownOperatorError` for an operator AWS does not have."""
    quantifier, operator, if_exists = _parse(condition.operator)
    values = context.get(condition.key)
    if operator == "null":
        return _null(condition, values, doubts)
    if values is None:
        doubts.key(condition.key)
        return None
    negated = operator in _NEGATED
    base = _NEGATED.get(operator, operator)
    if quantifier and set(values) <= {""}:
        # AWS: ForAllValues is true, and ForAnyValue false, when the key "resolves to a null dataset, such as an empty string".
        return quantifier == "forallvalues"
    if quantifier == "forallvalues":
        return all3(_one(base, value, condition, version, context, doubts, negated=negated) for value in values)
    if quantifier == "foranyvalue":
        return any3(_one(base, value, condition, version, context, doubts, negated=negated) for value in values)
    if not values:
        return if_exists or negated
    # A single-valued operator on a key with several values: one match decides, as for a key with one value.
    combine = all3 if negated else any3
    return combine(_one(base, value, condition, version, context, doubts, negated=negated) for value in values)


class UnknownOperatorError(ValueError):
    """AWS has no such operator and rejects the policy."""


@lru_cache(maxsize=4096)
def _parse(written: str) -> tuple[str, str, bool]:
    """Split `ForAnyValue:StringLikeIfExists` into quantifier, operator and IfExists; all without regard to case."""
    quantifier, colon, operator = written.lower().rpartition(":")
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    known = operator in _NEGATED or operator in _TESTS or operator in _TEXT_OPERATORS or (operator == "null" and not if_exists)
    if not known or (colon and quantifier not in {"forallvalues", "foranyvalue"}):
        raise UnknownOperatorError(f"unknown condition operator {written}")
    return quantifier, operator, if_exists


def _null(condition: Condition, values: tuple[str, ...] | None, doubts: Doubts) -> bool | None:
    """AWS: `"true"` (the key does not exist: it is null) or `"false"` (it exists and its value is not null)."""
    if values is None:
        doubts.key(condition.key)
        return None
    absent = not values
    return any3(
        _open(wanted, doubts) if isinstance(wanted, Partial) else wanted.lower() == ("true" if absent else "false")
        for wanted in condition.values
    )


def _one(base: str, value: str, condition: Condition, version: str, context: Context, doubts: Doubts, *, negated: bool) -> bool | None:
    """Test one value of the request against all values of the policy."""
    if base in _TEXT_OPERATORS:
        answer = any3(_text(base, value, wanted, version, context, doubts) for wanted in condition.values)
        return not3(answer) if negated else answer
    test = _TESTS[base]
    answers: list[bool | None] = []
    comparable = False
    for wanted in condition.values:
        if isinstance(wanted, Partial):
            answers.append(_open(wanted, doubts))
            continue
        got = test(value, wanted)
        comparable = comparable or got is not None
        answers.append(bool(got))
    answer = any3(answers)
    if negated and answer is False:
        return comparable
    return not3(answer) if negated else answer


def _open(text: Partial, doubts: Doubts) -> bool | None:
    """Answer for a value with holes: nobody can tell, and the first hole says why."""
    doubts.unknown(unresolved(next(part for part in text.parts if isinstance(part, Hole))))
    return None


# --- strings and ARNs: the operators in which policy variables count ---------------------------------------------------

_TEXT_OPERATORS = {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}


def _text(base: str, value: str, wanted: Text, version: str, context: Context, doubts: Doubts) -> bool | None:
    pieces = expand(wanted, version, context, doubts)
    if not isinstance(pieces, tuple):
        return pieces
    match base:
        case "stringlike":
            return matches(pieces, value, doubts)
        case "stringequals":
            return matches(_literal(pieces), value, doubts)
        case "stringequalsignorecase":
            return matches(tuple(p if isinstance(p, Hole) else Literal(p.lower()) for p in pieces), value.lower(), doubts)
        case _:
            return _arn(pieces, value, doubts)


def _literal(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return tuple(piece if isinstance(piece, Hole) else Literal(piece) for piece in pieces)


def _arn(pieces: tuple[Piece, ...], value: str, doubts: Doubts) -> bool | None:
    """Compare ARNs; `ArnEquals` and `ArnLike` behave alike.

    AWS: "Each of the six colon-delimited components of the ARN is checked separately and each can include multi-character match
    wildcards (*) or single-character match wildcards (?)." The sixth may hold colons. `*` alone is any ARN.
    """
    if pieces == ("*",):
        return value.startswith("arn:")
    if any(isinstance(piece, Hole) for piece in pieces):
        return matches(pieces, value, doubts) if value.startswith("arn:") else False
    segments = _segments(pieces)
    got = value.split(":", 5)
    if len(segments) != 6 or len(got) != 6 or got[0] != "arn":
        return False
    return all(matches(tuple(wanted), have, doubts) for wanted, have in zip(segments, got, strict=True))


def _segments(pieces: tuple[Piece, ...]) -> list[list[Piece]]:
    segments: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Hole):
            continue
        rest: str = piece
        while ":" in rest and len(segments) < 6:
            head, _, rest = rest.partition(":")
            segments[-1].append(Literal(head) if isinstance(piece, Literal) else head)
            segments.append([])
        segments[-1].append(Literal(rest) if isinstance(piece, Literal) else rest)
    return segments


# --- numbers, dates, addresses and the rest ------------------------------------------------------------------------------


def _numeric(compare: Callable[[float, float], bool]) -> Test:
    def test(value: str, wanted: str) -> bool | None:
        if not (_NUMBER.fullmatch(value) and _NUMBER.fullmatch(wanted)):
            return None
        return compare(float(value), float(wanted))

    return test


# Stricter than Python, which also reads `1_000`, ` 1 ` and `nan`.
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def _date(compare: Callable[[float, float], bool]) -> Test:
    def test(value: str, wanted: str) -> bool | None:
        left, right = _instant(value), _instant(wanted)
        return None if left is None or right is None else compare(left, right)

    return test


def _instant(text: str) -> float | None:
    """Read a date as IAM does: ISO 8601 (a day, or a time with zone) or seconds since 1970."""
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _bool(value: str, wanted: str) -> bool | None:
    if value.lower() not in {"true", "false"} or wanted.lower() not in {"true", "false"}:
        return None
    return value.lower() == wanted.lower()


def _binary(value: str, wanted: str) -> bool | None:
    try:
        return base64.b64decode(value, validate=True) == base64.b64decode(wanted, validate=True)
    except (binascii.Error, ValueError):
        return None


def _ip(value: str, wanted: str) -> bool | None:
    try:
        address = ipaddress.ip_address(value)
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return None
    return address in network if address.version == network.version else False


_TESTS: dict[str, Test] = {
    "numericequals": _numeric(lambda a, b: a == b),
    "numericlessthan": _numeric(lambda a, b: a < b),
    "numericlessthanequals": _numeric(lambda a, b: a <= b),
    "numericgreaterthan": _numeric(lambda a, b: a > b),
    "numericgreaterthanequals": _numeric(lambda a, b: a >= b),
    "dateequals": _date(lambda a, b: a == b),
    "datelessthan": _date(lambda a, b: a < b),
    "datelessthanequals": _date(lambda a, b: a <= b),
    "dategreaterthan": _date(lambda a, b: a > b),
    "dategreaterthanequals": _date(lambda a, b: a >= b),
    "bool": _bool,
    "binaryequals": _binary,
    "ipaddress": _ip,
}

_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
}
