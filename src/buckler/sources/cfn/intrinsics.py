"""Resolve CloudFormation's intrinsic functions, as far as the template tells.

What can be resolved is; what cannot stays a hole in strings and an `Unknown` elsewhere, never a guess.
Source: AWS CloudFormation User Guide, "Intrinsic function reference" and "Language extensions transform", read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol

from buckler.model.text import Hole, Partial, Text, hole, join
from buckler.model.unknown import Unknown
from buckler.sources.cfn import list_functions, text_functions
from buckler.sources.cfn.conditions import Conditions
from buckler.sources.cfn.parameters import PSEUDO, Parameters
from buckler.sources.cfn.tree import Map, Node, Seq, Source, Str, as_map, mark_of
from buckler.sources.cfn.values import NO_VALUE, OpaqueList, Resolved, to_list, to_text, unknown

# `$` ends a name as well: so the search is linear in whatever text.
_VARIABLE = re.compile(r"\$\{([^${}]*)\}")
_DEEPEST = 100
_LONGEST = 1_000_000
_MOST_PARTS = 10_000
_STAND_IN = re.compile(r"(BucklerHole\d+x)")
_DYNAMIC = re.compile(r"\{\{(resolve:[^{}]+)\}\}")


class References(Protocol):
    """Knows what a resource's name and attributes are."""

    def ref(self, logical_id: str) -> Resolved: ...

    def attribute(self, logical_id: str, name: str) -> Resolved: ...


