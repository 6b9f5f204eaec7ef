"""The plan as a tree of modules with their resources: structure only, no AWS."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from buckler.errors import SourceError
from buckler.sources.terraform.address import Key, modules, steps
from buckler.sources.terraform.document import SHOW, Json, Object

FORMATS = frozenset({"0.1", "0.2", "1.0", "1.1", "1.2"})


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource block in the configuration."""

    expressions: Object
    provider: str
    for_each: Json = None


@dataclass(frozen=True, slots=True)
class Call:
    """A module call: what is handed to the module's variables."""

    expressions: Object
    for_each: Json
    module: "ModuleConfig"


@dataclass(frozen=True, slots=True)
class ModuleConfig:
    declared: dict[str, Declared]
    """By address within the module, without keys: `aws_iam_role.this`, `data.aws_region.current`."""
    calls: dict[str, Call]
    outputs: Object


@dataclass(frozen=True, slots=True)
class Scope:
    """One instance of a module, where references are looked up."""

    address: str
    """`module.shop["a"]`; empty for the root."""
    config: ModuleConfig | None
    parent: "Scope | None" = None
    call: Call | None = None
    key: "str | int | None" = None
    is_exact: bool = False
    """Read from HCL: values say themselves what they refer to, and no expression needs to be followed."""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One instance of a resource or data source as it will be."""

    address: str
    is_data: bool
    type: str
    name: str
    key: str | int | None
    scope: Scope
    actions: tuple[str, ...]
    """`create`, `update`, `no-op`, `read`, ...; empty in a state."""
    after: Json
    unknown: Json
    sensitive: Json
    declared: Declared | None
    provider: str
    is_partial: bool = False
    """No entry in `resource_changes` says which of its fields are unknown."""

    @property
    def block(self) -> str:
        """Address within its module, without key."""
        return f"data.{self.type}.{self.name}" if self.is_data else f"{self.type}.{self.name}"


@dataclass(slots=True)
class Plan:
    shown: str
    lines: dict[str, int]
    is_state: bool
    providers: Object
    variables: Object
    root: Scope
    resources: list[Resource] = field(default_factory=list[Resource])
    instances: dict[tuple[str, str], list[Resource]] = field(default_factory=dict[tuple[str, str], list[Resource]])
    """By (module instance, block)."""
    managed: dict[str, list[Resource]] = field(default_factory=dict[str, list[Resource]])
    """By type, without data sources."""
    scopes: dict[str, Scope] = field(default_factory=dict[str, Scope])
    places: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    """File and line of resources, arguments and blocks, by how `Node.origin` writes them; empty where the plan is one file."""

    def of(self, *types: str) -> Iterator[Resource]:
        """List the managed resources of some types, type by type in the plan's order."""
        return (one for kind in types for one in self.managed.get(kind, ()))


class _Shape:
    """Insists on the JSON's shape, naming the place and never the value."""

    def __init__(self, shown: str) -> None:
        self.shown = shown

    def fail(self, path: str, expected: str) -> SourceError:
        return SourceError("this is not a well-formed plan", cause=f"`{path}` is not {expected}", hint=SHOW, place=self.shown)

    def mapping(self, value: Json, path: str) -> Object:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.fail(path, "an object")
        return value

    def sequence(self, value: Json, path: str) -> list[Json]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.fail(path, "a list")
        return value

    def string(self, value: Json, path: str) -> str:
        if not isinstance(value, str):
            raise self.fail(path, "a string")
        return value


def build(document: Object, lines: dict[str, int], shown: str) -> Plan:
    """Make the tree. Raises `SourceError` where the JSON is not what `terraform show -json` writes."""
    shape = _Shape(shown)
    version = document.get("format_version")
    if "lineage" in document and "serial" in document:
        raise SourceError(
            "this is a raw state file",
            cause="its format is Terraform's own and changes with it",
            hint="terraform show -json > state.json",
            place=shown,
        )
    if not isinstance(version, str) or not ("planned_values" in document or "resource_changes" in document or "values" in document):
        raise SourceError(
            "this is not a Terraform plan",
            cause="it has no `format_version` with `planned_values`, `resource_changes` or `values`",
            hint=SHOW,
            place=shown,
        )
    if version not in FORMATS:
        raise SourceError(
            "this plan's format is not known",
            cause="`format_version` is none of " + ", ".join(sorted(FORMATS)),
            hint="use Terraform 0.12 to 1.x, or OpenTofu: " + SHOW,
            place=shown,
        )
    is_state = "planned_values" not in document and "resource_changes" not in document
    configuration = shape.mapping(document.get("configuration"), "configuration")
    root_config = None
    if "configuration" in document:
        root_config = _module(
            shape, shape.mapping(configuration.get("root_module"), "configuration.root_module"), "configuration.root_module"
        )
    plan = Plan(
        shown=shown,
        lines=lines,
        is_state=is_state,
        providers=shape.mapping(configuration.get("provider_config"), "configuration.provider_config"),
        variables=shape.mapping(document.get("variables"), "variables"),
        root=Scope(address="", config=root_config),
    )
    plan.scopes[""] = plan.root
    changes = _changes(shape, document)
    planned_path = "values" if is_state else "planned_values"
    planned = shape.mapping(document.get(planned_path), planned_path)
    prior = shape.mapping(document.get("prior_state"), "prior_state")
    prior_values = shape.mapping(prior.get("values"), "prior_state.values")
    found: dict[str, tuple[Object, str]] = {}
    for entry, path in _entries(
        shape, shape.mapping(planned.get("root_module"), f"{planned_path}.root_module"), f"{planned_path}.root_module"
    ):
        found.setdefault(shape.string(entry.get("address"), f"{path}.address"), (entry, path))
    for entry, path in _entries(
        shape, shape.mapping(prior_values.get("root_module"), "prior_state.values.root_module"), "prior_state.values"
    ):
        # What Terraform already read: data sources. Managed resources stand in planned_values as they will be.
        if entry.get("mode") == "data":
            found.setdefault(shape.string(entry.get("address"), f"{path}.address"), (entry, path))
    for address, (change, path) in changes.items():
        if address not in found and shape.mapping(change.get("change"), f"{path}.change").get("after") is not None:
            found[address] = (change, path)
    for address, (entry, path) in found.items():
        resource = _resource(shape, plan, address, entry, path, changes.get(address))
        if resource is not None:
            plan.resources.append(resource)
            if not resource.is_data:
                plan.managed.setdefault(resource.type, []).append(resource)
            plan.instances.setdefault((resource.scope.address, resource.block), []).append(resource)
    return plan


