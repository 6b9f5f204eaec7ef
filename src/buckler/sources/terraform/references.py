"""Following expressions: which other resource's attribute an unknown value is.

A plan does not keep expressions, only what they refer to: `aws_iam_role.x.arn` and `"${aws_iam_role.x.arn}/more"` look alike, and so does a
conditional between two roles. So a reference is followed only when exactly one thing it mentions is itself unknown, and the field holds an
identifier (nobody builds a role's ARN by gluing something to another role's ARN). All else stays a hole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from buckler.model.text import Text, join
from buckler.sources.terraform.address import Key, Step, most_specific, steps, written
from buckler.sources.terraform.document import Json, Object, Referred
from buckler.sources.terraform.node import Node, State
from buckler.sources.terraform.plan import Resource, Scope

if TYPE_CHECKING:
    from buckler.sources.terraform.view import View

_DEPTH = 24
"""Modules nested deeper than this are not followed."""
_IDENTIFIERS = ("arn", "id", "name", "bucket", "json", "url", "version", "http_method", "path", "uri")
"""What the attributes that name a thing end with."""


@dataclass(frozen=True, slots=True)
class Target:
    """One unknown thing an expression refers to."""

    resource: Resource
    attribute: str
    """Empty for the resource as a whole: `aws_subnet.private[*].id`."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What `each` and `count` mean where an expression stands: those of a resource, of a module call, or none."""

    key: str | int | None = None
    for_each: Json = None


class _Lost(Exception):  # noqa: N818 - control flow inside this module
    """The expression refers to something a plan does not show: a local, a module of which nothing is known."""


