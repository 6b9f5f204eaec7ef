"""What a statement says and can never mean: actions and condition keys that do not exist, and actions with resources they do not act on.

Exact one way: what is reported is wrong for every request. An entry with a hole or a variable, an action the catalogue lacks, a kind of ARN
it lacks may be right and is not reported. `Deny` is judged like `Allow`: it then denies nothing.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Literal, TypeGuard

from buckler.engines.iam.applies import may_act_on
from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.condition import UnknownOperatorError, condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.keys import misspelt
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.typos import closest
from buckler.model.finding import ContextEntry, Request
from buckler.model.policy import Condition, Statement
from buckler.model.text import Partial, Text, join, shown
from buckler.model.value import Value

_MOST_PAIRS = 50_000
"""Actions named times entries of Resource: no policy people write comes near it, and a judgement must end (about 5 s)."""


class UnknownAction(Value):
    """An entry that names no action there is."""

    written: str
    element: Literal["Action", "NotAction"]
    meant: str | None
    """The action that is most like it; None: nothing is."""


class IdleAction(Value):
    """An entry of `Action` whose actions exist, of which none acts on any entry of `Resource`."""

    written: str
    acts_on: tuple[str, ...]
    """ARNs of what it acts on, with AWS's placeholders; (): only on `*`."""
    instead: Text | None
    """The resource that was probably meant; None: nothing in the statement is near."""


class IdleResource(Value):
    """An entry of `Resource` that no entry of `Action` acts on, in a statement that has others, and the one near it that was meant."""

    written: Text
    instead: Text


class UnknownKey(Value):
    """A condition on a key that no request has."""

    condition: Condition
    meant: str | None
    """The key that is most like it; None: nothing is."""
    holds: bool | None
    """What comes of it: the condition always holds, never does, or a hole decides."""


class Validity(Value):
    """What is wrong with a statement, in the order it is written; nothing: all of it can matter to some request."""

    unknown_actions: tuple[UnknownAction, ...] = ()
    idle_actions: tuple[IdleAction, ...] = ()
    idle_resources: tuple[IdleResource, ...] = ()


def validity(statement: Statement) -> Validity:
    """Judge one statement. Statements of a trust policy, or without `Resource`, have no resource to be wrong about."""
    unknown = _unknown(statement.actions or (), "Action") + _unknown(statement.not_actions or (), "NotAction")
    if not statement.actions or not statement.resources:
        return Validity(unknown_actions=unknown)
    named = sum(catalogue().expand(entry).bit_count() for entry in statement.actions if _is_of_a_service(entry))
    if named * len(statement.resources) > _MOST_PAIRS:
        return Validity(unknown_actions=unknown)
    idle_actions, idle_resources = _pairs(statement.actions, statement.resources)
    return Validity(unknown_actions=unknown, idle_actions=idle_actions, idle_resources=idle_resources)


def unknown_keys(statement: Statement, version: str) -> tuple[UnknownKey, ...]:
    """List the conditions of a statement whose key does not exist: to IAM such a key is absent from every request."""
    found: list[UnknownKey] = []
    for condition in statement.conditions:
        wrong = misspelt(condition.key)
        if wrong is None:
            continue
        nobody = Request(principal="*", action="", resource="*", context=(ContextEntry(key=condition.key, values=()),))
        with suppress(UnknownOperatorError):
            holds = condition_holds(condition, version, Context(nobody), Doubts())
            found.append(UnknownKey(condition=condition, meant=wrong[0], holds=holds))
    return tuple(found)


def works_in(entry: str, statement: Statement) -> bool:
    """Say whether an entry of `Action` stands in a statement, itself or as part of a wider one, with a resource it may act on."""
    wanted = catalogue().expand(entry)
    wider = (other for other in statement.actions or () if isinstance(other, str) and catalogue().expand(other) & wanted == wanted)
    return next(wider, None) is not None and any(_may_mean(entry, resource) for resource in statement.resources or ())


