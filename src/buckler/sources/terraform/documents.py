"""Policy documents: JSON strings in the plan, and `aws_iam_policy_document` data sources Terraform reads only during apply."""

import re
from collections.abc import Iterable
from typing import cast

import msgspec

from buckler.model.origin import Origin
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Hole, Partial, Text, join
from buckler.model.unknown import Unknown
from buckler.sources.terraform.node import MalformedError, Node, State

_DEPTH = 16
"""Documents merged into documents deeper than this are not followed."""


def policy_of(node: Node, key: str, *, name: str = "") -> Policy | None:
    """Read the policy document in a field; None when the field is not set.

    A document nobody knows yet is a policy with one unresolved statement: it may grant anything.
    """
    return policy_in(node.child(key), name=name)


def policy_in(field: Node, *, name: str = "") -> Policy | None:
    """Read the policy document this field holds."""
    origin = field.origin()
    match field.state():
        case State.UNSET:
            return None
        case State.SENSITIVE:
            return parse_policy(field.why(), origin, name=name)
        case State.KNOWN:
            if field.value == "":
                return None
            return parse_policy(_decoded(field), origin, name=name)
        case State.UNKNOWN:
            statements = _referred(field, 0)
            if statements is None:
                return parse_policy(field.why(), origin, name=name)
            version, entries = statements
            return _assembled(version, entries, origin, name)


def _decoded(field: Node) -> object:
    if isinstance(field.value, Partial):
        return decode_partial(field.value, field.why())
    if not isinstance(field.value, str):
        raise MalformedError(field.address, "a policy document")
    try:
        return msgspec.json.decode(field.value)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None  # `parse_policy` lists what is not a document as malformed: it grants nothing.


_OPENS, _CLOSES = "\ue000", "\ue001"
"""Private characters around the number of a hole while JSON is decoded: no document has them."""
_MARK = re.compile(f"{_OPENS}(\\d+){_CLOSES}")


def decode_partial(text: Partial, otherwise: Unknown) -> object:
    """Decode JSON with holes; those in strings stay where they are. *otherwise* is given when a hole stands anywhere else."""
    holes = [part for part in text.parts if isinstance(part, Hole)]
    numbers = iter(range(len(holes)))
    marked = "".join(part if isinstance(part, str) else f"{_OPENS}{next(numbers)}{_CLOSES}" for part in text.parts)

    def filled(value: object) -> object:
        match value:
            case str():
                pieces = _MARK.split(value)
                # Odd pieces are the numbers of holes.
                return join(*(Partial(parts=(holes[int(piece)],)) if at % 2 else piece for at, piece in enumerate(pieces)))
            case list():
                return [filled(one) for one in cast("list[object]", value)]
            case dict():
                given = cast("dict[str, object]", value)
                return otherwise if any(_OPENS in key for key in given) else {key: filled(one) for key, one in given.items()}
            case _:
                return value

    try:
        return filled(msgspec.json.decode(marked))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return otherwise


_Entries = list[tuple[object, Origin]]


def _assembled(version: str, entries: _Entries, origin: Origin, name: str) -> Policy:
    def place(path: tuple[str | int, ...]) -> Origin:
        index = path[1] if len(path) > 1 else 0
        return entries[index][1] if isinstance(index, int) else origin

    return parse_policy({"Version": version, "Statement": [entry for entry, _ in entries]}, origin, name=name, place=place)


def _referred(field: Node, depth: int) -> tuple[str, _Entries] | None:
    """Rebuild the document that an unknown field takes whole from a data source; None when it takes it from elsewhere."""
    targets = field.view.references.targets(field)
    if targets is None or len(targets) != 1 or depth > _DEPTH:
        return None
    resource, attribute = targets[0].resource, targets[0].attribute
    if resource.type != "aws_iam_policy_document" or attribute not in {"json", "minified_json"}:
        return None
    return _rebuilt(field.view.node(resource), depth)


def _rebuilt(document: Node, depth: int) -> tuple[str, _Entries]:
    """Put the statements of a data source together as the provider does.

    Source documents first, the own statements over them, override documents over all; statements of one `sid` replace each other.
    Source: documentation of the data source, arguments `source_policy_documents` and `override_policy_documents`.
    """
    version = document.text("version")
    merged: _Entries = []
    for key in ("source_json", "source_policy_documents"):
        _merge(merged, _given(document, key, depth))
    _merge(merged, _own(document))
    for key in ("override_json", "override_policy_documents"):
        _merge(merged, _given(document, key, depth))
    return version if isinstance(version, str) else "2012-10-17", merged


