"""`Fn::ForEach` unrolled, before anything else looks at the template.

Source: AWS CloudFormation User Guide, "Intrinsic function reference: Fn::ForEach", read 2026-11.
"""

from __future__ import annotations

import re
from typing import NoReturn

from buckler.errors import SourceError
from buckler.model.estate import Note
from buckler.sources.cfn.parameters import Parameters
from buckler.sources.cfn.tree import Map, Node, Seq, Source, Str, mark_of
from buckler.sources.cfn.yaml_reader import MAX_NODES

_PREFIX = "Fn::ForEach::"


def unroll(root: Map, source: Source, parameters: Parameters) -> list[Note]:
    """Replace every loop in *root* by what it makes, in place; note those over a list that is not known, which are left out."""
    if not _has_loop(root):
        return []
    unroller = _Unroller(root, source, parameters)
    unroller.run(root)
    return unroller.left_out


def _has_loop(root: Map) -> bool:
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Map):
            if any(key.startswith(_PREFIX) for key in node):
                return True
            stack.extend(node.values())
        elif isinstance(node, Seq):
            stack.extend(node)
    return False


class _Unroller:
    def __init__(self, root: Map, source: Source, parameters: Parameters) -> None:
        from buckler.sources.cfn.template import Template

        self.source = source
        self.left_out: list[Note] = []
        self.resolver = Template(root, source, parameters, []).resolver
        self.made = 0

    def run(self, node: Node) -> None:
        if isinstance(node, Seq):
            for entry in node:
                self.run(entry)
            return
        if not isinstance(node, Map):
            return
        if any(key.startswith(_PREFIX) for key in node):
            entries = [(key, value, mark_of(node, key)) for key, value in node.items()]
            node.clear()
            node.marks = {}
            for key, value, mark in entries:
                if not key.startswith(_PREFIX):
                    node.put(key, value, mark)
                    continue
                for made_key, made_value, made_mark in self._loop(key, value, mark):
                    node.put(made_key, made_value, made_mark)
        for value in node.values():
            self.run(value)

    def _loop(self, key: str, argument: Node, mark: int) -> list[tuple[str, Node, int]]:
        if not isinstance(argument, Seq) or len(argument) != 3 or not isinstance(argument[0], str) or not isinstance(argument[2], Map):
            self._refuse(key, mark, "needs an identifier, a list and an object")
        identifier, body = str(argument[0]), argument[2]
        values = self.resolver.resolve(argument[1], mark)
        if not isinstance(values, Seq) or not all(isinstance(value, str | int) for value in values):
            message = f"`{key}` runs over a list that is not resolved: what it makes is not seen"
            self.left_out.append(Note(message=message, origin=self.source.origin(mark)))
            return []
        made: list[tuple[str, Node, int]] = []
        for value in values:
            text = str(value)
            for inner_key, inner in body.items():
                made_key, made_value = _replace(inner_key, identifier, text), self._filled(inner, identifier, text, mark)
                # A loop right in a loop has the same name in every round.
                place = mark_of(body, inner_key)
                made.extend(self._loop(made_key, made_value, place) if made_key.startswith(_PREFIX) else [(made_key, made_value, place)])
        return made

    def _filled(self, node: Node, identifier: str, value: str, mark: int) -> Node:
        """Copy *node* with the value of this round in it."""
        self.made += 1
        if self.made > MAX_NODES:
            self._refuse("Fn::ForEach", mark, f"makes more than {MAX_NODES} values")
        if isinstance(node, Str):
            return Str(_replace(node, identifier, value), node.mark)
        if isinstance(node, Map):
            if len(node) == 1 and node.get("Ref") == identifier:
                return Str(value, mark_of(node, "Ref"))
            made = Map(node.mark)
            for key, inner in node.items():
                made.put(_replace(key, identifier, value), self._filled(inner, identifier, value, mark), mark_of(node, key))
            return made
        if isinstance(node, Seq):
            sequence = Seq(node.mark)
            for index, inner in enumerate(node):
                sequence.put(self._filled(inner, identifier, value, mark), mark_of(node, index))
            return sequence
        return node

    def _refuse(self, key: str, mark: int, why: str) -> NoReturn:
        origin = self.source.origin(mark)
        raise SourceError(
            f"`{self.source.shown}` is not a template",
            cause=f"line {origin.line}, column {origin.column}: `{key.partition('::')[0]}::ForEach` {why}",
            hint="check the file with `aws cloudformation validate-template`",
            place=f"{self.source.shown}:{origin.line}:{origin.column}",
        )


def _replace(text: str, identifier: str, value: str) -> str:
    """Put the value in: `${X}` as it is, `&{X}` without what a logical id cannot hold."""
    if "{" not in text:
        return str(text)
    return text.replace(f"${{{identifier}}}", value).replace(f"&{{{identifier}}}", re.sub(r"[^A-Za-z0-9]", "", value))
