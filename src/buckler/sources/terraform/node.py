"""A cursor over one resource's fields: what is known, what is not, and what was never set.

Four states: known; unset (AWS's or the provider's default applies); unknown until apply; sensitive (known to Terraform, never read by us).
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, cast

from buckler.model.origin import FileOrigin
from buckler.model.text import Partial, Text, hole
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.terraform.document import Json, Object, Referred
from buckler.sources.terraform.plan import Resource

if TYPE_CHECKING:
    from buckler.sources.terraform.view import View

_LARGEST = 1 << 63
APPLY = "apply the plan and scan the account, or the state: terraform show -json > state.json"


class MalformedError(Exception):
    """A field of a resource is not of the type Terraform's schema gives it. Names the place, never the value."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"`{path}` is not {expected}")


class State(Enum):
    KNOWN = "known"
    UNSET = "unset"
    UNKNOWN = "unknown"
    SENSITIVE = "sensitive"


class _Unset(Enum):
    UNSET = 0


UNSET = _Unset.UNSET
"""In place of an expression: the configuration does not set this field. `None` there: nobody knows (a dynamic block, a state)."""


class Node:
    __slots__ = ("expression", "path", "resource", "sensitive", "unknown", "value", "view")

    def __init__(
        self, view: "View", resource: Resource, path: tuple[str | int, ...], value: Json, unknown: Json, sensitive: Json, expression: object
    ) -> None:
        self.view = view
        self.resource = resource
        self.path = path
        self.value = value
        self.unknown = unknown
        self.sensitive = sensitive
        self.expression = expression

    # --- where and what ----------------------------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """`aws_lambda_function.shop.environment[0].variables`."""
        return self.resource.address + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)

    def origin(self, *path: str | int) -> FileOrigin:
        """Name the place of a field for people: blocks that occur once need no index."""
        steps = [step for step in (*self.path, *path) if step != 0]
        shown = self.resource.address + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
        plan = self.view.plan
        if plan.places:
            file, line = _nearest(plan.places, shown, self.resource.address) or (plan.shown, 0)
            return FileOrigin(file=file, line=line, path=shown)
        return FileOrigin(file=plan.shown, line=plan.lines.get(self.resource.address, 0), path=shown)

    def state(self, *, computed: bool = True) -> State:
        """Say how much is known. Without *computed*, an unknown value is unknown even if the configuration shows no expression for it."""
        if self.unknown is True:
            return State.UNSET if computed and self.expression is UNSET else State.UNKNOWN
        if isinstance(self.value, Referred):
            return State.UNKNOWN
        if self.value is None:
            return State.UNSET
        return State.SENSITIVE if self.sensitive is True else State.KNOWN

    def why(self) -> Unknown:
        """Say of a field that is not known, why."""
        if self.unknown is not True and self.sensitive is True:
            return Unknown(kind=UnknownKind.UNRESOLVED, why=f"`{self.address}` is marked sensitive", need="a live scan after apply")
        return Unknown(kind=UnknownKind.UNRESOLVED, why=f"`{self.address}` is known only after apply", need=APPLY)

    def hole(self) -> Text:
        """Give a text of which only the place is known."""
        return hole(self.address)

    # --- moving ------------------------------------------------------------------------------------------------------

    def child(self, key: str) -> "Node":
        """Move into a field of an object."""
        if self.value is not None and not isinstance(self.value, dict | Referred):
            raise MalformedError(self.address, "an object")
        fields = self.value if isinstance(self.value, dict) else {}
        return Node(
            self.view,
            self.resource,
            (*self.path, key),
            fields.get(key),
            # Where only `planned_values` has the resource, what is unknown is left out of it.
            True if (self.resource.is_partial and key not in fields) or isinstance(self.value, Referred) else _field(self.unknown, key),
            _field(self.sensitive, key),
            _expression(self.expression, key),
        )

    def element(self, index: int) -> "Node":
        """Move into an element of a list."""
        values = self.value if isinstance(self.value, list) else []
        expression: object = None
        if isinstance(self.expression, list):
            given = cast("list[object]", self.expression)
            # Fewer or more than the values: a dynamic block is among them, and nobody knows which is whose.
            expression = given[index] if len(given) == len(values) else None
        elif isinstance(self.expression, dict):
            # An attribute that is a list has one expression for all its elements.
            expression = cast("object", self.expression)
        return Node(
            self.view,
            self.resource,
            (*self.path, index),
            values[index] if index < len(values) else None,
            _item(self.unknown, index),
            _item(self.sensitive, index),
            expression,
        )

    def elements(self) -> tuple["Node", ...]:
        """List the elements of a list or set, known or not; a single object is a list of one."""
        if isinstance(self.value, dict):
            return (self,)
        if self.value is not None and not isinstance(self.value, list):
            raise MalformedError(self.address, "a list")
        length = max(len(self.value or ()), len(self.unknown) if isinstance(self.unknown, list) else 0)
        return tuple(self.element(index) for index in range(length))

    def blocks(self, key: str, *, computed: bool = False) -> "tuple[Node, ...] | Unknown":
        """List the blocks of one name.

        *computed*: the schema lets the provider fill them in, so that they are unknown in every plan that has none in its configuration.
        Any other block that is unknown as a whole is a dynamic one over something unknown, and no configuration shows those.
        """
        node = self.child(key)
        match node.state(computed=computed):
            case State.UNSET:
                return ()
            case State.UNKNOWN | State.SENSITIVE:
                return node.why()
            case State.KNOWN:
                return node.elements()

    def block(self, key: str, *, computed: bool = False) -> "Node | Unknown | None":
        """Give the one block of a name that may occur once."""
        found = self.blocks(key, computed=computed)
        if isinstance(found, Unknown):
            return found
        return found[0] if found else None

    def entries(self) -> Iterator[tuple[str, "Node"]]:
        """List the entries of a map, those with unknown values included."""
        if self.value is not None and not isinstance(self.value, dict):
            raise MalformedError(self.address, "an object")
        keys = list(self.value or {})
        if isinstance(self.unknown, dict):
            keys.extend(key for key, unknown in self.unknown.items() if unknown and key not in keys)
        for key in sorted(keys):
            node = self.child(key)
            # One expression stands for the whole map: `variables = {...}`.
            node.expression = self.expression
            yield key, node

    # --- leaves ------------------------------------------------------------------------------------------------------

    def text(self, key: str, *, to: str = "", prefix: bool = False) -> Text | None:
        """Give a string; None when unset. See `as_text`."""
        return self.child(key).as_text(to=to, prefix=prefix)

    def as_text(self, *, to: str = "", prefix: bool = False) -> Text | None:
        """Give this string; None when unset.

        *to* names the attribute this field takes from another resource (`arn`, `id`, `name`): the field holds an identifier and nothing
        else, so that the one unknown thing its expression refers to is its value. *prefix*: the identifier may be followed by something.
        """
        match self.state():
            case State.UNSET:
                return None
            case State.SENSITIVE:
                return self.hole()
            case State.UNKNOWN:
                found = self.view.references.follow(self, to, prefix=prefix) if to else None
                return found if found is not None else self.hole()
            case State.KNOWN:
                return self._string()

    def _string(self) -> Text:
        match self.value:
            case str() | Partial():
                return self.value
            case bool():
                return "true" if self.value else "false"
            case int() if abs(self.value) < _LARGEST:
                return str(self.value)
            case _:
                raise MalformedError(self.address, "a string")

    def texts(self, key: str, *, to: str = "", prefix: bool = False) -> tuple[Text, ...] | Unknown:
        """Give a list of strings, empty when unset; elements nobody knows are holes."""
        node = self.child(key)
        match node.state():
            case State.UNSET:
                return ()
            case State.SENSITIVE:
                return node.why()
            case State.UNKNOWN:
                spread = node.view.references.spread(node, to) if to and not prefix else None
                return spread if spread is not None else node.why()
            case State.KNOWN:
                return node.view.references.elements(node, to, prefix=prefix)

    def integer(self, key: str) -> int | Unknown | None:
        """Give a whole number; None when unset."""
        node = self.child(key)
        match node.state():
            case State.UNSET:
                return None
            case State.UNKNOWN | State.SENSITIVE:
                return node.why()
            case State.KNOWN:
                return node.as_integer()

    def as_integer(self) -> int:
        """Read this known value as a whole number."""
        value = self.value
        if isinstance(value, str) and value.lstrip("-").isdigit() and len(value) < 20:
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise MalformedError(self.address, "a whole number")
        return value

    def boolean(self, key: str) -> bool | Unknown | None:
        """Give a truth value; None when unset."""
        node = self.child(key)
        match node.state():
            case State.UNSET:
                return None
            case State.UNKNOWN | State.SENSITIVE:
                return node.why()
            case State.KNOWN:
                if isinstance(node.value, bool):
                    return node.value
                if isinstance(node.value, str) and node.value in {"true", "false"}:
                    return node.value == "true"
                raise MalformedError(node.address, "a truth value")


def _nearest(places: Mapping[str, tuple[str, int]], shown: str, address: str) -> tuple[str, int] | None:
    """Find the line of a field, or of the block or resource around it."""
    while shown not in places and len(shown) > len(address):
        shown = shown[: max(shown.rfind("."), shown.rfind("["))]
    return places.get(shown)


def _field(tree: Json, key: str) -> Json:
    if tree is True:
        return True
    return tree.get(key, False) if isinstance(tree, dict) else False


def _item(tree: Json, index: int) -> Json:
    if tree is True:
        return True
    return tree[index] if isinstance(tree, list) and index < len(tree) else False


def _expression(expression: object, key: str) -> object:
    if not isinstance(expression, dict):
        return UNSET if expression is UNSET else None
    fields = cast("Object", expression)
    if "references" in fields or "constant_value" in fields:
        # The expression of the whole object.
        return fields
    return fields.get(key, UNSET)
