"""One property of a template set in its text: nothing else is touched, not a comment, not a quote.

The text is composed (never constructed) by PyYAML, which reads JSON too and tells where each node begins and ends.
"""

import codecs
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, cast

import yaml

Setting: TypeAlias = str | int | Mapping[str, "Setting"] | list["Setting"]
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./$][A-Za-z0-9_./$-]*")
_SHARED: Final = re.compile(r"\s*:\s+[*&]")
_NOT_TEXT: Final = re.compile(r"(?i:true|false|yes|no|on|off|null|~|[-+]?[0-9._-]+)")


_ANCHOR: Final = re.compile(r"(?m)(?:^|[\s\[{,:-])&\w")


_SHORT: Final = 2
"""Items of a list that stand in one line."""


_WIDE: Final = 60
"""Characters of a value in brackets that stands in one line."""
_LEAST: Final = 2
"""Steps to what may be taken out: something in a section, not the section."""


class CannotEditError(Exception):
    """A property that cannot be set by itself; the message says why."""


class Span(NamedTuple):
    """A replacement of text."""

    start: int
    end: int
    text: str


class Placed(NamedTuple):
    """A replacement in one of several files."""

    file: str
    span: Span


class Editor:
    """The text of a template, and where its nodes are."""

    def __init__(self, text: str) -> None:
        """Compose the text. Raises `CannotEditError`."""
        self.text = text
        self._is_json = text.lstrip()[:1] == "{"
        self._newline = "\r\n" if "\r\n" in text else "\n"
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError:
            raise CannotEditError("the text cannot be edited in place: it has tabs, or is no single document") from None
        if not isinstance(root, yaml.MappingNode):
            raise CannotEditError("the template is no mapping")
        self._root = root

    def has(self, *path: str) -> bool:
        """Say whether something is written at a path."""
        return self._at(path) is not None

    def scalar(self, *path: str) -> str | None:
        """Give the text of a plain value."""
        node = self._at(path)
        return str(cast("Any", node).value) if isinstance(node, yaml.ScalarNode) and not node.tag.startswith("!") else None

    def keys(self, *path: str) -> tuple[str, ...]:
        """List what stands in a mapping; () where there is none."""
        node = self._at(path)
        pairs = cast("list[tuple[Any, yaml.Node]]", node.value) if isinstance(node, yaml.MappingNode) else []
        return tuple(str(name.value) for name, _ in pairs if isinstance(name, yaml.ScalarNode))

    def items(self, *path: str) -> int | None:
        """Count the items of a list; None where there is none. The first is at *path* and `0`."""
        node = self._at(path)
        return len(cast("list[object]", node.value)) if isinstance(node, yaml.SequenceNode) else None

    def _at(self, path: Sequence[str]) -> yaml.Node | None:
        node: yaml.Node | None = self._root
        for key in path:
            node = _child(node, key)
        return node

    def rewrite(self, path: Sequence[str], value: Setting) -> Span:
        """Write something else in place of a plain value. Raises `CannotEditError`.

        A list in place of an item of a list is several items. Where the text is in blocks, so is what is written.
        """
        around, node = self._at(path[:-1]), self._at(path)
        if not isinstance(node, yaml.ScalarNode) or node.tag.startswith("!") or node.style in {"|", ">"}:
            raise CannotEditError(f"`{'.'.join(path)}` is not written as a plain value")
        start, end = node.start_mark.index, node.end_mark.index
        if self.text[start] == "&":
            # An alias of it has the same mark.
            raise CannotEditError(f"`{'.'.join(path)}` is shared by an anchor")
        is_item = isinstance(around, yaml.SequenceNode)
        if not isinstance(around, yaml.CollectionNode) or around.flow_style:
            return Span(start, end, ", ".join(map(self._flow, value)) if is_item and isinstance(value, list) else self._flow(value))
        line = self.text.rfind("\n", 0, start) + 1
        if is_item and isinstance(value, list):
            return Span(start, end, f"{self._newline}{self.text[line:start]}".join(map(self._flow, value)))
        column = node.start_mark.column if is_item else len(self.text[line:start]) - len(self.text[line:start].lstrip()) + 2
        if not is_item and isinstance(value, list) and len(value) <= _SHORT:
            return Span(start, end, self._flow(value))
        written = f"{self._newline}{' ' * column}".join(self._lines(value))
        if is_item:
            return Span(start, end, written)
        return Span(len(self.text[:start].rstrip(" ")), end, f"{self._newline}{' ' * column}{written}")

    def append(self, path: Sequence[str], value: Setting) -> Span:
        """Add an item at the end of a list. Raises `CannotEditError`."""
        node = self._at(path)
        children = cast("list[yaml.Node]", node.value) if isinstance(node, yaml.SequenceNode) else []
        if not children or not isinstance(node, yaml.SequenceNode) or self.text[node.start_mark.index] == "&":
            raise CannotEditError(f"`{'.'.join(path)}` is not written as a list")
        end = self._end(children[-1])
        # An alias has the marks of what it names, which may stand before it in the same list.
        if any(one is children[-1] for one in children[:-1]) or not node.start_mark.index <= end <= node.end_mark.index:
            raise CannotEditError("the list ends in what an anchor shares")
        if node.flow_style:
            return Span(end, end, f", {self._flow(value)}")
        stop = self.text.find("\n", end)
        stop = len(self.text) if stop < 0 else stop
        stop -= self.text[:stop].endswith("\r")
        first, *rest = self._lines(value)
        lines = (f"- {first}", *(f"  {line}" for line in rest))
        return Span(stop, stop, "".join(f"{self._newline}{' ' * node.start_mark.column}{line}" for line in lines))

    def remove(self, paths: Sequence[Sequence[str]]) -> tuple[Span, ...]:
        """Take entries and items out; a list or a mapping of which nothing would be left goes as a whole. Raises `CannotEditError`."""
        around: dict[tuple[str, ...], set[int]] = {}
        for path in paths:
            if len(path) < _LEAST:
                raise CannotEditError("nothing would be left of the template")
            around.setdefault(tuple(path[:-1]), set()).add(self._number(path))
        spans: list[Span] = []
        for path, gone in around.items():
            entries = self._entries(path)
            if len(gone) == len(entries):
                spans += self.remove((path,))
            elif self._at(path).flow_style:  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue]
                spans += _cut(entries, gone)
            else:
                spans += (self._lines_of(path, *entries[number]) for number in sorted(gone))
        return tuple(spans)

    def _entries(self, path: Sequence[str]) -> list[tuple[int, int]]:
        """Give where the entries of a mapping, or the items of a list, begin and end. Raises `CannotEditError`."""
        node = self._at(path)
        found: list[tuple[int, int]]
        if isinstance(node, yaml.MappingNode):
            pairs = cast("list[tuple[Any, yaml.Node]]", node.value)
            found = [(name.start_mark.index, self._end(value)) for name, value in pairs]
        else:
            found = [(one.start_mark.index, self._end(one)) for one in cast("list[Any]", node.value if node is not None else [])]
        # An alias has the marks of what it names.
        last = -1
        for start, end in found:
            if start < last or end < start:
                raise CannotEditError(f"`{'.'.join(path)}` has what an anchor shares")
            last = end
        return found

    def _number(self, path: Sequence[str]) -> int:
        """Say the how manieth something is in what it stands in. Raises `CannotEditError`."""
        around = self._at(path[:-1])
        if not self.has(*path) or not isinstance(around, yaml.CollectionNode):
            raise CannotEditError(f"`{'.'.join(path)}` is not written there")
        return int(path[-1]) if isinstance(around, yaml.SequenceNode) else self.keys(*path[:-1]).index(path[-1])

    def _lines_of(self, path: Sequence[str], begin: int, end: int) -> Span:
        start = self.text.rfind("\n", 0, begin) + 1
        mark = "-" if isinstance(self._at(path), yaml.SequenceNode) else ""
        if self.text[start:begin].strip() != mark:
            raise CannotEditError(f"what is in `{'.'.join(path)}` does not begin with its line")
        stop = self.text.find("\n", end)
        stop = len(self.text) if stop < 0 else stop
        if start == 0:
            return Span(0, stop + 1, "")
        # With the line break before it, not the one behind: something may be added behind the last line.
        break_ = len(self._newline)
        return Span(start - break_, stop - self.text[:stop].endswith("\r"), "")

    def set(self, path: Sequence[str], value: Setting) -> Span:
        """Set a property, made where it is not written yet. Raises `CannotEditError`."""
        node: yaml.Node = self._root
        for at, key in enumerate(path):
            item = _child(node, key) if isinstance(node, yaml.SequenceNode) and at < len(path) - 1 else None
            if item is not None:
                # An alias has the marks of what it names.
                if not node.start_mark.index <= item.start_mark.index < node.end_mark.index or self.text[item.start_mark.index] == "&":
                    raise CannotEditError(f"`{'.'.join(path[: at + 1])}` is shared by an anchor")
                node = item
                continue
            if not isinstance(node, yaml.MappingNode):
                raise CannotEditError(f"`{'.'.join(path[:at])}` is not written as a mapping")
            found = _member(node, key)
            if found is None:
                for name in reversed(path[at + 1 :]):
                    value = {name: value}
                return self._insert(node, key, value)
            if self._is_shared(node, key):
                raise CannotEditError(f"`{'.'.join(path[: at + 1])}` is shared by an anchor")
            node = found
        return self._replace(node, path, value)

    def put(self, path: Sequence[str], value: Setting) -> Span:
        """Write a property anew, whatever stands there; made where it is not written yet. Raises `CannotEditError`."""
        around, node = self._at(path[:-1]), self._at(path)
        if node is None:
            return self.set(path, value)
        if not isinstance(around, yaml.MappingNode) or self._is_shared(around, path[-1]):
            raise CannotEditError(f"`{'.'.join(path)}` is shared by an anchor, or no property")
        if around.flow_style:
            return Span(node.start_mark.index, self._end(node), self._spread(value, around))
        name = next(name for name, _ in cast("list[tuple[Any, yaml.Node]]", around.value) if name.value == path[-1])
        start, end = name.start_mark.index, self._end(node)
        if not start < end <= around.end_mark.index:
            raise CannotEditError(f"`{'.'.join(path)}` has what an anchor shares")
        return Span(start, end, f"{self._newline}{' ' * name.start_mark.column}".join(self._block(path[-1], value)))

    def part(self, path: Sequence[str], old: str, new: str) -> Span:
        """Write something in the place of a part of a value, however that is written. Raises `CannotEditError`."""
        node, raw = self._at(path), self.raw(*path)
        if node is None or raw.count(old) != 1:
            raise CannotEditError(f"`{'.'.join(path)}` does not say `{old}` as it is, and once")
        if raw.startswith(("&", "*")):
            raise CannotEditError(f"`{'.'.join(path)}` is shared by an anchor")
        start = node.start_mark.index + raw.index(old)
        return Span(start, start + len(old), new)

    def rename(self, path: Sequence[str], key: str) -> Span:
        """Write another key in place of the last one, which keeps its value and its quotes. Raises `CannotEditError`."""
        around = self._at(path[:-1])
        pairs = cast("list[tuple[yaml.Node, yaml.Node]]", around.value) if isinstance(around, yaml.MappingNode) else []
        name = next((one for one, _ in pairs if one.value == path[-1]), None)
        if name is None or _member(cast("yaml.MappingNode", around), key) is not None:
            raise CannotEditError(f"`{'.'.join(path)}` is not written, or `{key}` is")
        return self._replace(name, path, key)

    def duplicate(self, path: Sequence[str], key: str, without: Sequence[Sequence[str]] = ()) -> Span:
        """Write an entry of a mapping once more behind itself, as it is written, under another key; *without*: what the copy does not have.

        Raises `CannotEditError`.
        """
        around = self._at(path[:-1])
        pairs = cast("list[tuple[yaml.Node, yaml.Node]]", around.value) if isinstance(around, yaml.MappingNode) else []
        name, node = next((one for one in pairs if one[0].value == path[-1]), (None, None))
        if name is None or node is None or _member(cast("yaml.MappingNode", around), key) is not None:
            raise CannotEditError(f"`{'.'.join(path)}` is not written, or `{key}` is")
        start, end = name.start_mark.index, self._end(node)
        if not start < node.start_mark.index <= end or _ANCHOR.search(self.text[start:end]):
            # Twice the same anchor is not YAML.
            raise CannotEditError(f"`{'.'.join(path)}` has what an anchor shares")
        spans = [*self.remove([(*path, *one) for one in without]), self._replace(name, path, key)]
        if not all(start <= one.start <= one.end <= end for one in spans):
            raise CannotEditError(f"`{'.'.join(path)}` has what an anchor shares")
        written = apply_spans(self.text[start:end], [Span(one.start - start, one.end - start, one.text) for one in spans])
        line = self.text.rfind("\n", 0, start) + 1
        is_first = self.text[line:start].strip() == ""
        if around.flow_style:  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
            return Span(end, end, f",{self._newline}{self.text[line:start]}{written}" if is_first else f", {written}")
        stop = self.text.find("\n", end)
        stop = len(self.text) if stop < 0 else stop
        stop -= self.text[:stop].endswith("\r")
        return Span(stop, stop, f"{self._newline}{' ' * name.start_mark.column}{written}")

    def raw(self, *path: str) -> str:
        """Give the text of a value as it is written, with its tag; empty where there is none."""
        node = self._at(path)
        return "" if node is None else self.text[node.start_mark.index : self._end(node)]

    def _is_shared(self, node: yaml.MappingNode, key: str) -> bool:
        """Say whether a value is an alias, or has an anchor: what is set there is set elsewhere too."""
        pairs = cast("list[tuple[Any, yaml.Node]]", node.value)
        name = next(name for name, _ in pairs if name.value == key)
        return _SHARED.match(self.text, name.end_mark.index) is not None

    def _replace(self, node: yaml.Node, path: Sequence[str], value: Setting) -> Span:
        parameter = _referred(node)
        if parameter is not None:
            if self.scalar("Parameters", parameter, "Default") is None:
                raise CannotEditError(f"its value comes from the parameter `{parameter}`, which has no default")
            return self.set(("Parameters", parameter, "Default"), value)
        if not isinstance(node, yaml.ScalarNode) or node.tag.startswith("!") or node.style in {"|", ">"}:
            raise CannotEditError(f"`{'.'.join(path)}` is not written as a plain value")
        if isinstance(value, Mapping | list):
            raise CannotEditError(f"`{'.'.join(path)}` is written as a value, and more is wanted")
        quote = node.style if node.style in {"'", '"'} else ""
        if quote and isinstance(value, str):
            written = json.dumps(value) if quote == '"' else "'" + value.replace("'", "''") + "'"
        else:
            written = self._scalar(value)
        return Span(node.start_mark.index, node.end_mark.index, written)

    def _insert(self, around: yaml.MappingNode, key: str, value: Setting) -> Span:
        pairs = cast("list[tuple[yaml.Node, yaml.Node]]", around.value)
        if around.flow_style:
            written = f"{self._key(key)}: {self._spread(value, around)}"
            if not pairs:
                return Span(around.start_mark.index + 1, around.start_mark.index + 1, written)
            first = pairs[0][0].start_mark
            gap = f"{self._newline}{' ' * first.column}" if first.line != around.start_mark.line else " "
            return Span(first.index, first.index, f"{written},{gap}")
        if not pairs:
            raise CannotEditError("the mapping is empty")
        column = pairs[0][0].start_mark.column
        lines = self._block(key, value)
        end = self._end(pairs[-1][1])
        if not around.start_mark.index <= end <= around.end_mark.index:
            raise CannotEditError("the mapping ends in what an anchor shares")
        stop = self.text.find("\n", end)
        stop = len(self.text) if stop < 0 else stop
        stop -= self.text[:stop].endswith("\r")
        return Span(stop, stop, "".join(f"{self._newline}{' ' * column}{line}" for line in lines))

    def _end(self, node: yaml.Node) -> int:
        """Find where a value ends: PyYAML lets block collections, and block scalars, end where the next thing begins."""
        children = cast("list[Any]", node.value) if isinstance(node, yaml.CollectionNode) and not node.flow_style else []
        if children:
            return self._end(children[-1][1] if isinstance(node, yaml.MappingNode) else children[-1])
        end: int = node.end_mark.index
        is_block = isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}
        return len(self.text[:end].rstrip()) if is_block else end

    def _block(self, key: str, value: Setting) -> list[str]:
        """Write an entry as lines, without the indentation of the first."""
        if isinstance(value, Mapping) or (
            isinstance(value, list) and (len(value) > _SHORT or any(isinstance(one, Mapping) for one in value))
        ):
            return [f"{self._key(key)}:", *(f"  {line}" for line in self._lines(value))]
        return [f"{self._key(key)}: {self._flow(value)}"]

    def _lines(self, value: Setting) -> list[str]:
        """Write a value in blocks."""
        if isinstance(value, Mapping):
            return [line for name, one in value.items() for line in self._block(name, one)]
        if not isinstance(value, list):
            return [self._flow(value)]
        found: list[str] = []
        for one in value:
            first, *rest = self._lines(one)
            found += [f"- {first}", *(f"  {line}" for line in rest)]
        return found

    def _spread(self, value: Setting, around: yaml.MappingNode) -> str:
        """Write a value in brackets: in lines, where what it stands in is written in lines and it is long."""
        flat = self._flow(value)
        pairs = cast("list[tuple[yaml.Node, yaml.Node]]", around.value)
        first = pairs[0][0].start_mark if pairs else around.start_mark
        if not isinstance(value, Mapping | list) or len(flat) <= _WIDE or first.line == around.start_mark.line:
            return flat
        line = self.text.rfind("\n", 0, around.start_mark.index) + 1
        step = first.column - (len(self.text[line:]) - len(self.text[line:].lstrip(" ")))
        return json.dumps(value, indent=max(step, 1)).replace("\n", f"{self._newline}{' ' * first.column}")

    def _flow(self, value: Setting) -> str:
        if isinstance(value, list):
            return "[" + ", ".join(map(self._flow, value)) + "]"
        if not isinstance(value, Mapping):
            return self._scalar(value)
        return "{" + ", ".join(f"{self._key(name)}: {self._flow(one)}" for name, one in value.items()) + "}"

    def _key(self, key: str) -> str:
        return json.dumps(key) if self._is_json else key

    def _scalar(self, value: str | int) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        if self._is_json or not _PLAIN.fullmatch(value) or _NOT_TEXT.fullmatch(value):
            return json.dumps(value)
        return value


