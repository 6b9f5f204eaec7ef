"""From a folder of HCL to what `terraform show -json` would have said of it: the plan that the readers know.

First the names of all things, which is what AWS makes their ARNs of; then everything, with references to those ARNs filled in.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

from buckler.errors import SourceError
from buckler.model.secret import Judge
from buckler.model.text import Partial, Text, hole
from buckler.sources.terraform import arns
from buckler.sources.terraform.document import Json, Object, Referred
from buckler.sources.terraform.hcl.evaluate import Where, evaluate, references
from buckler.sources.terraform.hcl.instances import ModuleInstance, ResourceInstance, World
from buckler.sources.terraform.hcl.modules import Library, Source, settings
from buckler.sources.terraform.hcl.syntax import Argument, Block, Body, Name
from buckler.sources.terraform.hcl.values import Computed, Handle, Open, Value, text_of
from buckler.sources.terraform.plan import Call, Declared, ModuleConfig, Plan, Resource, Scope
from buckler.sources.terraform.view import View

_META = {"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "triggers"}
_NAMING = {*arns.NAMES.values(), "name_prefix", "bucket_prefix", "path", "event_bus_name", "region", "layer_name", "family", "identifier"}
"""Arguments that go into the ARN of a thing."""
_MOST_RESOURCES = 50_000


class Planned:
    """A plan, and what its folder did not tell."""

    def __init__(self, plan: Plan, world: World, sources: list[Source]) -> None:
        self.plan = plan
        self.unread = tuple(dict.fromkeys(world.unread))
        self.uncertain = tuple(dict.fromkeys(one.address for one in world.uncertain))
        self.sources = sources


def plan_folder(folder: Path, shown: str, judge: Judge, parameters: Mapping[str, str], texts: Mapping[str, str] | None = None) -> Planned:
    """Work out the resources of a configuration. Raises `SourceError` when its variable files cannot be read."""
    library = Library(folder, shown, texts)
    root = library.read(folder)
    given: dict[str, Value] = {}
    bare = ModuleInstance(World(library, {}), Source(folder=folder, shown=shown))
    for name, value in settings(folder, shown):
        given[name] = evaluate(value.value, bare.where) if isinstance(value, Argument) else value
    given.update({name: value for name, value in parameters.items() if name in root.variables})
    named: View | None = None
    # Once for names that are written out, once more for those that are made of others.
    for _ in range(2):
        first = _Planner(World(library, given, made=_maker(named)), root, shown)
        named = View(first.plan(naming_only=True), judge)
    world = World(library, given, made=_maker(named))
    second = _Planner(world, root, shown)
    return Planned(second.plan(naming_only=False), world, list(second.sources.values()))


def _maker(view: View | None) -> Callable[[ResourceInstance, str], Text] | None:
    """Give what tells the attributes that AWS makes up, from the names of all things."""
    if view is None:
        return None
    by_place = {(one.scope.address, one.block, one.key): one for one in view.plan.resources}

    def made(instance: ResourceInstance, name: str) -> Text:
        resource = by_place.get((instance.module.address, instance.block, instance.key))
        if resource is None:
            return hole(f"{instance.address}.{name}")
        return _data_text(view, resource, name) if instance.is_data else view.attribute(resource, name)

    return made


def _data_text(view: View, resource: Resource, name: str) -> Text:
    """Give what a data source that asks AWS who and where it is will say."""
    account, region = view.identity.of(resource)
    match resource.type, name:
        case "aws_caller_identity", "account_id" | "id":
            return account
        case "aws_region", "region" | "name" | "id":
            return region
        case "aws_partition", "partition" | "id":
            return view.identity.partition(region)
        case _:
            return hole(f"{resource.address}.{name}")


class _Planner:
    def __init__(self, world: World, root: Source, shown: str) -> None:
        self._world = world
        self._root = ModuleInstance(world, root)
        self._shown = shown
        self._configs: dict[str, ModuleConfig] = {}
        self._naming_only = False
        self._places: dict[str, tuple[str, int]] = {}
        self.sources: dict[Path, Source] = {}

    def plan(self, *, naming_only: bool) -> Plan:
        self._naming_only = naming_only
        scope = Scope(address="", config=self._config(self._root.source), is_exact=True)
        plan = Plan(
            shown=self._shown,
            lines={},
            is_state=False,
            providers=self._providers(),
            variables={},
            root=scope,
            places=self._places,
        )
        plan.scopes[""] = scope
        self._module(plan, self._root, scope)
        return plan

    def _module(self, plan: Plan, module: ModuleInstance, scope: Scope) -> None:
        self.sources.setdefault(module.source.folder, module.source)
        for block in module.source.resources:
            for instance in module.resources(block):
                resource = self._resource(instance, scope)
                plan.resources.append(resource)
                if not resource.is_data:
                    plan.managed.setdefault(resource.type, []).append(resource)
                plan.instances.setdefault((scope.address, resource.block), []).append(resource)
                if len(plan.resources) > _MOST_RESOURCES:
                    raise SourceError(
                        "the configuration has too many resources",
                        cause=f"`count` and `for_each` make more than {_MOST_RESOURCES}",
                        hint="scan its modules one by one",
                        place=self._shown,
                    )
        for name in module.source.calls:
            for child in module.children(name):
                call = scope.config.calls.get(name) if scope.config else None
                inner = Scope(
                    address=child.address, config=self._config(child.source), parent=scope, call=call, key=child.key, is_exact=True
                )
                plan.scopes[child.address] = inner
                self._module(plan, child, inner)

    # --- configuration -----------------------------------------------------------------------------------------------

    def _config(self, source: Source) -> ModuleConfig:
        """Say what each argument refers to, in the shape of a plan's `configuration`."""
        known = self._configs.get(str(source.folder))
        if known is not None:
            return known
        config = ModuleConfig(declared={}, calls={}, outputs={})
        self._configs[str(source.folder)] = config
        for address, declared in source.resources.items():
            each = declared.block.body.arguments.get("for_each")
            config.declared[address] = Declared(
                expressions=_expressions(declared.block.body),
                provider=_provider(declared.block),
                for_each=_expression(each) if each is not None else None,
            )
        for name, declared in source.calls.items():
            each = declared.block.body.arguments.get("for_each")
            config.calls[name] = Call(
                expressions=_expressions(declared.block.body),
                for_each=_expression(each) if each is not None else None,
                module=ModuleConfig(declared={}, calls={}, outputs={}),
            )
        return config

    def _providers(self) -> Object:
        found: Object = {}
        for declared in self._root.source.providers:
            name, body = declared.block.labels[0], declared.block.body
            alias = body.arguments.get("alias")
            called = text_of(evaluate(alias.value, self._root.where)) if alias is not None else None
            key = f"{name}.{called}" if isinstance(called, str) else name
            expressions = {argument.name: self._constant(argument, self._root.where) for argument in body.arguments.values()}
            for block in body.blocks:
                inner: Json = {argument.name: self._constant(argument, self._root.where) for argument in block.body.arguments.values()}
                listed = expressions.setdefault(block.kind, [])
                if isinstance(listed, list):
                    listed.append(inner)
            found[key] = {"name": name, "expressions": expressions}
        return found

    def _constant(self, argument: Argument, where: Where) -> Json:
        value = self._emitted(evaluate(argument.value, where))
        if isinstance(value, _Unknown | Partial | Referred):
            return _expression(argument)
        return {"constant_value": value}

    # --- resources ---------------------------------------------------------------------------------------------------

    def _resource(self, instance: ResourceInstance, scope: Scope) -> Resource:
        declared = scope.config.declared.get(instance.block) if scope.config else None
        block = instance.declared.block
        if not self._naming_only:
            self._places[instance.address] = (instance.declared.file, block.span.line)
        after, unknown = self._body(block.body, instance.where, instance.address, instance)
        return Resource(
            address=instance.address,
            is_data=instance.is_data,
            type=instance.type,
            name=block.labels[1],
            key=instance.key,
            scope=scope,
            actions=("read",) if instance.is_data else ("create",),
            after=after,
            unknown=unknown,
            sensitive={},
            declared=declared,
            provider=declared.provider if declared is not None else "aws",
        )

    def _body(self, body: Body, where: Where, address: str, instance: ResourceInstance) -> tuple[Json, Json]:
        """Give values and what is unknown of a body: blocks are lists, as providers define them."""
        after: Object = {}
        unknown: Object = {}
        for argument in body.arguments.values():
            if argument.name in _META or (self._naming_only and argument.name not in _NAMING):
                continue
            self._place(f"{address}.{argument.name}", instance.declared.file, argument.span.line)
            self._places_in(argument, f"{address}.{argument.name}", instance)
            _put(after, unknown, argument.name, self._emitted(evaluate(argument.value, where)))
        if self._naming_only:
            return after, unknown
        counts: dict[str, int] = {}
        for kind, inner, inner_where in self._blocks(body, where, unknown):
            at = counts.get(kind, 0)
            counts[kind] = at + 1
            path = f"{address}.{kind}" + (f"[{at}]" if at else "")
            self._place(path, instance.declared.file, inner.span.line)
            value, open_ = self._body(inner.body, inner_where, path, instance)
            listed, opens = after.setdefault(kind, []), unknown.setdefault(kind, [])
            if isinstance(listed, list) and isinstance(opens, list):
                listed.append(value)
                opens.append(open_)
        return after, unknown

    def _blocks(self, body: Body, where: Where, unknown: Object) -> Iterator[tuple[str, Block, Where]]:
        for block in body.blocks:
            if block.kind in _META:
                continue
            if block.kind != "dynamic" or not block.labels:
                yield block.kind, block, where
                continue
            content = next(iter(block.body.of("content")), None)
            each = block.body.arguments.get("for_each")
            if content is None or each is None:
                continue
            value = evaluate(each.value, where)
            if not isinstance(value, list | dict):
                # How many there are, nobody knows.
                unknown[block.labels[0]] = True
                continue
            pairs: list[tuple[Value, Value]] = (
                [(key, value[key]) for key in sorted(value)]
                if isinstance(value, dict)
                else [(one if isinstance(one, str) else at, one) for at, one in enumerate(value)]
            )
            iterator = block.body.arguments.get("iterator")
            name = iterator.value.name if iterator is not None and isinstance(iterator.value, Name) else block.labels[0]
            for key, one in pairs:
                yield block.labels[0], content, where.bind({name: {"key": key, "value": one}})

    def _place(self, path: str, file: str, line: int) -> None:
        if not self._naming_only:
            self._places[path] = (file, line)

    def _places_in(self, argument: Argument, path: str, instance: ResourceInstance) -> None:
        """Note the lines of the entries of a map: a finding about a variable points at its line."""
        for name, line in argument.lines:
            self._place(f"{path}.{name}", instance.declared.file, line)

    def _emitted(self, value: Value) -> "Json | _Unknown":
        match value:
            case Open() | Handle():
                return _UNKNOWN
            case Computed():
                if value.block.startswith("data.") and isinstance(value.text, str):
                    return value.text
                if value.block.split(".")[1] in {"aws_caller_identity", "aws_region", "aws_partition"}:
                    return value.text
                return Referred(scope=value.scope, block=value.block, key=value.key, attribute=value.attribute)
            case list():
                return cast("Json", [self._emitted(one) for one in value])
            case dict():
                return cast("Json", {key: self._emitted(one) for key, one in value.items()})
            case _:
                return value


