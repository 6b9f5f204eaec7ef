"""Intrinsic functions that make, cut or measure lists."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from buckler.model.text import Partial, shown
from buckler.model.unknown import Unknown
from buckler.sources.cfn.split import split_text
from buckler.sources.cfn.tree import Map, Node, Seq
from buckler.sources.cfn.values import OpaqueList, Resolved, first_hole, to_list, to_number, unknown

if TYPE_CHECKING:
    from buckler.sources.cfn.intrinsics import Resolver

_MOST_BLOCKS = 256
"""What `Fn::Cidr` makes at most."""


def select(resolver: Resolver, argument: Node, mark: int) -> Resolved:
    if not isinstance(argument, Seq) or len(argument) != 2:
        return unknown("`Fn::Select` needs an index and a list")
    index = to_number(resolver.resolve(argument[0]))
    listed = resolver.resolve(argument[1], mark)
    if not isinstance(index, int):
        return index if isinstance(index, Unknown) else unknown("`Fn::Select` has no index")
    if isinstance(listed, OpaqueList):
        return listed.entry(index)
    entries = to_list(listed)
    if isinstance(entries, Unknown) or entries is None:
        return entries or unknown("`Fn::Select` has no list")
    return entries[index] if 0 <= index < len(entries) else unknown("`Fn::Select` points behind the end of its list")


def split(resolver: Resolver, argument: Node, mark: int) -> Resolved:
    if not isinstance(argument, Seq) or len(argument) != 2:
        return unknown("`Fn::Split` needs a delimiter and a string")
    delimiter, text = resolver.text(argument[0]), resolver.piece(argument[1], mark)
    if not isinstance(delimiter, str) or not delimiter:
        return unknown("`Fn::Split` has no delimiter")
    parts = split_text(text, delimiter, resolver.resources)
    if parts is None:
        ref = resolver.name_after(f"Fn::Split at {delimiter[:3]}", text, argument, mark)
        return OpaqueList(ref, first_hole(text).need if isinstance(text, Partial) else "")
    made = Seq(mark)
    for part in parts:
        made.put(part, mark)
    return made


def cidr(resolver: Resolver, argument: Node, mark: int) -> Resolved:
    values = [resolver.piece(entry, mark) for entry in argument] if isinstance(argument, Seq) else []
    if len(values) < 2:
        return unknown("`Fn::Cidr` needs a block and a count")
    block, size = values[0], values[2] if len(values) > 2 else "8"
    # Named after the block: the same piece of the same block is the same range, wherever it is cut.
    ref = resolver.name_after(f"Fn::Cidr by {shown(size)}", block, argument, mark)
    opaque = OpaqueList(ref, first_hole(block).need if isinstance(block, Partial) else "")
    if not isinstance(block, str) or not isinstance(size, str) or not isinstance(values[1], str):
        return opaque
    made = Seq(mark)
    try:
        network = ipaddress.ip_network(block, strict=False)
        count = min(int(values[1]), _MOST_BLOCKS)
        for subnet in network.subnets(new_prefix=network.max_prefixlen - int(size)):
            if len(made) >= count:
                break
            made.put(str(subnet), mark)
    except ValueError:
        return opaque
    return made


def get_azs(resolver: Resolver, argument: Node, mark: int) -> Resolved:
    region = Map()
    region.put("Ref", "AWS::Region", mark)
    return OpaqueList(f"Fn::GetAZs of {shown(resolver.piece(region if argument in (None, '') else argument, mark))}")


def length(resolver: Resolver, argument: Node, mark: int) -> Resolved:
    entries = to_list(resolver.resolve(argument, mark))
    return entries if isinstance(entries, Unknown) else len(entries or ())
