"""What functions are for, as far as facts tell: their stack, the application they are tagged with, who reaches them, their names."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from buckler.model.functions import Function
from buckler.model.origin import FileOrigin
from buckler.model.policy import Statement
from buckler.model.text import Text, shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis

_STACK_TAG = "aws:cloudformation:stack-name"
_APPLICATION_TAGS = ("application", "app", "service", "project", "component", "team")

# What every function needs: telemetry and network interfaces. Nobody gains from another function's.
_TELEMETRY = re.compile(
    r"(?:logs|xray):.+|cloudwatch:PutMetricData|application-signals:.+"
    r"|ec2:(?:Create|Describe|Delete)NetworkInterfaces?|ec2:(?:Una|A)ssignPrivateIpAddresses"
    r"|ec2:Describe(?:Subnets|SecurityGroups|Vpcs)|ec2:GetSecurityGroupsForVpc",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Purposes:
    """Functions sorted by what they are for, and how that was told."""

    by: str
    """`stack`, `application tag`, `exposure`, `name`."""
    groups: dict[str, tuple[Function, ...]]
    mixes_public: bool


def purposes(functions: Sequence[Function], analysis: Analysis) -> Purposes:
    """Sort *functions* by purpose, by the best fact that all of them have.

    Raises `Undecided` when they look alike only because their tags or who reaches them could not be read.
    """
    doubts: list[Unknown] = [function.tags for function in functions if isinstance(function.tags, Unknown)]
    public = {id(function): _is_public(function, analysis, doubts) for function in functions}
    mixes = len(set(public.values())) > 1
    tells: tuple[tuple[str, Callable[[Function], str | None]], ...] = (
        ("exposure", lambda function: ("open to the internet" if public[id(function)] else "closed") if mixes else None),
        ("stack", _stack),
        ("application tag", _application),
        ("name", _family),
    )
    by = "name"
    for by, tell in tells:
        labels = [tell(function) for function in functions]
        if any(label is None for label in labels):
            continue
        groups: dict[str, tuple[Function, ...]] = {}
        for label, function in zip(labels, functions, strict=True):
            groups[str(label)] = (*groups.get(str(label), ()), function)
        if len(groups) > 1:
            return Purposes(by, groups, mixes_public=mixes)
        break
    if doubts:
        raise Undecided(doubts[0])
    return Purposes(by, {"": tuple(functions)}, mixes_public=False)


def _stack(function: Function) -> str | None:
    # What one file describes is deployed together.
    return function.origin.file if isinstance(function.origin, FileOrigin) else _tag(function, (_STACK_TAG,))


def _application(function: Function) -> str | None:
    return _tag(function, _APPLICATION_TAGS)


def _tag(function: Function, keys: tuple[str, ...]) -> str | None:
    if isinstance(function.tags, Unknown):
        return None
    tags: dict[str, Text] = {shown(tag.key).lower(): tag.value for tag in function.tags}
    return next((shown(tags[key]) for key in keys if key in tags), None)


def _family(function: Function) -> str:
    """Give the first word of a name: `shop` of `shop-checkout`, `shop_invoice` and `shopInvoice`."""
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", shown(function.name))
    return words[0].lower() if words else shown(function.name)


def _is_public(function: Function, analysis: Analysis, doubts: list[Unknown]) -> bool:
    """Count as public only what is known to be, and keep what is not known."""
    try:
        return analysis.exposure.is_public(function)
    except Undecided as undecided:
        doubts.append(undecided.unknown)
        return False


def grants_more_than_logs(statements: Iterable[Statement]) -> bool:
    """Say whether a policy allows anything beyond telemetry and network interfaces."""
    for statement in statements:
        if statement.effect != "Allow":
            continue
        if statement.actions is None or any(not _TELEMETRY.fullmatch(shown(action)) for action in statement.actions):
            return True
    return False
