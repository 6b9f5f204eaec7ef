"""Find where JavaScript and TypeScript read environment variables: `process.env.X`, `process.env["X"]`. The grammars are tree-sitter's."""

import functools
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Final

from tree_sitter import Language, Node, Parser
from tree_sitter_javascript import language as javascript
from tree_sitter_typescript import language_tsx, language_typescript

from buckler.fixes._reads import HELPER, WRAP, NotReadableError, Read, Reads

TYPESCRIPT: Final = (".ts", ".mts", ".cts", ".tsx")
_BOM: Final = b"\xef\xbb\xbf"
_WRAPPED: Final = re.compile(rf"(?:\(0, ?)?(?:[\w$]+\.)?{WRAP}\d*\)?")
_PROCESS: Final = {"process", "node:process"}


@functools.cache
def _parser(suffix: str) -> Parser:
    grammar = {".ts": language_typescript, ".tsx": language_tsx}.get(suffix, javascript)
    return Parser(Language(grammar()))


def is_module(path: str, types: Mapping[str, str]) -> bool | None:
    """Say whether Node.js takes a file for an ES module; None: nobody says. *types*: the `type` of each folder's package.json."""
    if path.endswith((".mjs", ".cjs", ".mts", ".cts")):
        return path.endswith((".mjs", ".mts"))
    folder = posixpath.dirname(path)
    while True:
        if folder in types:
            return types[folder] == "module" if types[folder] else None
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def read_node(content: bytes, variables: frozenset[str], suffix: str = ".js") -> Reads:
    """Find the reads of *variables* in a file whose name ends in *suffix*. Raises `NotReadableError`."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise NotReadableError("it is not UTF-8") from None
    if b"\r" in content.replace(b"\r\n", b""):
        raise NotReadableError("it has line ends that patches do not know (a carriage return alone)")
    is_typed = suffix in TYPESCRIPT
    # `.mts` and `.cts` say what a file becomes, and are written like `.ts`.
    root = _parser(suffix.replace(".mts", ".ts").replace(".cts", ".ts")).parse(content).root_node
    if root.has_error:
        raise NotReadableError(f"it is not {'TypeScript' if is_typed else 'JavaScript'} as its grammar has it")
    return _Finder(root, content, variables).reads


class _Finder:
    def __init__(self, root: Node, content: bytes, variables: frozenset[str]) -> None:
        self._variables = variables
        self._nodes = list(_each(root))
        # What a name is bound to counts in all of the file: scopes are not followed.
        self._is_rebound = any(node.type == "identifier" and _text(node) == "process" and _binds(node) for node in self._nodes)
        self._seen: set[int] = set()
        self.reads = Reads(
            import_at=_place_for_import(root, content),
            has_import=_has_helper(root),
            is_module=any(one.type in {"import_statement", "export_statement"} for one in root.children),
        )
        for node in self._nodes:
            self._look(node)
        for node in self._nodes:
            if node.type == "string" and node.id not in self._seen and _string(node) in self._variables:
                self._perhaps(_string(node), node, "its name stands here, and may be read by other means")

    def _look(self, node: Node) -> None:
        if node.type == "import_statement":
            self._import(node)
        elif node.type == "import_require_clause":
            self._import_required(node)
        elif node.type == "call_expression":
            self._require(node)
        elif _is_environment(node):
            self._environment(node)

    def _import(self, node: Node) -> None:
        source = node.child_by_field_name("source")
        if source is not None and _string(source).startswith("."):
            self.reads.relative.append(_string(source))
        if source is None or _string(source) not in _PROCESS:
            return
        for one in _each(node):
            if one.type == "import_specifier" and _text(one).split()[0] == "env":
                self._perhaps("", one, "`env` of node:process is used under a name of its own")
            elif one.type == "namespace_import" or (
                one.type == "identifier" and _text(one) != "process" and one.parent is not None and one.parent.type == "import_clause"
            ):
                self._perhaps("", one, "`process` is used under another name")

    def _import_required(self, node: Node) -> None:
        """TypeScript's `import name = require("...")`."""
        source, names = node.child_by_field_name("source"), [one for one in node.named_children if one.type == "identifier"]
        if source is not None and _string(source) in _PROCESS and [_text(one) for one in names] != ["process"]:
            self._perhaps("", node, "`process` is used under another name")

    def _require(self, node: Node) -> None:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None or _text(function) != "require":
            return
        strings = [one for one in arguments.named_children if one.type == "string"]
        if strings and _string(strings[0]).startswith("."):
            self.reads.requires.append((_string(strings[0]), _line(node)))
            self.reads.relative.append(_string(strings[0]))
        if strings and _string(strings[0]) in _PROCESS:
            around = node.parent
            name = around.child_by_field_name("name") if around is not None and around.type == "variable_declarator" else None
            if name is None or _text(name) != "process":
                self._perhaps("", node, "`process` is used under another name")

    def _environment(self, node: Node) -> None:
        around = node.parent
        if around is None or _is_type(node):
            return
        if around.type == "member_expression" and around.child_by_field_name("object") == node:
            name = around.child_by_field_name("property")
            self._member(around, "" if name is None else _text(name))
        elif around.type == "subscript_expression" and around.child_by_field_name("object") == node:
            index = around.child_by_field_name("index")
            if index is not None and index.type == "string":
                self._seen.add(index.id)
                self._member(around, _string(index))
            else:
                self._perhaps("", around, "it reads a variable whose name is computed")
        elif around.type in {"variable_declarator", "assignment_expression"} and node in {
            around.child_by_field_name("value"),
            around.child_by_field_name("right"),
        }:
            self._taken(around.child_by_field_name("name") or around.child_by_field_name("left"), node)
        elif around.type == "binary_expression" and any(one.type == "in" for one in around.children):
            left = around.child_by_field_name("left")
            if left is not None:
                self._seen.add(left.id)  # asks whether it is there
        else:
            self._perhaps("", node, "the whole environment is handed on")

    def _member(self, node: Node, name: str) -> None:
        if name not in self._variables:
            return
        at = node
        while at.parent is not None and at.parent.type == "non_null_expression":
            at = at.parent  # TypeScript's `process.env.X!`
        around = at.parent
        is_left = around is not None and around.child_by_field_name("left") == at
        kind = "" if around is None else around.type
        if (kind == "unary_expression" and around is not None and _text(around).startswith("delete")) or (
            kind == "assignment_expression" and is_left
        ):
            return
        if (kind == "augmented_assignment_expression" and is_left) or kind == "update_expression":
            self.reads.broken.append((name, _line(node), "it is read and written at once"))
        elif kind in {"array_pattern", "pair_pattern", "assignment_pattern", "rest_pattern"} or (kind == "for_in_statement" and is_left):
            return
        elif self._is_rebound:
            self._perhaps(name, node, "`process` may be something else here")
        else:
            self.reads.found.append(Read(name, _line(node), node.start_byte, node.end_byte, is_done=_is_wrapped(node)))

    def _taken(self, pattern: Node | None, node: Node) -> None:
        if pattern is None or pattern.type != "object_pattern":
            self._perhaps("", node, "the whole environment is handed on")
            return
        for one in pattern.named_children:
            if one.type == "rest_pattern":
                self._perhaps("", one, "the rest of the environment is taken out of it")
                continue
            key = one.child_by_field_name("key") or one.child_by_field_name("left") or one
            if key.type == "computed_property_name":
                self._perhaps("", one, "it reads a variable whose name is computed")
            name = _string(key) if key.type == "string" else _text(key)
            self._seen.add(key.id)
            if name in self._variables:
                self.reads.broken.append(
                    (name, _line(one), f"it is taken out of `process.env` by destructuring: write `process.env.{name}`")
                )

    def _perhaps(self, variable: str, node: Node, why: str) -> None:
        self.reads.perhaps.append((variable, _line(node), why))


