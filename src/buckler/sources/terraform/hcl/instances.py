"""Module instances: where the names of an expression are looked up, each value worked out once, when it is asked for."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from buckler.errors import SourceError
from buckler.model.text import Text, hole
from buckler.sources.terraform.address import Key, written
from buckler.sources.terraform.hcl import functions
from buckler.sources.terraform.hcl.defaults import with_defaults
from buckler.sources.terraform.hcl.evaluate import Where, evaluate
from buckler.sources.terraform.hcl.modules import Declared, Library, Source
from buckler.sources.terraform.hcl.parse import parse_template
from buckler.sources.terraform.hcl.syntax import Block, Body, Call, Expression, Name
from buckler.sources.terraform.hcl.values import Computed, Handle, Open, Value, is_known, ref_of, text_of

_MOST_INSTANCES = 5000
_LARGEST_FILE = 1024 * 1024
_DEEPEST = 24
"""Modules in modules."""


@dataclass(frozen=True, slots=True, eq=False)
class ResourceInstance:
    module: "ModuleInstance"
    block: str
    """`aws_iam_role.this`, `data.aws_region.current`."""
    key: str | int | None
    declared: Declared
    where: Where
    is_certain: bool = True
    """False: nobody knows how many of it there are, if any."""

    @property
    def type(self) -> str:
        return self.declared.block.labels[0]

    @property
    def is_data(self) -> bool:
        return self.declared.block.kind == "data"

    @property
    def address(self) -> str:
        key = written(Key(key=self.key)) if self.key is not None else ""
        return (f"{self.module.address}." if self.module.address else "") + self.block + key


@dataclass(slots=True)
class World:
    """What all module instances share."""

    library: Library
    given: Mapping[str, Value]
    """Values of the root's variables."""
    made: Callable[[ResourceInstance, str], Text] | None = None
    """Gives the attributes that AWS makes up; None while only the names of things are looked for."""
    unread: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """Modules that are not here: (address, source, file)."""
    uncertain: list[ResourceInstance] = field(default_factory=list[ResourceInstance])


