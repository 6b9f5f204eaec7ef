"""Evaluate expressions in a scope: what is known comes out exactly, what is not stays open and named."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

from buckler.model.text import Partial, Text, join
from buckler.sources.terraform.hcl import functions
from buckler.sources.terraform.hcl.syntax import (
    Attribute,
    Binary,
    Call,
    Choice,
    Conditional,
    Expression,
    For,
    Index,
    Literal,
    Name,
    ObjectOf,
    Repeat,
    Splat,
    Template,
    TupleOf,
    Unary,
    Unreadable,
)
from buckler.sources.terraform.hcl.values import Computed, Handle, Open, Value, is_known, ref_of, text_of

_HEAVIEST = 100_000
"""Elements, or tens of characters, of a value: more is what grows by doubling."""
_DEEPEST = 120
"""Expressions inside each other, through locals and modules."""


class Lookup(Protocol):
    """Where names are looked up: a module instance."""

    def name(self, name: str, where: "Where") -> Value: ...

    def function(self, call: Call, arguments: list[Value]) -> Value:
        """Call what needs more than its arguments (files); None: it is not one of these."""
        ...


@dataclass(frozen=True, slots=True)
class Where:
    """Where an expression stands: its module, its resource's `each` and `count`, and the names of the `for`s around it."""

    module: Lookup
    each: tuple[Value, Value] | None = None
    """Key and value."""
    count: Value = None
    names: Mapping[str, Value] = field(default_factory=dict[str, Value])
    depth: int = 0

    def bind(self, names: Mapping[str, Value]) -> "Where":
        return replace(self, names={**self.names, **names})


def evaluate(expression: Expression, where: Where) -> Value:
    """Give the value of an expression. Raises nothing: what cannot be told is `Open`."""
    if where.depth > _DEEPEST:
        return Open("...")
    inner = replace(where, depth=where.depth + 1)
    value = _FORMS[type(expression)](expression, inner)
    return value if isinstance(value, bool | int | float | Handle | Open | Computed | None) or weight(value) <= _HEAVIEST else Open("...")


