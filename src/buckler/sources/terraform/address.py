"""Terraform's addresses and references, taken apart: `module.shop["a"].aws_lambda_function.this[0].arn`."""

import re
from functools import lru_cache
from typing import TypeAlias

from buckler.model.value import Value

_TOKEN = re.compile(r'\.?([A-Za-z_][\w-]*|\*)|\[(?:"((?:[^"\\]|\\.)*)"|(-?\d+)|\*)\]')


class Key(Value):
    """An instance key: `["a"]` or `[0]`."""

    key: str | int


Step: TypeAlias = str | Key


@lru_cache(maxsize=8192)
def steps(address: str) -> tuple[Step, ...]:
    """Split an address or reference into names and keys; what cannot be read ends it."""
    found: list[Step] = []
    at = 0
    while at < len(address):
        match = _TOKEN.match(address, at)
        if match is None:
            break
        at = match.end()
        if match[1] is not None:
            found.append(match[1])
        elif match[2] is not None:
            found.append(Key(key=match[2].replace('\\"', '"')))
        elif match[3] is not None:
            found.append(Key(key=int(match[3])))
        else:
            found.append("*")
    return tuple(found)


@lru_cache(maxsize=4096)
def modules(address: str) -> tuple[tuple[str, str], ...]:
    """List the modules an address lies in, outermost first: (name, address of that instance)."""
    path = steps(address)
    found: list[tuple[str, str]] = []
    prefix = ""
    at = 0
    while at + 1 < len(path) and path[at] == "module":
        name = path[at + 1]
        if isinstance(name, Key):
            break
        key = path[at + 2] if at + 2 < len(path) else None
        at += 2
        prefix = f"{prefix}.module.{name}" if prefix else f"module.{name}"
        if isinstance(key, Key):
            prefix += written(key)
            at += 1
        found.append((name, prefix))
    return tuple(found)


def written(key: Key) -> str:
    """Write an instance key as Terraform does."""
    if isinstance(key.key, int):
        return f"[{key.key}]"
    quoted = key.key.replace('"', '\\"')
    return f'["{quoted}"]'


def most_specific(references: tuple[str, ...]) -> tuple[str, ...]:
    """Drop duplicates and those that only introduce a longer one: Terraform lists `aws_x.y.arn` and `aws_x.y` for one use."""
    distinct = tuple(dict.fromkeys(references))
    paths = {reference: steps(reference) for reference in distinct}
    return tuple(
        reference
        for reference in distinct
        if not any(
            other != reference and len(paths[other]) > len(paths[reference]) and paths[other][: len(paths[reference])] == paths[reference]
            for other in distinct
        )
    )
