"""Policy documents as values, from any source, with the place of every statement."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias, cast

from buckler.model.origin import Origin
from buckler.model.text import Hole, Partial, Text
from buckler.model.unknown import Unknown
from buckler.model.value import Value

Effect: TypeAlias = Literal["Allow", "Deny"]
PrincipalKind: TypeAlias = Literal["*", "AWS", "Service", "Federated", "CanonicalUser"]


class Principal(Value):
    """One entry of `Principal`. The bare `"*"` is kind `*`; `{"AWS": "*"}` is kind `AWS` with value `*` (AWS treats them alike)."""

    kind: PrincipalKind
    value: Text


class Condition(Value):
    """One operator on one key. All conditions of a statement must hold; any of `values` satisfies one (all must, for negated operators)."""

    operator: str
    """As written: `StringEquals`, `ForAnyValue:StringLike`, `ArnLikeIfExists`, `Null`."""
    key: str
    """As written; keys compare without regard to case."""
    values: tuple[Text, ...]


class Statement(Value):
    """One statement. A field is None when the document does not have it, () when it has an empty list."""

    effect: Effect
    sid: str | None = None
    principals: tuple[Principal, ...] | None = None
    not_principals: tuple[Principal, ...] | None = None
    actions: tuple[Text, ...] | None = None
    not_actions: tuple[Text, ...] | None = None
    resources: tuple[Text, ...] | None = None
    not_resources: tuple[Text, ...] | None = None
    conditions: tuple[Condition, ...] = ()
    origin: Origin


class Policy(Value):
    """A policy document.

    A malformed statement grants nothing and is listed; an unresolved one (a hole where a statement stands) may grant anything.
    """

    statements: tuple[Statement, ...]
    version: str = "2008-10-17"
    """As written; AWS's default when absent. Policy variables are literal in 2008-10-17."""
    origin: Origin
    name: str = ""
    """Inline policy name or managed policy ARN; empty for resource policies."""
    malformed: tuple[str, ...] = ()
    """One phrase per statement or document that AWS would reject."""
    unresolved: tuple[Unknown, ...] = ()
    """One per statement that the source does not tell."""


Place: TypeAlias = Callable[[tuple[str | int, ...]], Origin]
"""Path inside the document -> origin; sources with line numbers pass one."""


def parse_policy(document: object, origin: Origin, *, name: str = "", place: Place | None = None) -> Policy:
    """Make a `Policy` of a decoded JSON/YAML document whose leaves are `str`, `Partial` or `Unknown`.

    Never raises: what AWS would reject is listed in `malformed` and grants nothing.
    """
    where: Place = place or (lambda _path: origin)
    if isinstance(document, Unknown):
        return Policy(statements=(), origin=origin, name=name, unresolved=(document,))
    if not isinstance(document, Mapping):
        return Policy(statements=(), origin=origin, name=name, malformed=("the document is not an object",))
    mapping = cast("Mapping[str, object]", document)
    raw = mapping.get("Statement")
    version = mapping.get("Version")
    entries: list[object] = list(cast("Sequence[object]", raw)) if isinstance(raw, list | tuple) else [raw]
    indexed = isinstance(raw, list | tuple)
    statements: list[Statement] = []
    malformed: list[str] = []
    unresolved: list[Unknown] = []
    if raw is None:
        return Policy(statements=(), origin=origin, name=name, malformed=("the document has no Statement",))
    for index, entry in enumerate(entries):
        path: tuple[str | int, ...] = ("Statement", index) if indexed else ("Statement",)
        if isinstance(entry, Unknown):
            unresolved.append(entry)
            continue
        parsed = _statement(entry, where(path))
        match parsed:
            case Statement():
                statements.append(parsed)
            case Unknown():
                unresolved.append(parsed)
            case str():
                malformed.append(f"statement {index + 1}: {parsed}")
    return Policy(
        statements=tuple(statements),
        version=version if isinstance(version, str) else "2008-10-17",
        origin=origin,
        name=name,
        malformed=tuple(malformed),
        unresolved=tuple(unresolved),
    )


