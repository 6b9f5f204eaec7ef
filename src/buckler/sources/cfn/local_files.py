"""Files a template names that stand beside it: definitions and snippets, read as packaging would upload them."""

from __future__ import annotations

from pathlib import Path

from buckler.errors import SourceError
from buckler.model.estate import Note
from buckler.sources.cfn.reading import parse
from buckler.sources.cfn.tree import Map, Node, Seq, Source, Str, as_map, mark_of

_MAX_BYTES = 2 * 1024 * 1024


def read_local(uri: str, folder: Path | None) -> Map | None:
    """Read a file beside the template or below; nothing outside of its folder."""
    if folder is None or "\0" in uri:
        return None
    try:
        base = folder.resolve()
        path = (base / uri).resolve()
        if not path.is_relative_to(base) or not path.is_file() or path.stat().st_size > _MAX_BYTES:
            return None
        return _unmarked(parse(path.read_text(encoding="utf-8"), str(path)).root)
    except (OSError, ValueError, SourceError):
        return None


def _unmarked(root: Map) -> Map:
    """Take off the marks: they speak of another file."""
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        node.mark = -1
        if isinstance(node, Map):
            node.marks = {}
            for key, value in node.items():
                if isinstance(value, Str):
                    node[key] = Str(value)
                elif isinstance(value, Map | Seq):
                    stack.append(value)
        else:
            node.marks = [-1] * len(node)
            for index, value in enumerate(node):
                if isinstance(value, Str):
                    node[index] = Str(value)
                elif isinstance(value, Map | Seq):
                    stack.append(value)
    return root


def include_local(root: Map, source: Source, notes: list[Note], folder: Path | None) -> None:
    """Put the content of local files where `Fn::Transform` with `AWS::Include` names them; what is elsewhere stays unknown, with a note."""
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Seq):
            stack.extend(node)
            continue
        if not isinstance(node, Map):
            continue
        call = as_map(node.get("Fn::Transform"))
        if call:
            mark = mark_of(node, "Fn::Transform")
            location: Node = as_map(call.get("Parameters")).get("Location")
            found = read_local(str(location), folder) if call.get("Name") == "AWS::Include" and isinstance(location, str) else None
            if found is None:
                notes.append(Note(message="what `Fn::Transform` adds here is not seen", origin=source.origin(mark)))
            else:
                del node["Fn::Transform"]
                for key, value in found.items():
                    if key not in node:
                        node.put(key, value, mark)
        stack.extend(node.values())