class ModuleInstance:
    """One instance of a module: a `Lookup`."""

    def __init__(
        self,
        world: World,
        source: Source,
        *,
        address: str = "",
        key: str | int | None = None,
        parent: "ModuleInstance | None" = None,
        call: Declared | None = None,
        where: Where | None = None,
        depth: int = 0,
    ) -> None:
        self.world = world
        self.source = source
        self.address = address
        self.key = key
        self.parent = parent
        self.call = call
        self._call_where = where
        self._depth = depth
        self._variables: dict[str, Value] = {}
        self._locals: dict[str, Value] = {}
        self._outputs: dict[str, Value] = {}
        self._busy: set[str] = set()
        self._resources: dict[str, list[ResourceInstance]] = {}
        self._children: dict[str, list[ModuleInstance]] = {}
        self._attributes: dict[tuple[str, str | int | None, str], Value] = {}

    @property
    def where(self) -> Where:
        return Where(module=self)

    # --- names -------------------------------------------------------------------------------------------------------

    def name(self, name: str, where: Where) -> Value:
        """Look up the root of a traversal."""
        match name:
            case "var":
                return Handle(f"{self.address}/var", lambda one: self._variable(one, where.depth))
            case "local":
                return Handle(f"{self.address}/local", lambda one: self._local(one, where.depth))
            case "module":
                return Handle(f"{self.address}/module", self._module)
            case "data":
                return Handle(
                    f"{self.address}/data",
                    lambda kind: Handle(f"{self.address}/data.{kind}", lambda one: self._things(f"data.{kind}.{one}")),
                )
            case "path":
                return {"module": os.path.relpath(self.source.folder, self.world.library.root.resolve()), "root": ".", "cwd": "."}
            case "terraform":
                return {"workspace": "default"}
            case "self":
                return Open("self")
            case _:
                return Handle(f"{self.address}/{name}", lambda one: self._things(f"{name}.{one}"))

    def _data(self, kind: str) -> Value:
        return Handle(f"{self.address}/data.{kind}", lambda name: self._things(f"data.{kind}.{name}"))

    def _once(self, known: dict[str, Value], mark: str, name: str, work: Callable[[], Value]) -> Value:
        if name in known:
            return known[name]
        if f"{mark}.{name}" in self._busy:
            return Open(f"{mark}.{name}")  # It is made of itself, which Terraform refuses.
        self._busy.add(f"{mark}.{name}")
        try:
            known[name] = work()
        finally:
            self._busy.discard(f"{mark}.{name}")
        return known[name]

    def _variable(self, name: str, depth: int) -> Value:
        return self._once(self._variables, "var", name, lambda: self._variable_value(name, depth))

    def _variable_value(self, name: str, depth: int) -> Value:
        declared = self.source.variables.get(name)
        body = declared.block.body if declared is not None else Body()
        default = body.arguments.get("default")
        kind = body.arguments.get("type")
        value: Value = Open(f"var.{name}", "" if self.parent is not None else f"--parameter {name}=...")
        if self.parent is None:
            if name in self.world.given:
                value = _typed(self.world.given[name], kind.value if kind else None)
            elif default is not None:
                value = evaluate(default.value, Where(module=self, depth=depth))
        else:
            handed = self.call.block.body.arguments.get(name) if self.call is not None else None
            value = evaluate(handed.value, self._handed_where(depth)) if handed is not None else value
            nullable = body.arguments.get("nullable")
            is_refused = value is None and nullable is not None and evaluate(nullable.value, self.where) is False
            if default is not None and (handed is None or is_refused):
                value = evaluate(default.value, Where(module=self, depth=depth))
        return with_defaults(value, kind.value, Where(module=self, depth=depth)) if kind is not None else value

    def _handed_where(self, depth: int) -> Where:
        found = self._call_where if self._call_where is not None else self.where
        return Where(module=found.module, each=found.each, count=found.count, names=found.names, depth=depth)

    def _local(self, name: str, depth: int) -> Value:
        found = self.source.locals.get(name)
        if found is None:
            return Open(f"local.{name}")
        return self._once(self._locals, "local", name, lambda: evaluate(found[0].value, Where(module=self, depth=depth)))

    # --- modules -----------------------------------------------------------------------------------------------------

    def _module(self, name: str) -> Value:
        if name not in self.source.calls:
            return Open(f"module.{name}")
        children = self.children(name)
        if not children:
            return Open(f"module.{name}") if self.is_unread(name) else []
        handles = {one.key: Handle(f"{one.address}/", one.output) for one in children}
        return _keyed(handles)

    def output(self, name: str) -> Value:
        """Give an output of this module."""
        declared = self.source.outputs.get(name)
        value = declared.block.body.arguments.get("value") if declared is not None else None
        if value is None:
            return Open(f"{self.address}.{name}")
        return self._once(self._outputs, "output", name, lambda: evaluate(value.value, self.where))

    def is_unread(self, name: str) -> bool:
        """Say whether a called module is not here."""
        address = ".".join(part for part in (self.address, f"module.{name}") if part)
        return any(one[0] == address for one in self.world.unread)

    def children(self, name: str) -> "list[ModuleInstance]":
        """List the instances of a called module; none when it is not here."""
        known = self._children.get(name)
        if known is not None:
            return known
        self._children[name] = []
        call = self.source.calls[name]
        address = ".".join(part for part in (self.address, f"module.{name}") if part)
        folder = self.world.library.called(_unkeyed(address), call, self.source)
        if folder is None or self._depth >= _DEEPEST:
            named = call.block.body.arguments.get("source")
            shown = text_of(evaluate(named.value, self.where)) if named is not None else None
            self.world.unread.append((address, shown if isinstance(shown, str) else "?", call.file))
            return []
        source = self.world.library.read(folder)
        made = [
            ModuleInstance(
                self.world,
                source,
                address=address + (written(Key(key=key)) if key is not None else ""),
                key=key,
                parent=self,
                call=call,
                where=where,
                depth=self._depth + 1,
            )
            for key, where, _ in self._expanded(call.block)
        ]
        self._children[name] = made
        return made

    # --- resources ---------------------------------------------------------------------------------------------------

    def resources(self, block: str) -> list[ResourceInstance]:
        """List the instances of a resource or data block."""
        known = self._resources.get(block)
        if known is not None:
            return known
        if f"resource.{block}" in self._busy:
            return []
        declared = self.source.resources[block]
        self._busy.add(f"resource.{block}")
        try:
            found = [
                ResourceInstance(self, block, key, declared, where, is_certain) for key, where, is_certain in self._expanded(declared.block)
            ]
        finally:
            self._busy.discard(f"resource.{block}")
        self._resources[block] = found
        self.world.uncertain.extend(one for one in found if not one.is_certain)
        return found

    def _expanded(self, block: Block) -> list[tuple[str | int | None, Where, bool]]:
        """Work out `count` and `for_each`. When nobody knows them, there is one, and it may not be."""
        counted, each = block.body.arguments.get("count"), block.body.arguments.get("for_each")
        if counted is not None:
            count = functions.call("tonumber", [evaluate(counted.value, self.where)])
            if isinstance(count, int | float):
                return [(at, Where(module=self, count=at), True) for at in range(min(int(count), _MOST_INSTANCES))]
            return [(None, Where(module=self, count=Open("count.index")), False)]
        if each is None:
            return [(None, self.where, True)]
        value = evaluate(each.value, self.where)
        match value:
            case dict():
                return [(key, Where(module=self, each=(key, value[key])), True) for key in sorted(value)[:_MOST_INSTANCES]]
            case list() if all(isinstance(one, str) for one in value):
                return [(str(one), Where(module=self, each=(one, one)), True) for one in value[:_MOST_INSTANCES]]
            case list() if not is_known(value):
                # Names that nobody knows yet: there are as many, under keys of their places.
                return [(at, Where(module=self, each=(one, one)), False) for at, one in enumerate(value[:_MOST_INSTANCES])]
            case _:
                unknown = ref_of(value)
                return [(None, Where(module=self, each=(Open("each.key", unknown.need), Open("each.value", unknown.need))), False)]

    def _things(self, block: str) -> Value:
        if block not in self.source.resources:
            return Open(block)
        found = self.resources(block)
        return _keyed({one.key: Handle(one.address, partial(self.attribute, one)) for one in found})

    def attribute(self, resource: ResourceInstance, name: str) -> Value:
        """Give an attribute of a resource: as written, or as AWS makes it up."""
        mark = (resource.block, resource.key, name)
        if mark in self._attributes:
            return self._attributes[mark]
        busy = f"{resource.address}.{name}"
        if busy in self._busy:
            return Open(busy)
        self._busy.add(busy)
        try:
            value = self._attribute(resource, name)
        finally:
            self._busy.discard(busy)
        self._attributes[mark] = value
        return value

    def _attribute(self, resource: ResourceInstance, name: str) -> Value:
        body = resource.declared.block.body
        argument = body.arguments.get(name)
        if argument is not None:
            value = evaluate(argument.value, resource.where)
            if value is not None:
                return value
        blocks = body.of(name)
        if blocks:
            return [Handle(f"{resource.address}.{name}[{at}]", _block_reader(one.body, resource.where)) for at, one in enumerate(blocks)]
        ref = f"{resource.address}.{name}"
        text = self.world.made(resource, name) if self.world.made is not None else hole(ref)
        return Computed(scope=self.address, block=resource.block, key=resource.key, attribute=name, text=text)

    # --- functions that read -----------------------------------------------------------------------------------------

    def function(self, call: Call, arguments: list[Value]) -> Value:
        """Call a function that reads files: only such as lie in the folder that was named."""
        match call.name:
            case "file" | "filebase64" | "templatefile" | "fileexists" | "filesha256" | "filebase64sha256" | "filemd5":
                return self._file(call.name, arguments)
            case "abspath" | "pathexpand":
                return arguments[0] if arguments else None
            case "templatestring":
                return Open("templatestring(...)")
            case _:
                return None

    def _file(self, name: str, arguments: list[Value]) -> Value:
        named = text_of(arguments[0]) if arguments else None
        if not isinstance(named, str):
            return Open(f"{name}(...)")
        root = self.world.library.root.resolve()
        path = (root / named).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            return Open(f"{name}(...)") if name != "fileexists" or not path.is_relative_to(root) else False
        if name == "fileexists":
            return True
        try:
            content = path.read_bytes() if path.stat().st_size <= _LARGEST_FILE else b""
            text = content.decode()
        except (OSError, UnicodeDecodeError):
            return Open(f"{name}(...)")
        match name:
            case "file":
                return text
            case "templatefile":
                return self._rendered(text, path, arguments[1] if len(arguments) > 1 else {})
            case _:
                kind = {"filebase64": "base64encode", "filesha256": "sha256", "filebase64sha256": "base64sha256", "filemd5": "md5"}[name]
                return functions.call(kind, [text])

    def _rendered(self, text: str, path: Path, names: Value) -> Value:
        if not isinstance(names, dict):
            return Open("templatefile(...)")
        try:
            template = parse_template(text, str(path))
        except SourceError:
            return Open("templatefile(...)")
        return evaluate(template, Where(module=_Only(self, names), names=names))


