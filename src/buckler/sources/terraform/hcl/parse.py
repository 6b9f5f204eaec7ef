"""From the bytes of an HCL file to its syntax."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

import tree_sitter
import tree_sitter_hcl

from buckler.errors import SourceError
from buckler.sources.terraform.hcl.syntax import (
    Argument,
    Attribute,
    Binary,
    Block,
    Body,
    Call,
    Choice,
    Comment,
    Conditional,
    Document,
    Expression,
    For,
    Index,
    Literal,
    Name,
    ObjectOf,
    Repeat,
    Span,
    Splat,
    Template,
    TupleOf,
    Unary,
    Unreadable,
)

_ESCAPE = re.compile(r'\\(?:([nrt"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))')
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_HOLE = "\ue000"
"""Stands for an interpolation while the indentation of a heredoc is taken away. A private character: no file has it."""
_MOST_BYTES = 4 * 1024 * 1024
_LAYERS = 8
"""How far below an argument its map is looked for."""


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def parse(source: bytes, shown: str) -> Document:
    """Read a file. Raises `SourceError`, naming the place of what is not HCL and never its text."""
    if len(source) > _MOST_BYTES:
        raise SourceError("the file is too large", cause=f"it has {len(source)} bytes", hint="no configuration has so many", place=shown)
    try:
        source.decode()
    except UnicodeDecodeError as error:
        raise SourceError("the file is not text", cause=f"byte {error.start} is not UTF-8", hint="terraform fmt", place=shown) from None
    root = _parser().parse(source).root_node
    if root.has_error:
        line, column = _where(root)
        raise SourceError(
            "this is not HCL",
            cause="something is missing, or should not be there",
            hint="terraform validate",
            place=f"{shown}:{line}:{column}",
        )
    reader = _Reader(source)
    body = next((one for one in root.named_children if one.type == "body"), None)
    try:
        return Document(
            shown=shown, source=source, body=reader.body(body) if body is not None else Body(), comments=tuple(reader.comments(root))
        )
    except RecursionError:
        raise SourceError("the file is nested too deeply", cause="no configuration is", hint="terraform validate", place=shown) from None


def parse_template(text: str, shown: str) -> Expression:
    """Read a template that is a file of its own. Raises `SourceError`."""
    mark = "BUCKLER_END"
    while mark in text:
        mark += "_"
    found = parse(f"x = <<{mark}\n{text}\n{mark}\n".encode(), shown).body.arguments.get("x")
    if found is None or not isinstance(found.value, Template | Literal):
        raise SourceError("this is not a template", cause="it cannot be read as one", hint="terraform validate", place=shown)
    if isinstance(found.value, Literal):
        return Literal(value=str(found.value.value).removesuffix("\n"))
    parts = found.value.parts
    last = parts[-1] if parts else ""
    return Template(parts=(*parts[:-1], last.removesuffix("\n"))) if isinstance(last, str) else found.value


def _where(node: tree_sitter.Node) -> tuple[int, int]:
    """Find the first thing that is wrong."""
    while True:
        inner = next((one for one in node.children if one.has_error or one.is_missing or one.is_error), None)
        if inner is None:
            return node.start_point[0] + 1, node.start_point[1] + 1
        node = inner


class _Reader:
    def __init__(self, source: bytes) -> None:
        self._source = source

    def _text(self, node: tree_sitter.Node) -> str:
        return self._between(node.start_byte, node.end_byte)

    def _between(self, start: int, end: int) -> str:
        return self._source[start:end].decode()

    def _span(self, node: tree_sitter.Node) -> Span:
        return Span(start=node.start_byte, end=node.end_byte, line=node.start_point[0] + 1)

    # --- structure ---------------------------------------------------------------------------------------------------

    def comments(self, root: tree_sitter.Node) -> Iterator[Comment]:
        pending = [root]
        while pending:
            node = pending.pop()
            if node.type == "comment":
                yield Comment(text=self._text(node), line=node.start_point[0] + 1)
            elif node.type in {"config_file", "body", "block"}:
                pending.extend(reversed(node.children))

    def body(self, node: tree_sitter.Node) -> Body:
        arguments: dict[str, Argument] = {}
        blocks: list[Block] = []
        for child in node.named_children:
            if child.type == "attribute":
                name, value = child.named_children[0], child.named_children[-1]
                arguments.setdefault(
                    self._text(name),
                    Argument(
                        name=self._text(name),
                        value=self.expression(value),
                        span=self._span(child),
                        value_span=self._span(value),
                        lines=tuple(self._entry_lines(value)),
                    ),
                )
            elif child.type == "block":
                blocks.append(self._block(child))
        return Body(arguments=arguments, blocks=tuple(blocks))

    def _entry_lines(self, node: tree_sitter.Node) -> Iterator[tuple[str, int]]:
        """Give the lines of the entries of an object, also where it is handed to `merge` and the like."""
        pending, depth = [node], 0
        while pending and depth < _LAYERS:
            depth += 1
            inner: list[tree_sitter.Node] = []
            for one in pending:
                if one.type == "object":
                    for entry in one.named_children:
                        if entry.type == "object_elem":
                            key, _ = self._item(entry)
                            if isinstance(key, Literal) and isinstance(key.value, str):
                                yield key.value, entry.start_point[0] + 1
                elif one.type != "function_call" or depth < _LAYERS:
                    inner.extend(one.named_children)
            pending = inner

    def _block(self, node: tree_sitter.Node) -> Block:
        labels: list[str] = []
        body = Body()
        opened = closed = node.end_byte
        for child in node.named_children[1:]:
            match child.type:
                case "string_lit":
                    labels.append(self._quoted(child))
                case "identifier":
                    labels.append(self._text(child))
                case "body":
                    body = self.body(child)
                case "block_start":
                    opened = child.end_byte
                case "block_end":
                    closed = child.start_byte
                case _:
                    pass
        inside = Span(start=opened, end=closed, line=node.start_point[0] + 1)
        return Block(kind=self._text(node.named_children[0]), labels=tuple(labels), body=body, span=self._span(node), body_span=inside)

    # --- expressions -------------------------------------------------------------------------------------------------

    def expression(self, node: tree_sitter.Node) -> Expression:
        """Read an `expression`, or any of the nodes one is made of."""
        if node.type in {"expression", "operation", "literal_value", "collection_value", "template_expr"}:
            return self._chain([one for one in node.children if one.type != "comment"])
        return self._single(node)

    def _chain(self, children: Sequence[tree_sitter.Node]) -> Expression:
        """Read something and what is asked of it: `(a).b[0]`."""
        if not children:
            return Unreadable(text="")
        if children[0].type == "(":
            inner = next((one for one in children if one.is_named), None)
            value = self.expression(inner) if inner is not None else Unreadable(text="()")
            rest = children[next((at for at, one in enumerate(children) if one.type == ")"), len(children) - 1) + 1 :]
        else:
            value, rest = self._single(children[0]), children[1:]
        for step in rest:
            value = self._step(value, step)
        return value

    def _step(self, value: Expression, node: tree_sitter.Node) -> Expression:
        match node.type:
            case "get_attr":
                return Attribute(base=value, name=self._text(node.named_children[0]))
            case "index":
                return Index(base=value, key=self._index(node))
            case "splat":
                return self._splat(value, node.named_children[0])
            case _:
                return Unreadable(text=node.type)

    def _index(self, node: tree_sitter.Node) -> Expression:
        inner = node.named_children[0]
        if inner.type == "legacy_index":
            digits = self._text(inner).lstrip(".")
            return Literal(value=int(digits)) if digits.isdigit() else Unreadable(text=inner.type)
        found = inner.named_children
        return self.expression(found[0]) if found else Unreadable(text=inner.type)

    def _splat(self, value: Expression, node: tree_sitter.Node) -> Expression:
        steps: list[str | Expression] = []
        for one in node.named_children:
            match one.type:
                case "get_attr":
                    steps.append(self._text(one.named_children[0]))
                case "index":
                    steps.append(self._index(one))
                case _:
                    return Unreadable(text=one.type)
        return Splat(base=value, steps=tuple(steps))

    def _single(self, node: tree_sitter.Node) -> Expression:
        match node.type:
            case "expression" | "operation" | "literal_value" | "collection_value" | "template_expr":
                return self.expression(node)
            case "variable_expr":
                return Name(name=self._text(node.named_children[0]))
            case "numeric_lit":
                return Literal(value=_number(self._text(node)))
            case "bool_lit":
                return Literal(value=self._text(node) == "true")
            case "null_lit":
                return Literal(value=None)
            case "string_lit":
                return Literal(value=self._quoted(node))
            case "quoted_template":
                return self._template(node, node.children[0].end_byte, node.children[-1].start_byte, is_heredoc=False)
            case "heredoc_template":
                return self._heredoc(node)
            case "tuple":
                return TupleOf(items=tuple(self.expression(one) for one in node.named_children if one.type == "expression"))
            case "object":
                return ObjectOf(items=tuple(self._item(one) for one in node.named_children if one.type == "object_elem"))
            case "for_expr":
                return self._for(node.named_children[0])
            case "function_call":
                return self._call(node)
            case "conditional":
                condition, then, otherwise = [one for one in node.named_children if one.type != "comment"]
                return Conditional(self.expression(condition), self.expression(then), self.expression(otherwise))
            case "unary_operation":
                return Unary(operator=self._text(node.children[0]), operand=self._chain(node.children[1:]))
            case "binary_operation":
                return self._binary(node)
            case _:
                return Unreadable(text=node.type)

    def _binary(self, node: tree_sitter.Node) -> Expression:
        children = [one for one in node.children if one.type != "comment"]
        depth = 0
        for at, one in enumerate(children):
            if one.type in {"(", ")"}:
                depth += 1 if one.type == "(" else -1
            elif depth == 0 and not one.is_named and at > 0:
                return Binary(operator=one.type, left=self._chain(children[:at]), right=self._chain(children[at + 1 :]))
        return Unreadable(text=node.type)

    def _call(self, node: tree_sitter.Node) -> Expression:
        name = "".join(self._text(one) for one in node.children if one.type in {"identifier", "::"})
        given = next((one for one in node.named_children if one.type == "function_arguments"), None)
        if given is None:
            return Call(name=name, arguments=(), is_spread=False)
        arguments = tuple(self.expression(one) for one in given.named_children if one.type == "expression")
        return Call(name=name, arguments=arguments, is_spread=any(one.type == "ellipsis" for one in given.children))

    def _item(self, node: tree_sitter.Node) -> tuple[Expression, Expression]:
        key, value = [one for one in node.named_children if one.type == "expression"]
        read = self.expression(key)
        # A bare word in front of `=` is a string; in parentheses it is a variable.
        if isinstance(read, Name) and not self._text(key).startswith("("):
            read = Literal(value=read.name)
        return read, self.expression(value)

    def _for(self, node: tree_sitter.Node) -> Expression:
        intro = next(one for one in node.named_children if one.type == "for_intro")
        names = tuple(self._text(one) for one in intro.named_children if one.type == "identifier")
        collection = self.expression(intro.named_children[-1])
        values = [self.expression(one) for one in node.named_children if one.type == "expression"]
        condition = next((one for one in node.named_children if one.type == "for_cond"), None)
        is_object = node.type == "for_object_expr"
        if len(values) != (2 if is_object else 1):
            return Unreadable(text=node.type)
        return For(
            names=names,
            collection=collection,
            key=values[0] if is_object else None,
            value=values[-1],
            condition=self.expression(condition.named_children[-1]) if condition is not None else None,
            is_grouped=any(one.type == "ellipsis" for one in node.children),
        )

    # --- strings -----------------------------------------------------------------------------------------------------

    def _quoted(self, node: tree_sitter.Node) -> str:
        return _unescaped(self._between(node.children[0].end_byte, node.children[-1].start_byte))

    def _heredoc(self, node: tree_sitter.Node) -> Expression:
        names = [one for one in node.children if one.type == "heredoc_identifier"]
        start = self._source.index(b"\n", names[0].end_byte) + 1
        end = self._source.rindex(b"\n", 0, names[-1].start_byte) + 1
        made = self._template(node, start, max(start, end), is_heredoc=True)
        parts = made.parts if isinstance(made, Template) else (str(made.value),) if isinstance(made, Literal) else ()
        if self._text(node.children[0]) == "<<-":
            parts = _dedented(parts)
        return _joined(parts)

    def _template(self, node: tree_sitter.Node, start: int, end: int, *, is_heredoc: bool) -> Expression:
        inner = [one for one in node.children if one.type in {"template_interpolation", "template_directive"}]
        return _joined(self._parts(inner, start, end, is_heredoc=is_heredoc))

    def _parts(self, nodes: Sequence[tree_sitter.Node], start: int, end: int, *, is_heredoc: bool) -> tuple[str | Expression, ...]:
        """Read what stands between two bytes: the grammar drops the spaces beside an interpolation, the source has them."""
        parts: list[str | Expression] = []
        at, trims = start, False
        for node in nodes:
            text = self._literal(at, node.start_byte, is_heredoc=is_heredoc)
            opens, closes = self._marks(node)
            text = text.lstrip() if trims else text
            parts.append(text.rstrip() if opens else text)
            parts.append(self._interpolation(node, is_heredoc=is_heredoc))
            at, trims = node.end_byte, closes
        text = self._literal(at, end, is_heredoc=is_heredoc)
        parts.append(text.lstrip() if trims else text)
        return tuple(parts)

    def _literal(self, start: int, end: int, *, is_heredoc: bool) -> str:
        text = self._between(start, end)
        return text.replace("$${", "${").replace("%%{", "%{") if is_heredoc else _unescaped(text)

    def _marks(self, node: tree_sitter.Node) -> tuple[bool, bool]:
        """Say whether the spaces before and after are to be taken away: `${~ x ~}`."""
        text = self._text(node)
        return text[2:3] == "~", text[-2:-1] == "~"

    def _interpolation(self, node: tree_sitter.Node, *, is_heredoc: bool) -> Expression:
        if node.type == "template_interpolation":
            inner = next((one for one in node.named_children if one.type == "expression"), None)
            return self.expression(inner) if inner is not None else Unreadable(text=node.type)
        directive = node.named_children[0]
        return (
            self._choice(directive, is_heredoc=is_heredoc)
            if directive.type == "template_if"
            else self._repeat(directive, is_heredoc=is_heredoc)
        )

    def _section(self, first: tree_sitter.Node, last: tree_sitter.Node, inner: Sequence[tree_sitter.Node], *, is_heredoc: bool) -> Template:
        within = [one for one in inner if first.end_byte <= one.start_byte and one.end_byte <= last.start_byte]
        parts = list(self._parts(within, first.end_byte, last.start_byte, is_heredoc=is_heredoc))
        if self._marks(first)[1] and isinstance(parts[0], str):
            parts[0] = parts[0].lstrip()
        if self._marks(last)[0] and isinstance(parts[-1], str):
            parts[-1] = parts[-1].rstrip()
        return Template(parts=tuple(parts))

    def _choice(self, node: tree_sitter.Node, *, is_heredoc: bool) -> Expression:
        inner = [one for one in node.children if one.type in {"template_interpolation", "template_directive"}]
        opened = next(one for one in node.named_children if one.type == "template_if_intro")
        closed = next(one for one in node.named_children if one.type == "template_if_end")
        otherwise = next((one for one in node.named_children if one.type == "template_else_intro"), None)
        condition = next(one for one in opened.named_children if one.type == "expression")
        return Choice(
            condition=self.expression(condition),
            then=self._section(opened, otherwise if otherwise is not None else closed, inner, is_heredoc=is_heredoc),
            otherwise=self._section(otherwise, closed, inner, is_heredoc=is_heredoc) if otherwise is not None else Template(parts=()),
        )

    def _repeat(self, node: tree_sitter.Node, *, is_heredoc: bool) -> Expression:
        inner = [one for one in node.children if one.type in {"template_interpolation", "template_directive"}]
        opened = next(one for one in node.named_children if one.type == "template_for_start")
        closed = next(one for one in node.named_children if one.type == "template_for_end")
        names = tuple(self._text(one) for one in opened.named_children if one.type == "identifier")
        collection = next(one for one in opened.named_children if one.type == "expression")
        return Repeat(names=names, collection=self.expression(collection), body=self._section(opened, closed, inner, is_heredoc=is_heredoc))


def _joined(parts: Sequence[str | Expression]) -> Expression:
    kept = tuple(part for part in parts if part != "")
    if all(isinstance(part, str) for part in kept):
        return Literal(value="".join(str(part) for part in kept))
    return Template(parts=kept)


def _dedented(parts: Sequence[str | Expression]) -> tuple[str | Expression, ...]:
    """Take away the indentation that all lines of a `<<-` heredoc share."""
    inner = [part for part in parts if not isinstance(part, str)]
    lines = "".join(part if isinstance(part, str) else _HOLE for part in parts).split("\n")
    widths = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")]
    shared = min(widths, default=0)
    pieces = "\n".join(line[shared:] for line in lines).split(_HOLE)
    found: list[str | Expression] = [pieces[0]]
    for expression, text in zip(inner, pieces[1:], strict=True):
        found += [expression, text]
    return tuple(found)


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1]:
            return _SIMPLE[match[1]]
        code = int(match[2] or match[3], 16)
        return chr(code) if code < 0x110000 else match[0]

    return _ESCAPE.sub(one, text).replace("$${", "${").replace("%%{", "%{")


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        found = float(text)
        return int(found) if found.is_integer() and abs(found) < 1 << 53 else found