class _Unknown:
    """In place of a value of which nothing is known."""


_UNKNOWN = _Unknown()


def _put(after: Object, unknown: Object, name: str, value: "Json | _Unknown") -> None:
    known, open_ = _parted(value)
    after[name] = known
    if open_ is not False:
        unknown[name] = open_


def _parted(value: "Json | _Unknown") -> tuple[Json, Json]:
    """Part what is known from what is not, in the shape of `after` and `after_unknown`."""
    if isinstance(value, _Unknown):
        return None, True
    if isinstance(value, list):
        parts = [_parted(one) for one in value]
        return [one for one, _ in parts], [open_ for _, open_ in parts] if any(open_ is not False for _, open_ in parts) else False
    if isinstance(value, dict):
        found = {key: _parted(one) for key, one in value.items()}
        opens: Object = {key: open_ for key, (_, open_) in found.items() if open_ is not False}
        return {key: known for key, (known, _) in found.items()}, opens or False
    return value, False


def _expression(argument: Argument) -> Json:
    found = list(dict.fromkeys(references(argument.value)))
    return {"references": cast("Json", found)} if found else {"constant_value": None}


def _expressions(body: Body) -> Object:
    found: Object = {argument.name: _expression(argument) for argument in body.arguments.values() if argument.name not in _META}
    for block in body.blocks:
        if block.kind in _META or block.kind == "dynamic":
            continue
        listed = found.setdefault(block.kind, [])
        if isinstance(listed, list):
            listed.append(_expressions(block.body))
    return found


def _provider(block: Block) -> str:
    argument = block.body.arguments.get("provider")
    named = next(iter(references(argument.value)), "") if argument is not None else ""
    return named or block.labels[0].split("_")[0]
