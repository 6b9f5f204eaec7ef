"""Answers to "why" and "who can", as values."""

from typing import Literal, TypeAlias

from buckler.model.finding import Request
from buckler.model.layers import Unread
from buckler.model.origin import Origin
from buckler.model.value import Value

Verdict: TypeAlias = Literal["allowed", "denied", "not allowed", "depends"]
"""`denied` by a statement; `not allowed` because nothing allows it; `depends` on a condition key or on something unread."""


class Said(Value):
    """What one statement said of the request."""

    layer: str
    """`identity`, `resource`, `boundary`, `scp`, ..."""
    level: int | None = None
    """Of a control policy: 0 is the root of the organisation."""
    effect: Literal["Allow", "Deny"]
    speaks: bool | None
    """None: depends on `needs`."""
    misses: str = ""
    """What keeps it from speaking of the request: `principal`, `resource`, `condition`."""
    sid: str = ""
    policy: str = ""
    """Name of the policy it stands in, where it has one."""
    origin: Origin
    needs: tuple[str, ...] = ()


class Why(Value):
    """One request, answered layer by layer."""

    request: Request
    verdict: Verdict
    layer: str
    """The one that decided."""
    layers: tuple[str, ...]
    """Those that have a say, in AWS's order."""
    said: tuple[Said, ...]
    """Statements that speak of the request, that may, and that name its action but miss it otherwise."""
    change: tuple[str, ...] = ()
    """What would have to change for it to be allowed."""
    needs: tuple[str, ...] = ()
    """Of `depends`: the condition keys and permissions that would settle it."""
    unread: tuple[Unread, ...] = ()
    """Policies that have a say and could not be read."""
    notes: tuple[str, ...] = ()
    """What was not looked at, and what AWS would reject."""


class May(Value):
    """Somebody who may do it."""

    principal: str
    """ARN, account id, service, or `*`."""
    kind: Literal["role", "user", "account", "service", "principal", "anyone"]
    is_sure: bool
    only_if: tuple[str, ...] = ()
    why: str = ""
    """Of one who may only perhaps: what nobody could read."""
    layer: str = ""
    origins: tuple[Origin, ...] = ()
    """The statements that allow it."""


class WhoCan(Value):
    """Everybody who may do something to a resource."""

    action: str
    resource: str
    may: tuple[May, ...]
    asked: int
    """How many principals there are."""
    notes: tuple[str, ...] = ()
