"""YAML to a marked tree, from libyaml's events: no recursion, no objects, no surprises.

An iterative reader because a hostile file nests as deep as it likes; aliases are counted as what they would expand to, so that a small file
cannot become a large tree. Scalars become what CloudFormation makes of them, which is less than YAML 1.1 would.
"""

import re
from typing import Any, cast

import yaml

from buckler.errors import SourceError
from buckler.sources.cfn.tree import NOWHERE, Map, Node, Seq, Source, Str, mark_of

MAX_DEPTH = 100
MAX_NODES = 400_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_UNPREFIXED = frozenset({"Ref", "Condition"})


class _Open:
    """A collection whose end has not come yet."""

    __slots__ = ("anchor", "key", "key_mark", "merges", "node", "seen", "size", "tag")

    def __init__(self, node: Map | Seq, tag: str | None, anchor: str | None) -> None:
        self.node = node
        self.tag = tag
        self.anchor = anchor
        self.key: str | None = None
        self.key_mark = NOWHERE
        self.merges: list[Node] = []
        self.seen: dict[str, int] = {}
        self.size = 1


def read_yaml(text: str, source: Source, duplicates: list[int]) -> Node:
    """Read one YAML document. The marks of keys that stand twice in a mapping are added to *duplicates* (the last one wins).

    Raises `SourceError` with the place, and never a word of the text: a template may hold secrets.
    """
    loader = _Loader(text)
    try:
        return _Reader(source, duplicates).run(loader)
    except yaml.MarkedYAMLError as bad:
        mark = bad.problem_mark or bad.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        # From libyaml the problem is a fixed phrase ("found unexpected end of stream"); context may quote the document, so it is left out.
        problem = bad.problem if bad.problem and "'" not in bad.problem and '"' not in bad.problem else "invalid syntax"
        raise _refused(source, "is not valid YAML", *at, cause=problem) from None
    except yaml.YAMLError:
        raise _refused(source, "is not valid YAML", 1, 1, cause="it holds characters YAML does not allow") from None
    finally:
        loader.dispose()


def _refused(source: Source, what: str, line: int, column: int, cause: str) -> SourceError:
    return SourceError(
        f"`{source.shown}` {what}",
        cause=f"line {line}, column {column}: {cause}",
        hint="check the file with `cfn-lint` or `aws cloudformation validate-template`",
        place=f"{source.shown}:{line}:{column}",
    )