def _changes(shape: _Shape, document: Object) -> dict[str, tuple[Object, str]]:
    changes: dict[str, tuple[Object, str]] = {}
    for index, raw in enumerate(shape.sequence(document.get("resource_changes"), "resource_changes")):
        path = f"resource_changes[{index}]"
        change = shape.mapping(raw, path)
        # A deposed object is what an earlier, broken replacement left behind: it will be deleted.
        if "deposed" not in change:
            changes[shape.string(change.get("address"), f"{path}.address")] = (change, path)
    return changes


def _entries(shape: _Shape, module: Object, path: str) -> Iterator[tuple[Object, str]]:
    pending: list[tuple[Object, str]] = [(module, path)]
    while pending:
        current, at = pending.pop(0)
        for index, raw in enumerate(shape.sequence(current.get("resources"), f"{at}.resources")):
            yield shape.mapping(raw, f"{at}.resources[{index}]"), f"{at}.resources[{index}]"
        for index, raw in enumerate(shape.sequence(current.get("child_modules"), f"{at}.child_modules")):
            pending.append((shape.mapping(raw, f"{at}.child_modules[{index}]"), f"{at}.child_modules[{index}]"))


def _module(shape: _Shape, raw: Object, path: str) -> ModuleConfig:
    declared: dict[str, Declared] = {}
    for index, entry in enumerate(shape.sequence(raw.get("resources"), f"{path}.resources")):
        at = f"{path}.resources[{index}]"
        block = shape.mapping(entry, at)
        provider = block.get("provider_config_key")
        declared[shape.string(block.get("address"), f"{at}.address")] = Declared(
            expressions=shape.mapping(block.get("expressions"), f"{at}.expressions"),
            provider=provider if isinstance(provider, str) else "",
            for_each=block.get("for_each_expression"),
        )
    calls: dict[str, Call] = {}
    for name, entry in shape.mapping(raw.get("module_calls"), f"{path}.module_calls").items():
        at = f"{path}.module_calls.{name}"
        call = shape.mapping(entry, at)
        calls[name] = Call(
            expressions=shape.mapping(call.get("expressions"), f"{at}.expressions"),
            for_each=call.get("for_each_expression"),
            module=_module(shape, shape.mapping(call.get("module"), f"{at}.module"), f"{at}.module"),
        )
    return ModuleConfig(declared=declared, calls=calls, outputs=shape.mapping(raw.get("outputs"), f"{path}.outputs"))


def _scope(plan: Plan, address: str) -> Scope:
    """Give the module instance a resource's address lies in."""
    scope = plan.root
    for name, instance in modules(address):
        known = plan.scopes.get(instance)
        if known is None:
            call = scope.config.calls.get(name) if scope.config else None
            last = steps(instance)[-1]
            known = Scope(
                address=instance,
                config=call.module if call else None,
                parent=scope,
                call=call,
                key=last.key if isinstance(last, Key) else None,
            )
            plan.scopes[instance] = known
        scope = known
    return scope


def _resource(shape: _Shape, plan: Plan, address: str, entry: Object, path: str, changed: tuple[Object, str] | None) -> Resource | None:
    kind, name = shape.string(entry.get("type"), f"{path}.type"), shape.string(entry.get("name"), f"{path}.name")
    is_data = entry.get("mode") == "data"
    after, sensitive = entry.get("values"), entry.get("sensitive_values")
    unknown: Json = False
    actions: tuple[str, ...] = ()
    if changed is not None:
        change = shape.mapping(changed[0].get("change"), f"{changed[1]}.change")
        actions = tuple(
            shape.string(one, f"{changed[1]}.change.actions")
            for one in shape.sequence(change.get("actions"), f"{changed[1]}.change.actions")
        )
        if actions in {("delete",), ("forget",)}:
            return None
        if "after" in change:
            after = change.get("after")
        unknown, sensitive = change.get("after_unknown", False), change.get("after_sensitive", sensitive)
    scope = _scope(plan, address)
    block = f"data.{kind}.{name}" if is_data else f"{kind}.{name}"
    declared = scope.config.declared.get(block) if scope.config else None
    key = entry.get("index")
    return Resource(
        address=address,
        is_data=is_data,
        type=kind,
        name=name,
        key=key if isinstance(key, str | int) and not isinstance(key, bool) else None,
        scope=scope,
        actions=actions,
        after=after,
        unknown=unknown,
        sensitive=sensitive,
        declared=declared,
        provider=declared.provider if declared else "",
        is_partial=changed is None and not is_data and not plan.is_state,
    )
