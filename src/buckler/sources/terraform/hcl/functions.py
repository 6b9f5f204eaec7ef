"""Terraform's functions, as far as their arguments are known.

A function that is not here, or that is handed what nobody knows, gives something open: never a guess.
Source: Terraform language documentation, "Built-in Functions".
"""

import base64
import hashlib
import ipaddress
import itertools
import math
import posixpath
import re
import urllib.parse
from collections.abc import Callable, Sequence
from typing import cast

import msgspec
import yaml

from buckler.model.text import Partial, Text, join
from buckler.sources.terraform.hcl.values import Computed, Handle, Open, Value, encoded, from_json, is_known, ref_of, text_of


class WrongError(Exception):
    """The arguments are not what the function takes. Terraform would refuse them too."""


Function = Callable[..., Value]

_LONGEST = 100_000
"""Elements a function may make."""
_LONGEST_PATTERN = 1000


def call(name: str, arguments: Sequence[Value]) -> Value:
    """Call a function. What it cannot tell is open, named after the function."""
    name = name.removeprefix("core::")
    loose = _LOOSE.get(name)
    try:
        if loose is not None:
            return loose(*arguments)
        strict = _STRICT.get(name)
        open_ = next((ref_of(one) for one in arguments if not is_known(one)), None)
        if open_ is not None:
            return Open(f"{name}({open_.ref})", open_.need)
        if strict is None:
            return Open(f"{name}(...)")
        return strict(*arguments)
    except (WrongError, TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, ZeroDivisionError, re.error):
        return Open(f"{name}(...)")


# --- what takes open things for what they are ------------------------------------------------------------------------


def _list(value: Value) -> list[Value]:
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    if not isinstance(value, list):
        raise WrongError
    return value


