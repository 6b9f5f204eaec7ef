"""Find where Python reads environment variables: `os.environ["X"]`, `os.environ.get("X")`, `os.getenv("X")`, by whatever names.

What cannot be told from the text is named: names that are computed, the whole environment handed on, the variable's name as a string
anywhere else.
"""

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator
from typing import Final

from buckler.fixes._reads import HELPER, NotReadableError, Read, Reads

_GIVES_VALUES: Final = {"items", "values", "copy"}
_GIVES_NONE: Final = {"keys", "update", "clear", "__contains__", "__setitem__", "__delitem__", "__len__"}
_TAKES: Final = {"pop", "setdefault", "__getitem__"}
_BOM: Final = b"\xef\xbb\xbf"


def read_python(content: bytes, variables: frozenset[str]) -> Reads:
    """Find the reads of *variables* in a file. Raises `NotReadableError`."""
    tree = _parsed(content)
    return _Finder(content, tree, variables).reads


def _parsed(content: bytes) -> ast.Module:
    try:
        content.decode("utf-8")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except (UnicodeDecodeError, SyntaxError):
        raise NotReadableError("it is not UTF-8") from None
    if encoding not in {"utf-8", "utf-8-sig"}:
        raise NotReadableError(f"it is declared to be {encoding}, and only UTF-8 is patched")
    if b"\r" in content.replace(b"\r\n", b""):
        raise NotReadableError("it has line ends that patches do not know (a carriage return alone)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of their code, not ours
            return ast.parse(content)
    except SyntaxError as bad:
        raise NotReadableError(f"line {bad.lineno or 1} is not Python as this Python knows it") from None
    except (ValueError, RecursionError, MemoryError):
        raise NotReadableError("it is not Python as this Python knows it") from None


class _Finder:
    def __init__(self, content: bytes, tree: ast.Module, variables: frozenset[str]) -> None:
        self._content = content
        self._variables = variables
        self._folded = {one.casefold(): one for one in variables}
        self._starts = self._line_starts()
        self._parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        self._seen: set[ast.AST] = set()
        self._os, self._environ, self._getenv = _imported(tree)
        self._rebound = set(_bound(tree)) & (self._os | self._environ | self._getenv)
        self.reads = Reads(import_at=self._place_for_import(tree), has_import=_has_helper(tree))
        nodes = list(ast.walk(tree))
        for node in nodes:
            self._look(node)
        for node in nodes:
            self._look_for_names(node)
        self.reads.found.sort(key=lambda one: one.start)

    # --- where things stand -----------------------------------------------------------------------------------------------

    def _line_starts(self) -> list[int]:
        starts = [0]
        starts.extend(at + 1 for at, byte in enumerate(self._content) if byte == 0x0A)
        return starts

    def _offset(self, line: int, column: int) -> int:
        # The parser does not count a byte order mark.
        return self._starts[line - 1] + column + (len(_BOM) if line == 1 and self._content.startswith(_BOM) else 0)

    def _span(self, node: ast.expr) -> tuple[int, int] | None:
        """Give the bytes of an expression; None where the parser's places are not to be trusted (in f-strings before 3.12)."""
        if node.end_lineno is None or node.end_col_offset is None:
            return None
        start, end = self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)
        try:
            # In parentheses lines may break anywhere.
            again = ast.parse(b"(" + self._content[start:end] + b")", mode="eval").body
        except (SyntaxError, ValueError):
            return None
        return (start, end) if ast.dump(again) == ast.dump(node) else None

    def _place_for_import(self, tree: ast.Module) -> int | None:
        """Find the line after the imports the file begins with, else before the first statement that is no docstring."""
        body = list(tree.body)
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and isinstance(body[0].value.value, str):
            body.pop(0)
        leading: list[ast.stmt] = []
        for statement in body:
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                break
            leading.append(statement)
        last = leading[-1] if leading else None
        following = body[len(leading)] if len(body) > len(leading) else None
        if last is not None:
            if following is None or _first_line(following) > (last.end_lineno or last.lineno):
                return self._after_line(last.end_lineno or last.lineno)
            future = isinstance(last, ast.ImportFrom) and last.module == "__future__"
            return None if future else self._before_line(last, tree)
        return None if following is None else self._before_line(following, tree)

    def _before_line(self, statement: ast.stmt, tree: ast.Module) -> int | None:
        line = _first_line(statement)
        earlier = [one for one in tree.body if (one.lineno, one.col_offset) < (statement.lineno, statement.col_offset)]
        shares = any((one.end_lineno or one.lineno) >= line for one in earlier)
        return None if shares else self._starts[line - 1] + (len(_BOM) if line == 1 and self._content.startswith(_BOM) else 0)

    def _after_line(self, line: int) -> int:
        return self._starts[line] if line < len(self._starts) else len(self._content)

    # --- reads ------------------------------------------------------------------------------------------------------------

    def _look(self, node: ast.AST) -> None:
        if isinstance(node, ast.Subscript) and self._is_environ(node.value):
            self._seen.add(node.value)
            self._subscript(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and self._is_environ(node.func.value):
            self._seen.add(node.func.value)
            self._method(node, node.func.attr)
        elif isinstance(node, ast.Call) and self._is_getenv(node.func):
            self._seen.add(node.func)
            self._get(node)
        elif isinstance(node, ast.Compare):
            for one in node.comparators:
                if self._is_environ(one):
                    # `"X" in os.environ` asks whether it is there.
                    self._seen.update((one, node.left))
        elif isinstance(node, ast.For | ast.comprehension) and self._is_environ(node.iter):
            self._seen.add(node.iter)  # goes through the names
        elif isinstance(node, ast.expr) and node not in self._seen:
            self._whole(node)

    def _subscript(self, node: ast.Subscript) -> None:
        name = self._constant(node.slice)
        if isinstance(node.ctx, ast.Load):
            self._read(node, name, self._root_of(node.value))
        elif name is not None and name in self._variables and isinstance(self._parents.get(node), ast.AugAssign):
            self.reads.broken.append((name, node.lineno, "it is read and written at once"))

    def _method(self, node: ast.Call, method: str) -> None:
        if method == "get":
            self._get(node)
        elif method in _TAKES:
            name = self._constant(node.args[0]) if node.args else None
            if name is None:
                self.reads.perhaps.append(("", node.lineno, f"`environ.{method}` of a name that is computed"))
            elif name in self._variables:
                self.reads.broken.append((name, node.lineno, f"it is read by `environ.{method}`"))
        elif method in _GIVES_VALUES:
            self.reads.perhaps.append(("", node.lineno, f"`environ.{method}()` gives the values of all variables"))
        elif method in _GIVES_NONE:
            if node.args:
                self._constant(node.args[0])
        else:
            self.reads.perhaps.append(("", node.lineno, f"`environ.{method}`"))

    def _get(self, node: ast.Call) -> None:
        given = node.args[0] if node.args else next((one.value for one in node.keywords if one.arg == "key"), None)
        name = None if given is None or isinstance(given, ast.Starred) else self._constant(given)
        self._read(node, name, self._root_of(node.func))

    def _read(self, node: ast.expr, name: str | None, root: str) -> None:
        if name is None:
            self.reads.perhaps.append(("", node.lineno, "it reads a variable whose name is computed"))
        elif name in self._variables:
            span = self._span(node)
            if root in self._rebound:
                self.reads.perhaps.append((name, node.lineno, f"`{root}` may be something else here"))
            elif span is None:
                self.reads.broken.append((name, node.lineno, "it is read in an f-string whose places this Python does not tell"))
            else:
                self.reads.found.append(Read(name, node.lineno, *span, is_done=self._is_wrapped(node)))

    def _is_wrapped(self, node: ast.expr) -> bool:
        around = self._parents.get(node)
        return isinstance(around, ast.Call) and isinstance(around.func, ast.Name) and around.func.id == HELPER

    def _whole(self, node: ast.expr) -> None:
        if self._is_environ(node):
            around = self._parents.get(node)
            handed = f"`environ.{around.attr}`" if isinstance(around, ast.Attribute) else "the whole environment"
            self.reads.perhaps.append(("", node.lineno, f"{handed} is handed on"))
        elif self._is_getenv(node) and isinstance(getattr(node, "ctx", None), ast.Load):
            self.reads.perhaps.append(("", node.lineno, "`getenv` is handed on"))
        elif isinstance(node, ast.Attribute) and self._is_os(node.value) and node.attr in {"environb", "getenvb"}:
            self.reads.perhaps.append(("", node.lineno, f"`{node.attr}` reads variables as bytes"))

    def _look_for_names(self, node: ast.AST) -> None:
        """Name what may be a read by other means: the variable's name as a string, or as a field of a class of settings."""
        if isinstance(node, ast.Constant) and node not in self._seen:
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            if isinstance(text, str) and text in self._variables:
                self.reads.perhaps.append((text, node.lineno, "its name stands here, and may be read by other means"))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(self._parents.get(node), ast.ClassDef):
            name = self._folded.get(node.target.id.casefold())
            if name is not None:
                self.reads.perhaps.append((name, node.lineno, "a field of its name stands here, which a library may fill from it"))

    def _constant(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._seen.add(node)
            return node.value
        return None

    # --- names ------------------------------------------------------------------------------------------------------------

    def _is_os(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._os

    def _is_environ(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute):
            return node.attr == "environ" and self._is_os(node.value)
        return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self._environ

    def _is_getenv(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute):
            return node.attr == "getenv" and self._is_os(node.value)
        return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self._getenv

    def _root_of(self, node: ast.expr) -> str:
        while isinstance(node, ast.Attribute):
            node = node.value
        return node.id if isinstance(node, ast.Name) else ""


def _first_line(statement: ast.stmt) -> int:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return min([statement.lineno, *(one.lineno for one in statement.decorator_list)])
    return statement.lineno


def _has_helper(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and node.module == HELPER and any(one.name == HELPER and one.asname is None for one in node.names)
        for node in ast.walk(tree)
    )


def _imported(tree: ast.Module) -> tuple[set[str], set[str], set[str]]:
    """Give the names under which a file knows `os`, `os.environ` and `os.getenv`."""
    modules: set[str] = set()
    environs: set[str] = set()
    getenvs: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules.update(one.asname or "os" for one in node.names if _is_os_itself(one))
        elif isinstance(node, ast.ImportFrom) and node.module == "os" and not node.level:
            for one in node.names:
                if one.name in {"environ", "*"}:
                    environs.add(one.asname or "environ")
                if one.name in {"getenv", "*"}:
                    getenvs.add(one.asname or "getenv")
    return modules, environs, getenvs


def _is_os_itself(name: ast.alias) -> bool:
    return name.name == "os" or (name.name.startswith("os.") and not name.asname)


def _bound(tree: ast.Module) -> Iterator[str]:
    """List names that are bound by anything but the imports of `os`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.asname or one.name.partition(".")[0] for one in node.names if not _is_os_itself(one))
        elif isinstance(node, ast.ImportFrom):
            yield from (one.asname or one.name for one in node.names if node.module != "os" or node.level)
        else:
            name = _bound_by(node)
            if name:
                yield name


def _bound_by(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return None if isinstance(node.ctx, ast.Load) else node.id
    if isinstance(node, ast.arg):
        return node.arg
    binders = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
    return node.name if isinstance(node, binders) else None
