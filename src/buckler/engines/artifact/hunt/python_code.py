"""Hostile Python, seen in its syntax tree: what is decoded and run, what of the environment is sent, shells for others.

Values are followed through the names, calls and returns of one file, without order: enough for how loaders are written, and no reader of
text is fooled by line breaks, comments or another spelling of an import.
"""

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Final

from buckler.engines.artifact.hunt.python_names import (
    DECODERS,
    FETCHERS,
    KEEPERS,
    KEEPING_METHODS,
    PLAIN,
    RUNNERS,
    SENDERS,
    SENDING_METHODS,
    SHELLS,
)
from buckler.engines.artifact.hunt.text import shell_commands
from buckler.engines.artifact.hunt.trace import Trace, high, medium
from buckler.model.severity import Confidence

_MOST_BYTES: Final = 3 * 1024 * 1024
_DEEPEST: Final = 25
_MOST_WORK: Final = 400_000
"""Steps through values, per file: about a second. Beyond it the file counts as not looked at."""
_CONNECTIONS: Final = frozenset({"socket.socket", "socket.create_connection"})
_METADATA: Final = re.compile(r"169\.254\.(?:169\.254|170\.2)\b|/proc/(?:self|\d+)/environ|latest/meta-data/iam")
_RUNTIME_API: Final = re.compile(r"/runtime/invocation/")
_COOKIE: Final = re.compile(rb"\A(?:[^\n]*\n)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def is_worth_a_look(content: bytes) -> bool:
    """Say whether a source spells what the plain kinds of malware need: for the many files that are probably what was published."""

    def has(*needles: bytes) -> bool:
        return any(needle in content for needle in needles)

    if has(b"exec", b"eval", b"FunctionType") and has(
        b"decode", b"decompress", b"unhexlify", b"fromhex", b"marshal", b"decrypt", b"chr", b"urlopen", b"requests", b"socket", b"[::-1]"
    ):
        return True
    if has(b"environ", b"AWS_SECRET") and has(b"urlopen", b"requests", b"socket", b"http", b"dns"):
        return True
    return (b"socket" in content and has(b"dup2", b"stdin")) or has(b"curl", b"wget", b"/dev/tcp")


def look(content: bytes) -> Iterator[Trace]:
    """Look at a Python source. One that does not parse is left to the hunters of text."""
    cookie = _COOKIE.match(content)
    if cookie and cookie[1].decode("ascii", "replace").lower().replace("_", "-") not in {name.replace("_", "-") for name in PLAIN}:
        yield high("odd-encoding", "its encoding hides what it says from those who read it", 1, Confidence.MEDIUM)
    if len(content) > _MOST_BYTES:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
        yield from _Module(tree).traces()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return


class _Module:
    def __init__(self, tree: ast.Module) -> None:
        self.nodes = list(ast.walk(tree))
        self.work = 0
        self._scopes: dict[int, tuple[int, ...]] = {}
        """Node -> the functions around it, outermost first."""
        self._globals: set[str] = {name for node in self.nodes if isinstance(node, ast.Global) for name in node.names}
        self._place(tree)
        self.names: dict[str, str] = {}
        """Name -> what was imported under it."""
        self._values: dict[tuple[int, str], list[ast.expr]] = {}
        """(function or 0, name) -> everything it may hold there."""
        self.returns: dict[str, list[ast.expr]] = {}
        self._functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._parents: dict[int, ast.AST] = {id(child): node for node in self.nodes for child in ast.iter_child_nodes(node)}
        for node in self.nodes:
            self._learn(node)
        for node in self.nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self._functions:
                self._pass(node, self._functions[node.func.id])

    # --- what names hold ---------------------------------------------------------------------------------------------------

    def _place(self, tree: ast.Module) -> None:
        waiting: list[tuple[ast.AST, tuple[int, ...]]] = [(tree, ())]
        while waiting:
            node, scopes = waiting.pop()
            self._scopes[id(node)] = scopes
            inner = (*scopes, id(node)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) else scopes
            waiting += [(child, inner) for child in ast.iter_child_nodes(node)]

    def values(self, node: ast.Name) -> list[ast.expr]:
        """Give everything a name may hold where it stands: of the innermost function that assigns it."""
        for scope in reversed((0, *self._scopes.get(id(node), ()))):
            held = self._values.get((scope, node.id))
            if held is not None:
                return held
        return []

    def _keep(self, name: str, scope: int, value: ast.expr) -> None:
        self._values.setdefault((0 if name in self._globals else scope, name), []).append(value)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for one in node.names:
                self.names[one.asname or one.name.partition(".")[0]] = one.name if one.asname else one.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                self.names[one.asname or one.name] = f"{node.module}.{one.name}"
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._hold(target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
            if node.value is not None:
                self._hold(node.target, node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._hold(node.target, node.iter)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._hold(node.optional_vars, node.context_expr)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._functions[node.name] = node
            self.returns[node.name] = [
                one.value for one in ast.walk(node) if isinstance(one, (ast.Return, ast.Yield)) and one.value is not None
            ]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"append", "update", "extend", "write"}
        ):
            for given in node.args:
                self._hold(node.func.value, given)

    def _hold(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._keep(target.id, self._scopes.get(id(target), (0,))[-1] if self._scopes.get(id(target)) else 0, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts) else None
            for place, one in enumerate(target.elts):
                self._hold(one, parts[place] if parts else value)
        elif isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
                self._keep(f"self.{target.attr}", 0, value)
            else:
                self._hold(target.value, value)

    def _pass(self, call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        for name, given in zip(names, call.args, strict=False):
            self._keep(name, id(function), given)
        for keyword in call.keywords:
            if keyword.arg:
                self._keep(keyword.arg, id(function), keyword.value)

    def name(self, node: ast.AST, depth: int = 0) -> str:
        """Give the dotted name of what an expression is, imports and getattr resolved; "" when it has none."""
        if depth > 8:
            return ""
        if isinstance(node, ast.Name):
            if node.id in self.names:
                return self.names[node.id]
            held = self.values(node)
            # `run = exec`: a name for a name.
            if len(held) == 1 and isinstance(held[0], (ast.Name, ast.Attribute, ast.Call)):
                return self.name(held[0], depth + 1) or node.id
            return node.id
        if isinstance(node, ast.Attribute):
            above = self.name(node.value, depth + 1)
            return f"{above}.{node.attr}" if above else f"?.{node.attr}"
        if isinstance(node, ast.Call):
            called = self.name(node.func, depth + 1)
            if called in {"__import__", "importlib.import_module"} and node.args:
                return self.text(node.args[0])
            if called == "getattr" and len(node.args) >= 2 and self.text(node.args[1]):
                return f"{self.name(node.args[0], depth + 1)}.{self.text(node.args[1])}"
            if called in {"globals", "vars", "locals"}:
                return "__builtins__"
        if isinstance(node, ast.Subscript) and self.name(node.value, depth + 1) in {"__builtins__", "__builtins__.__dict__", "sys.modules"}:
            key = self.text(node.slice)
            return key if self.name(node.value, depth + 1) == "sys.modules" else f"__builtins__.{key}"
        return ""

    def text(self, node: ast.AST, depth: int = 0) -> str:
        """Give the text an expression is, put together from its pieces; "" when it is none."""
        if depth > _DEEPEST:
            return ""
        if isinstance(node, ast.Constant):
            if isinstance(node.value, bytes):
                return node.value.decode("latin-1")
            return node.value if isinstance(node.value, str) else ""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self.text(node.left, depth + 1) + self.text(node.right, depth + 1)
        if isinstance(node, ast.JoinedStr):
            return "".join(self.text(one.value if isinstance(one, ast.FormattedValue) else one, depth + 1) for one in node.values)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and isinstance(node.slice.step, ast.UnaryOp):
            return self.text(node.value, depth + 1)[::-1]
        if isinstance(node, ast.Name) and len(self.values(node)) == 1:
            return self.text(self.values(node)[0], depth + 1)
        if isinstance(node, (ast.List, ast.Tuple)):
            return " ".join(filter(None, (self.text(one, depth + 1) for one in node.elts)))
        return ""

    def reaches(
        self,
        node: ast.AST,
        wanted: Callable[[ast.AST], bool],
        through: Callable[[ast.Call], bool],
        seen: set[int] | None = None,
        depth: int = 0,
    ) -> bool:
        """Say whether what is *wanted* may be in the value of an expression; *through* says which calls give on what they got."""
        seen = set() if seen is None else seen
        if id(node) in seen or depth > _DEEPEST:
            return False
        seen.add(id(node))
        self.work += 1
        if self.work > _MOST_WORK:
            raise TimeoutError
        if wanted(node):
            return True
        nexts: list[ast.AST] = []
        if isinstance(node, ast.Name):
            nexts += self.values(node)
        elif isinstance(node, ast.Attribute):
            nexts += [node.value, *self._values.get((0, f"self.{node.attr}"), [])]
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                nexts += self.returns.get(node.func.id, [])
            if through(node):
                nexts += [node.func, *node.args, *(keyword.value for keyword in node.keywords if keyword.arg != "auth")]
        else:
            nexts += list(ast.iter_child_nodes(node))
        return any(self.reaches(one, wanted, through, seen, depth + 1) for one in nexts)

    # --- what they do ------------------------------------------------------------------------------------------------------

    def traces(self) -> Iterator[Trace]:
        """Give what the module does that no honest one does."""
        calls = [node for node in self.nodes if isinstance(node, ast.Call)]
        named = [(node, self.name(node.func)) for node in calls]
        names = {name for _, name in named}
        for node, name in named:
            if name in RUNNERS or name in {"types.FunctionType", "types.CodeType"}:
                yield from self._runs(node)
            if name in SENDERS or (isinstance(node.func, ast.Attribute) and node.func.attr in SENDING_METHODS):
                yield from self._sends(node)
            if name in SHELLS:
                for argument in node.args[:2]:
                    for note in shell_commands(self.text(argument)):
                        yield high("shell-command", note, node.lineno)
        yield from self._shell_for_others(named, names)
        yield from self._strings()

    def _runs(self, node: ast.Call) -> Iterator[Trace]:
        def always(_: ast.Call) -> bool:
            return True

        if not node.args:
            return
        if self.reaches(node.args[0], lambda one: isinstance(one, ast.Call) and self.name(one.func).startswith(FETCHERS), always):
            yield high("runs-what-it-fetches", "it runs code that it gets from the network", node.lineno)
        elif self.reaches(node.args[0], self._is_decoder, always):
            yield high("runs-what-it-decodes", "it runs code that it decodes first", node.lineno)

    def _is_decoder(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call):
            name = self.name(node.func)
            if name == "chr":
                # One character is nothing; a row of them is text that was hidden.
                return isinstance(self._parents.get(id(node)), (ast.GeneratorExp, ast.ListComp))
            if name in DECODERS or (name == "map" and node.args and self.name(node.args[0]) == "chr"):
                return True
            # `"...".decode("rot13")` of old, `bytes([...])` of numbers, `.decrypt(...)`.
            if isinstance(node.func, ast.Attribute) and node.func.attr in {"fromhex", "decrypt", "b64decode", "decompress", "unhexlify"}:
                return True
            return (
                name in {"bytes", "bytearray"}
                and bool(node.args)
                and isinstance(node.args[0], (ast.List, ast.Tuple, ast.GeneratorExp, ast.ListComp))
            )
        is_turned = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and isinstance(node.slice.step, ast.UnaryOp)
        return is_turned and len(self.text(node)) > 40

    def _sends(self, node: ast.Call) -> Iterator[Trace]:
        given = [
            *node.args,
            *(keyword.value for keyword in node.keywords if keyword.arg not in {"auth", "env", "verify", "proxies", "timeout"}),
        ]
        for one in given:
            if self.reaches(one, self._is_whole_environment, self._keeps):
                yield high("sends-environment", "it sends all environment variables, credentials among them", node.lineno)
                return
            if self.reaches(one, self._is_credential, self._keeps_plain):
                yield high("sends-credentials", "it sends the function's credentials", node.lineno, Confidence.MEDIUM)
                return

    def _keeps(self, call: ast.Call) -> bool:
        name = self.name(call.func)
        return name in KEEPERS or (isinstance(call.func, ast.Attribute) and call.func.attr in KEEPING_METHODS)

    def _keeps_plain(self, call: ast.Call) -> bool:
        return self._keeps(call) and not (isinstance(call.func, ast.Attribute) and call.func.attr == "update")

    def _is_whole_environment(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Constant):
            return node.value == "/proc/self/environ"
        if not isinstance(node, (ast.Name, ast.Attribute)) or self.name(node) not in {"os.environ", "os.environb"}:
            return False
        above = self._parents.get(id(node))
        if isinstance(above, ast.Subscript) and above.value is node:
            return False
        return not (isinstance(above, ast.Attribute) and above.attr in {"get", "pop", "setdefault", "__getitem__", "update", "clear"})

    def _is_credential(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Subscript) and self.name(node.value) == "os.environ":
            return self.text(node.slice) == "AWS_SECRET_ACCESS_KEY"
        if isinstance(node, ast.Call) and self.name(node.func) in {"os.getenv", "os.environ.get"} and node.args:
            return self.text(node.args[0]) == "AWS_SECRET_ACCESS_KEY"
        return isinstance(node, ast.Attribute) and node.attr == "get_frozen_credentials"

    def _shell_for_others(self, named: list[tuple[ast.Call, str]], names: set[str]) -> Iterator[Trace]:
        sockets = _CONNECTIONS & names
        for node, name in named:
            if sockets and name == "os.dup2" and node.args and self._is_socket(node.args[0]):
                yield high("reverse-shell", "it joins a shell to a connection", node.lineno)
                break
            if sockets and name in SHELLS and any(k.arg == "stdin" and self._is_socket(k.value) for k in node.keywords):
                yield high("reverse-shell", "it joins a shell to a connection", node.lineno)
                break
        fetches = any(name.startswith(FETCHERS) for name in names)
        if fetches and "os.chmod" in names and names & SHELLS:
            node = next(node for node, name in named if name == "os.chmod")
            yield medium("runs-what-it-downloads", "it downloads, makes something executable, and runs programs", node.lineno)
        if fetches and "ctypes.CDLL" in names and {"os.memfd_create", "?.memfd_create"} & names:
            yield high("runs-from-memory", "it loads a program that is on no disk")

    def _is_socket(self, node: ast.AST) -> bool:
        return self.reaches(node, lambda one: isinstance(one, ast.Call) and self.name(one.func) in _CONNECTIONS, lambda _: True)

    def _strings(self) -> Iterator[Trace]:
        for node in self.nodes:
            if not isinstance(node, ast.Constant) or not isinstance(node.value, (str, bytes)):
                continue
            text = self.text(node)
            if isinstance(self._parents.get(id(node)), ast.Expr):
                # A docstring.
                continue
            if found := _METADATA.search(text):
                yield medium("reads-credentials", f"it knows where credentials are had: {found[0]}", node.lineno)
            if _RUNTIME_API.search(text):
                yield medium(
                    "runtime-interface", "it speaks to the runtime interface, which hands out the events of the function", node.lineno
                )