_FIELDS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def _statement(entry: object, origin: Origin) -> Statement | Unknown | str:
    """Parse one statement; a `str` says why AWS would reject it."""
    if not isinstance(entry, Mapping):
        return "is not an object"
    fields = cast("Mapping[str, object]", entry)
    effect = fields.get("Effect")
    if isinstance(effect, Unknown):
        return effect
    if isinstance(effect, Partial):
        return _first_hole(effect)
    if not isinstance(effect, str) or effect not in {"Allow", "Deny"}:
        return "Effect is neither Allow nor Deny"
    granted: Effect = "Allow" if effect == "Allow" else "Deny"
    unexpected = sorted(set(fields) - _FIELDS)
    if unexpected:
        return f"unknown element {unexpected[0]}"
    try:
        principals = _principals(fields.get("Principal"))
        not_principals = _principals(fields.get("NotPrincipal"))
        actions, not_actions = _texts(fields.get("Action"), "Action"), _texts(fields.get("NotAction"), "NotAction")
        resources, not_resources = _texts(fields.get("Resource"), "Resource"), _texts(fields.get("NotResource"), "NotResource")
        conditions = _conditions(fields.get("Condition"))
    except _NotResolved as stop:
        return stop.unknown
    except _MalformedError as bad:
        return str(bad)
    if (actions is None) == (not_actions is None):
        return "needs Action or NotAction, and not both"
    if resources is not None and not_resources is not None:
        return "has Resource and NotResource"
    sid = fields.get("Sid")
    return Statement(
        effect=granted,
        sid=sid if isinstance(sid, str) else None,
        principals=principals,
        not_principals=not_principals,
        actions=actions,
        not_actions=not_actions,
        resources=resources,
        not_resources=not_resources,
        conditions=conditions,
        origin=origin,
    )


class _MalformedError(ValueError):
    """AWS would reject the statement; the message says why."""


class _NotResolved(Exception):  # noqa: N818 - control flow inside this module
    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.why)
        self.unknown = unknown


def _first_hole(text: Partial) -> Unknown:
    from buckler.model.text import unresolved

    return unresolved(next(part for part in text.parts if isinstance(part, Hole)))


def _texts(value: object, field: str) -> tuple[Text, ...] | None:
    if value is None:
        return None
    values = cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)
    out: list[Text] = []
    for one in values:
        if isinstance(one, Unknown):
            raise _NotResolved(one)
        if not isinstance(one, str | Partial):
            raise _MalformedError(f"{field} is not a string")
        out.append(one)
    return tuple(out)


_KINDS: dict[str, PrincipalKind] = {"AWS": "AWS", "Service": "Service", "Federated": "Federated", "CanonicalUser": "CanonicalUser"}


def _principals(value: object) -> tuple[Principal, ...] | None:
    if value is None:
        return None
    if isinstance(value, Unknown):
        raise _NotResolved(value)
    if value == "*":
        return (Principal(kind="*", value="*"),)
    if not isinstance(value, Mapping):
        raise _MalformedError("Principal is neither an object nor `*`")
    out: list[Principal] = []
    for kind, entries in cast("Mapping[str, object]", value).items():
        if kind not in _KINDS:
            raise _MalformedError(f"unknown principal type {kind}")
        out.extend(Principal(kind=_KINDS[kind], value=text) for text in _texts(entries, "Principal") or ())
    return tuple(out)


def _conditions(value: object) -> tuple[Condition, ...]:
    if value is None:
        return ()
    if isinstance(value, Unknown):
        raise _NotResolved(value)
    if not isinstance(value, Mapping):
        raise _MalformedError("Condition is not an object")
    out: list[Condition] = []
    for operator, keys in cast("Mapping[str, object]", value).items():
        if isinstance(keys, Unknown):
            raise _NotResolved(keys)
        if not isinstance(keys, Mapping):
            raise _MalformedError(f"condition {operator} is not an object")
        for key, values in cast("Mapping[str, object]", keys).items():
            out.append(Condition(operator=str(operator), key=str(key), values=_scalars(values)))
    return tuple(out)


def _scalars(value: object) -> tuple[Text, ...]:
    """Condition values as texts: AWS reads numbers and booleans there as strings."""
    if isinstance(value, Unknown):
        raise _NotResolved(value)
    values = cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)
    out: list[Text] = []
    for one in values:
        if isinstance(one, Unknown):
            raise _NotResolved(one)
        if isinstance(one, bool):
            out.append("true" if one else "false")
        elif isinstance(one, str | Partial):
            out.append(one)
        elif isinstance(one, int | float):
            out.append(str(one))
        else:
            raise _MalformedError("a condition value is not a scalar")
    return tuple(out)