def _merge(into: _Entries, statements: Iterable[tuple[object, Origin]]) -> None:
    for entry, origin in statements:
        sid = _sid(entry)
        same = next((index for index, (one, _) in enumerate(into) if sid and _sid(one) == sid), None)
        if same is None:
            into.append((entry, origin))
        else:
            into[same] = (entry, origin)


def _sid(statement: object) -> object:
    return cast("dict[str, object]", statement).get("Sid") if isinstance(statement, dict) else None


def _given(document: Node, key: str, depth: int) -> _Entries:
    """List the statements of the documents handed to a data source."""
    field = document.child(key)
    match field.state():
        case State.UNSET:
            return []
        case State.UNKNOWN | State.SENSITIVE:
            found = _referred(field, depth + 1) if field.state() is State.UNKNOWN else None
            return found[1] if found else [(field.why(), field.origin())]
        case State.KNOWN:
            parts = field.elements() if isinstance(field.value, list) else (field,)
    entries: _Entries = []
    unknown = [part for part in parts if part.state(computed=False) is not State.KNOWN]
    rebuilt = _all_referred(field, depth + 1) if unknown else []
    for part in parts:
        if part.state(computed=False) is State.KNOWN:
            decoded = _decoded(part)
            statements = cast("dict[str, object]", decoded).get("Statement") if isinstance(decoded, dict) else None
            listed: list[object] = cast("list[object]", statements) if isinstance(statements, list) else [statements]
            entries.extend((one, part.origin()) for one in listed if one is not None)
        elif len(rebuilt) == len(unknown):
            entries.extend(rebuilt[unknown.index(part)])
        else:
            entries.append((part.why(), part.origin()))
    return entries


def _all_referred(field: Node, depth: int) -> list[_Entries]:
    """Rebuild each document that a list of unknown documents refers to, in the order of mention."""
    targets = field.view.references.targets(field)
    if targets is None or depth > _DEPTH or any(target.resource.type != "aws_iam_policy_document" for target in targets):
        return []
    return [_rebuilt(field.view.node(target.resource), depth)[1] for target in targets]


def _own(document: Node) -> _Entries:
    blocks = document.blocks("statement")
    if isinstance(blocks, Unknown):
        return [(blocks, document.origin("statement"))]
    return [(_statement(block), block.origin()) for block in blocks]


def _statement(block: Node) -> dict[str, object]:
    statement: dict[str, object] = {"Effect": block.text("effect") or "Allow"}
    sid = block.text("sid")
    if sid:
        statement["Sid"] = sid
    for key, field in (("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource")):
        values = block.texts(key, to="arn" if "resource" in key else "", prefix=True)
        if values != ():
            statement[field] = _variables(values)
    for key, field in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        principals = _principals(block, key)
        if principals is not None:
            statement[field] = principals
    conditions = _conditions(block)
    if conditions:
        statement["Condition"] = conditions
    return statement


def _variables(values: tuple[Text, ...] | Unknown) -> object:
    # The data source writes IAM's `${aws:username}` as `&{aws:username}`: `${` is Terraform's own.
    if isinstance(values, Unknown):
        return values
    return [value.replace("&{", "${") if isinstance(value, str) else value for value in values]


def _principals(block: Node, key: str) -> object:
    found = block.blocks(key)
    if isinstance(found, Unknown):
        return found
    if not found:
        return None
    principals: dict[str, list[Text]] = {}
    for one in found:
        kind, identifiers = one.text("type"), one.texts("identifiers", to="arn")
        if isinstance(identifiers, Unknown):
            return identifiers
        if not isinstance(kind, str):
            return one.child("type").why()
        if kind == "*":
            return "*"
        principals.setdefault(kind, []).extend(cast("list[Text]", _variables(identifiers)))
    return principals


def _conditions(block: Node) -> object:
    found = block.blocks("condition")
    if isinstance(found, Unknown):
        return found
    conditions: dict[str, object] = {}
    for one in found:
        test, variable = one.text("test"), one.text("variable")
        if not isinstance(test, str) or not isinstance(variable, str):
            return one.why()
        keys = cast("dict[str, object]", conditions.setdefault(test, {}))
        values = _variables(one.texts("values", to="arn", prefix=True))
        earlier = keys.get(variable)
        # Blocks of one test and variable are one condition with all their values.
        keys[variable] = [*earlier, *values] if isinstance(earlier, list) and isinstance(values, list) else values
    return conditions