class References:
    def __init__(self, view: "View") -> None:
        self._view = view

    # --- fields ------------------------------------------------------------------------------------------------------

    def follow(self, node: Node, to: str, *, prefix: bool = False) -> Text | None:
        """Give the value of an unknown field that holds one identifier; None when it cannot be told."""
        if isinstance(node.value, Referred):
            return self._exact(node.value)
        targets = self.targets(node)
        if targets is None:
            return None
        if prefix:
            # An ARN begins with `arn:`: of all that went into one, another thing's ARN can only stand first.
            targets = [target for target in targets if target.attribute.endswith("arn")]
        return self._value(targets[0], to, node if prefix else None) if len(targets) == 1 else None

    def spread(self, node: Node, to: str) -> tuple[Text, ...] | None:
        """Give the elements of a list of identifiers that is unknown as a whole."""
        targets = self.targets(node)
        if not targets:
            return None
        values = [self._value(target, to, None) for target in targets]
        return tuple(value for value in values if value is not None) if None not in values else None

    def elements(self, node: Node, to: str, *, prefix: bool = False) -> tuple[Text, ...]:
        """Give the elements of a list of which some are known."""
        parts = node.elements()
        unknown = [part for part in parts if part.state(computed=False) is not State.KNOWN]
        found: dict[int, Text | None] = {}
        if unknown and to:
            targets = self.targets(node) or []
            if len(targets) == len(unknown):
                found = {id(part): self._value(target, to, part if prefix else None) for part, target in zip(unknown, targets, strict=True)}
            elif prefix and len(targets) == 1:
                found = {id(part): self._value(targets[0], to, part) for part in unknown}
        out: list[Text] = []
        for part in parts:
            if isinstance(part.value, Referred):
                text = self._exact(part.value)
            else:
                text = part.as_text() if part.state(computed=False) is State.KNOWN else found.get(id(part))
            out.append(text if text is not None else part.hole())
        return tuple(out)

    def _value(self, target: Target, to: str, suffixed: Node | None) -> Text | None:
        attribute = target.attribute or to
        if not attribute.endswith(_IDENTIFIERS):
            return None
        value = self._view.attribute(target.resource, attribute)
        if suffixed is None:
            return value
        return join(value, suffixed.hole()) if attribute.endswith("arn") else None

    # --- expressions -------------------------------------------------------------------------------------------------

    def targets(self, node: Node) -> list[Target] | None:
        """List the unknown things a field's expression refers to; None when one of them cannot be found."""
        if node.resource.scope.is_exact:
            return self._referred(node.value)
        declared = node.resource.declared
        try:
            found = list(
                dict.fromkeys(
                    self._sources(
                        node.expression, node.resource.scope, _Frame(node.resource.key, declared.for_each if declared else None), 0
                    )
                )
            )
        except _Lost:
            return None
        return found

    def _referred(self, value: Json) -> list[Target] | None:
        """List what a value read from HCL refers to: there it is known exactly."""
        listed = value if isinstance(value, list) else [value]
        found = [one for one in listed if isinstance(one, Referred)]
        targets = [Target(resource=resource, attribute=one.attribute) for one in found if (resource := self._resource(one)) is not None]
        return targets if found and len(targets) == len(found) else None

    def _resource(self, referred: Referred) -> Resource | None:
        instances = self._view.plan.instances.get((referred.scope, referred.block), ())
        return next((one for one in instances if one.key == referred.key), None)

    def _exact(self, referred: Referred) -> Text | None:
        resource = self._resource(referred)
        return self._view.attribute(resource, referred.attribute) if resource is not None else None

    def mentioned(self, node: Node, kind: str) -> list[Resource]:
        """List the resources of a type that an expression mentions, known or not."""
        found: list[Resource] = []
        for reference in _listed(node.expression):
            path = steps(reference)
            if path[:1] == (kind,) and len(path) > 1 and isinstance(path[1], str):
                found.extend(self._view.plan.instances.get((node.resource.scope.address, f"{kind}.{path[1]}"), ()))
        return list(dict.fromkeys(found))

    def _sources(self, expression: object, scope: Scope, frame: _Frame, depth: int) -> Iterable[Target]:
        """Follow each reference of an expression that stands in *scope*."""
        if depth > _DEPTH or not isinstance(expression, dict):
            raise _Lost
        listed = most_specific(_listed(cast("Object", expression)))
        key = frame.key if any(reference in {"each.key", "count.index"} for reference in listed) else None
        for reference in listed:
            path = steps(reference)
            match path[0] if path else "":
                case "each" if path[1:2] == ("value",):
                    yield from self._sources(frame.for_each, scope, _Frame(), depth + 1)
                case "each" | "count" | "path" | "terraform" | "self":
                    continue
                case "var":
                    yield from self._variable(path, scope, depth)
                case "module":
                    yield from self._output(path, scope, depth, key)
                case "data":
                    yield from self._instances(path[1:], "data.", scope, key)
                case "local" | "":
                    raise _Lost
                case _:
                    yield from self._instances(path, "", scope, key)

    def _variable(self, path: tuple[Step, ...], scope: Scope, depth: int) -> Iterable[Target]:
        if scope.parent is None:
            return  # A root variable has its value in the plan: it is not what is unknown.
        if scope.call is None or len(path) < 2 or not isinstance(path[1], str):
            raise _Lost
        handed = scope.call.expressions.get(path[1])
        if handed is None or (isinstance(handed, dict) and "constant_value" in handed):
            return  # Its default, or a constant.
        yield from self._sources(handed, scope.parent, _Frame(scope.key, scope.call.for_each), depth + 1)

    def _output(self, path: tuple[Step, ...], scope: Scope, depth: int, own: str | int | None) -> Iterable[Target]:
        if len(path) < 3 or not isinstance(path[1], str):
            raise _Lost
        rest = path[2:]
        base = f"{scope.address}.module.{path[1]}" if scope.address else f"module.{path[1]}"
        call = scope.config.calls.get(path[1]) if scope.config else None
        if call is None:
            raise _Lost
        if isinstance(rest[0], Key):
            wanted = [base + written(rest[0])]
            rest = rest[1:]
        else:
            wanted = [address for address, one in self._view.plan.scopes.items() if one.call is call and one.address.startswith(base)]
            keyed = [address for address in wanted if own is not None and self._view.plan.scopes[address].key == own]
            wanted = keyed or wanted
        name = next((step for step in rest if isinstance(step, str) and step != "*"), None)
        output = call.module.outputs.get(name) if name else None
        if not isinstance(output, dict):
            raise _Lost
        expression = output.get("expression")
        for address in wanted:
            inner = self._view.plan.scopes.get(address)
            if inner is not None:
                yield from self._sources(expression, inner, _Frame(), depth + 1)

    def _instances(self, path: tuple[Step, ...], prefix: str, scope: Scope, own: str | int | None) -> Iterable[Target]:
        if len(path) < 2 or not isinstance(path[0], str) or not isinstance(path[1], str):
            raise _Lost
        instances = self._view.plan.instances.get((scope.address, f"{prefix}{path[0]}.{path[1]}"), [])
        rest = path[2:]
        if rest and isinstance(rest[0], Key):
            wanted = rest[0].key
            instances = [one for one in instances if one.key == wanted]
            rest = rest[1:]
        elif own is not None:
            instances = [one for one in instances if one.key == own] or instances
        names = [step for step in rest if isinstance(step, str) and step != "*"]
        attribute = ".".join(names)
        for one in instances:
            if self._is_unknown(one, names):
                yield Target(resource=one, attribute=attribute)

    def _is_unknown(self, resource: Resource, names: list[str]) -> bool:
        if not names:
            return _has_unknown(resource.unknown)
        tree = resource.unknown
        return tree is True or (isinstance(tree, dict) and _has_unknown(tree.get(names[0], False)))


def _has_unknown(tree: Json) -> bool:
    if isinstance(tree, dict):
        return any(_has_unknown(one) for one in tree.values())
    if isinstance(tree, list):
        return any(_has_unknown(one) for one in tree)
    return tree is True


def _listed(expression: object) -> tuple[str, ...]:
    if not isinstance(expression, dict):
        return ()
    references = cast("Object", expression).get("references")
    return tuple(one for one in references if isinstance(one, str)) if isinstance(references, list) else ()