class _Reader:
    def __init__(self, source: Source, duplicates: list[int]) -> None:
        self.source = source
        self.duplicates = duplicates
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.pending: set[str] = set()
        self.stack: list[_Open] = []
        self.root: Node = None
        self.total = 0

    def run(self, loader: Any) -> Node:  # noqa: ANN401 - PyYAML's loader has no useful type
        documents = 0
        event_start, scalar = yaml.DocumentStartEvent, yaml.ScalarEvent
        while True:
            event = loader.get_event()
            if event is None or isinstance(event, yaml.StreamEndEvent):
                break
            if isinstance(event, scalar):
                self._scalar(event)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._open(event)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, event_start):
                documents += 1
                if documents > 1:
                    self._stop(event, "it holds more than one document")
        return self.root

    def _stop(self, event: Any, why: str) -> None:  # noqa: ANN401 - a PyYAML event
        mark = event.start_mark
        raise _refused(self.source, "is not a template", mark.line + 1, mark.column + 1, cause=why)

    def _mark(self, event: Any) -> int:  # noqa: ANN401 - a PyYAML event
        """Give a value its mark: that of its key in a mapping, its own in a sequence."""
        if not self.stack:
            return self.source.add(1, 1, NOWHERE, "")
        top = self.stack[-1]
        if isinstance(top.node, Map):
            return top.key_mark
        mark = event.start_mark
        return self.source.add(mark.line + 1, mark.column + 1, top.node.mark, str(len(top.node)))

    def _expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].node, Map) and self.stack[-1].key is None

    def _count(self, event: Any, size: int) -> None:  # noqa: ANN401 - a PyYAML event
        self.total += size
        if self.total > MAX_NODES:
            self._stop(event, f"it expands to more than {MAX_NODES} values")

    def _scalar(self, event: Any) -> None:  # noqa: ANN401 - a PyYAML event
        self._count(event, 1)
        if self._expects_key():
            top = self.stack[-1]
            start = event.start_mark
            top.key = cast("str", event.value)
            top.key_mark = self.source.add(start.line + 1, start.column + 1, top.node.mark, top.key)
            if event.anchor:
                self.anchors[event.anchor] = (Str(event.value, top.key_mark), 1)
            return
        mark = self._mark(event)
        tag: str | None = event.tag
        value: Node = (
            plain(event.value, mark) if not event.style and (tag is None or tag == "!") and event.implicit[0] else Str(event.value, mark)
        )
        if tag is not None and tag.startswith("!") and len(tag) > 1:
            value = self._tagged(tag, Str(event.value, mark), mark)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self._place(value, mark, 1)

    def _open(self, event: Any) -> None:  # noqa: ANN401 - a PyYAML event
        self._count(event, 1)
        if len(self.stack) >= MAX_DEPTH:
            self._stop(event, f"it nests deeper than {MAX_DEPTH} levels")
        if self._expects_key():
            self._stop(event, "a key is not a string")
        mark = self._mark(event)
        if event.anchor:
            self.pending.add(event.anchor)
        node: Map | Seq = Map(mark) if isinstance(event, yaml.MappingStartEvent) else Seq(mark)
        self.stack.append(_Open(node, event.tag, event.anchor))

    def _close(self) -> None:
        done = self.stack.pop()
        node: Node = done.node
        if isinstance(node, Map):
            for merged in done.merges:
                _merge(node, merged)
        if done.tag is not None and done.tag.startswith("!") and len(done.tag) > 1:
            node = self._tagged(done.tag, node, done.node.mark)
        if done.anchor:
            self.pending.discard(done.anchor)
            self.anchors[done.anchor] = (node, done.size)
        self._place(node, done.node.mark, done.size)

    def _alias(self, event: Any) -> None:  # noqa: ANN401 - a PyYAML event
        if event.anchor in self.pending:
            self._stop(event, "an alias contains itself")
        if event.anchor not in self.anchors:
            self._stop(event, "an alias has no anchor")
        node, size = self.anchors[event.anchor]
        self._count(event, size)
        if self._expects_key():
            if not isinstance(node, str):
                self._stop(event, "a key is not a string")
            top = self.stack[-1]
            top.key = str(node)
            top.key_mark = self.source.add(event.start_mark.line + 1, event.start_mark.column + 1, top.node.mark, top.key)
            return
        self._place(node, self._mark(event), size)

    def _place(self, value: Node, mark: int, size: int) -> None:
        if not self.stack:
            self.root = value
            return
        top = self.stack[-1]
        top.size += size
        if isinstance(top.node, Seq):
            top.node.put(value, mark)
            return
        key = cast("str", top.key)
        top.key = None
        if key == "<<" and isinstance(value, Map | Seq):
            top.merges.extend(value if isinstance(value, Seq) else [value])
            return
        if key in top.node:
            self.duplicates.append(mark)
        top.node.put(key, value, mark)

    def _tagged(self, tag: str, value: Node, mark: int) -> Map:
        """Write the short form `!Sub x` as the long one, `{"Fn::Sub": x}`."""
        name = tag[1:]
        name = name if name in _UNPREFIXED or name.startswith("Fn::") else f"Fn::{name}"
        if name == "Fn::GetAtt" and isinstance(value, str):
            head, _, tail = value.partition(".")
            parts = Seq(mark)
            parts.put(Str(head, mark), mark)
            parts.put(Str(tail, mark), mark)
            value = parts
        made = Map(mark)
        made.put(name, value, mark)
        return made


def _merge(node: Map, merged: Node) -> None:
    """Take over what `<<: *anchor` brings; keys that stand in the mapping itself win, and earlier merges win over later ones."""
    if not isinstance(merged, Map):
        return
    for key, value in merged.items():
        if key not in node:
            node.put(key, value, mark_of(merged, key))


def plain(text: str, mark: int) -> Node:
    """Read an unquoted scalar as CloudFormation does: integers, booleans and null; everything else stays the text it was written as.

    Dates (`Version: 2012-10-17`), numbers with a leading zero (account ids), sexagesimals (`22:22`), floats (`3.10`
    is a version) and underscored or hexadecimal numbers are text.
    """
    if text in _NULL:
        return None
    first = text[0]
    if (first.isdigit() or first in "+-") and _INTEGER.match(text):
        return int(text)
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return Str(text, mark)
