"""Values that stand for all others: for each operator with a type, one value per class that its conditions can tell apart.

Numbers, dates and addresses are told apart only at the values that policies name, so those, one between each two, and one beyond each end
are enough. What is not of the type at all is a class, too, unless AWS itself fills the key.
"""

import base64
import binascii
import ipaddress
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from buckler.engines.iam.catalogue import catalogue

Family: TypeAlias = Literal["text", "arn", "number", "date", "bool", "binary", "address", "null"]

_NUMBERS = ("numericequals", "numericlessthan", "numericlessthanequals", "numericgreaterthan", "numericgreaterthanequals")
_DATES = ("dateequals", "datelessthan", "datelessthanequals", "dategreaterthan", "dategreaterthanequals")
_FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("stringequals", "stringequalsignorecase", "stringlike"), "text"),
    **dict.fromkeys(("arnequals", "arnlike"), "arn"),
    **dict.fromkeys((*_NUMBERS, "numericnotequals"), "number"),
    **dict.fromkeys((*_DATES, "datenotequals"), "date"),
    **dict.fromkeys(("ipaddress", "notipaddress"), "address"),
    "bool": "bool",
    "binaryequals": "binary",
    "null": "null",
}
_NOT = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}
NEGATED = frozenset({*_NOT, "numericnotequals", "datenotequals", "notipaddress"})


def operator_of(written: str) -> tuple[str, str, bool]:
    """Split `ForAnyValue:StringNotLikeIfExists` into quantifier, operator (of texts without its `Not`), and whether it had one."""
    quantifier, _, operator = written.lower().rpartition(":")
    operator = operator.removesuffix("ifexists")
    return quantifier, _NOT.get(operator, operator), operator in NEGATED


def family_of(operator: str) -> Family | None:
    """Say what type of value an operator compares; None for one AWS does not have."""
    return _FAMILIES.get(_NOT.get(operator, operator))


_OF_AWS: dict[str, Family] = {
    **dict.fromkeys(("aws:securetransport", "aws:viaawsservice", "aws:principalisawsservice", "aws:multifactorauthpresent"), "bool"),
    **dict.fromkeys(("aws:currenttime", "aws:tokenissuetime"), "date"),
    **dict.fromkeys(("aws:multifactorauthage", "aws:epochtime"), "number"),
    **dict.fromkeys(("aws:sourceip", "aws:vpcsourceip", "aws:ec2instancesourceprivateipv4"), "address"),
}
"""Keys whose value AWS writes itself, always of that type. Source: IAM User Guide, "AWS global condition context keys", "Data type"."""

ALWAYS: dict[str, str] = {
    "aws:securetransport": "true",
    "aws:viaawsservice": "false",
    "aws:currenttime": "2026-01-01T00:00:00Z",
    "aws:epochtime": "1767225600",
    "aws:requestedregion": "us-east-1",
    "aws:useragent": "x",
    "aws:principalisawsservice": "false",
}
"""Keys that are in every request (same page, "Availability: this key is always included"), and a usual value."""

_SEVERAL = frozenset(
    {
        *("aws:calledvia", "aws:principalorgpaths", "aws:principalservicenameslist", "aws:resourceorgpaths", "aws:sourceorgpaths"),
        "aws:tagkeys",
    }
)
"""Global keys with several values (same page, "Value type: multivalued"); all others have one."""


def may_have_several(key: str) -> bool:
    """Say whether a key (lower case) may have several values in one request: a service's own may, most of AWS's cannot."""
    return not key.startswith("aws:") or key in _SEVERAL


def representatives(key: str, family: Family, wanted: Iterable[str]) -> Iterator[str]:
    """Give one value per class of values that conditions on *key* with the values *wanted* can tell apart."""
    yield from _VALUES[family](tuple(wanted))
    if not is_typed(key):
        yield from ("x", "not-a-value")


def is_typed(key: str) -> bool:
    """Say whether AWS fills the key with a value that is no word: one of its own, or one of a service that its pages say so of."""
    return key in _OF_AWS or catalogue().key_type(key) in {"Numeric", "Bool", "Date", "IPAddress"}


def _numbers(wanted: tuple[str, ...]) -> Iterator[str]:
    for number in _between(_parsed(wanted, float)):
        yield str(int(number)) if number.is_integer() else repr(number)


def _dates(wanted: tuple[str, ...]) -> Iterator[str]:
    for second in _between(_parsed(wanted, _instant)):
        try:
            moment = datetime.fromtimestamp(second, UTC)
        except (OverflowError, ValueError, OSError):
            yield repr(second)
            continue
        yield moment.isoformat().replace("+00:00", "Z") if moment.timestamp() == second else repr(second)


def _instant(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _parsed(wanted: Iterable[str], parse: Callable[[str], float]) -> list[float]:
    out: set[float] = set()
    for text in wanted:
        try:
            value = parse(text)
        except (ValueError, OverflowError):
            continue
        if math.isfinite(value):
            out.add(value)
    return sorted(out)


def _between(points: list[float]) -> Iterator[float]:
    """Give the points, one value between each two, and one beyond each end."""
    if not points:
        yield 0.0
        return
    yield from points
    for left, right in itertools.pairwise(points):
        yield left + (right - left) / 2
    yield points[0] - max(1.0, abs(points[0]) / 1e6)
    yield points[-1] + max(1.0, abs(points[-1]) / 1e6)


def _bools(_wanted: tuple[str, ...]) -> Iterator[str]:
    yield from ("true", "false")


def _binaries(wanted: tuple[str, ...]) -> Iterator[str]:
    taken: set[bytes] = set()
    for text in wanted:
        try:
            taken.add(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError):
            continue
        yield text
    yield next(base64.b64encode(word).decode() for word in (b"%d" % number for number in range(len(taken) + 1)) if word not in taken)


def _addresses(wanted: tuple[str, ...]) -> Iterator[str]:
    """Give the first address of each network and the one after its last: everything changes only there."""
    usual = "203.0.113.7", "2001:db8::7"
    beyond: list[str] = []
    for text in wanted:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue
        # The second address looks like a host's; it is in the same networks as the first unless one of them is that small.
        if network.num_addresses > 2:
            yield str(network[1])
        yield str(network[0])
        try:
            beyond.append(str(network[-1] + 1))
        except ipaddress.AddressValueError:
            continue
    yield from usual
    yield from beyond
    yield from ("0.0.0.0", "::")  # noqa: S104 - the first address there is, bound to nothing


_VALUES: dict[Family, Callable[[tuple[str, ...]], Iterator[str]]] = {
    "number": _numbers,
    "date": _dates,
    "bool": _bools,
    "binary": _binaries,
    "address": _addresses,
}