def weight(value: Value) -> int:
    """Say how much a value holds, at most a little over what is allowed."""
    total, pending = 0, [value]
    while pending and total <= _HEAVIEST:
        one = pending.pop()
        total += 1
        match one:
            case str():
                total += len(one) // 10
            case Partial():
                total += sum(len(part) // 10 if isinstance(part, str) else 1 for part in one.parts)
            case list():
                pending.extend(one)
            case dict():
                pending.extend(one.values())
            case _:
                pass
    return total


def _literal(expression: Literal, _: Where) -> Value:
    return expression.value


def _template(expression: Template, where: Where) -> Value:
    if len(expression.parts) == 1 and not isinstance(expression.parts[0], str | Choice | Repeat):
        return evaluate(expression.parts[0], where)
    pieces: list[Text] = []
    for part in expression.parts:
        text = part if isinstance(part, str) else text_of(evaluate(part, where))
        if text is None:
            return Open(written(expression))
        pieces.append(text)
    return join(*pieces)


def _choice(expression: Choice, where: Where) -> Value:
    condition = _truth(evaluate(expression.condition, where))
    if isinstance(condition, Open):
        return condition
    return _as_text(expression.then if condition else expression.otherwise, where)


def _as_text(template: Template, where: Where) -> Value:
    value = _template(template, where) if template.parts else ""
    text = text_of(value)
    return text if text is not None else Open(written(template))


def _repeat(expression: Repeat, where: Where) -> Value:
    pairs = _pairs(evaluate(expression.collection, where))
    if isinstance(pairs, Open):
        return pairs
    pieces: list[Text] = []
    for key, value in pairs:
        text = text_of(_as_text(expression.body, where.bind(_bound(expression.names, key, value))))
        pieces.append(text if text is not None else "")
    return join(*pieces)


def _object(expression: ObjectOf, where: Where) -> Value:
    made: dict[str, Value] = {}
    for key, value in expression.items:
        name = text_of(evaluate(key, where))
        if not isinstance(name, str):
            # Which entry this is, nobody knows: it may be any.
            return Open(f"{{({written(key)}) = ...}}")
        made[name] = evaluate(value, where)
    return made


def _tuple(expression: TupleOf, where: Where) -> Value:
    return [evaluate(one, where) for one in expression.items]


def _for(expression: For, where: Where) -> Value:
    pairs = _pairs(evaluate(expression.collection, where))
    if isinstance(pairs, Open):
        return pairs
    listed: list[Value] = []
    mapped: dict[str, Value] = {}
    for key, value in pairs:
        inner = where.bind(_bound(expression.names, key, value))
        if expression.condition is not None:
            wanted = _truth(evaluate(expression.condition, inner))
            if isinstance(wanted, Open):
                return wanted
            if not wanted:
                continue
        made = evaluate(expression.value, inner)
        if expression.key is None:
            listed.append(made)
            continue
        name = text_of(evaluate(expression.key, inner))
        if not isinstance(name, str):
            return Open(f"{{for ... : {written(expression.key)} => ...}}")
        if expression.is_grouped:
            cast("list[Value]", mapped.setdefault(name, [])).append(made)
        else:
            mapped[name] = made
    return listed if expression.key is None else mapped


def _bound(names: tuple[str, ...], key: Value, value: Value) -> dict[str, Value]:
    return {names[0]: value} if len(names) == 1 else {names[0]: key, names[1]: value}


def _pairs(value: Value) -> list[tuple[Value, Value]] | Open:
    match value:
        case dict():
            return [(key, value[key]) for key in sorted(value)]
        case list():
            return list(enumerate(value))
        case _:
            return ref_of(value) if not is_known(value) else Open("for ...")


def _name(expression: Name, where: Where) -> Value:
    name = expression.name
    if name in where.names:
        return where.names[name]
    match name:
        case "each":
            if where.each is None:
                return Open("each")
            return {"key": where.each[0], "value": where.each[1]}
        case "count":
            return {"index": where.count} if where.count is not None else Open("count")
        case _:
            return where.module.name(name, where)


def _attribute(expression: Attribute, where: Where) -> Value:
    return attribute(evaluate(expression.base, where), expression.name)


def attribute(value: Value, name: str) -> Value:
    """Give an attribute of a value."""
    match value:
        case Handle():
            return value.attribute(name)
        case dict():
            return value[name] if name in value else Open(name)
        case Open():
            return Open(f"{value.ref}.{name}", value.need)
        case list() if name.isdigit():
            return _indexed(value, int(name))
        case _:
            return Open(f"{ref_of(value).ref}.{name}") if not is_known(value) else Open(name)


def _index(expression: Index, where: Where) -> Value:
    return _indexed(evaluate(expression.base, where), evaluate(expression.key, where))


def _indexed(value: Value, key: Value) -> Value:
    if not is_known(key) and not isinstance(value, Open):
        # Whatever the key is, when there is only one thing it is that.
        items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        return items[0] if len(items) == 1 else ref_of(key)
    match value:
        case list():
            at = int(key) if isinstance(key, int | float) or (isinstance(key, str) and key.isdigit()) else -1
            return value[at] if 0 <= at < len(value) else Open(f"[{key}]")
        case dict():
            name = text_of(key)
            return value[name] if isinstance(name, str) and name in value else Open(f'["{name}"]')
        case Handle() if key == 0:
            return value
        case Open():
            return Open(f"{value.ref}[{_shown_key(key)}]", value.need)
        case _:
            return Open(f"[{_shown_key(key)}]")


def _shown_key(key: Value) -> str:
    return str(key) if isinstance(key, int) else f'"{key}"' if isinstance(key, str) else ref_of(key).ref


def _splat(expression: Splat, where: Where) -> Value:
    base = evaluate(expression.base, where)
    match base:
        case None:
            return []
        case list():
            items = base
        case dict() if base and all(isinstance(one, Handle) for one in base.values()):
            items = list(base.values())  # Of a resource with `for_each`, as older configurations write it.
        case Open():
            return Open(f"{base.ref}[*]", base.need)
        case _:
            items = [base]
    return [_followed(one, expression, where) for one in items]


def _followed(value: Value, expression: Splat, where: Where) -> Value:
    for step in expression.steps:
        value = attribute(value, step) if isinstance(step, str) else _indexed(value, evaluate(step, where))
    return value


def _call(expression: Call, where: Where) -> Value:
    if expression.name == "try":
        return _tried(expression, where)
    if expression.name == "can":
        value = evaluate(expression.arguments[0], where) if expression.arguments else Open("can()")
        return value if isinstance(value, Open) else True
    arguments = [evaluate(one, where) for one in expression.arguments]
    if expression.is_spread and arguments:
        last = arguments.pop()
        if not isinstance(last, list):
            return ref_of(last)
        arguments.extend(last)
    special = where.module.function(expression, arguments)
    return special if special is not None else functions.call(expression.name, arguments)


def _tried(expression: Call, where: Where) -> Value:
    """Give the first argument that can be told: `try(var.x.y, null)` is asked of what may not be there."""
    for one in expression.arguments:
        value = evaluate(one, where)
        if not isinstance(value, Open):
            return value
        if _is_open_by_itself(value):
            return value
    return Open(f"try({', '.join(written(one) for one in expression.arguments)})")


def _is_open_by_itself(value: Open) -> bool:
    """Tell what will be known one day from what is not there: of the first, `try` may not take the next."""
    return value.need != "" or value.ref.startswith(("var.", "data.", "aws_", "module."))


def _conditional(expression: Conditional, where: Where) -> Value:
    condition = _truth(evaluate(expression.condition, where))
    if isinstance(condition, Open):
        then, otherwise = evaluate(expression.then, where), evaluate(expression.otherwise, where)
        return then if is_known(then) and then == otherwise else Open(condition.ref, condition.need)
    return evaluate(expression.then if condition else expression.otherwise, where)


def _truth(value: Value) -> bool | Open:
    match value:
        case bool():
            return value
        case "true" | "false":
            return value == "true"
        case _:
            return ref_of(value) if not is_known(value) else Open("...")


def _unary(expression: Unary, where: Where) -> Value:
    value = evaluate(expression.operand, where)
    if not is_known(value):
        return ref_of(value)
    if expression.operator == "!":
        truth = _truth(value)
        return truth if isinstance(truth, Open) else not truth
    number = functions.call("tonumber", [value])
    return -number if isinstance(number, int | float) else number


def _binary(expression: Binary, where: Where) -> Value:
    operator = expression.operator
    left = evaluate(expression.left, where)
    if operator in {"&&", "||"}:
        return _logical(operator, _truth(left), expression.right, where)
    right = evaluate(expression.right, where)
    if operator in {"==", "!="}:
        same = _equal(left, right)
        return same if isinstance(same, Open) else same if operator == "==" else not same
    for one in (left, right):
        if not is_known(one):
            return ref_of(one)
    first, second = functions.call("tonumber", [left]), functions.call("tonumber", [right])
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return Open(f"... {operator} ...")
    try:
        return _ARITHMETIC[operator](first, second)
    except (KeyError, ZeroDivisionError, OverflowError):
        return Open(f"... {operator} ...")


def _logical(operator: str, left: bool | Open, right: Expression, where: Where) -> Value:  # noqa: FBT001 - an operand
    decides = operator == "||"
    if left is decides:
        return decides
    other = _truth(evaluate(right, where))
    if other is decides:
        return decides
    return left if isinstance(left, Open) else other


def _equal(left: Value, right: Value) -> bool | Open:
    if is_known(left) and is_known(right):
        return functions.equal(left, right)
    # Something that is there has a value: only a thing nobody knows may be null.
    for one, other in ((left, right), (right, left)):
        if other is None and isinstance(one, Partial | Computed | Handle | list | dict):
            return False
        if other == "" and isinstance(one, Partial) and any(isinstance(part, str) for part in one.parts):
            return False
    return ref_of(left) if not is_known(left) else ref_of(right)


_ARITHMETIC: dict[str, Callable[[int | float, int | float], Value]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a // b if isinstance(a, int) and isinstance(b, int) and a % b == 0 else a / b,
    "%": lambda a, b: a - b * int(a / b),
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _unreadable(expression: Unreadable, _: Where) -> Value:
    return Open(expression.text)


_FORMS = cast(
    "dict[type[Expression], Callable[[Expression, Where], Value]]",
    {
        Attribute: _attribute,
        Binary: _binary,
        Call: _call,
        Choice: _choice,
        Conditional: _conditional,
        For: _for,
        Index: _index,
        Literal: _literal,
        Name: _name,
        ObjectOf: _object,
        Repeat: _repeat,
        Splat: _splat,
        Template: _template,
        TupleOf: _tuple,
        Unary: _unary,
        Unreadable: _unreadable,
    },
)


def written(expression: Expression) -> str:
    """Write an expression shortly, as people refer to it: traversals in full, all else by its kind. No literal is repeated."""
    match expression:
        case Name():
            return expression.name
        case Attribute():
            return f"{written(expression.base)}.{expression.name}"
        case Index(key=Literal(value=int() as at)):
            return f"{written(expression.base)}[{at}]"
        case Index():
            return f"{written(expression.base)}[...]"
        case Splat():
            return f"{written(expression.base)}[*]" + "".join(f".{step}" for step in expression.steps if isinstance(step, str))
        case Call():
            return f"{expression.name}(...)"
        case _:
            return "..."


def references(expression: Expression | None) -> Iterator[str]:
    """List what an expression refers to, as `terraform show -json` does: `aws_iam_role.x.arn`, `var.name`."""
    pending: list[object] = [expression]
    while pending:
        one = pending.pop()
        match one:
            case Attribute() | Index() | Splat() | Name():
                base: object = one
                while isinstance(base, Attribute | Index | Splat):
                    if isinstance(base, Index):
                        pending.append(base.key)
                    base = base.base
                if isinstance(base, Name):
                    yield _reference(one)
                else:
                    pending.append(base)
            case tuple():
                pending.extend(cast("tuple[object, ...]", one))
            case None | str() | bool() | Literal():
                pass
            case _ if hasattr(one, "__slots__"):
                pending.extend(getattr(one, name) for name in one.__slots__)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType] - the dataclasses of `syntax`
            case _:
                pass


def _reference(expression: Expression) -> str:
    match expression:
        case Name():
            return expression.name
        case Attribute():
            return f"{_reference(expression.base)}.{expression.name}"
        case Index(key=Literal(value=value)):
            return f"{_reference(expression.base)}[{value}]" if isinstance(value, int) else f'{_reference(expression.base)}["{value}"]'
        case Index() | Splat():
            return _reference(expression.base)
        case _:
            return ""