@lru_cache(maxsize=8192)
def _unknown(entries: tuple[Text, ...], element: Literal["Action", "NotAction"]) -> tuple[UnknownAction, ...]:
    written = [entry for entry in dict.fromkeys(entries) if isinstance(entry, str) and ":" in entry and not catalogue().knows_any(entry)]
    return tuple(UnknownAction(written=entry, element=element, meant=closest(entry)) for entry in written)


@lru_cache(maxsize=8192)
def _pairs(actions: tuple[Text, ...], resources: tuple[Text, ...]) -> tuple[tuple[IdleAction, ...], tuple[IdleResource, ...]]:
    busy: set[Text] = set()
    idle: list[str] = []
    for entry in dict.fromkeys(actions):
        fitting = [resource for resource in dict.fromkeys(resources) if _may_mean(entry, resource)]
        busy.update(fitting)
        # An action that does not exist, or of which nothing is known, fits everything: it is another finding, or none.
        if isinstance(entry, str) and not fitting:
            idle.append(entry)
    named = tuple(action for entry in actions for action in _meant_by(entry))
    without_work = [resource for resource in dict.fromkeys(resources) if resource not in busy] if busy else []
    return (
        tuple(IdleAction(written=entry, acts_on=_acts_on(entry), instead=_instead_of(resources, entry)) for entry in idle),
        tuple(
            IdleResource(written=resource, instead=instead)
            for resource in without_work
            if not any(_belong_together(resource, other) for other in busy) and (instead := _mended(resource, named)) is not None
        ),
    )


def _is_of_a_service(entry: Text) -> TypeGuard[str]:
    """Say whether an entry is of one service: others, `*` before all, mean too much to be wrong about a resource."""
    return isinstance(entry, str) and ":" in entry and not {"*", "?"} & set(entry.partition(":")[0])


def _may_mean(entry: Text, resource: Text) -> bool:
    if not _is_of_a_service(entry):
        return True
    actions = catalogue().names(catalogue().expand(entry))
    first = next(actions, None)
    return first is None or may_act_on(first, resource) or any(may_act_on(action, resource) for action in actions)


def _meant_by(entry: Text) -> Iterator[str]:
    return catalogue().names(catalogue().expand(entry)) if _is_of_a_service(entry) else iter(())


def _acts_on(entry: str) -> tuple[str, ...]:
    kinds = dict.fromkeys(kind for action in _meant_by(entry) for kind in catalogue().resource_types(action) or ())
    return tuple(form for kind in kinds for form in catalogue().arn_formats(kind))


def _instead_of(resources: tuple[Text, ...], entry: str) -> Text | None:
    """Give what would let the entry work: a resource of the statement, mended, or `*` where the action knows no other."""
    actions = tuple(_meant_by(entry))
    mended = next((one for resource in resources if (one := _mended(resource, actions)) is not None), None)
    return mended if mended is not None or _acts_on(entry) else "*"


def _mended(resource: Text, actions: tuple[str, ...]) -> Text | None:
    """Give the resource near this one that the actions act on: what the bucket holds, or the bucket that holds it."""
    service = _service(resource)
    actions = tuple(action for action in actions if action.startswith(f"{service}:") and catalogue().resource_types(action))
    if not actions:
        return None
    near = (join(resource, "/*"), join(resource, ":*"), _container(resource))
    return next(
        (candidate for candidate in near if candidate is not None for action in actions if may_act_on(action, candidate)),
        None,
    )


def _container(resource: Text) -> Text | None:
    """Give the ARN of the bucket of an object: what comes before the first `/`."""
    parts = resource.parts if isinstance(resource, Partial) else (resource,)
    for number, part in enumerate(parts):
        if isinstance(part, str) and "/" in part and _service(resource) == "s3":
            return join(*parts[:number], part.partition("/")[0])
    return None


def _service(resource: Text) -> str:
    segments = shown(resource).replace("${AWS::", "${").split(":", 3)
    return segments[2] if len(segments) > 2 else ""


def _belong_together(idle: Text, busy: Text) -> bool:
    """Say whether one of two resources holds the other: `bucket` beside `bucket/*` is how people write "all of it"."""
    one, other = (shown(text).rstrip("*").rstrip("/:") for text in (idle, busy))
    return one.startswith(other) or other.startswith(one)
