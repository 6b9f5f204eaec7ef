"""The translator's messages without the user's values: those may be secrets."""

import re
from collections.abc import Iterator

from buckler.sources.cfn.tree import Map, Node, Seq

_LONGEST = 300
_READABLE = 4000


def without_values(message: str, root: Map) -> str:
    """Cut every string value of the template out of *message*; its keys and logical ids may stay."""
    if len(message) > _READABLE:
        return "the translator refuses it"
    text = " ".join(message.split())
    keys = set(_keys(root))
    values = {value for value in _values(root) if len(value) > 2 and value in text and value not in keys and not value.startswith("AWS::")}
    for value in sorted(values, key=len, reverse=True):
        # A short plain word may be the translator's own ("invalid"); where it shows a value, it puts it in quotes or brackets.
        is_word = value.isalpha() and value.islower() and len(value) <= 10
        found = re.escape(value)
        text = re.sub(rf"(?<=['\"\[:]){found}|(?<=: ){found}" if is_word else found, "...", text)
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
        yield str(node).strip()
        # Of long values, a message may show a part.
        yield from (word for word in node.split() if len(word) > 5 and not word.isalpha())
    elif isinstance(node, Map):
        for value in node.values():
            yield from _values(value)
    elif isinstance(node, Seq):
        for value in node:
            yield from _values(value)
