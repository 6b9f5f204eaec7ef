"""What people call things: an ARN, a name, a logical id, an address of Terraform; and which one is meant."""

import re
from collections.abc import Iterable, Sequence

from buckler.engines.iam import sample
from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.entity import Entity
from buckler.model.functions import Function
from buckler.model.stores import Secret
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis

_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_LISTED = 5
"""So many names are told to somebody who gave none of them."""
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")


def matching(name: str, entities: Iterable[Entity]) -> list[Entity]:
    """List the entities somebody may mean by *name*: by ARN, by address, then by name."""
    found = list(entities)
    for calls in (_arns, _addresses, _names, _short_names):
        meant = [one for one in found if name in calls(one)]
        if meant:
            return meant
    return []


def _arns(one: Entity) -> set[str]:
    return {shown(one.arn), sample(one.arn)}


def _addresses(one: Entity) -> set[str]:
    return {one.address} - {""}


def _names(one: Entity) -> set[str]:
    return {shown(one.name), sample(one.name)}


def _short_names(one: Entity) -> set[str]:
    """Give a secret's name without the six characters that AWS adds to it."""
    return {_SUFFIX.sub("", sample(one.name))} if isinstance(one, Secret) else set()


def names_of(entities: Iterable[Entity]) -> tuple[str, ...]:
    """List what the entities are called."""
    return tuple(sorted({call for one in entities for call in (one.address, *(_short_names(one) or {sample(one.name)})) if call}))


def only(name: str, what: str, found: Sequence[tuple[Analysis, Entity]], known: Iterable[str]) -> tuple[Analysis, Entity]:
    """Insist that *name* means one thing. Raises `UsageError` with what may be meant."""
    if not found:
        names = sorted(set(known))
        close = closest(name, names)
        listed = f"{', '.join(names[:_LISTED])}{f' and {len(names) - _LISTED} more' if len(names) > _LISTED else ''}"
        raise UsageError(
            f"there is no {what} `{name}`",
            hint=f"a similar one exists: `{close}`"
            if close
            else f"these can be named, or an ARN: {listed}"
            if names
            else f"name a {what} by its ARN",
        )
    if len(found) > 1:
        listed = ", ".join(f"`{shown(one.arn)}`" for _, one in found[:3])
        raise UsageError(
            f"`{name}` is the name of {len(found)} {what}s", cause=f"{listed}{' ...' if len(found) > 3 else ''}", hint="name it by its ARN"
        )
    return found[0]


def principal_named(name: str, analyses: Sequence[Analysis]) -> tuple[Analysis, str, Function | None]:
    """Find a principal: the ARN or name of a role or user, a function (its execution role), a session, a service, `*`.

    A function that was named comes with its role. Raises `UsageError` for a name of nobody, or of several.
    """
    for analysis in analyses:
        if analysis.access.find(name) is not None:
            return analysis, name, None
    found = [(analysis, one) for analysis in analyses for one in matching(name, analysis.access.principals)]
    if not found:
        functions = [(analysis, one) for analysis in analyses for one in matching(name, analysis.estate.functions)]
        if functions:
            analysis, function = only(name, "function", functions, ())
            return analysis, _execution_role(function), function if isinstance(function, Function) else None
    if not found and (name == "*" or _SERVICE.fullmatch(name) or name.startswith("arn:") or re.fullmatch(r"\d{12}", name)):
        # Somebody the estate does not hold.
        return analyses[0], f"arn:aws:iam::{name}:root" if name.isdigit() else name, None
    everybody = [one for analysis in analyses for one in (*analysis.access.principals, *analysis.estate.functions)]
    analysis, identity = only(name, "principal", found, names_of(everybody))
    return analysis, sample(identity.arn), None


def _execution_role(function: Entity) -> str:
    if not isinstance(function, Function):
        raise TypeError(function)
    arn = "" if isinstance(function.role, Unknown) else sample(function.role)
    if not arn.startswith("arn:"):
        raise UsageError(
            f"the execution role of `{shown(function.name)}` is not known",
            cause=function.role.why if isinstance(function.role, Unknown) else f"it is `{shown(function.role)}`",
            hint="name the role by its ARN instead of the function",
        )
    return arn


def resource_named(name: str, analysis: Analysis) -> str:
    """Find a resource by ARN, or by the name of something of the estate. Raises `UsageError`."""
    if name == "*" or name.startswith("arn:"):
        return name
    estate = analysis.estate
    entities: list[Entity] = [
        *(
            *estate.functions,
            *estate.roles,
            *estate.users,
            *estate.secrets,
            *estate.parameters,
            *estate.keys,
            *estate.stores,
            *estate.layers,
        )
    ]
    found = [(analysis, one) for one in matching(name, entities)]
    _, entity = only(name, "resource", found, names_of(entities))
    return sample(entity.arn)