class Resolver:
    """Resolves the nodes of one template."""

    def __init__(self, root: Map, parameters: Parameters, references: References, source: Source, stand_ins: Mapping[str, str]) -> None:
        self.parameters = parameters
        self.references = references
        self.source = source
        self.mappings = as_map(root.get("Mappings"))
        self.resources = as_map(root.get("Resources"))
        self.conditions = Conditions(as_map(root.get("Conditions")), self.resolve, parameters)
        self._stand_ins = stand_ins
        self.reveal = False
        """Let the values of NoEcho parameters through: only while an environment variable is read, for the judge."""
        self.used: list[str] = []
        """Parameters whose values went into what was resolved while `reveal` was on."""
        self._named: dict[str, list[Node]] = {}
        self._depth = 0
        """Functions being resolved, one inside the other."""
        self._functions: dict[str, Callable[[Node, int], Resolved]] = {
            "Ref": self._ref,
            "Fn::Sub": self._sub,
            "Fn::GetAtt": self._get_att,
            "Fn::Join": self._join,
            "Fn::Select": partial(list_functions.select, self),
            "Fn::Split": partial(list_functions.split, self),
            "Fn::Cidr": partial(list_functions.cidr, self),
            "Fn::GetAZs": partial(list_functions.get_azs, self),
            "Fn::Length": partial(list_functions.length, self),
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": partial(text_functions.base64, self),
            "Fn::ImportValue": partial(text_functions.import_value, self),
            "Fn::GetStackOutput": partial(text_functions.stack_output, self),
            "Fn::ToJsonString": partial(text_functions.to_json_string, self),
        }

    def resolve(self, node: Node, mark: int = -1) -> Resolved:
        """Resolve a node and all in it. *mark*: where it stands, when it cannot say so itself."""
        if isinstance(node, str):
            return self._literal(str(node)) if "{{resolve:" in node or (self._stand_ins and "BucklerHole" in node) else str(node)
        if isinstance(node, Map):
            return self._map(node, node.mark if node.mark >= 0 else mark)
        if isinstance(node, Seq):
            made = Seq(node.mark)
            for index, entry in enumerate(node):
                place = mark_of(node, index)
                value = self.resolve(entry, place)
                if value is not NO_VALUE:
                    made.put(value, place)
            return made
        return node

    def alternatives(self, node: Node, mark: int = -1) -> Iterator[Resolved]:
        """Resolve a node to what it may be: both branches where its condition is not decided."""
        if isinstance(node, Map) and len(node) == 1:
            argument = node.get("Fn::If")
            if isinstance(argument, Seq) and len(argument) == 3 and self.conditions.named(argument[0]) is None:
                for branch in argument[1:]:
                    yield from self.alternatives(branch, mark)
                return
        value = self.resolve(node, mark)
        if value is not NO_VALUE:
            yield value

    def _literal(self, text: str) -> Text:
        """Read a string that holds dynamic references, or words that stand for parameters."""
        if self._stand_ins and "BucklerHole" in text:
            pieces: list[Text | Hole] = []
            for index, piece in enumerate(_STAND_IN.split(text)):
                name = self._stand_ins.get(piece) if index % 2 else None
                pieces.append(piece if name is None else self.piece(_call("Ref", Str(name)), -1))
            return _with_dynamic(join(*pieces))
        return dynamic(text)

    def text(self, node: Node) -> Text | Unknown | None:
        return to_text(self.resolve(node))

    def piece(self, node: Node, mark: int) -> Text:
        """Resolve a node for use inside a string: whatever is not known becomes a hole."""
        value = self.resolve(node, mark)
        text = to_text(value)
        if isinstance(text, str | Partial):
            return text
        if isinstance(value, OpaqueList):
            return hole(value.ref, value.need)
        if text is None:
            return ""
        return hole(self.name_of(node, mark), text.need)

    def name_of(self, node: Node, mark: int) -> str:
        """Name a hole after the function and the place that made it.

        INVARIANT: two holes of one name have one value. Loops and SAM put different nodes in one place; those get a number.
        """
        key = next(iter(node), "") if isinstance(node, Map) and len(node) == 1 else ""
        function = key if key.startswith("Fn::") else "value"
        place = self.source.origin(mark)
        name = f"{function} at {place.line}:{place.column}"
        nodes = self._named.setdefault(name, [])
        if node not in nodes:
            nodes.append(node)
        index = nodes.index(node)
        return f"{name} #{index + 1}" if index else name

    def name_after(self, function: str, text: Text, node: Node, mark: int) -> str:
        """Name what a function makes of a lone hole after that hole, wherever it stands; of anything else, after the place.

        Known pieces of a text must not get into a name: names are shown, and nobody judges them.
        """
        if isinstance(text, Partial) and len(text.parts) == 1 and isinstance(text.parts[0], Hole):
            return f"{function} of {text.parts[0].ref}"
        return self.name_of(node, mark)

    def _map(self, node: Map, mark: int) -> Resolved:
        if len(node) == 1:
            (name, argument), *_ = node.items()
            if name == "Ref" or name.startswith("Fn::"):
                function = self._functions.get(name)
                if self._depth >= _DEEPEST:
                    return unknown("functions nest too deep")
                if function is not None:
                    self._depth += 1
                    try:
                        return function(argument, mark_of(node, name) if mark < 0 else mark)
                    finally:
                        self._depth -= 1
                if name in {"Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals"}:
                    verdict = self.conditions.evaluate(node)
                    return unknown(f"`{name}` is not decided", self.conditions.need(node)) if verdict is None else verdict
                return unknown(f"`{name}` is not resolved")
        made = Map(node.mark)
        for key, inner in node.items():
            place = mark_of(node, key)
            value = self.resolve(inner, place)
            if value is not NO_VALUE:
                made.put(key, value, place)
        return made

    def _ref(self, argument: Node, _mark: int) -> Resolved:
        name = self.text(argument)
        if not isinstance(name, str):
            return unknown("a `Ref` names nothing known")
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in PSEUDO:
            return self.parameters.pseudo(name)
        if name in self.parameters:
            if self.reveal:
                self.used.append(name)
            value = self.parameters.value(name, reveal=self.reveal)
            return dynamic(str(value)) if isinstance(value, str) and "{{resolve:" in value else value
        return self.references.ref(name)

    def _get_att(self, argument: Node, _mark: int) -> Resolved:
        if isinstance(argument, str):
            owner, _, attribute = argument.partition(".")
            return self.references.attribute(owner, attribute)
        if not isinstance(argument, Seq) or len(argument) < 2:
            return unknown("a `Fn::GetAtt` names nothing known")
        names = [self.text(entry) for entry in argument]
        if not all(isinstance(name, str) for name in names):
            return unknown("a `Fn::GetAtt` names nothing known")
        return self.references.attribute(str(names[0]), ".".join(str(name) for name in names[1:]))

    def _sub(self, argument: Node, mark: int) -> Resolved:
        variables = Map()
        template: Node = argument
        if isinstance(argument, Seq) and argument:
            template = argument[0]
            variables = as_map(argument[1]) if len(argument) > 1 else variables
        if not isinstance(template, str):
            return unknown("`Fn::Sub` has no string")
        pieces: list[Text | Hole] = []
        position = 0
        for found in _VARIABLE.finditer(template):
            pieces.append(template[position : found.start()])
            position = found.end()
            name = found.group(1).strip()
            if name.startswith("!"):
                pieces.append(f"${{{name[1:]}}}")
            elif name in variables:
                pieces.append(self.piece(variables[name], mark_of(variables, name)))
            elif name in PSEUDO or name in self.parameters or "." not in name:
                pieces.append(self.piece(_call("Ref", Str(name)), mark))
            else:
                pieces.append(self.piece(_call("Fn::GetAtt", Str(name)), mark))
        pieces.append(template[position:])
        return self._assembled(pieces, argument, mark)

    def _assembled(self, pieces: list[Text | Hole], node: Node, mark: int) -> Text:
        """Join pieces, unless that would be longer than any string of a template can be: texts made of texts grow fast."""
        parts = sum(len(piece.parts) if isinstance(piece, Partial) else 1 for piece in pieces)
        if parts > _MOST_PARTS:
            return hole(self.name_of(node, mark))
        held = (part for piece in pieces for part in (piece.parts if isinstance(piece, Partial) else (piece,)))
        if sum(len(part) for part in held if isinstance(part, str)) > _LONGEST:
            return hole(self.name_of(node, mark))
        return _with_dynamic(join(*pieces))

    def _join(self, argument: Node, mark: int) -> Resolved:
        if not isinstance(argument, Seq) or len(argument) != 2:
            return unknown("`Fn::Join` needs a delimiter and a list")
        delimiter = self.piece(argument[0], mark)
        listed = self.resolve(argument[1], mark)
        if isinstance(listed, OpaqueList):
            is_short = isinstance(delimiter, str) and len(delimiter) <= 3
            return hole(f"{listed.ref} joined with {delimiter}" if is_short else self.name_of(argument, mark), listed.need)
        entries = to_list(listed)
        if entries is None:
            return ""
        if isinstance(entries, Unknown):
            return hole(self.name_of(_call("Fn::Join", argument), mark), entries.need)
        pieces: list[Text | Hole] = []
        for index, entry in enumerate(entries):
            if index:
                pieces.append(delimiter)
            text = to_text(entry)
            if isinstance(text, Unknown):
                pieces.append(Hole(ref=f"{self.name_of(argument, mark)}[{index}]", need=text.need))
            elif text is not None:
                pieces.append(text)
        return self._assembled(pieces, argument, mark)

    def _if(self, argument: Node, mark: int) -> Resolved:
        if not isinstance(argument, Seq) or len(argument) != 3:
            return unknown("`Fn::If` needs a condition and two values")
        verdict = self.conditions.named(argument[0])
        if verdict is not None:
            return self.resolve(argument[1 if verdict else 2], mark)
        yes, no = self.resolve(argument[1], mark), self.resolve(argument[2], mark)
        if yes == no and not isinstance(yes, Unknown | OpaqueList):
            return yes
        named = f"condition `{argument[0]}`" if isinstance(argument[0], str) else "a condition"
        return unknown(f"{named} is not decided", self.conditions.need(argument[0]))

    def _find_in_map(self, argument: Node, mark: int) -> Resolved:
        if not isinstance(argument, Seq) or len(argument) < 3:
            return unknown("`Fn::FindInMap` needs a map and two keys")
        default: Node = as_map(argument[3]).get("DefaultValue") if len(argument) > 3 else None
        names = [self.text(entry) for entry in argument[:3]]
        if not isinstance(names[0], str):
            return unknown("`Fn::FindInMap` names no known map")
        table = as_map(self.mappings.get(names[0]))
        rows = [names[1]] if isinstance(names[1], str) else list(table)
        found: list[Node] = []
        for row in rows:
            columns = as_map(table.get(row))
            keys = [names[2]] if isinstance(names[2], str) else list(columns)
            found.extend(columns[key] for key in keys if key in columns)
        decided = isinstance(names[1], str) and isinstance(names[2], str)
        if found and (decided or (default is None and all(value == found[0] for value in found))):
            # A mapping holds strings and lists of them. Functions in it CloudFormation refuses, and they could run in circles.
            plain = all(not isinstance(entry, Map | Seq) for entry in (found[0] if isinstance(found[0], Seq) else [found[0]]))
            return self.resolve(found[0], mark) if plain else unknown(f"mapping `{names[0]}` holds what it cannot")
        if decided:
            return self.resolve(default, mark) if default is not None else unknown(f"mapping `{names[0]}` has no such key")
        gap = next((part for name in names[1:] if isinstance(name, Partial) for part in name.parts if isinstance(part, Hole)), None)
        return unknown(f"the key into mapping `{names[0]}` is not resolved", gap.need if gap else "")


def _call(name: str, argument: Node) -> Map:
    made = Map()
    made.put(name, argument, -1)
    return made


def dynamic(text: str) -> Text:
    """Make holes of dynamic references (`{{resolve:ssm:/path}}`): the text says where the value is kept, not what it is."""
    pieces: list[Text | Hole] = []
    for index, piece in enumerate(_DYNAMIC.split(text)):
        pieces.append(Hole(ref=piece, need="the stored value") if index % 2 else piece)
    return join(*pieces)


def _with_dynamic(text: Text) -> Text:
    if isinstance(text, str):
        return dynamic(text) if "{{resolve:" in text else text
    if not any(isinstance(part, str) and "{{resolve:" in part for part in text.parts):
        return text
    return join(*(dynamic(part) if isinstance(part, str) else part for part in text.parts))
