"""The translator's messages without the user's values: those may be secrets."""

import re
from collections.abc import Iterator

from buckler.sources.cfn.tree import Map, Node, Seq

_LONGEST = 300


def without_values(message: str, root: Map) -> str:
    """Cut every string value of the template out of *message*; its keys and logical ids may stay."""
    text = " ".join(message.split())
    keys = set(_keys(root))
    values = sorted({value for value in _values(root) if value in text and value not in keys and not value.startswith("AWS::")}, key=len)
    for value in reversed(values):
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])" if len(value) < 4 else re.escape(value), "...", text)
    # What quotes whole objects of the template.
    text = re.sub(r"\{.*\}", "{...}", text)
    text = text.removesuffix(".")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def _keys(node: Node) -> Iterator[str]:
    if isinstance(node, Map):
        for key, value in node.items():
            yield key
            yield from _keys(value)
    elif isinstance(node, Seq):
        for value in node:
            yield from _keys(value)


def _values(node: Node) -> Iterator[str]:
    if isinstance(node, str):
        if node.strip():
            yield str(node)
            yield from node.split()
    elif isinstance(node, Map):
        for value in node.values():
            yield from _values(value)
    elif isinstance(node, Seq):
        for value in node:
            yield from _values(value)