def apply_spans(text: str, spans: Sequence[Span]) -> str:
    """Make replacements that do not overlap."""
    for span in sorted(spans, reverse=True):
        text = text[: span.start] + span.text + text[span.end :]
    return text


def replace_text(path: Path, text: str) -> None:
    """Put a text in the place of a file's, at once or not at all; links stay links, and the mode stays. Raises `OSError`."""
    real = path.resolve()
    head = codecs.BOM_UTF8 if real.read_bytes().startswith(codecs.BOM_UTF8) else b""
    scratch = real.with_name(f".{real.name}.{os.getpid()}")
    try:
        scratch.write_bytes(head + text.encode("utf-8"))
        shutil.copymode(real, scratch)
        scratch.replace(real)
    finally:
        scratch.unlink(missing_ok=True)


def _cut(entries: Sequence[tuple[int, int]], gone: set[int]) -> Iterator[Span]:
    """Cut entries out of a line of them, with their commas; some are left."""
    number = 0
    while number < len(entries):
        first = number
        while number in gone:
            number += 1
        if number > first and number < len(entries):
            yield Span(entries[first][0], entries[number][0], "")
        elif number > first:
            yield Span(entries[first - 1][1], entries[-1][1], "")
        number += 1


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode):
        children = cast("list[yaml.Node]", node.value)
        return children[int(key)] if key.isdigit() and int(key) < len(children) else None
    return _member(node, key) if isinstance(node, yaml.MappingNode) else None


def _member(node: yaml.MappingNode, key: str) -> yaml.Node | None:
    pairs = cast("list[tuple[yaml.Node, yaml.Node]]", node.value)
    return next((value for name, value in pairs if isinstance(name, yaml.ScalarNode) and cast("Any", name).value == key), None)


def _referred(node: yaml.Node) -> str | None:
    """Give the parameter that a value is: `!Ref P`, or `{Ref: P}`."""
    if isinstance(node, yaml.ScalarNode):
        return str(cast("Any", node).value) if node.tag == "!Ref" else None
    if isinstance(node, yaml.MappingNode) and len(cast("list[object]", node.value)) == 1:
        name = _member(node, "Ref")
        return str(cast("Any", name).value) if isinstance(name, yaml.ScalarNode) else None
    return None
