"""Intrinsic functions that make one string."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING

from buckler.model.text import Hole, Partial, Text, hole, join, shown
from buckler.model.unknown import Unknown
from buckler.sources.cfn.tree import Map, Node, Seq
from buckler.sources.cfn.values import OpaqueList, Resolved, first_hole

if TYPE_CHECKING:
    from buckler.sources.cfn.intrinsics import Resolver


def base64(resolver: Resolver, argument: Node, mark: int) -> Resolved:
    text = resolver.piece(argument, mark)
    if isinstance(text, str):
        return b64encode(text.encode()).decode()
    return hole(resolver.name_after("Fn::Base64", text, argument, mark), first_hole(text).need)


def import_value(resolver: Resolver, argument: Node, mark: int) -> Resolved:
    before = len(resolver.used)
    name = resolver.piece(argument, mark)
    # While the values of NoEcho parameters are let through, none may get into the name of a hole.
    is_secret = any(resolver.parameters.is_no_echo(parameter) for parameter in resolver.used[before:])
    return hole(resolver.name_of(argument, mark) if is_secret else f"Fn::ImportValue:{shown(name)}", "the exporting stack")


def stack_output(resolver: Resolver, argument: Node, mark: int) -> Resolved:
    return hole(resolver.name_of(argument, mark), "the other stack")


def to_json_string(resolver: Resolver, argument: Node, mark: int) -> Resolved:
    """Write a value as JSON; a hole inside a string stays one."""
    return join(*_json(resolver, resolver.resolve(argument, mark), argument, mark))


def _json(resolver: Resolver, value: Resolved, node: Node, mark: int) -> Iterator[Text | Hole]:
    if isinstance(value, Map):
        for index, (key, inner) in enumerate(value.items()):
            yield f"{',' if index else '{'}{json.dumps(key, ensure_ascii=False)}:"
            yield from _json(resolver, inner, node, mark)
        yield "}" if value else "{}"
    elif isinstance(value, Seq):
        for index, inner in enumerate(value):
            yield "," if index else "["
            yield from _json(resolver, inner, node, mark)
        yield "]" if value else "[]"
    elif isinstance(value, Partial):
        yield '"'
        for part in value.parts:
            yield part if isinstance(part, Hole) else json.dumps(part, ensure_ascii=False)[1:-1]
        yield '"'
    elif isinstance(value, Unknown | OpaqueList):
        need = value.need
        yield Hole(ref=resolver.name_of(node, mark), need=need)
    else:
        yield json.dumps(value, ensure_ascii=False)
