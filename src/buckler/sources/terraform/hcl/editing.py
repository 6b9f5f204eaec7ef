"""One argument of a configuration set in its text: nothing else is touched, not a comment, not an alignment."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from buckler.sources.cfn.editing import CannotEditError, Placed, Span
from buckler.sources.terraform.hcl.parse import parse
from buckler.sources.terraform.hcl.syntax import Argument, Attribute, Block, Document, Literal, Name, Template, TupleOf
from buckler.sources.terraform.hcl.syntax import Span as Bytes

_HEAD: Final = re.compile(r'(?P<kind>resource|data) "(?P<type>[^"]+)" "(?P<name>[^"]+)"')
_ADDRESS: Final = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?P<kind>(?!module\.)[\w-]+)\.(?P<name>[\w-]+)")


class Raw(str):
    """An expression, written as it is and not as a string."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A block of a file."""

    document: Document
    block: Block


class Configuration:
    """The files of a configuration, and where their blocks are."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Parse the texts, by the paths that are shown of them. Raises `SourceError`."""
        self.texts = texts
        self._documents = {place: parse(text.encode("utf-8", "surrogateescape"), place) for place, text in texts.items()}

    def resource(self, address: str, near: str) -> Spot | None:
        """Find the block of a resource by its address (of a module's, the name in it) in the folder of the file *near*."""
        match = _ADDRESS.match(address)
        return None if match is None else self.block("resource", (match["kind"], match["name"]), near)

    def block(self, kind: str, labels: tuple[str, ...], near: str) -> Spot | None:
        """Find a block by its labels in the folder of the file *near*; None when there is none, or an override adds to it."""
        found = [spot for spot in self.blocks(kind, near) if spot.block.labels == labels]
        return found[0] if len(found) == 1 else None

    def blocks(self, kind: str, near: str) -> Iterable[Spot]:
        """Give the blocks of a kind in the folder of the file *near*."""
        folder = PurePath(near).parent
        for place, document in self._documents.items():
            if PurePath(place).parent == folder:
                yield from (Spot(document, one) for one in document.body.blocks if one.kind == kind)

    def text(self, spot: Spot, argument: Argument) -> str:
        """Give the text of an argument's value."""
        return spot.document.source[argument.value_span.start : argument.value_span.end].decode("utf-8", "surrogateescape")

    def set(self, spot: Spot, path: Sequence[str], value: str | int) -> tuple[Placed, ...]:
        """Set an argument, in nested blocks where *path* has more than one name, made where it is not. Raises `CannotEditError`."""
        block = spot.block
        for at, name in enumerate(path[:-1]):
            if any(one.kind == "dynamic" and one.labels == (name,) for one in block.body.blocks):
                raise CannotEditError(f"`{name}` is a dynamic block")
            inner = block.body.of(name)
            if len(inner) > 1:
                raise CannotEditError(f"there are several `{name}` blocks")
            if not inner:
                return self._add(spot, block, _nested(path[at:], value))
            block = inner[0]
        argument = block.body.arguments.get(path[-1])
        if argument is not None:
            return (self._replace(spot, argument, value),)
        return self._insert(spot, block, path[-1], _written(value))

    def everywhere(self, kind: str) -> Iterable[Spot]:
        """Give the blocks of a kind in all folders: those of the modules, too."""
        for document in self._documents.values():
            yield from (Spot(document, one) for one in document.body.blocks if one.kind == kind)

    def within(self, spot: Spot, argument: Argument, start: int, end: int, text: str) -> Placed:
        """Write something in the place of some characters of an argument's value, which are counted as `text` gives it."""
        before, old = self.text(spot, argument)[:start], self.text(spot, argument)[start:end]
        at = argument.value_span.start + len(before.encode("utf-8", "surrogateescape"))
        return self._span(spot, Bytes(start=at, end=at + len(old.encode("utf-8", "surrogateescape")), line=0), text)

    def add_item(self, spot: Spot, name: str, value: str) -> tuple[Placed, ...]:
        """Add a string to a list, made where it is not. Raises `CannotEditError`."""
        argument = spot.block.body.arguments.get(name)
        if argument is None:
            return self._insert(spot, spot.block, name, f"[{_written(value)}]")
        text = self.text(spot, argument)
        if not isinstance(argument.value, TupleOf) or not text.endswith("]") or "#" in text or "//" in text or "/*" in text:
            raise CannotEditError(f"`{name}` is not a list that is written out")
        kept = text[:-1].rstrip()
        at = argument.value_span.start + len(kept.encode("utf-8", "surrogateescape"))
        begins = kept.endswith(("[", ","))
        if "\n" in text[len(kept) :]:
            lead = " " * (_column(spot.document.source, argument.span.start) + 2)
            line = f"{_newline(self.texts[spot.document.shown])}{lead}{_written(value)},"
            return (self._span(spot, Bytes(start=at, end=at, line=0), line if begins else f",{line}"),)
        return (self._span(spot, Bytes(start=at, end=at, line=0), ("" if kept == "[" else " " if begins else ", ") + _written(value)),)

    def remove(self, spot: Spot) -> Placed:
        """Take a block out, with the empty line before it; a comment above it stays. Raises `CannotEditError` where something names it."""
        kind, labels, source = spot.block.kind, spot.block.labels, spot.document.source
        name = re.compile(rf"(?<![\w.]){re.escape('.'.join(labels))}(?![\w-])")
        if kind == "resource" and any(name.search(text) for text in self.texts.values()):
            raise CannotEditError(f"`{'.'.join(labels)}` is named elsewhere in the configuration")
        start, end = spot.block.span.start - _column(source, spot.block.span.start), source.find(b"\n", spot.block.span.end)
        end = len(source) if end < 0 else end + 1
        if source[start : spot.block.span.start].strip() or source[spot.block.span.end : end].strip():
            raise CannotEditError(f"the block of `{'.'.join(labels)}` shares its line with something else")
        before = source[:start]
        for blank in (b"\r\n\r\n", b"\n\n"):
            if before.endswith(blank):
                start -= len(blank) // 2
                break
        return self._span(spot, Bytes(start=start, end=end, line=0), "")

    def instead(self, spot: Spot, lines: Sequence[str]) -> Placed:
        """Write lines in the place of a block, indented as it is."""
        lead = f"{_newline(self.texts[spot.document.shown])}{' ' * _column(spot.document.source, spot.block.span.start)}"
        return self._span(spot, spot.block.span, lead.join(lines))

    def add_lines(self, spot: Spot, lines: Sequence[str]) -> tuple[Placed, ...]:
        """Write lines at the end of a block's body."""
        return self._add(spot, spot.block, lines)

    def anew(self, spot: Spot, name: str, value: Raw) -> tuple[Placed, ...]:
        """Write an argument anew, whatever stands there; made where it is not."""
        argument = spot.block.body.arguments.get(name)
        if argument is None:
            return self._insert(spot, spot.block, name, value)
        return (self._span(spot, argument.value_span, str(value)),)

    def append(self, file: str, lines: Sequence[str], *, instead: Sequence[Spot] = ()) -> Placed:
        """Add a block at the end of a file. Raises `CannotEditError` where there is one of its name, but for those that are taken out."""
        head = _HEAD.match(lines[0])
        gone = {(one.document.shown, one.block.span.start) for one in instead}
        if head is not None and any(
            one.block.labels == (head["type"], head["name"]) and (one.document.shown, one.block.span.start) not in gone
            for one in self.blocks(head["kind"], file)
        ):
            raise CannotEditError(f"there is a `{head['type']}.{head['name']}` already")
        text = self.texts[file]
        newline = _newline(text)
        gap = "" if text.endswith("\n") or not text else newline
        return Placed(file, Span(len(text), len(text), gap + newline + newline.join(lines) + newline))

    # --- how --------------------------------------------------------------------------------------------------------------

    def _replace(self, spot: Spot, argument: Argument, value: str | int) -> Placed:
        match argument.value:
            case Literal():
                return self._span(spot, argument.value_span, _written(value))
            case Template(parts=parts) if all(isinstance(one, str) for one in parts):
                return self._span(spot, argument.value_span, _written(value))
            case Attribute(base=Name(name="var"), name=name):
                variable = self.block("variable", (name,), spot.document.shown)
                default = variable.block.body.arguments.get("default") if variable is not None else None
                if variable is None or default is None:
                    raise CannotEditError(f"its value comes from the variable `{name}`, which has no default")
                return self._replace(variable, default, value)
            case TupleOf(items=items) if isinstance(value, Raw) and all(isinstance(one, Literal | Template) for one in items):
                return self._span(spot, argument.value_span, str(value))
            case _:
                raise CannotEditError(f"`{argument.name}` is not written as a plain value")

    def _insert(self, spot: Spot, block: Block, name: str, value: str) -> tuple[Placed, ...]:
        """Write an argument after the last one, before nested blocks, as people do; in line with the `=` above where it fits."""
        arguments = list(block.body.arguments.values())
        last = max(arguments, key=lambda one: one.span.end) if arguments else None
        source = spot.document.source
        if last is not None:
            end = source.find(b"\n", last.span.end)
            if 0 <= end < block.body_span.end:
                indent = " " * _column(source, last.span.start)
                width = source.find(b"=", last.span.start) - last.span.start - 1
                at = end - source[:end].endswith(b"\r")
                line = f"{_newline(self.texts[spot.document.shown])}{indent}{name:<{max(width, 0)}} = {value}"
                return (self._span(spot, Bytes(start=at, end=at, line=0), line),)
        return self._add(spot, block, [f"{name} = {value}"])

    def _add(self, spot: Spot, block: Block, lines: Sequence[str]) -> tuple[Placed, ...]:
        """Write lines at the end of a block's body. What was written in one line is taken apart, the same for whoever adds to it."""
        source, start, stop = spot.document.source, block.body_span.start, block.body_span.end
        newline = _newline(self.texts[spot.document.shown])
        outer = " " * _column(source, block.span.start)
        kept = source[start:stop].rstrip()
        at = start + len(kept)
        written = "".join(f"{newline}{outer}  {line}" if line else newline for line in lines)
        made = [self._span(spot, Bytes(start=at, end=at, line=0), written)]
        if kept and b"\n" not in kept:
            lead = len(kept) - len(kept.lstrip())
            made.insert(0, self._span(spot, Bytes(start=start, end=start + lead, line=0), f"{newline}{outer}  "))
        if b"\n" not in source[at:stop]:
            # With what closes it: a replacement that begins where another adds something is made behind that.
            made.append(self._span(spot, Bytes(start=at, end=stop + 1, line=0), f"{newline}{outer}}}"))
        return tuple(made)

    def _span(self, spot: Spot, where: Bytes, text: str) -> Placed:
        source = spot.document.source
        start = len(source[: where.start].decode("utf-8", "surrogateescape"))
        length = len(source[where.start : where.end].decode("utf-8", "surrogateescape"))
        return Placed(spot.document.shown, Span(start, start + length, text))


def _nested(path: Sequence[str], value: str | int) -> list[str]:
    """Write blocks in blocks around an argument, set off by an empty line as `terraform fmt` likes it."""
    if len(path) == 1:
        return [f"{path[0]} = {_written(value)}"]
    inner = [f"  {line}" for line in _nested(path[1:], value) if line]
    return ["", f"{path[0]} {{", *inner, "}"]


def _written(value: str | int) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    # `${` begins an expression in a string.
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _column(source: bytes, at: int) -> int:
    return at - (source.rfind(b"\n", 0, at) + 1)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