def _map(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise WrongError
    return value


def _text(value: Value) -> str:
    found = text_of(value)
    if not isinstance(found, str):
        raise WrongError
    return found


def _number(value: Value) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise WrongError
    if isinstance(value, str):
        value = float(value)
        return int(value) if value.is_integer() else value
    return value


def _whole(value: Value) -> int:
    return int(_number(value))


def _or_open(value: Value) -> Value:
    """Give what a collection that is itself open comes to."""
    return ref_of(value) if isinstance(value, Open | Partial | Computed | Handle) else None


def distinct(values: Sequence[Value]) -> list[Value]:
    """Keep the first of equal values, in order."""
    seen: set[bytes] = set()
    kept: list[Value] = []
    for value in values:
        mark = repr(value).encode() if not is_known(value) else msgspec.json.encode(value)
        if mark not in seen:
            seen.add(mark)
            kept.append(value)
    return kept


def _distinct(value: Value) -> Value:
    return _or_open(value) or distinct(_list(value))


def as_set(value: Value) -> Value:
    """Make a set: without duplicates, strings in order."""
    if (found := _or_open(value)) is not None:
        return found
    kept = distinct(_list(value))
    return sorted(kept, key=str) if all(isinstance(one, str) for one in kept) else kept


def _concat(*lists: Value) -> Value:
    for one in lists:
        if (found := _or_open(one)) is not None:
            return found
    return [value for one in lists for value in _list(one)]


def _merge(*maps: Value) -> Value:
    merged: dict[str, Value] = {}
    for one in maps:
        if (found := _or_open(one)) is not None:
            return found
        if one is not None:
            merged.update(_map(one))
    return merged


def _flatten(value: Value) -> Value:
    if (found := _or_open(value)) is not None:
        return found
    flat: list[Value] = []
    for one in _list(value):
        inner = _flatten(one) if isinstance(one, list) else None
        flat.extend(inner if isinstance(inner, list) else [one])
    return flat


def _compact(value: Value) -> Value:
    if (found := _or_open(value)) is not None:
        return found
    return [one for one in _list(value) if one not in (None, "")]


def _element(value: Value, index: Value) -> Value:
    if (found := _or_open(value)) is not None:
        return found
    items = _list(value)
    return items[_whole(index) % len(items)]


def _lookup(value: Value, key: Value, *default: Value) -> Value:
    if (found := _or_open(value)) is not None:
        return found
    if not is_known(key):
        return ref_of(key)
    return _map(value).get(_text(key), default[0] if default else Open(f"lookup({_text(key)})"))


def _keys(value: Value) -> Value:
    return _or_open(value) or cast("list[Value]", sorted(_map(value)))


def _values(value: Value) -> Value:
    return _or_open(value) or [_map(value)[key] for key in sorted(_map(value))]


def _length(value: Value) -> Value:
    if (found := _or_open(value)) is not None:
        return found
    return len(value) if isinstance(value, str | list | dict) else Open("length(...)")


def _join(separator: Value, *lists: Value) -> Value:
    pieces: list[Text] = []
    for one in lists:
        if (found := _or_open(one)) is not None:
            return found
        for value in _list(one):
            text = text_of(value)
            if text is None:
                raise WrongError
            pieces += [_text(separator), text] if pieces else [text]
    return join(*pieces)


_VERB = re.compile(r"%(?:\[(\d+)\])?([-+ 0#]*)(\d*)(?:\.(\d+))?([vdsqtfxX%])")


def _format(spec: Value, *arguments: Value) -> Value:
    if not isinstance(spec, str):
        raise WrongError
    pieces: list[Text] = []
    at, taken = 0, 0
    for match in _VERB.finditer(spec):
        pieces.append(spec[at : match.start()])
        at = match.end()
        if match[5] == "%":
            pieces.append("%")
            continue
        taken = int(match[1]) if match[1] else taken + 1
        pieces.append(_formatted(arguments[taken - 1], match))
    return join(*pieces, spec[at:])


def _formatted(value: Value, match: re.Match[str]) -> Text:
    kind, flags, width, precision = match[5], match[2], match[3], match[4]
    text: Text | None
    if kind in "dxX" and is_known(value):
        text = format(_whole(value), {"d": "d", "x": "x", "X": "X"}[kind])
    elif kind == "f" and is_known(value):
        text = format(float(_number(value)), f".{precision or 6}f")
    elif kind == "q":
        text = cast("Text", encoded(value))
    else:
        text = text_of(value) if not isinstance(value, list | dict) else cast("Text | None", encoded(value))
    if text is None:
        raise WrongError
    if isinstance(text, str) and width:
        return text.ljust(int(width)) if "-" in flags else text.rjust(int(width), "0" if "0" in flags else " ")
    return text


def _format_list(spec: Value, *arguments: Value) -> Value:
    lists = [one for one in arguments if isinstance(one, list)]
    if any(_or_open(one) is not None and not isinstance(one, Partial) for one in arguments) and not lists:
        return next(ref_of(one) for one in arguments if _or_open(one) is not None)
    length = len(lists[0]) if lists else 1
    return [_format(spec, *(one[at] if isinstance(one, list) else one for one in arguments)) for at in range(length)]


def _coalesce(*values: Value) -> Value:
    for one in values:
        if isinstance(one, Open):
            return one  # It may be null, and then the next is meant.
        if one not in (None, ""):
            return one
    raise WrongError


def _coalesce_list(*values: Value) -> Value:
    for one in values:
        if (found := _or_open(one)) is not None:
            return found
        if one:
            return one
    raise WrongError


def _to_string(value: Value) -> Value:
    return None if value is None else text_of(value)


def _same(value: Value, *_: Value) -> Value:
    return value


def _to_list(value: Value) -> Value:
    return _or_open(value) or list(_list(value))


def _to_map(value: Value) -> Value:
    return _or_open(value) or dict(_map(value))


def _one(value: Value) -> Value:
    if (found := _or_open(value)) is not None:
        return found
    items = _list(value)
    if len(items) > 1:
        raise WrongError
    return items[0] if items else None


def _zip_map(keys: Value, values: Value) -> Value:
    for one in (keys, values):
        if (found := _or_open(one)) is not None:
            return found
    return {_text(key): value for key, value in zip(_list(keys), _list(values), strict=True)}


def _slice(value: Value, start: Value, end: Value) -> Value:
    return _or_open(value) or _list(value)[_whole(start) : _whole(end)]


def _reverse(value: Value) -> Value:
    return _or_open(value) or list(reversed(_list(value)))


def _union(*sets: Value) -> Value:
    for one in sets:
        if (found := _or_open(one)) is not None:
            return found
    return as_set([value for one in sets for value in _list(one)])


def _chunks(value: Value, size: Value) -> Value:
    if (found := _or_open(value)) is not None:
        return found
    items, width = _list(value), _whole(size)
    return [items[at : at + width] for at in range(0, len(items), width)] if width > 0 else [items]


_LOOSE: dict[str, Function] = {
    "chunklist": _chunks,
    "coalesce": _coalesce,
    "coalescelist": _coalesce_list,
    "compact": _compact,
    "concat": _concat,
    "distinct": _distinct,
    "element": _element,
    "ephemeralasnull": _same,
    "flatten": _flatten,
    "format": _format,
    "formatlist": _format_list,
    "join": _join,
    "jsonencode": encoded,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same,
    "one": _one,
    "reverse": _reverse,
    "sensitive": _same,
    "setunion": _union,
    "slice": _slice,
    "tolist": _to_list,
    "tomap": _to_map,
    "toset": as_set,
    "tostring": _to_string,
    "values": _values,
    "zipmap": _zip_map,
}

# --- what must know all of its arguments -----------------------------------------------------------------------------


def _split(separator: Value, value: Value) -> Value:
    text, by = _text(value), _text(separator)
    return cast("list[Value]", list(text) if by == "" else text.split(by))


def _replace(value: Value, old: Value, new: Value) -> Value:
    text, search, by = _text(value), _text(old), _text(new)
    if len(search) > 1 and search.startswith("/") and search.endswith("/"):
        return re.sub(_pattern(search[1:-1]), re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", by.replace("\\", "\\\\")), text)
    return text.replace(search, by)


_REPEATED = re.compile(r"\)[*+{]")


def _pattern(written: str) -> str:
    # Terraform's RE2 takes linear time for any pattern, Python's does not: a repeated group could take for ever.
    if _REPEATED.search(written) or len(written) > _LONGEST_PATTERN:
        raise WrongError
    return written.replace(r"\z", r"\Z")


def _regex(pattern: Value, value: Value) -> Value:
    found = re.search(_pattern(_text(pattern)), _text(value))
    if found is None:
        raise WrongError
    return _matched(found)


def _matched(found: re.Match[str]) -> Value:
    if found.groupdict():
        return cast("dict[str, Value]", found.groupdict())
    return cast("list[Value]", list(found.groups())) if found.groups() else found[0]


def _regex_all(pattern: Value, value: Value) -> Value:
    return [_matched(one) for one in itertools.islice(re.finditer(_pattern(_text(pattern)), _text(value)), _LONGEST)]


def _contains(items: Value, value: Value) -> Value:
    return any(equal(one, value) for one in _list(items))


def equal(left: Value, right: Value) -> bool:
    """Compare two known values as `==` does: a number is never a truth value, nor a string."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right and isinstance(left, str) == isinstance(right, str)


def _range(*bounds: Value) -> Value:
    numbers = [_number(one) for one in bounds]
    start, end = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) > 2 else (1 if end >= start else -1)
    count = max(0, math.ceil((end - start) / step))
    if count > _LONGEST:
        raise WrongError
    return [start + step * at for at in range(count)]


def _substr(value: Value, offset: Value, length: Value) -> Value:
    text, start, size = _text(value), _whole(offset), _whole(length)
    start = max(0, len(text) + start) if start < 0 else start
    return text[start:] if size < 0 else text[start : start + size]


def _title(value: Value) -> Value:
    return re.sub(r"(^|\s)(\S)", lambda found: found[1] + found[2].upper(), _text(value))


def _hash(kind: str, *, raw: bool = False) -> Function:
    def made(value: Value) -> Value:
        digest = hashlib.new(kind, _text(value).encode(), usedforsecurity=False)
        return base64.b64encode(digest.digest()).decode() if raw else digest.hexdigest()

    return made


def _network(prefix: Value) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(_text(prefix), strict=False)


def _subnet(prefix: Value, bits: Value, number: Value) -> Value:
    network, added, wanted = _network(prefix), _whole(bits), _whole(number)
    length = network.prefixlen + added
    if not (0 <= length <= network.max_prefixlen and 0 <= wanted < 1 << added):
        raise WrongError
    start = int(network.network_address) + (wanted << (network.max_prefixlen - length))
    return f"{type(network.network_address)(start)}/{length}"


def _subnets(prefix: Value, *bits: Value) -> Value:
    network = _network(prefix)
    at = int(network.network_address)
    made: list[Value] = []
    for one in bits:
        length = network.prefixlen + _whole(one)
        size = 1 << (network.max_prefixlen - length)
        at = (at + size - 1) // size * size
        made.append(f"{type(network.network_address)(at)}/{length}")
        at += size
    return made


def _host(prefix: Value, number: Value) -> Value:
    network, wanted = _network(prefix), _whole(number)
    return str(network[wanted])


def _set_product(*sets: Value) -> Value:
    lists = [_list(one) for one in sets]
    if math.prod(len(one) for one in lists) > _LONGEST:
        raise WrongError
    return [list(one) for one in itertools.product(*lists)]


def _transpose(value: Value) -> Value:
    turned: dict[str, Value] = {}
    for key, values in _map(value).items():
        for one in _list(values):
            cast("list[Value]", turned.setdefault(_text(one), [])).append(key)
    return turned


def _match_keys(values: Value, keys: Value, wanted: Value) -> Value:
    asked = _list(wanted)
    return [one for one, key in zip(_list(values), _list(keys), strict=True) if key in asked]


def _to_number(value: Value) -> Value:
    return None if value is None else _number(value)


def _to_bool(value: Value) -> Value:
    if value is None or isinstance(value, bool):
        return value
    return {"true": True, "false": False}[_text(value)]


def _indent(width: Value, value: Value) -> Value:
    return _text(value).replace("\n", "\n" + " " * _whole(width))


def _yaml_decoded(value: Value) -> Value:
    try:
        return from_json(yaml.safe_load(_text(value)))
    except yaml.YAMLError as error:
        raise WrongError from error


def _of_text(work: Callable[[str], Value]) -> Function:
    def called(value: Value) -> Value:
        return work(_text(value))

    return called


def _of_texts(work: Callable[[str, str], Value]) -> Function:
    def called(first: Value, second: Value) -> Value:
        return work(_text(first), _text(second))

    return called


def _of_number(work: Callable[[int | float], Value]) -> Function:
    def called(value: Value) -> Value:
        return work(_number(value))

    return called


def _of_numbers(work: Callable[[list[int | float]], Value]) -> Function:
    def called(*values: Value) -> Value:
        return work([_number(one) for one in values])

    return called


def _of_list(work: Callable[[list[Value]], Value]) -> Function:
    def called(value: Value) -> Value:
        return work(_list(value))

    return called


def _is_true(value: Value) -> bool:
    return value is True or value == "true"


def _intersection(first: Value, *rest: Value) -> Value:
    return as_set([one for one in _list(first) if all(one in _list(other) for other in rest)])


def _difference(first: Value, second: Value) -> Value:
    return as_set([one for one in _list(first) if one not in _list(second)])


def _index_of(items: Value, value: Value) -> Value:
    return _list(items).index(value)


def _sorted(items: list[Value]) -> Value:
    return cast("list[Value]", sorted(_text(one) for one in items))


def _sum(items: list[Value]) -> Value:
    return sum(_number(one) for one in items)


_STRICT: dict[str, Function] = {
    "abs": _of_number(abs),
    "alltrue": _of_list(lambda items: all(_is_true(one) for one in items)),
    "anytrue": _of_list(lambda items: any(_is_true(one) for one in items)),
    "base64decode": _of_text(lambda text: base64.b64decode(text).decode()),
    "base64encode": _of_text(lambda text: base64.b64encode(text.encode()).decode()),
    "base64sha256": _hash("sha256", raw=True),
    "base64sha512": _hash("sha512", raw=True),
    "basename": _of_text(lambda text: posixpath.basename(text.rstrip("/"))),
    "ceil": _of_number(math.ceil),
    "chomp": _of_text(lambda text: text.rstrip("\r\n")),
    "cidrhost": _host,
    "cidrnetmask": _of_text(lambda prefix: str(_network(prefix).netmask)),
    "cidrsubnet": _subnet,
    "cidrsubnets": _subnets,
    "contains": _contains,
    "dirname": _of_text(lambda text: posixpath.dirname(text) or "."),
    "endswith": _of_texts(lambda text, end: text.endswith(end)),
    "floor": _of_number(math.floor),
    "indent": _indent,
    "index": _index_of,
    "jsondecode": _of_text(lambda text: from_json(msgspec.json.decode(text))),
    "lower": _of_text(str.lower),
    "matchkeys": _match_keys,
    "max": _of_numbers(max),
    "md5": _hash("md5"),
    "min": _of_numbers(min),
    "parseint": _of_texts(lambda text, base: int(text, int(base))),
    "pow": _of_numbers(lambda numbers: math.pow(*numbers)),
    "range": _range,
    "regex": _regex,
    "regexall": _regex_all,
    "replace": _replace,
    "setintersection": _intersection,
    "setproduct": _set_product,
    "setsubtract": _difference,
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha512": _hash("sha512"),
    "signum": _of_number(lambda number: (number > 0) - (number < 0)),
    "sort": _of_list(_sorted),
    "split": _split,
    "startswith": _of_texts(lambda text, start: text.startswith(start)),
    "strcontains": _of_texts(lambda text, piece: piece in text),
    "strrev": _of_text(lambda text: text[::-1]),
    "substr": _substr,
    "sum": _of_list(_sum),
    "title": _title,
    "tobool": _to_bool,
    "tonumber": _to_number,
    "transpose": _transpose,
    "trim": _of_texts(lambda text, cut: text.strip(cut)),
    "trimprefix": _of_texts(lambda text, start: text.removeprefix(start)),
    "trimspace": _of_text(str.strip),
    "trimsuffix": _of_texts(lambda text, end: text.removesuffix(end)),
    "upper": _of_text(str.upper),
    "urlencode": _of_text(urllib.parse.quote_plus),
    "yamldecode": _yaml_decoded,
}
