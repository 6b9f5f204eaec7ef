"""Types of variables, as far as they change a value: `optional(type, default)` fills in what was left out."""

from buckler.sources.terraform.hcl.evaluate import Where, evaluate
from buckler.sources.terraform.hcl.functions import as_set
from buckler.sources.terraform.hcl.syntax import Call, Expression, Literal, ObjectOf
from buckler.sources.terraform.hcl.values import Value


def with_defaults(value: Value, kind: Expression, where: Where) -> Value:
    """Give a value as a variable of a type holds it."""
    if not isinstance(kind, Call):
        return value
    inner = kind.arguments[0] if kind.arguments else None
    match kind.name, value:
        case "object", dict() if isinstance(inner, ObjectOf):
            return _object(value, inner, where)
        case "map", dict() if inner is not None:
            return {key: with_defaults(one, inner, where) for key, one in value.items()}
        case "list", list() if inner is not None:
            return [with_defaults(one, inner, where) for one in value]
        case "set", list():
            return as_set([with_defaults(one, inner, where) for one in value] if inner is not None else value)
        case "optional", _ if inner is not None:
            return with_defaults(value, inner, where)
        case _:
            return value


def _object(value: dict[str, Value], kind: ObjectOf, where: Where) -> Value:
    made = dict(value)
    for key, type_ in kind.items:
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            continue
        name = key.value
        if made.get(name) is None:
            if not isinstance(type_, Call) or type_.name != "optional":
                continue
            made[name] = evaluate(type_.arguments[1], where) if len(type_.arguments) > 1 else None
        made[name] = with_defaults(made[name], type_, where)
    return made