class _Only:
    """What a template file sees: the names it is handed, and nothing else."""

    def __init__(self, module: ModuleInstance, names: Mapping[str, Value]) -> None:
        self._module = module
        self._names = names

    def name(self, name: str, where: Where) -> Value:
        del where
        return self._names.get(name, Open(name))

    def function(self, call: Call, arguments: list[Value]) -> Value:
        return self._module.function(call, arguments) if call.name != "templatefile" else Open("templatefile(...)")


def _block_reader(body: Body, where: Where) -> Callable[[str], Value]:
    def read(name: str) -> Value:
        argument = body.arguments.get(name)
        return evaluate(argument.value, where) if argument is not None else Open(name)

    return read


def _keyed(handles: Mapping[str | int | None, Handle]) -> Value:
    """Put instances together as their references see them: one, a list by `count`, a map by `for_each`."""
    keys = list(handles)
    if keys == [None]:
        return handles[None]
    if all(isinstance(key, int) for key in keys):
        return list(handles.values())
    return {str(key): one for key, one in handles.items()}


def _unkeyed(address: str) -> str:
    """Write a module's address the way `terraform init` does: names alone, with dots."""
    from buckler.sources.terraform.address import modules

    return ".".join(name for name, _ in modules(address))


def _typed(value: Value, kind: Expression | None) -> Value:
    """Read what was typed for a variable, as its type says: everything on a command line is a string."""
    if isinstance(value, str) and isinstance(kind, Name):
        made = functions.call({"number": "tonumber", "bool": "tobool"}.get(kind.name, "tostring"), [value])
        return value if isinstance(made, Open) else made
    return value