def _each(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(one.children))


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8")


def _string(node: Node) -> str:
    """Give what a string without escapes says; with escapes it is no name anybody writes."""
    return "".join(_text(one) for one in node.named_children) if node.type == "string" else ""


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _is_environment(node: Node) -> bool:
    """Tell `process.env`, with `?.` and behind `globalThis` too."""
    if node.type == "subscript_expression":
        index = node.child_by_field_name("index")
        return _is_process(node.child_by_field_name("object")) and index is not None and _string(index) == "env"
    name = node.child_by_field_name("property")
    return (
        node.type == "member_expression" and name is not None and _text(name) == "env" and _is_process(node.child_by_field_name("object"))
    )


def _is_process(node: Node | None) -> bool:
    return node is not None and _text(node) in {"process", "globalThis.process", "global.process"}


def _is_wrapped(node: Node) -> bool:
    around = None if node.parent is None else node.parent.parent
    function = None if around is None or around.type != "call_expression" else around.child_by_field_name("function")
    # As a compiler or bundler writes it, too: `(0, buckler_secret_1.bucklerSecret)(...)`, `bucklerSecret2(...)`.
    return function is not None and _WRAPPED.fullmatch(_text(function)) is not None


def _binds(node: Node) -> bool:
    """Say whether an identifier is where a name is bound, but for the import of node:process itself."""
    around = node.parent
    if around is None:
        return False
    if around.type == "variable_declarator":
        value = around.child_by_field_name("value")
        return around.child_by_field_name("name") == node and (value is None or "process" not in _text(value))
    if around.type in {"formal_parameters", "function_declaration", "class_declaration", "catch_clause", "rest_pattern", "array_pattern"}:
        return True
    return around.type == "arrow_function" and around.child_by_field_name("parameter") == node


def _has_helper(root: Node) -> bool:
    """Say whether what reads are wrapped in is there: imported, or by `const { ... } = require(...)`."""
    kinds = {"import_statement", "lexical_declaration"}
    return any(one.type in kinds and f"/{HELPER}" in _text(one) and WRAP in _text(one) for one in root.children)


def _is_type(node: Node) -> bool:
    """Tell `typeof process.env.X` where TypeScript takes it for a type: nothing is read there."""
    around = node.parent
    while around is not None and around.type in {"member_expression", "subscript_expression", "type_query"}:
        if around.type == "type_query":
            return True
        around = around.parent
    return False


def _place_for_import(root: Node, content: bytes) -> int | None:
    """Find the line of the first statement that is no directive: what it imports is there for all others."""
    previous = -1
    for one in root.children:
        is_directive = one.type == "expression_statement" and one.named_child_count == 1 and one.named_children[0].type == "string"
        if one.type in {"comment", "hash_bang_line"} or is_directive:
            previous = one.end_point[0]
            continue
        # What shares its line with the end of a comment has no line of its own.
        if previous == one.start_point[0]:
            return None
        # A byte order mark stays in front of everything.
        return max(one.start_byte - one.start_point[1], len(_BOM) if content.startswith(_BOM) else 0)
    return None
