"""Random conditions: every operator, with and without `IfExists` and the quantifiers, on a key of the request."""

import random
from collections.abc import Mapping, Sequence

from bench.oracle.places import Key

from buckler.model.policy import Condition

_STRINGS = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike")
_ARNS = ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike")
_NUMBERS = (
    *("NumericEquals", "NumericNotEquals", "NumericLessThan"),
    *("NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"),
)
_DATES = ("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals")
_ADDRESSES = ("IpAddress", "NotIpAddress")
_OPERATORS: dict[str, tuple[str, ...]] = {
    "String": _STRINGS,
    "ArrayOfString": _STRINGS,
    "ARN": (*_ARNS, *_STRINGS),
    "ArrayOfARN": (*_ARNS, *_STRINGS),
    "Numeric": _NUMBERS,
    "Date": _DATES,
    "Bool": ("Bool",),
    "IPAddress": _ADDRESSES,
    "Binary": ("BinaryEquals",),
}
_EVERY = (*_STRINGS, *_ARNS, *_NUMBERS, *_DATES, *_ADDRESSES, "Bool", "BinaryEquals")


def condition(rng: random.Random, key: Key, given: Mapping[str, tuple[str, ...]], keys: Sequence[Key], *, fits: float) -> Condition:
    """Make a condition on *key* that holds with about that likelihood."""
    if rng.random() < 0.1:
        return Condition(operator="Null", key=key.name, values=(rng.choice(("true", "false")),))
    operator = rng.choice(_OPERATORS.get(key.type, _STRINGS) if rng.random() < 0.92 else _EVERY)
    values = tuple(dict.fromkeys(_value(rng, operator, key, given, keys, fits=fits) for _ in range(rng.choice((1, 1, 2)))))
    quantifier = rng.choice(("ForAllValues:", "ForAnyValue:")) if rng.random() < (0.85 if key.is_set else 0.06) else ""
    suffix = "IfExists" if rng.random() < 0.25 else ""
    name = key.name.lower() if rng.random() < 0.15 else key.name
    return Condition(operator=f"{quantifier}{operator}{suffix}", key=name, values=values)


def _value(rng: random.Random, operator: str, key: Key, given: Mapping[str, tuple[str, ...]], keys: Sequence[Key], *, fits: float) -> str:
    is_meant = rng.random() < (1 - fits if "Not" in operator else fits)
    has = rng.choice(given[key.name]) if is_meant and given[key.name] else rng.choice(key.values)
    if operator.startswith("Arn") and has.startswith("arn:"):
        return _arn(rng, has)
    if operator.startswith(("StringLike", "StringNotLike")) and has:
        at = rng.randrange(len(has))
        return rng.choice((has, f"{has[:at]}*", f"*{has[at:]}", f"{has[:at]}?{has[at + 1 :]}", "*", f"{has[:at]}*{has[at:]}"))
    if operator.startswith("String"):
        usable = [one for one in keys if not one.is_set and one.type == "String"]
        if usable and rng.random() < 0.15:
            other = rng.choice(usable).name
            return rng.choice((f"${{{other}}}", f"${{{other}, 'red'}}", f"x${{{other}}}", "${*}", "${$}"))
        return has.swapcase() if "IgnoreCase" in operator and rng.random() < 0.5 else has
    if operator in _ADDRESSES:
        return rng.choice((has, f"{has}/32" if ":" not in has else f"{has}/64", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32"))
    return has


def _arn(rng: random.Random, has: str) -> str:
    segments = has.split(":", 5)
    last = segments[5]
    at = rng.randrange(len(last))
    starred = ":".join("*" if rng.random() < 0.4 else segment for segment in segments[1:])
    return rng.choice(
        (has, f"{':'.join(segments[:5])}:{last[:at]}*", f"arn:{starred}", f"{':'.join(segments[:5])}:{last[:at]}?{last[at + 1 :]}", "*")
    )
